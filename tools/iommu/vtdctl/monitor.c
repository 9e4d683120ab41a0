// SPDX-License-Identifier: GPL-2.0-only
/*
 * vtdctl monitor: a line for each event.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/genl/genl.h>

#include "json.h"
#include "monitor.h"
#include "objects.h"
#include "stats.h"
#include "vtdctl.h"

/* Of what the kernel sends at once */
#define MONITOR_BUFFER	16384

static const char *event_name(unsigned long long type)
{
	static const char *const names[] = {
		[VTD_NESTED_EVENT_REFUSED] = "refused",
		[VTD_NESTED_EVENT_DEVICE_SILENT] = "device-silent",
		[VTD_NESTED_EVENT_QUEUE_ERROR] = "queue-error",
		[VTD_NESTED_EVENT_PAGE_REQUESTS_LOST] = "page-requests-lost",
		[VTD_NESTED_EVENT_REPLACED] = "replaced",
	};

	return type < ARRAY_SIZE(names) ? names[type] : "unknown";
}

static void event_json(struct nlattr **attr)
{
	static const struct column columns[] = {
		{ VTD_NESTED_A_EVENT_REPORT_TIME, COLUMN_HEX, NULL, "time" },
		{ VTD_NESTED_A_EVENT_REPORT_UNIT, COLUMN_TEXT, NULL, "unit" },
		{ VTD_NESTED_A_EVENT_REPORT_DEVICE, COLUMN_TEXT, NULL, "device" },
		{ VTD_NESTED_A_EVENT_REPORT_SOURCE_ID, COLUMN_HEX, NULL, "source-id" },
		{ VTD_NESTED_A_EVENT_REPORT_PASID, COLUMN_NUMBER, NULL, "pasid" },
		{ VTD_NESTED_A_EVENT_REPORT_QW0, COLUMN_HEX, NULL, "qw0" },
		{ VTD_NESTED_A_EVENT_REPORT_QW1, COLUMN_HEX, NULL, "qw1" },
		{ VTD_NESTED_A_EVENT_REPORT_FROM_DOMAIN, COLUMN_NUMBER, NULL, "from-domain" },
		{ VTD_NESTED_A_EVENT_REPORT_TO_DOMAIN, COLUMN_NUMBER, NULL, "to-domain" },
		{ VTD_NESTED_A_EVENT_REPORT_HITLESS, COLUMN_FLAG, NULL, "hitless" },
	};
	struct nlattr *reason = attr[VTD_NESTED_A_EVENT_REPORT_REASON];

	json_begin_object(NULL);
	json_string("event", event_name(attr_number(attr[VTD_NESTED_A_EVENT_REPORT_TYPE])));
	columns_json(columns, ARRAY_SIZE(columns), attr);
	if (reason)
		json_string("reason", refusal_name(attr_number(reason)));
	json_end_object();
}

static void event_text(struct nlattr **attr)
{
	unsigned long long time = attr_number(attr[VTD_NESTED_A_EVENT_REPORT_TIME]);
	unsigned long long type = attr_number(attr[VTD_NESTED_A_EVENT_REPORT_TYPE]);
	const char *device = attr_text(attr[VTD_NESTED_A_EVENT_REPORT_DEVICE]);
	const char *unit = attr_text(attr[VTD_NESTED_A_EVENT_REPORT_UNIT]);
	struct nlattr *pasid = attr[VTD_NESTED_A_EVENT_REPORT_PASID];

	printf("[%5llu.%06llu] %s:", time / 1000000000, time / 1000 % 1000000, event_name(type));
	switch (type) {
	case VTD_NESTED_EVENT_REFUSED:
		printf(" %s, reason: %s", device,
		       refusal_name(attr_number(attr[VTD_NESTED_A_EVENT_REPORT_REASON])));
		break;
	case VTD_NESTED_EVENT_DEVICE_SILENT:
		printf(" %s source-id %#llx %s", unit,
		       attr_number(attr[VTD_NESTED_A_EVENT_REPORT_SOURCE_ID]), device);
		break;
	case VTD_NESTED_EVENT_QUEUE_ERROR:
		printf(" %s qw0 = %#llx, qw1 = %#llx", unit,
		       attr_number(attr[VTD_NESTED_A_EVENT_REPORT_QW0]),
		       attr_number(attr[VTD_NESTED_A_EVENT_REPORT_QW1]));
		break;
	case VTD_NESTED_EVENT_REPLACED:
		printf(" %s", device);
		if (pasid)
			printf(" PASID %llu", attr_number(pasid));
		printf(" domain %llu by %llu, %s",
		       attr_number(attr[VTD_NESTED_A_EVENT_REPORT_FROM_DOMAIN]),
		       attr_number(attr[VTD_NESTED_A_EVENT_REPORT_TO_DOMAIN]),
		       attr_number(attr[VTD_NESTED_A_EVENT_REPORT_HITLESS]) ? "hitless" :
									      "DMA faulted meanwhile");
		break;
	default:
		printf(" %s", unit);
	}
	printf("\n");
}

static void show_lost(void)
{
	if (options.json) {
		json_begin_object(NULL);
		json_string("event", "lost");
		json_end_object();
	} else {
		printf("events were lost: there were more than could be read in time\n");
	}
}

static bool show_event(struct nlmsghdr *header)
{
	struct nlattr *attr[FAMILY_ATTRS];

	if (header->nlmsg_type < NLMSG_MIN_TYPE ||
	    genlmsg_hdr(header)->cmd != VTD_NESTED_CMD_EVENT_NTF ||
	    genlmsg_parse(header, 0, attr, FAMILY_ATTRS - 1, NULL))
		return false;
	if (options.json)
		event_json(attr);
	else
		event_text(attr);

	return true;
}

/* Shows what has come; adds the number of events to *@count. Returns an exit status. */
static int monitor_receive(int fd, unsigned int *count)
{
	static char buffer[MONITOR_BUFFER] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t n = recv(fd, buffer, sizeof(buffer), 0);
	struct nlmsghdr *header = (struct nlmsghdr *)buffer;
	int left = n;

	if (n < 0 && errno == ENOBUFS) {
		show_lost();
	} else if (n < 0 && errno != EINTR) {
		vtdctl_error("monitor: %s", strerror(errno));
		return VTDCTL_FAILED;
	}
	for (; left > 0 && nlmsg_ok(header, left); header = nlmsg_next(header, &left))
		*count += show_event(header);
	fflush(stdout);

	return VTDCTL_OK;
}

/**
 * monitor_command() - vtdctl monitor
 * @argc: how many arguments there are
 * @argv: none is expected
 *
 * Return: the exit status.
 */
int monitor_command(int argc, char **argv)
{
	struct nl_sock *socket;
	unsigned int count = 0;
	int ret;

	if (argc) {
		vtdctl_error("one argument too many: '%s'", argv[0]);
		return VTDCTL_USAGE;
	}
	ret = family_open(&socket);
	if (!ret)
		ret = family_join(socket, VTD_NESTED_MCGRP_ERRORS);
	if (!ret && options.replaces)
		ret = family_join(socket, VTD_NESTED_MCGRP_REPLACES);
	while (!ret && (!options.count || count < options.count))
		ret = monitor_receive(nl_socket_get_fd(socket), &count);

	return ret;
}
