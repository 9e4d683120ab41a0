/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls of a machine to its host, which are counted. */
#ifndef _VUNIT_GUEST_MACHINE_HOST_H
#define _VUNIT_GUEST_MACHINE_HOST_H

#include "../host.h"

/**
 * struct machine_host - the host of a machine
 * @iommufd: iommufd context
 * @calls: calls so far
 * @requests: invalidations that they had
 */
struct machine_host {
	int iommufd;
	struct {
		unsigned int map, unmap, alloc, attach, detach, invalidate;
	} calls;
	unsigned int requests;
};

extern const struct vunit_host_ops machine_host_ops;

#endif /* _VUNIT_GUEST_MACHINE_HOST_H */
