/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes of a test: users of a device, and writers of sysfs files.
 */
#ifndef _SELFTESTS_IOMMU_VTD_NESTED_CHILD_H
#define _SELFTESTS_IOMMU_VTD_NESTED_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

pid_t child_start(int (*begin)(void *arg), void (*go_on)(void *arg), void *arg);
pid_t child_unbind_driver(const char *bdf);
pid_t child_remove(const char *bdf);
bool child_running(pid_t pid);
int child_wait(pid_t *pid);
int child_kill(pid_t *pid);

#endif /* _SELFTESTS_IOMMU_VTD_NESTED_CHILD_H */
