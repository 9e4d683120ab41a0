// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs: dirty tracking. What devices are known to have written must be in
 * the bitmap of the page table, or of the nest parent.
 */
#include <errno.h>
#include <stdint.h>

#include "fuzz.h"

/**
 * fuzz_track() - switch dirty tracking of a page table
 * @c: context
 * @hwpt: the page table
 * @on: track from now on
 *
 * Return: 0 or a negative errno.
 */
int fuzz_track(struct fuzz_context *c, struct fuzz_hwpt *hwpt, bool on)
{
	struct iommu_hwpt_set_dirty_tracking cmd = {
		.size = sizeof(cmd),
		.flags = on ? IOMMU_HWPT_DIRTY_TRACKING_ENABLE : 0,
		.hwpt_id = hwpt->id,
	};
	int ret = iommufd_ioctl(c->iommufd, IOMMU_HWPT_SET_DIRTY_TRACKING, &cmd);

	if (!ret) {
		hwpt->tracking = on;
		hwpt->written = 0;
	}
	return ret;
}

/**
 * fuzz_tracking() - turn dirty tracking on or off
 * @f: program
 */
void fuzz_tracking(struct fuzz *f)
{
	struct fuzz_context *c = &f->ctx[fuzz_any_context(f)];
	int i = fuzz_below(f, FUZZ_HWPTS), n, expected = 0;
	bool on = fuzz_below(f, 4);
	struct fuzz_hwpt *hwpt;

	for (n = 0; n < FUZZ_HWPTS && !c->hwpt[i].dirty && fuzz_below(f, 10); n++)
		i = (i + 1) % FUZZ_HWPTS;
	hwpt = &c->hwpt[i];
	if (hwpt->kind == FUZZ_NONE)
		return;
	if (hwpt->kind == FUZZ_NESTED)
		expected = -ENOENT;
	else if (!hwpt->dirty)
		expected = -EOPNOTSUPP;
	fuzz_say(f, "guest %d: dirty tracking of page table %d %s", (int)(c - f->ctx), i,
		 on ? "on" : "off");
	fuzz_expect(f, "dirty tracking", fuzz_track(c, hwpt, on), expected);
}

/**
 * fuzz_note_written() - a device has written to memory
 * @f: program
 * @dev: the device
 * @req: kind of request
 * @word: which word of the guest's memory
 */
void fuzz_note_written(struct fuzz *f, const struct fuzz_device *dev, int req, int word)
{
	struct fuzz_context *c = fuzz_context_of(f, dev);
	struct fuzz_hwpt *hwpt = fuzz_hwpt_of(f, dev, req);

	if (hwpt && hwpt->kind == FUZZ_NESTED)
		hwpt = &c->hwpt[hwpt->parent];
	if (hwpt && hwpt->tracking)
		hwpt->written |= 1U << word / (PAGE / 8);
}

/**
 * fuzz_forget_written() - a mapping of a page is gone, and with it what was dirty
 * @c: context
 * @ioas: index of the address space
 * @page: the page
 */
void fuzz_forget_written(struct fuzz_context *c, int ioas, int page)
{
	int i;

	for (i = 0; i < FUZZ_HWPTS; i++)
		if (c->hwpt[i].kind == FUZZ_PAGING && c->hwpt[i].ioas == ioas)
			c->hwpt[i].written &= ~(1U << page);
}

/* Reads the bit of one frame, and clears it. */
static int read_frame(struct fuzz_context *c, const struct fuzz_hwpt *hwpt, int frame, __u64 *bit)
{
	struct iommu_hwpt_get_dirty_bitmap cmd = {
		.size = sizeof(cmd),
		.hwpt_id = hwpt->id,
		.iova = FUZZ_GPA(frame),
		.length = PAGE,
		.page_size = PAGE,
		.data = (uintptr_t)bit,
	};

	*bit = 0;
	return iommufd_ioctl(c->iommufd, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd);
}

/**
 * fuzz_read_dirty() - read which pages are dirty
 * @f: program
 *
 * A page may be mapped more than once; one of its frames must be dirty. Of a page table
 * that does not track, iommufd of Linux 6.12 reads an empty bitmap: it loses the error.
 */
void fuzz_read_dirty(struct fuzz *f)
{
	struct fuzz_context *c = &f->ctx[fuzz_any_context(f)];
	int i = fuzz_below(f, FUZZ_HWPTS), n, frame, expected;
	struct fuzz_hwpt *hwpt;
	__u32 dirty = 0;
	__u64 bit;

	for (n = 0; n < FUZZ_HWPTS && !c->hwpt[i].tracking && fuzz_below(f, 10); n++)
		i = (i + 1) % FUZZ_HWPTS;
	hwpt = &c->hwpt[i];
	if (hwpt->kind == FUZZ_NONE)
		return;
	expected = hwpt->kind == FUZZ_NESTED ? -ENOENT : hwpt->dirty ? 0 : -EOPNOTSUPP;
	fuzz_say(f, "guest %d: read what is dirty in page table %d", (int)(c - f->ctx), i);
	for (frame = 0; frame < FUZZ_PAGES; frame++) {
		int page = c->ioas[hwpt->ioas].frame[frame].page;

		if (page < 0)
			continue;
		fuzz_expect(f, "dirty bitmap", read_frame(c, hwpt, frame, &bit), expected);
		dirty |= (__u32)(bit & 1) << page;
	}
	if (expected)
		return;
	if (hwpt->written & ~dirty)
		fuzz_fail(f, "guest %d: pages %#x are dirty in page table %d, and %#x were written",
			  (int)(c - f->ctx), dirty, i, hwpt->written);
	f->verdict->dirty += __builtin_popcount(hwpt->written);
	hwpt->written = 0;
}
