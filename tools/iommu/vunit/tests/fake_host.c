// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host for tests.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

/**
 * fake_host_check() - end the program if something is wrong
 * @ok: it is not
 * @what: what is to be
 */
void fake_host_check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "host: %s\n", what);
	abort();
}

/**
 * fake_host_dev() - the host's name for a device
 * @index: 0 to FAKE_DEVICES - 1
 *
 * Return: the name.
 */
void *fake_host_dev(int index)
{
	return (void *)(uintptr_t)(index + 1);
}

static unsigned int dev_index(const void *dev)
{
	fake_host_check(dev && (uintptr_t)dev <= FAKE_DEVICES, "a device that is one");
	return (uintptr_t)dev - 1;
}

static struct fake_object *host_object(struct fake_host *host, __u32 id, enum fake_kind kind)
{
	fake_host_check(id && id < FAKE_OBJECTS && host->object[id].kind == kind,
			"an object of the right kind");
	return &host->object[id];
}

static int host_fail(int *err)
{
	int ret = *err;

	*err = 0;
	return ret;
}

/**
 * fake_host_new() - make an object
 * @host: host
 * @kind: kind of object
 *
 * Return: its ID.
 */
__u32 fake_host_new(struct fake_host *host, enum fake_kind kind)
{
	__u32 id;

	for (id = 1; id < FAKE_OBJECTS && host->object[id].kind; id++)
		;
	fake_host_check(id < FAKE_OBJECTS, "few enough objects");
	host->object[id] = (struct fake_object) { .kind = kind };
	return id;
}

/**
 * fake_host_area() - the mapping that an address of a device is in
 * @host: host
 * @dev: the device
 * @iova: address
 *
 * Return: the mapping, or NULL. For devices that are attached to an IO address space.
 */
const struct fake_area *fake_host_area(const struct fake_host *host, const void *dev, __u64 iova)
{
	const struct fake_object *obj = &host->object[host->attached[dev_index(dev)]];
	size_t i;

	for (i = 0; i < obj->num; i++)
		if (iova - obj->areas[i].iova < obj->areas[i].len)
			return &obj->areas[i];
	return NULL;
}

/**
 * fake_host_reach() - what does DMA of a device reach?
 * @host: host
 * @dev: the device
 * @iova: address
 * @access: IOMMU_IOAS_MAP_* that it needs
 *
 * Return: the memory, or NULL if it is blocked.
 */
const void *fake_host_reach(const struct fake_host *host, const void *dev, __u64 iova,
			    __u32 access)
{
	const struct fake_area *area = fake_host_area(host, dev, iova);

	if (!area || (area->access & access) != access)
		return NULL;
	return area->va + (iova - area->iova);
}

/**
 * fake_host_mapped() - number of mappings that a device has
 * @host: host
 * @dev: the device
 *
 * Return: the number.
 */
size_t fake_host_mapped(const struct fake_host *host, const void *dev)
{
	return host->object[host->attached[dev_index(dev)]].num;
}

static int host_watch(struct fake_host *host, int ret)
{
	const struct fake_watch *w;

	for (w = host->watch; w < host->watch + 4 && w->dev; w++)
		if (fake_host_reach(host, w->dev, w->iova, IOMMU_IOAS_MAP_READABLE) != w->va)
			host->missed++;
	return ret;
}

static int fake_ioas_alloc(void *arg, __u32 *ioas)
{
	*ioas = fake_host_new(arg, FAKE_IOAS);
	return 0;
}

static int fake_map(void *arg, __u32 ioas, void *va, __u64 len, __u64 iova, __u32 access)
{
	struct fake_host *host = arg;
	struct fake_object *obj = host_object(host, ioas, FAKE_IOAS);
	size_t i;

	host->calls.map++;
	fake_host_check(va && len && !((len | iova | (uintptr_t)va) & 4095), "whole pages");
	fake_host_check(iova + len - 1 >= iova, "a range that ends");
	fake_host_check(access && !(access & ~(__u32)(IOMMU_IOAS_MAP_READABLE |
						      IOMMU_IOAS_MAP_WRITEABLE)), "rights");
	for (i = 0; i < obj->num; i++)
		fake_host_check(iova >= obj->areas[i].iova + obj->areas[i].len ||
				iova + len <= obj->areas[i].iova, "no overlapping mappings");
	if (host->fail_map)
		return host_fail(&host->fail_map);
	if (host->refused_iova && host->refused_iova - iova < len)
		return -EADDRINUSE;
	if (obj->num == obj->room) {
		obj->room = obj->room ? 2 * obj->room : 16;
		obj->areas = realloc(obj->areas, obj->room * sizeof(*obj->areas));
		fake_host_check(obj->areas, "memory");
	}
	obj->areas[obj->num++] = (struct fake_area) { iova, len, va, access };
	return host_watch(host, 0);
}

static int fake_unmap(void *arg, __u32 ioas, __u64 iova, __u64 len)
{
	struct fake_host *host = arg;
	struct fake_object *obj = host_object(host, ioas, FAKE_IOAS);
	size_t i, found = 0;

	host->calls.unmap++;
	fake_host_check(len && iova + len - 1 >= iova, "a range that ends");
	if (host->fail_unmap)
		return host_fail(&host->fail_unmap);
	for (i = 0; i < obj->num; ) {
		struct fake_area *area = &obj->areas[i];

		if (area->iova + area->len <= iova || area->iova >= iova + len) {
			i++;
			continue;
		}
		fake_host_check(area->iova >= iova && area->iova + area->len <= iova + len,
				"whole mappings unmapped");
		*area = obj->areas[--obj->num];
		found++;
	}
	return host_watch(host, found ? 0 : -ENOENT);
}

static int fake_alloc_s1(void *arg, void *dev, __u32 parent, const struct iommu_hwpt_vtd_s1 *s1,
			 __u32 *hwpt)
{
	struct fake_host *host = arg;

	dev_index(dev);
	host->calls.alloc_s1++;
	host_object(host, parent, FAKE_PARENT);
	fake_host_check(!s1->__reserved && !(s1->flags >> 3) && !(s1->pgtbl_addr & 4095) &&
			(s1->addr_width == 48 || s1->addr_width == 57), "a stage-1 domain");
	if (host->fail_alloc)
		return host_fail(&host->fail_alloc);
	*hwpt = fake_host_new(host, FAKE_S1);
	host->object[*hwpt].s1 = *s1;
	return 0;
}

static int fake_destroy(void *arg, __u32 id)
{
	struct fake_host *host = arg;
	int i;

	host->calls.destroy++;
	fake_host_check(id && id < FAKE_OBJECTS && host->object[id].kind, "an object");
	for (i = 0; i < FAKE_DEVICES; i++)
		fake_host_check(host->attached[i] != id, "an object that is not in use");
	free(host->object[id].areas);
	host->object[id] = (struct fake_object) {};
	return 0;
}

static int fake_attach(void *arg, void *dev, __u32 pt_id)
{
	struct fake_host *host = arg;

	host->calls.attach++;
	fake_host_check(pt_id && pt_id < FAKE_OBJECTS && host->object[pt_id].kind, "an object");
	if (host->fail_attach)
		return host_fail(&host->fail_attach);
	host->attached[dev_index(dev)] = pt_id;
	return host_watch(host, 0);
}

static int fake_detach(void *arg, void *dev)
{
	struct fake_host *host = arg;

	host->calls.detach++;
	host->attached[dev_index(dev)] = 0;
	return host_watch(host, 0);
}

static int fake_invalidate(void *arg, __u32 hwpt,
			   const struct iommu_hwpt_vtd_s1_invalidate *entries, __u32 *num)
{
	struct fake_host *host = arg;
	__u32 i;

	host->calls.invalidate++;
	host_object(host, hwpt, FAKE_S1)->invalidations++;
	fake_host_check(*num, "something to invalidate");
	for (i = 0; i < *num; i++) {
		const struct iommu_hwpt_vtd_s1_invalidate *e = &entries[i];

		fake_host_check(!e->__reserved && e->npages &&
				!(e->flags & ~(__u32)IOMMU_VTD_INV_FLAGS_LEAF), "a request");
		if (e->npages == ~0ULL)
			fake_host_check(!e->addr, "all addresses");
		else
			fake_host_check(!(e->addr & 4095) && e->npages <= 1ULL << 52 &&
					e->addr + (e->npages << 12) - 1 >= e->addr, "a range");
	}
	host->num = *num < FAKE_ENTRIES ? *num : FAKE_ENTRIES;
	memcpy(host->entries, entries, host->num * sizeof(*entries));
	if (host->fail_invalidate) {
		*num = 0;
		return host->fail_invalidate;
	}
	return 0;
}

/**
 * fake_host_init() - make a host without objects
 * @host: filled
 */
void fake_host_init(struct fake_host *host)
{
	*host = (struct fake_host) {};
}

/**
 * fake_host_free() - free a host
 * @host: host, whose objects are gone but for those of the test
 */
void fake_host_free(struct fake_host *host)
{
	int i;

	for (i = 0; i < FAKE_OBJECTS; i++) {
		fake_host_check(host->object[i].kind != FAKE_S1, "no stage-1 domain left");
		free(host->object[i].areas);
	}
}

const struct vunit_host_ops fake_host_ops = {
	.ioas_alloc = fake_ioas_alloc,
	.map = fake_map,
	.unmap = fake_unmap,
	.alloc_s1 = fake_alloc_s1,
	.destroy = fake_destroy,
	.attach = fake_attach,
	.detach = fake_detach,
	.invalidate = fake_invalidate,
};
