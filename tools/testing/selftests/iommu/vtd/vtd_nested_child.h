/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes of a test: users of a device that are killed, and writes to sysfs
 * that wait for them.
 */
#ifndef _SELFTESTS_IOMMU_VTD_NESTED_CHILD_H
#define _SELFTESTS_IOMMU_VTD_NESTED_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#define SYSFS_PCI	"/sys/bus/pci/"

/* How long what must not happen may take to happen after all. */
#define A_WHILE_US	300000

pid_t child_start(int (*begin)(void *arg), void (*go_on)(void *arg), void *arg);
pid_t child_write(const char *path, const char *text);
bool child_ended(pid_t pid);
int child_wait(pid_t pid);
int child_kill(pid_t pid);

#endif /* _SELFTESTS_IOMMU_VTD_NESTED_CHILD_H */
