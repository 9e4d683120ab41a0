/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host for tests: it keeps address spaces, domains and attachments as /dev/iommu does,
 * refuses what that refuses, and counts calls. A call that no program should make ends the
 * test program.
 */
#ifndef _VUNIT_TEST_FAKE_HOST_H
#define _VUNIT_TEST_FAKE_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "../host.h"

#define FAKE_OBJECTS	64
#define FAKE_DEVICES	4
#define FAKE_ENTRIES	64	/* requests that are kept of the last invalidation */

enum fake_kind {
	FAKE_NONE,
	FAKE_IOAS,
	FAKE_PARENT,
	FAKE_S1,
};

/**
 * struct fake_area - a mapping
 * @iova: first address
 * @len: bytes
 * @va: memory
 * @access: IOMMU_IOAS_MAP_*
 */
struct fake_area {
	__u64 iova;
	__u64 len;
	char *va;
	__u32 access;
};

/**
 * struct fake_object - an object; its ID is its index
 * @kind: kind
 * @areas: mappings of an IO address space, in no order
 * @num: how many
 * @room: how many there is memory for
 * @s1: what a stage-1 domain is made of
 * @invalidations: calls to invalidate it
 */
struct fake_object {
	enum fake_kind kind;
	struct fake_area *areas;
	size_t num;
	size_t room;
	struct iommu_hwpt_vtd_s1 s1;
	unsigned int invalidations;
};

/**
 * struct fake_watch - addresses that a device must reach all the time
 * @dev: the device, or NULL
 * @iova: address
 * @va: what it leads to
 */
struct fake_watch {
	const void *dev;
	__u64 iova;
	const void *va;
};

/**
 * struct fake_host - the host
 * @object: objects; the first is no object
 * @attached: what each device is attached to, 0 for nothing
 * @calls: calls so far: map, unmap, alloc_s1, destroy, attach, detach, invalidate
 * @entries: requests of the last invalidation
 * @num: how many
 * @fail_map: next errno of map, once
 * @fail_unmap: the same of unmap
 * @fail_alloc: the same of alloc_s1
 * @fail_attach: the same of attach
 * @fail_invalidate: errno of invalidate, until it is cleared
 * @refused_iova: an address that cannot be mapped, or 0
 * @watch: addresses that are looked at after each call
 * @missed: how often one of them was not reached
 */
struct fake_host {
	struct fake_object object[FAKE_OBJECTS];
	__u32 attached[FAKE_DEVICES];
	struct {
		unsigned int map, unmap, alloc_s1, destroy, attach, detach, invalidate;
	} calls;
	struct iommu_hwpt_vtd_s1_invalidate entries[FAKE_ENTRIES];
	__u32 num;
	int fail_map, fail_unmap, fail_alloc, fail_attach, fail_invalidate;
	__u64 refused_iova;
	struct fake_watch watch[4];
	unsigned int missed;
};

extern const struct vunit_host_ops fake_host_ops;

void fake_host_init(struct fake_host *host);
void fake_host_free(struct fake_host *host);
void fake_host_check(bool ok, const char *what);
void *fake_host_dev(int index);
__u32 fake_host_new(struct fake_host *host, enum fake_kind kind);
const struct fake_area *fake_host_area(const struct fake_host *host, const void *dev, __u64 iova);
const void *fake_host_reach(const struct fake_host *host, const void *dev, __u64 iova,
			    __u32 access);
size_t fake_host_mapped(const struct fake_host *host, const void *dev);

#endif /* _VUNIT_TEST_FAKE_HOST_H */
