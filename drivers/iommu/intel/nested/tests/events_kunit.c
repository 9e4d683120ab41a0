// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of the netlink family, as a socket gets them: one for each descriptor that a
 * unit refuses, and for each device TLB that does not answer.
 */

#include <kunit/test.h>
#include <linux/net.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "../netlink_gen.h"
#include "fixture_queue.h"

#define EVENT_ROOM	1024
#define EVENT_ATTRS	(VTD_NESTED_A_EVENT_REPORT_MAX + 1)

/**
 * struct listener - a socket that gets events
 * @socket: the socket
 * @buffer: the event that came last
 * @attr: its attributes
 */
struct listener {
	struct socket *socket;
	u8 buffer[EVENT_ROOM] __aligned(NLMSG_ALIGNTO);
	struct nlattr *attr[EVENT_ATTRS];
};

KUNIT_DEFINE_ACTION_WRAPPER(release_socket, sock_release, struct socket *);

/* Joins the group of errors. A socket without an address would be taken for the sender. */
static struct listener *listen_for_errors(struct kunit *test)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	struct listener *listener = kunit_kzalloc(test, sizeof(*listener), GFP_KERNEL);
	int group = vtd_nested_nl_family.mcgrp_offset + VTD_NESTED_NLGRP_ERRORS;
	struct socket *socket;

	KUNIT_ASSERT_NOT_NULL(test, listener);
	KUNIT_ASSERT_EQ(test, 0, sock_create_kern(&init_net, PF_NETLINK, SOCK_RAW,
						  NETLINK_GENERIC, &socket));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, release_socket, socket));
	KUNIT_ASSERT_EQ(test, 0, kernel_bind(socket, (void *)&address, sizeof(address)));
	KUNIT_ASSERT_EQ(test, 0, do_sock_setsockopt(socket, false, SOL_NETLINK,
						    NETLINK_ADD_MEMBERSHIP,
						    KERNEL_SOCKPTR(&group), sizeof(group)));
	listener->socket = socket;

	return listener;
}

/* Returns the next event's type, or a negative errno: -EAGAIN if there is none. */
static int receive_event(struct kunit *test, struct listener *listener)
{
	struct kvec vec = { listener->buffer, sizeof(listener->buffer) };
	struct nlmsghdr *message = (struct nlmsghdr *)listener->buffer;
	struct msghdr msg = {};
	int n;

	n = kernel_recvmsg(listener->socket, &msg, &vec, 1, vec.iov_len, MSG_DONTWAIT);
	if (n < 0)
		return n;
	KUNIT_ASSERT_TRUE(test, nlmsg_ok(message, n));
	KUNIT_ASSERT_EQ(test, 0, genlmsg_parse(message, &vtd_nested_nl_family, listener->attr,
					       VTD_NESTED_A_EVENT_REPORT_MAX, NULL, NULL));
	KUNIT_ASSERT_NOT_NULL(test, listener->attr[VTD_NESTED_A_EVENT_REPORT_TYPE]);
	KUNIT_EXPECT_NOT_NULL(test, listener->attr[VTD_NESTED_A_EVENT_REPORT_TIME]);

	return nla_get_u32(listener->attr[VTD_NESTED_A_EVENT_REPORT_TYPE]);
}

static void expect_text(struct kunit *test, const struct listener *listener, int attr,
			const char *text)
{
	KUNIT_ASSERT_NOT_NULL(test, listener->attr[attr]);
	KUNIT_EXPECT_STREQ(test, nla_data(listener->attr[attr]), text);
}

static void expect_number(struct kunit *test, const struct listener *listener, int attr,
			  u64 number)
{
	KUNIT_ASSERT_NOT_NULL(test, listener->attr[attr]);
	KUNIT_EXPECT_EQ(test, nla_get_uint(listener->attr[attr]), number);
}

/* The whole descriptor is in the event, which only the bad one has. */
static void queue_error_test(struct kunit *test)
{
	struct qi_desc desc[3] = { vtd_test_harmless_desc(), {}, vtd_test_harmless_desc() };
	struct listener *listener = listen_for_errors(test);
	struct vtd_test *fx = test->priv;

	KUNIT_EXPECT_EQ(test, 0, vtd_queue_submit(fx->iommu, desc, 1));
	KUNIT_EXPECT_EQ(test, receive_event(test, listener), -EAGAIN);

	desc[1].qw0 = 0x123456780000000fULL;	/* no such type */
	desc[1].qw1 = 0x9abcdef000000000ULL;
	KUNIT_EXPECT_EQ(test, -EINVAL, vtd_queue_submit(fx->iommu, desc, ARRAY_SIZE(desc)));
	KUNIT_ASSERT_EQ(test, receive_event(test, listener), VTD_NESTED_EVENT_QUEUE_ERROR);
	expect_text(test, listener, VTD_NESTED_A_EVENT_REPORT_UNIT, fx->iommu->name);
	expect_number(test, listener, VTD_NESTED_A_EVENT_REPORT_QW0, desc[1].qw0);
	expect_number(test, listener, VTD_NESTED_A_EVENT_REPORT_QW1, desc[1].qw1);
	KUNIT_EXPECT_EQ(test, receive_event(test, listener), -EAGAIN);
}

/* The first time-out is none, as the device may have been reset; the last one is. */
static void device_silent_test(struct kunit *test)
{
	struct listener *listener = listen_for_errors(test);
	struct vtd_test *fx = test->priv;
	struct qi_desc desc[2], *end;

	vtd_mute_init(test, 1, USEC_PER_MSEC);
	end = vtd_test_add_devtlb(fx, 0, desc);
	KUNIT_EXPECT_EQ(test, 0, vtd_queue_submit(fx->iommu, desc, end - desc));
	KUNIT_EXPECT_EQ(test, receive_event(test, listener), -EAGAIN);

	vtd_mute.keep = UINT_MAX;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, vtd_queue_submit(fx->iommu, desc, end - desc));
	KUNIT_ASSERT_EQ(test, receive_event(test, listener), VTD_NESTED_EVENT_DEVICE_SILENT);
	expect_text(test, listener, VTD_NESTED_A_EVENT_REPORT_UNIT, fx->iommu->name);
	expect_text(test, listener, VTD_NESTED_A_EVENT_REPORT_DEVICE, dev_name(&fx->pdev->dev));
	expect_number(test, listener, VTD_NESTED_A_EVENT_REPORT_SOURCE_ID, pci_dev_id(fx->pdev));
	KUNIT_EXPECT_EQ(test, receive_event(test, listener), -EAGAIN);
}

/* A listener that is too slow learns that it has missed something. */
static void lost_event_test(struct kunit *test)
{
	struct qi_desc bad = { .qw0 = 0xf };
	struct listener *listener = listen_for_errors(test);
	struct vtd_test *fx = test->priv;
	unsigned int events, seen = 0;
	int ret;

	/* The smallest buffer that there is takes two or three. */
	lock_sock(listener->socket->sk);
	listener->socket->sk->sk_rcvbuf = SOCK_MIN_RCVBUF;
	release_sock(listener->socket->sk);
	for (events = 0; events < 16; events++)
		KUNIT_EXPECT_EQ(test, -EINVAL, vtd_queue_submit(fx->iommu, &bad, 1));

	KUNIT_EXPECT_EQ(test, receive_event(test, listener), -ENOBUFS);
	while ((ret = receive_event(test, listener)) >= 0)
		seen++;
	KUNIT_EXPECT_EQ(test, ret, -EAGAIN);
	KUNIT_EXPECT_GT(test, seen, 0);
	KUNIT_EXPECT_LT(test, seen, events);

	KUNIT_EXPECT_EQ(test, -EINVAL, vtd_queue_submit(fx->iommu, &bad, 1));
	KUNIT_EXPECT_EQ(test, receive_event(test, listener), VTD_NESTED_EVENT_QUEUE_ERROR);
}

static struct kunit_case events_cases[] = {
	KUNIT_CASE(queue_error_test),
	KUNIT_CASE(device_silent_test),
	KUNIT_CASE(lost_event_test),
	{}
};

static struct kunit_suite events_suite = {
	.name = "intel-nested-events",
	.init = vtd_test_init,
	.test_cases = events_cases,
};

kunit_test_suite(events_suite);
