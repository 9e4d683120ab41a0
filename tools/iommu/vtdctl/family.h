/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The netlink family of the kernel's nested translation, as
 * Documentation/netlink/specs/vtd-nested.yaml describes it.
 */
#ifndef _VTDCTL_FAMILY_H
#define _VTDCTL_FAMILY_H

#include <stdbool.h>

#include <linux/vtd_nested.h>
#include <netlink/netlink.h>

/* More than any message of the family has */
#define FAMILY_ATTRS	32

/**
 * struct dump - all objects of a kind
 * @n: how many
 * @message: what the kernel sent of each
 * @attr: its attributes, NULL for those it has not
 */
struct dump {
	unsigned int n;
	struct nl_msg **message;
	struct nlattr *(*attr)[FAMILY_ATTRS];
};

int family_open(struct nl_sock **socket);
int family_join(struct nl_sock *socket, const char *group);
int dump_fetch(struct nl_sock *socket, int command, struct dump *dump);
void dump_free(struct dump *dump);

unsigned long long attr_number(struct nlattr *attr);
const char *attr_text(struct nlattr *attr);

#endif /* _VTDCTL_FAMILY_H */
