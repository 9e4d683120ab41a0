// SPDX-License-Identifier: GPL-2.0-only
/* Random programs: what devices are attached to, and invalidations of guests. */
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "fuzz.h"
#include "nested_pasid.h"

#define ENTRIES		4	/* of an array of invalidations */

static void forget_attachments(struct fuzz_device *d)
{
	int i;

	for (i = 0; i < FUZZ_REQUESTS; i++)
		d->at[i].where = FUZZ_DETACHED;
	d->attached = false;
}

/**
 * fuzz_device_open() - open a device in a context
 * @f: program
 * @dev: index of the device, which is closed
 * @ctx: index of the context; if another one owns the device's group, it is opened there
 */
void fuzz_device_open(struct fuzz *f, int dev, int ctx)
{
	struct fuzz_device *d = &f->dev[dev];

	ctx = fuzz_group_context(f, d, ctx);
	fuzz_expect(f, "opening a device",
		    endpoint_open(&d->vfio, d->bdf, f->ctx[ctx].iommufd), 0);
	d->open = true;
	d->ctx = ctx;
	forget_attachments(d);
	fuzz_group_opened(f, d);
}

/**
 * fuzz_device_close() - close a device, which detaches all of its requests
 * @f: program
 * @d: the device
 */
void fuzz_device_close(struct fuzz *f, struct fuzz_device *d)
{
	vfio_close(&d->vfio);
	d->open = false;
	forget_attachments(d);
	fuzz_group_detached(f, d);
}

/**
 * fuzz_request() - choose a kind of request
 * @f: program
 *
 * Return: index of struct fuzz_device.at.
 */
int fuzz_request(struct fuzz *f)
{
	return f->can_pasid && fuzz_below(f, 2) ? (int)fuzz_below(f, FUZZ_REQUESTS) : 0;
}

/**
 * fuzz_pasid() - PASID of a kind of request
 * @req: the kind, which has a PASID
 *
 * Return: the PASID.
 */
__u32 fuzz_pasid(int req)
{
	return req == 1 ? PASID_A : PASID_B;
}

/**
 * fuzz_detach_request() - detach a kind of a device's requests
 * @f: program
 * @d: the device
 * @req: kind of request
 *
 * Return: 0 or a negative errno.
 */
int fuzz_detach_request(struct fuzz *f, struct fuzz_device *d, int req)
{
	if (!req)
		d->attached = false;
	if (req || fuzz_group_detached(f, d))
		d->at[req].where = FUZZ_DETACHED;
	return req ? vfio_detach_pasid(&d->vfio, fuzz_pasid(req)) : vfio_detach(&d->vfio);
}

static int attach_request(struct fuzz_device *d, int req, __u32 id)
{
	return req ? vfio_attach_pasid(&d->vfio, fuzz_pasid(req), id) : vfio_attach(&d->vfio, id);
}

/* Does it succeed? A device that is gone may not answer, and then stays as it was. */
static bool attach_succeeds(struct fuzz *f, struct fuzz_device *d, int req, __u32 id,
			    int expected)
{
	int ret = attach_request(d, req, id);

	if (!expected && fuzz_group_pulled(f, d) && ret == -ETIMEDOUT)
		return false;
	fuzz_expect(f, "attach", ret, expected);
	return !ret;
}

/* Nothing of this is cached now. */
static void forget_cached(struct fuzz *f, struct fuzz_attachment *at)
{
	int i;

	f->now++;
	for (i = 0; i < FUZZ_IOVAS; i++) {
		at->leaf_time[i] = f->now;
		at->table_time[i] = f->now;
	}
}

/**
 * fuzz_attachment_moved() - requests go through something from now on
 * @f: program
 * @at: what they went through; what it has cached stays if this does not change
 * @where: what kind of object
 * @index: index of the object
 *
 * Return: true if it was something else before.
 */
bool fuzz_attachment_moved(struct fuzz *f, struct fuzz_attachment *at, enum fuzz_where where,
			   int index)
{
	if (at->where == where && at->index == index)
		return false;
	at->where = where;
	at->index = index;
	forget_cached(f, at);
	return true;
}

/*
 * Page tables of a device with PASIDs must be allocated for PASIDs, all of them. Those
 * that iommufd makes for an address space are not, which is a @hwpt of NULL.
 */
static int expected_of_attach(struct fuzz *f, struct fuzz_device *d, int req,
			      const struct fuzz_hwpt *hwpt)
{
	const struct fuzz_hwpt *plain = fuzz_hwpt_of(f, d, 0);
	int i;

	if (hwpt && hwpt->pasid)
		return req && d->at[0].where != FUZZ_DETACHED && !(plain && plain->pasid) ?
		       -EINVAL : 0;
	for (i = 1; i < FUZZ_REQUESTS; i++)
		if (req || d->at[i].where != FUZZ_DETACHED)
			return -EINVAL;
	return 0;
}

static void attach(struct fuzz *f, struct fuzz_device *d, int req, enum fuzz_where where,
		   int index, __u32 id, int expected)
{
	if (fuzz_group_refuses(f, d, where, index)) {
		expected = -EINVAL;
		f->verdict->refused++;
	}
	if (!attach_succeeds(f, d, req, id, expected))
		return;
	fuzz_attachment_moved(f, &d->at[req], where, index);
	if (req)
		return;
	d->attached = true;
	fuzz_group_attached(f, d);
}

static void attach_hwpt(struct fuzz *f, struct fuzz_device *d, int req, int index)
{
	struct fuzz_context *c = fuzz_context_of(f, d);
	struct fuzz_hwpt *hwpt = &c->hwpt[index];
	int expected = expected_of_attach(f, d, req, hwpt);

	if (hwpt->kind == FUZZ_NONE)
		return;
	fuzz_say(f, "device %d, kind of request %d: attach page table %d", (int)(d - f->dev), req,
		 index);
	attach(f, d, req, FUZZ_ON_HWPT, index, hwpt->id, expected);
}

static void attach_ioas(struct fuzz *f, struct fuzz_device *d, int req, int index)
{
	int expected = expected_of_attach(f, d, req, NULL);

	fuzz_say(f, "device %d, kind of request %d: attach address space %d", (int)(d - f->dev),
		 req, index);
	attach(f, d, req, FUZZ_ON_IOAS, index, fuzz_context_of(f, d)->ioas[index].id, expected);
}

/**
 * fuzz_attach() - change what a device is attached to
 * @f: program
 */
void fuzz_attach(struct fuzz *f)
{
	struct fuzz_device *d = &f->dev[fuzz_below(f, FUZZ_DEVICES)];
	struct fuzz_context *c = fuzz_context_of(f, d);
	int i = fuzz_below(f, FUZZ_HWPTS), req = fuzz_request(f), n;

	if (!d->open)
		return;
	switch (fuzz_below(f, 16)) {
	case 0:
		fuzz_say(f, "device %d, kind of request %d: detach", (int)(d - f->dev), req);
		fuzz_expect(f, "detach", fuzz_detach_request(f, d, req), 0);
		break;
	case 1:
		attach_ioas(f, d, req, fuzz_below(f, FUZZ_IOAS));
		break;
	case 2:
		fuzz_say(f, "device %d, kind of request %d: attach nothing", (int)(d - f->dev),
			 req);
		fuzz_expect(f, "attach nothing", attach_request(d, req, FUZZ_NO_ID), -ENOENT);
		break;
	case 3:
		attach_hwpt(f, d, req, i);
		break;
	default:
		for (n = 0; n < FUZZ_HWPTS && c->hwpt[i].kind != FUZZ_NESTED; n++)
			i = (i + 1) % FUZZ_HWPTS;
		attach_hwpt(f, d, req, i);
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

static void note_invalidated(struct fuzz *f, struct fuzz_attachment *at,
			     const struct iommu_hwpt_vtd_s1_invalidate *inv)
{
	__u64 first = inv->addr / PAGE, page;
	int i;

	for (i = 0; i < FUZZ_IOVAS; i++) {
		page = fuzz_iova(i) / PAGE;
		if (page < first || (page - first >= inv->npages && inv->npages != UINT64_MAX))
			continue;
		at->leaf_time[i] = f->now;
		if (!(inv->flags & IOMMU_VTD_INV_FLAGS_LEAF))
			at->table_time[i] = f->now;
	}
}

/**
 * fuzz_invalidated() - the kernel has carried out invalidations
 * @f: program
 * @hwpt: the nested page table
 * @inv: array of requests
 * @done: how many of the array have been carried out
 */
void fuzz_invalidated(struct fuzz *f, struct fuzz_hwpt *hwpt,
		      const struct iommu_hwpt_vtd_s1_invalidate *inv, __u32 done)
{
	struct fuzz_device *d;
	int req;
	__u32 i;

	f->now++;
	for (d = f->dev; d < f->dev + FUZZ_DEVICES; d++)
		for (req = 0; req < FUZZ_REQUESTS; req++)
			for (i = 0; i < done && fuzz_hwpt_of(f, d, req) == hwpt; i++)
				note_invalidated(f, &d->at[req], &inv[i]);
}

/**
 * fuzz_invalidate() - invalidate what is cached of a guest's table
 * @f: program
 */
void fuzz_invalidate(struct fuzz *f)
{
	struct iommu_hwpt_vtd_s1_invalidate inv[ENTRIES] = {};
	struct fuzz_device *d = &f->dev[fuzz_below(f, FUZZ_DEVICES)];
	struct fuzz_hwpt *hwpt = fuzz_hwpt_of(f, d, fuzz_request(f));
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
		/* A kernel that has vIOMMUs looks for any object. */
		expected = f->knows_viommus ? -EINVAL : -ENOENT;
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
	fuzz_invalidated(f, hwpt, inv, num);
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
	int n = 1 + fuzz_below(f, 3), first = fuzz_below(f, 8 - n), i, req = fuzz_request(f);
	struct fuzz_context *c = fuzz_context_of(f, d);
	struct fuzz_hwpt *hwpt = fuzz_hwpt_of(f, d, req);
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
		fuzz_read_page(f, d, req, i);
	for (i = first; i < first + n; i++)
		fuzz_edit_leaf(f, c, tree, fuzz_iova(i));
	fuzz_expect(f, "invalidate", iommufd_hwpt_invalidate(c->iommufd, hwpt->id, &inv, &num), 0);
	fuzz_invalidated(f, hwpt, &inv, num);
	for (i = first; i < first + n; i++)
		fuzz_read_page(f, d, req, i);
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
	fuzz_device_close(f, d);
	if (rebind)
		fuzz_expect(f, "unbind", pci_unbind_driver(d->bdf), 0);
	fuzz_device_open(f, i, ctx);
}

/**
 * fuzz_context_renew() - open a new context for one that is closed
 * @f: program
 * @ctx: index of the context; its devices, and its fault queue, may be open yet
 * @other: index of the context that some of the devices are opened in
 */
void fuzz_context_renew(struct fuzz *f, int ctx, int other)
{
	struct fuzz_context *c = &f->ctx[ctx];
	int i;

	for (i = 0; i < FUZZ_DEVICES; i++)
		if (f->dev[i].open && f->dev[i].ctx == ctx)
			fuzz_device_close(f, &f->dev[i]);
	if (c->queue_fd >= 0)
		close(c->queue_fd);
	fuzz_memory_check(f, c, NULL);
	fuzz_memory_check_rest(f, c);
	guest_destroy(&c->guest);
	fuzz_context_open(f, ctx);
	for (i = 0; i < FUZZ_DEVICES; i++)
		if (!f->dev[i].open)
			fuzz_device_open(f, i, fuzz_below(f, 4) ? ctx : other);
}

/**
 * fuzz_reopen_context() - close a context while it is in use, and open a new one
 * @f: program
 *
 * The objects live on until the last device is closed.
 */
void fuzz_reopen_context(struct fuzz *f)
{
	int ctx = fuzz_any_context(f), other = fuzz_below(f, FUZZ_CONTEXTS), i;
	struct fuzz_context *c = &f->ctx[ctx];

	fuzz_say(f, "guest %d: close the context, then its devices, and open them again", ctx);
	close(c->iommufd);
	if (c->queue_fd >= 0 && fuzz_below(f, 2)) {
		close(c->queue_fd);
		c->queue_fd = -1;
	}
	for (i = 0; i < 4; i++)
		fuzz_dma(f);
	fuzz_context_renew(f, ctx, other);
}
