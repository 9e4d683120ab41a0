/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of QEMU's qtest protocol that register accesses need. */
#ifndef _VUNIT_GUEST_QTEST_H
#define _VUNIT_GUEST_QTEST_H

#include <linux/types.h>

int qtest_read(int fd, __u64 addr, unsigned int size, __u64 *val);
int qtest_write(int fd, __u64 addr, __u64 val, unsigned int size);

#endif /* _VUNIT_GUEST_QTEST_H */
