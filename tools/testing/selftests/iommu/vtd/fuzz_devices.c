// SPDX-License-Identifier: GPL-2.0-only
/* Random programs: what devices are attached to, and invalidations of guests. */
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "fuzz.h"

#define ENTRIES		4	/* of an array of invalidations */

/**
 * fuzz_device_open() - open a device in a context
 * @f: program
 * @dev: index of the device, which is closed
 * @ctx: index of the context
 */
void fuzz_device_open(struct fuzz *f, int dev, int ctx)
{
	struct fuzz_device *d = &f->dev[dev];

	fuzz_expect(f, "opening a device",
		    endpoint_open(&d->vfio, d->bdf, f->ctx[ctx].iommufd), 0);
	d->open = true;
	d->ctx = ctx;
	d->where = FUZZ_DETACHED;
}

static void device_close(struct fuzz_device *d)
{
	vfio_close(&d->vfio);
	d->open = false;
	d->where = FUZZ_DETACHED;
}

/* Nothing of the device's is cached now. */
static void forget_cached(struct fuzz *f, struct fuzz_device *d)
{
	int i;

	f->now++;
	for (i = 0; i < FUZZ_IOVAS; i++) {
		d->leaf_time[i] = f->now;
		d->table_time[i] = f->now;
	}
}

static void attach_hwpt(struct fuzz *f, struct fuzz_device *d, int index)
{
	struct fuzz_context *c = fuzz_context_of(f, d);
	struct fuzz_hwpt *hwpt = &c->hwpt[index];
	bool same = fuzz_hwpt_of(f, d) == hwpt;

	if (hwpt->kind == FUZZ_NONE)
		return;
	fuzz_say(f, "device %d: attach page table %d", (int)(d - f->dev), index);
	fuzz_expect(f, "attach", vfio_attach(&d->vfio, hwpt->id), 0);
	d->where = FUZZ_ON_HWPT;
	d->index = index;
	/* A device that has it already stays as it is. */
	if (!same)
		forget_cached(f, d);
}

/**
 * fuzz_attach() - change what a device is attached to
 * @f: program
 */
void fuzz_attach(struct fuzz *f)
{
	struct fuzz_device *d = &f->dev[fuzz_below(f, FUZZ_DEVICES)];
	struct fuzz_context *c = fuzz_context_of(f, d);
	int i = fuzz_below(f, FUZZ_HWPTS), n;

	if (!d->open)
		return;
	switch (fuzz_below(f, 16)) {
	case 0:
		fuzz_say(f, "device %d: detach", (int)(d - f->dev));
		fuzz_expect(f, "detach", vfio_detach(&d->vfio), 0);
		d->where = FUZZ_DETACHED;
		break;
	case 1:
		i = fuzz_below(f, FUZZ_IOAS);
		fuzz_say(f, "device %d: attach address space %d", (int)(d - f->dev), i);
		fuzz_expect(f, "attach", vfio_attach(&d->vfio, c->ioas[i].id), 0);
		d->where = FUZZ_ON_IOAS;
		d->index = i;
		break;
	case 2:
		fuzz_say(f, "device %d: attach nothing", (int)(d - f->dev));
		fuzz_expect(f, "attach nothing", vfio_attach(&d->vfio, FUZZ_NO_ID), -ENOENT);
		break;
	case 3:
		attach_hwpt(f, d, i);
		break;
	default:
		for (n = 0; n < FUZZ_HWPTS && c->hwpt[i].kind != FUZZ_NESTED; n++)
			i = (i + 1) % FUZZ_HWPTS;
		attach_hwpt(f, d, i);
	}
}

static int spoil_entry(struct fuzz *f, struct iommu_hwpt_vtd_s1_invalidate *inv)
{
	switch (fuzz_below(f, 5)) {
	case 0:
		inv->npages = 0;
		return -EINVAL;
	case 1:
		inv->addr |= 1 + fuzz_below(f, PAGE - 1);
		return -EINVAL;
	case 2:
		inv->flags |= 2U << fuzz_below(f, 31);
		return -EOPNOTSUPP;
	case 3:
		inv->__reserved = 1U << fuzz_below(f, 32);
		return -EOPNOTSUPP;
	default:
		inv->addr |= PAGE;
		inv->npages = ~0ULL - fuzz_below(f, 100);
		return -EINVAL;
	}
}

static void random_entry(struct fuzz *f, struct iommu_hwpt_vtd_s1_invalidate *inv)
{
	static const __u64 pages[] = {
		1, 1, 2, 2, 3, 4, 8, 9, 511, 512, 513, 1ULL << 18, 1ULL << 35
	};
	__u64 last = UINT64_MAX / PAGE;

	inv->flags = fuzz_below(f, 2) ? IOMMU_VTD_INV_FLAGS_LEAF : 0;
	inv->addr = fuzz_iova(fuzz_below(f, fuzz_below(f, 2) ? 8 : FUZZ_IOVAS));
	inv->npages = pages[fuzz_below(f, ARRAY_SIZE(pages))];
	if (inv->npages - 1 > last - inv->addr / PAGE)
		inv->npages = 1;
	if (!fuzz_below(f, 12)) {
		inv->addr = 0;
		inv->npages = UINT64_MAX;
	}
}

static void note_invalidated(struct fuzz *f, struct fuzz_device *d,
			     const struct iommu_hwpt_vtd_s1_invalidate *inv)
{
	__u64 first = inv->addr / PAGE, page;
	int i;

	for (i = 0; i < FUZZ_IOVAS; i++) {
		page = fuzz_iova(i) / PAGE;
		if (page < first || (page - first >= inv->npages && inv->npages != UINT64_MAX))
			continue;
		d->leaf_time[i] = f->now;
		if (!(inv->flags & IOMMU_VTD_INV_FLAGS_LEAF))
			d->table_time[i] = f->now;
	}
}

/* @done: how many requests of the array the kernel has carried out */
static void invalidated(struct fuzz *f, struct fuzz_hwpt *hwpt,
			const struct iommu_hwpt_vtd_s1_invalidate *inv, __u32 done)
{
	__u32 i;
	int d;

	f->now++;
	for (d = 0; d < FUZZ_DEVICES; d++)
		for (i = 0; i < done && fuzz_hwpt_of(f, &f->dev[d]) == hwpt; i++)
			note_invalidated(f, &f->dev[d], &inv[i]);
}

/**
 * fuzz_invalidate() - invalidate what is cached of a guest's table
 * @f: program
 */
void fuzz_invalidate(struct fuzz *f)
{
	struct iommu_hwpt_vtd_s1_invalidate inv[ENTRIES] = {};
	struct fuzz_device *d = &f->dev[fuzz_below(f, FUZZ_DEVICES)];
	struct fuzz_hwpt *hwpt = fuzz_hwpt_of(f, d);
	struct fuzz_context *c = fuzz_context_of(f, d);
	__u32 count = fuzz_below(f, 2) ? 1 : fuzz_below(f, ENTRIES + 1), i, num = count;
	__u32 good = count;
	int expected = 0;

	if (!hwpt || !fuzz_below(f, 6))
		hwpt = &c->hwpt[fuzz_below(f, FUZZ_HWPTS)];
	if (hwpt->kind == FUZZ_NONE)
		return;
	for (i = 0; i < count; i++)
		random_entry(f, &inv[i]);
	if (count && !fuzz_below(f, 4)) {
		good = fuzz_below(f, count);
		expected = spoil_entry(f, &inv[good]);
	}
	if (hwpt->kind == FUZZ_PAGING) {
		expected = -ENOENT;
		good = 0;
	}
	fuzz_say(f, "guest %d: invalidate page table %d, %u requests of which %u are good",
		 (int)(c - f->ctx), (int)(hwpt - c->hwpt), count, good);
	for (i = 0; i < count; i++)
		fuzz_say(f, "\taddress %#llx, %lld pages, flags %#x", inv[i].addr,
			 (long long)inv[i].npages, inv[i].flags);
	fuzz_expect(f, "invalidate",
		    iommufd_hwpt_invalidate(c->iommufd, hwpt->id, inv, &num), expected);
	if (num != good)
		fuzz_fail(f, "invalidate: %u of %u are done instead of %u", num, count, good);
	invalidated(f, hwpt, inv, num);
}

/**
 * fuzz_remap() - a guest maps pages anew, as its driver would
 * @f: program
 *
 * The device has the old translations. The invalidation is as narrow as it may be.
 */
void fuzz_remap(struct fuzz *f)
{
	struct fuzz_device *d = &f->dev[fuzz_below(f, FUZZ_DEVICES)];
	int n = 1 + fuzz_below(f, 3), first = fuzz_below(f, 8 - n), i;
	struct fuzz_context *c = fuzz_context_of(f, d);
	struct fuzz_hwpt *hwpt = fuzz_hwpt_of(f, d);
	struct iommu_hwpt_vtd_s1_invalidate inv = {
		.addr = fuzz_iova(first),
		.npages = n,
		.flags = fuzz_below(f, 3) ? IOMMU_VTD_INV_FLAGS_LEAF : 0,
	};
	__u32 num = 1;
	int tree;

	if (!hwpt || hwpt->kind != FUZZ_NESTED)
		return;
	tree = hwpt->root >= FUZZ_GPA(6);
	fuzz_say(f, "device %d: read %d pages at %#llx, map them anew in tree %d, invalidate, read",
		 (int)(d - f->dev), n, inv.addr, tree);
	for (i = first; i < first + n; i++)
		fuzz_read_page(f, d, i);
	for (i = first; i < first + n; i++)
		fuzz_edit_leaf(f, c, tree, fuzz_iova(i));
	fuzz_expect(f, "invalidate", iommufd_hwpt_invalidate(c->iommufd, hwpt->id, &inv, &num), 0);
	invalidated(f, hwpt, &inv, num);
	for (i = first; i < first + n; i++)
		fuzz_read_page(f, d, i);
}

/**
 * fuzz_reopen_device() - close a device and open it again, in any context
 * @f: program
 */
void fuzz_reopen_device(struct fuzz *f)
{
	int i = fuzz_below(f, FUZZ_DEVICES), ctx = fuzz_below(f, FUZZ_CONTEXTS);
	struct fuzz_device *d = &f->dev[i];
	bool rebind = !fuzz_below(f, 3);

	fuzz_say(f, "device %d: close, %sopen in guest %d", i, rebind ? "unbind, " : "", ctx);
	device_close(d);
	if (rebind)
		fuzz_expect(f, "unbind", pci_unbind_driver(d->bdf), 0);
	fuzz_device_open(f, i, ctx);
}

/**
 * fuzz_reopen_context() - close a context while it is in use, and open a new one
 * @f: program
 *
 * The objects live on until the last device is closed.
 */
void fuzz_reopen_context(struct fuzz *f)
{
	int ctx = fuzz_below(f, FUZZ_CONTEXTS), other = fuzz_below(f, FUZZ_CONTEXTS), i;
	struct fuzz_context *c = &f->ctx[ctx];

	fuzz_say(f, "guest %d: close the context, then its devices, and open them again", ctx);
	close(c->iommufd);
	if (c->queue_fd >= 0 && fuzz_below(f, 2)) {
		close(c->queue_fd);
		c->queue_fd = -1;
	}
	for (i = 0; i < 4; i++)
		fuzz_dma(f);
	for (i = 0; i < FUZZ_DEVICES; i++)
		if (f->dev[i].open && f->dev[i].ctx == ctx)
			device_close(&f->dev[i]);
	if (c->queue_fd >= 0)
		close(c->queue_fd);
	fuzz_memory_check(f, c, NULL);
	guest_destroy(&c->guest);
	fuzz_context_open(f, ctx);
	for (i = 0; i < FUZZ_DEVICES; i++)
		if (!f->dev[i].open)
			fuzz_device_open(f, i, fuzz_below(f, 4) ? ctx : other);
}
