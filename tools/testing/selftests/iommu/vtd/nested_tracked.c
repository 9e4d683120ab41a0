// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest whose nest parent has dirty tracking, for the tests of it.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "nested_tracked.h"

/* Map in pages of 4 KiB, so that each bit of the bitmap is one of them. */
static int disable_huge_pages(int iommufd, __u32 ioas)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_HUGE_PAGES,
		.op = IOMMU_OPTION_OP_SET,
		.object_id = ioas,
	};

	return iommufd_ioctl(iommufd, IOMMU_OPTION, &cmd);
}

static int replace_parent(struct nested *n)
{
	int ret;

	ret = iommufd_destroy(n->iommufd, n->parent);
	if (!ret)
		ret = iommufd_ioas_alloc(n->iommufd, &n->ioas);
	if (!ret)
		ret = disable_huge_pages(n->iommufd, n->ioas);
	if (!ret)
		ret = nested_map_half(n, NESTED_LOW_HALF);
	if (!ret)
		ret = nested_map_half(n, NESTED_HIGH_HALF);
	if (!ret)
		ret = nested_hwpt_alloc(n, 0, IOMMU_HWPT_ALLOC_NEST_PARENT |
					IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
					&n->parent);
	return ret;
}

/**
 * tracked_table() - create a stage-1 table that maps all data pages
 * @t: guest
 * @s1: filled
 *
 * Return: 0 or a negative errno.
 */
int tracked_table(struct tracked *t, struct nested_s1 *s1)
{
	int i, ret;

	ret = nested_s1_create(&t->n, s1, 4);
	for (i = 0; !ret && i < TRACKED_PAGES; i++)
		stage1_map(&s1->t, tracked_iova(i), t->page[i], S1_4K, S1_RW);
	return ret;
}

/**
 * tracked_open() - open a guest with two devices and dirty tracking
 * @t: filled; nothing is attached yet, and tracking is off
 * @skip: set to a reason if this machine cannot have such a guest, else NULL
 *
 * Return: 0 or a negative errno.
 */
int tracked_open(struct tracked *t, const char **skip)
{
	struct nested *n = &t->n;
	struct iommu_hw_info info;
	int i, ret;

	ret = nested_open(n, 2, skip);
	if (ret)
		return ret;
	ret = iommufd_hw_info(n->iommufd, n->dev[0].id, &info, &n->unit);
	if (ret)
		return ret;
	if (!(info.out_capabilities & IOMMU_HW_CAP_DIRTY_TRACKING)) {
		*skip = "the unit does not track dirty pages";
		return -ENODEV;
	}
	ret = replace_parent(n);
	if (ret)
		return ret;
	for (i = 0; i < TRACKED_PAGES; i++)
		t->page[i] = nested_page(n);
	return tracked_table(t, &t->s1);
}

/**
 * tracked_switch() - turn dirty tracking on or off
 * @t: guest
 * @on: on
 *
 * Return: 0 or a negative errno.
 */
int tracked_switch(struct tracked *t, bool on)
{
	struct iommu_hwpt_set_dirty_tracking cmd = {
		.size = sizeof(cmd),
		.flags = on ? IOMMU_HWPT_DIRTY_TRACKING_ENABLE : 0,
		.hwpt_id = t->n.parent,
	};

	return iommufd_ioctl(t->n.iommufd, IOMMU_HWPT_SET_DIRTY_TRACKING, &cmd);
}

/**
 * tracked_read_part() - read the bitmap of a range of the guest's memory
 * @t: guest; the bitmap is in @t->map, from its first bit on
 * @gpa: start of the range
 * @length: bytes in the range
 * @page_size: bytes that one bit stands for
 * @flags: IOMMU_HWPT_GET_DIRTY_BITMAP_*
 *
 * Return: 0 or a negative errno.
 */
int tracked_read_part(struct tracked *t, __u64 gpa, __u64 length,
		      __u64 page_size, __u32 flags)
{
	struct iommu_hwpt_get_dirty_bitmap cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.hwpt_id = t->n.parent,
		.iova = gpa,
		.length = length,
		.page_size = page_size,
		.data = (uintptr_t)t->map,
	};

	memset(t->map, 0, sizeof(t->map));
	return iommufd_ioctl(t->n.iommufd, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd);
}

/**
 * tracked_read() - read the bitmap of all of the guest's memory
 * @t: guest; the bitmap is in @t->map
 * @flags: IOMMU_HWPT_GET_DIRTY_BITMAP_*
 *
 * Return: 0 or a negative errno.
 */
int tracked_read(struct tracked *t, __u32 flags)
{
	return tracked_read_part(t, NESTED_GPA, NESTED_SIZE, PAGE, flags);
}

/**
 * tracked_is_dirty() - is a page in the bitmap?
 * @t: guest, after tracked_read()
 * @gpa: the page
 *
 * Return: true if it is.
 */
bool tracked_is_dirty(const struct tracked *t, __u64 gpa)
{
	__u64 bit = (gpa - NESTED_GPA) / PAGE;

	return t->map[bit / 64] >> (bit % 64) & 1;
}
