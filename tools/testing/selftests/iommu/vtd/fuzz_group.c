// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs: two devices in one IOMMU group.
 *
 * One context owns all of a group, so both devices are open in the same one, and the other
 * one is refused. The group has one page table. The first device that is attached chooses
 * it, one that is attached later may only join, and one that is attached may choose another
 * one, for both. Only when none is attached any more is the group detached. The hardware
 * knows nothing of who is attached: what the group has also translates the DMA of a device
 * that is open and was never attached.
 *
 * Two things are not in it:
 *
 * Page requests. iommufd keeps one device of a group as the one that has asked, whoever it
 * was, and on Linux 6.12 it enables page requests for one of the devices only, and disables
 * them for the one that is detached last, with a warning if that is another one.
 *
 * PASIDs. No device in a group with others has any: PCI enables them only if the path to
 * the root complex has Access Control Services, which would give it a group of its own.
 */
#include <errno.h>

#include "fuzz.h"

/* The other device, if it is open and in the same group; else NULL */
static struct fuzz_device *companion(struct fuzz *f, const struct fuzz_device *d)
{
	struct fuzz_device *other;

	for (other = f->dev; f->group && other < f->dev + FUZZ_DEVICES; other++)
		if (other != d && other->open)
			return other;
	return NULL;
}

/**
 * fuzz_any_context() - choose a context
 * @f: program
 *
 * It is most often the one that has the devices, if they are in one group.
 *
 * Return: index of the context.
 */
int fuzz_any_context(struct fuzz *f)
{
	int ctx = fuzz_below(f, FUZZ_CONTEXTS);

	return f->group && fuzz_below(f, 4) ? f->dev[0].ctx : ctx;
}

/**
 * fuzz_group_context() - find the context that a device can be opened in
 * @f: program
 * @d: the device, which is closed
 * @ctx: index of the context that it is to be opened in
 *
 * If another one owns the group, this one must be refused.
 *
 * Return: index of the context.
 */
int fuzz_group_context(struct fuzz *f, struct fuzz_device *d, int ctx)
{
	const struct fuzz_device *other = companion(f, d);

	if (!other || other->ctx == ctx)
		return ctx;
	fuzz_say(f, "device %d: guest %d cannot have it, as guest %d has its group",
		 (int)(d - f->dev), ctx, other->ctx);
	fuzz_expect(f, "opening a device of a group that another guest has",
		    endpoint_open(&d->vfio, d->bdf, f->ctx[ctx].iommufd), -EPERM);
	f->verdict->foreign++;
	return other->ctx;
}

/**
 * fuzz_group_opened() - a device has been opened, whose group may have a page table
 * @f: program
 * @d: the device
 *
 * Meanwhile it had the same invalidations as the other one.
 */
void fuzz_group_opened(struct fuzz *f, struct fuzz_device *d)
{
	const struct fuzz_device *other = companion(f, d);

	if (other)
		d->at[0] = other->at[0];
}

/**
 * fuzz_group_refuses() - is a device to be attached to something else than its group has?
 * @f: program
 * @d: the device
 * @where: what kind of object it is to be attached to
 * @index: index of the object
 *
 * Return: true if this must fail.
 */
bool fuzz_group_refuses(struct fuzz *f, const struct fuzz_device *d, enum fuzz_where where,
			int index)
{
	const struct fuzz_attachment *at = &d->at[0];

	return f->group && !d->attached && at->where != FUZZ_DETACHED &&
	       (at->where != where || at->index != index);
}

/**
 * fuzz_group_attached() - a device has been attached, and with it its group
 * @f: program
 * @d: the device
 */
void fuzz_group_attached(struct fuzz *f, const struct fuzz_device *d)
{
	struct fuzz_device *other = companion(f, d);

	if (other && fuzz_attachment_moved(f, &other->at[0], d->at[0].where, d->at[0].index))
		f->verdict->together++;
}

/**
 * fuzz_group_detached() - a device has been detached, or closed
 * @f: program
 * @d: the device, which is not attached any more
 *
 * Return: true if its group is detached now, false if the other device is attached yet.
 */
bool fuzz_group_detached(struct fuzz *f, const struct fuzz_device *d)
{
	struct fuzz_device *other = companion(f, d);

	if (other && other->attached)
		return false;
	if (other)
		other->at[0].where = FUZZ_DETACHED;
	return true;
}

/**
 * fuzz_group_pulled() - has a device been pulled out that is in the group of this one?
 * @f: program
 * @d: the device
 *
 * Return: true if so, also if it is this one.
 */
bool fuzz_group_pulled(struct fuzz *f, const struct fuzz_device *d)
{
	const struct fuzz_device *other = companion(f, d);

	return d->pulled || (other && other->pulled);
}
