/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls of a machine to its host, which are counted. */
#ifndef _VUNIT_GUEST_MACHINE_HOST_H
#define _VUNIT_GUEST_MACHINE_HOST_H

#include <stdbool.h>

#include "../host.h"

/**
 * struct machine_calls - calls to the host
 * @alloc: IO address spaces and domains made
 * @map: mappings
 * @unmap: mappings removed
 * @attach: attachments of the endpoint
 * @detach: detachments
 * @invalidate: invalidations
 * @requests: requests in these
 */
struct machine_calls {
	unsigned int alloc;
	unsigned int map;
	unsigned int unmap;
	unsigned int attach;
	unsigned int detach;
	unsigned int invalidate;
	unsigned int requests;
};

/**
 * struct machine_host - the host of a machine
 * @iommufd: iommufd context
 * @fault_queue: where page requests go of devices on stage-1 domains, or 0
 * @calls: calls so far
 * @one_by_one: each request of an invalidation is a call, as QEMU makes them
 */
struct machine_host {
	int iommufd;
	__u32 fault_queue;
	struct machine_calls calls;
	bool one_by_one;
};

extern const struct vunit_host_ops machine_host_ops;

#endif /* _VUNIT_GUEST_MACHINE_HOST_H */
