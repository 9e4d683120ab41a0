// SPDX-License-Identifier: GPL-2.0-only
/*
 * Talks to the kernel by netlink, with libnl.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "family.h"
#include "vtdctl.h"

/* How often a dump is taken again because objects have come or gone meanwhile. */
#define FAMILY_TRIES	100

static int family_id;

static int family_fail(int error)
{
	switch (-error) {
	case NLE_PERM:
	case NLE_NOACCESS:
		vtdctl_error("permission denied; it takes CAP_NET_ADMIN");
		return VTDCTL_DENIED;
	case NLE_OBJ_NOTFOUND:
	case NLE_AF_NOSUPPORT:
		vtdctl_error("no netlink family " VTD_NESTED_FAMILY_NAME " here");
		fputs("Either the kernel has no CONFIG_INTEL_IOMMU_NESTED_NETLINK, or it was\n"
		      "booted with intel_iommu_nested=base, or this is not the initial network\n"
		      "namespace.\n", stderr);
		return VTDCTL_ABSENT;
	default:
		vtdctl_error("netlink: %s", nl_geterror(error));
		return VTDCTL_FAILED;
	}
}

/**
 * family_open() - open a socket to the family
 * @socket: the socket
 *
 * Return: VTDCTL_OK, or an exit status after saying what is wrong.
 */
int family_open(struct nl_sock **socket)
{
	int ret;

	*socket = nl_socket_alloc();
	if (!*socket)
		return family_fail(-NLE_NOMEM);
	ret = genl_connect(*socket);
	if (ret)
		return family_fail(ret);
	family_id = genl_ctrl_resolve(*socket, VTD_NESTED_FAMILY_NAME);
	if (family_id < 0)
		return family_fail(family_id);

	return VTDCTL_OK;
}

/**
 * family_join() - get the events of a group
 * @socket: from family_open()
 * @group: name of the group
 *
 * Return: VTDCTL_OK, or an exit status after saying what is wrong.
 */
int family_join(struct nl_sock *socket, const char *group)
{
	int id = genl_ctrl_resolve_grp(socket, VTD_NESTED_FAMILY_NAME, group);
	int ret = id < 0 ? id : nl_socket_add_membership(socket, id);

	return ret ? family_fail(ret) : VTDCTL_OK;
}

static int dump_message(struct nl_msg *message, void *arg)
{
	struct dump *dump = arg;
	unsigned int n = dump->n + 1;

	dump->message = realloc(dump->message, n * sizeof(*dump->message));
	dump->attr = realloc(dump->attr, n * sizeof(*dump->attr));
	if (!dump->message || !dump->attr)
		return -NLE_NOMEM;

	nlmsg_get(message);
	dump->message[dump->n] = message;
	if (genlmsg_parse(nlmsg_hdr(message), 0, dump->attr[dump->n], FAMILY_ATTRS - 1, NULL))
		memset(dump->attr[dump->n], 0, sizeof(dump->attr[0]));
	dump->n = n;

	return NL_OK;
}

static int dump_once(struct nl_sock *socket, int command, struct dump *dump)
{
	struct nl_msg *request = nlmsg_alloc();
	int ret;

	*dump = (struct dump) {};
	if (!request)
		return -NLE_NOMEM;
	genlmsg_put(request, NL_AUTO_PORT, NL_AUTO_SEQ, family_id, 0, NLM_F_DUMP, command,
		    VTD_NESTED_FAMILY_VERSION);
	nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, dump_message, dump);
	ret = nl_send_auto(socket, request);
	nlmsg_free(request);

	return ret < 0 ? ret : nl_recvmsgs_default(socket);
}

/**
 * dump_fetch() - get all objects of a kind
 * @socket: from family_open()
 * @command: enum of the family that asks for them
 * @dump: the objects, for dump_free()
 *
 * If objects have come or gone meanwhile, asks again.
 *
 * Return: VTDCTL_OK, or an exit status after saying what is wrong.
 */
int dump_fetch(struct nl_sock *socket, int command, struct dump *dump)
{
	int tries, ret;

	for (tries = 0; tries < FAMILY_TRIES; tries++) {
		ret = dump_once(socket, command, dump);
		if (ret >= 0)
			return VTDCTL_OK;
		dump_free(dump);
		if (ret != -NLE_DUMP_INTR)
			break;
	}

	return family_fail(ret);
}

/**
 * dump_free() - free objects
 * @dump: from dump_fetch()
 */
void dump_free(struct dump *dump)
{
	while (dump->n)
		nlmsg_free(dump->message[--dump->n]);
	free(dump->message);
	free(dump->attr);
	*dump = (struct dump) {};
}

/**
 * attr_number() - value of an attribute that is a number
 * @attr: the attribute, or NULL
 *
 * Return: the number; 0 if there is none.
 */
unsigned long long attr_number(struct nlattr *attr)
{
	if (!attr)
		return 0;
	switch (nla_len(attr)) {
	case 1:
		return nla_get_u8(attr);
	case 4:
		return nla_get_u32(attr);
	default:
		return nla_get_u64(attr);
	}
}

/**
 * attr_text() - value of an attribute that is a string
 * @attr: the attribute, or NULL
 *
 * Return: the string; empty if there is none.
 */
const char *attr_text(struct nlattr *attr)
{
	return attr ? nla_get_string(attr) : "";
}
