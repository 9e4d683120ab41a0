// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices behind the unit, and the translation that each of them has.
 */
#include <errno.h>
#include <stdlib.h>

#include "fault_reasons.h"
#include "unit.h"

/**
 * vunit_device_find() - find a device
 * @unit: unit
 * @sid: source-id
 *
 * Return: the device, or NULL.
 */
struct vunit_device *vunit_device_find(struct vunit *unit, __u16 sid)
{
	struct vunit_device *dev;

	for (dev = unit->devices; dev && dev->sid != sid; dev = dev->next)
		;
	return dev;
}

/**
 * vunit_devices_stale() - the guest's tables may have changed for some devices
 * @unit: unit
 * @sid: source-id
 * @ignored: bits of it that do not count; all of them for all devices
 */
void vunit_devices_stale(struct vunit *unit, __u16 sid, __u16 ignored)
{
	struct vunit_device *dev;

	for (dev = unit->devices; dev; dev = dev->next)
		if (!((dev->sid ^ sid) & (__u16)~ignored))
			dev->stale = true;
}

static bool translation_same(const struct vunit_translation *a, const struct vunit_translation *b)
{
	return a->kind == b->kind && a->levels == b->levels && a->root == b->root &&
	       a->flags == b->flags;
}

/* An entry that is not there is no error; the guest may just not use the device. */
static bool reason_is_error(__u8 reason)
{
	switch (reason) {
	case 0:
	case VUNIT_FR_LROOT_PRESENT:
	case VUNIT_FR_LCTX_PRESENT:
	case VUNIT_FR_ROOT_PRESENT:
	case VUNIT_FR_CTX_PRESENT:
	case VUNIT_FR_DIR_PRESENT:
	case VUNIT_FR_PASID_PRESENT:
		return false;
	default:
		return true;
	}
}

/* Gives the device another translation than dev->now. After an error it may have the old one. */
static int device_move(struct vunit *unit, struct vunit_device *dev,
		       const struct vunit_translation *to)
{
	const struct vunit_config *config = &unit->config;
	__u32 pass = config->mode == VUNIT_NESTED ? config->parent : config->ioas;
	int ret;

	if (to->kind == VUNIT_PASS)
		ret = config->host_ops->attach(config->host, dev->host_dev, pass);
	else if (to->kind == VUNIT_BLOCKED)
		ret = config->host_ops->detach(config->host, dev->host_dev);
	else
		return unit->backend->table_attach(unit, dev, to);
	return ret ? ret : unit->backend->table_leave(unit, dev);
}

/**
 * vunit_device_block() - block a device whose translation the host cannot be given
 * @unit: unit
 * @dev: device
 * @reason: fault reason that the guest is told
 *
 * The device stays blocked until the guest changes its tables and invalidates.
 */
void vunit_device_block(struct vunit *unit, struct vunit_device *dev, __u8 reason)
{
	const struct vunit_translation blocked = {
		.kind = VUNIT_BLOCKED,
		.reason = reason,
		.quiet = dev->now.quiet,
	};

	device_move(unit, dev, &blocked);
	dev->now = blocked;
	dev->failed = true;
	if (!blocked.quiet)
		vunit_fault_record(unit, dev->sid, 0, false, reason);
}

/**
 * vunit_refusal() - the fault reason of a translation that the host cannot be given
 * @unit: unit
 * @to: the translation
 *
 * Return: the reason, in the encoding of the translation table mode.
 */
__u8 vunit_refusal(const struct vunit *unit, const struct vunit_translation *to)
{
	if (to->kind == VUNIT_FIRST)
		return VUNIT_FR_PASID_INVALID;
	if (vunit_get(VUNIT_RTADDR_TTM, unit->root) == VUNIT_TTM_LEGACY)
		return VUNIT_FR_LSS_ACCESS;
	return VUNIT_FR_SS_ACCESS;
}

static void device_settle(struct vunit *unit, struct vunit_device *dev)
{
	struct vunit_translation to;

	dev->stale = false;
	dev->failed = false;
	vunit_entries_read(unit, dev->sid, &to);
	if (!translation_same(&dev->now, &to)) {
		if (device_move(unit, dev, &to)) {
			dev->now.quiet = to.quiet;
			vunit_device_block(unit, dev, vunit_refusal(unit, &to));
			return;
		}
		if (reason_is_error(to.reason) && !to.quiet)
			vunit_fault_record(unit, dev->sid, 0, false, to.reason);
	}
	dev->now = to;
}

/**
 * vunit_devices_settle() - give all stale devices the translation that the tables say
 * @unit: unit
 *
 * A device whose tables are in error, or make no sense to the host, is blocked, and the
 * guest gets a fault.
 */
void vunit_devices_settle(struct vunit *unit)
{
	struct vunit_device *dev;

	for (dev = unit->devices; dev; dev = dev->next)
		if (dev->stale)
			device_settle(unit, dev);
}

/**
 * vunit_settle_all() - all that the guest's memory says may have changed
 * @unit: unit
 *
 * Reads all entries and tables again. Nothing of what they said before is in use when this
 * returns 0.
 *
 * Return: 0 or an errno of the host.
 */
int vunit_settle_all(struct vunit *unit)
{
	const struct vunit_invalidation all = { .global = true };
	__u16 sid = 0;

	/* What is new after this has nothing in a cache yet. */
	unit->backend->invalidate(unit, &all);
	vunit_devices_stale(unit, 0, 0xffff);
	vunit_devices_settle(unit);
	return unit->backend->flush(unit, &sid);
}

/**
 * vunit_device_add() - put a device behind the unit
 * @unit: unit
 * @sid: source-id that the guest sees
 * @dev: the host's name for the device, first argument of the calls that concern it
 *
 * The device gets the translation that the guest's tables have for it.
 *
 * Return: 0, -EEXIST, -ENOMEM, or an errno of the host.
 */
int vunit_device_add(struct vunit *unit, __u16 sid, void *dev)
{
	struct vunit_device *new = calloc(1, sizeof(*new));
	int ret = -EEXIST;

	if (!new)
		return -ENOMEM;
	new->sid = sid;
	new->host_dev = dev;
	new->stale = true;
	pthread_mutex_lock(&unit->lock);
	if (!vunit_device_find(unit, sid))
		ret = unit->backend->device_init(unit, new);
	if (!ret) {
		new->next = unit->devices;
		unit->devices = new;
		vunit_devices_settle(unit);
		new = NULL;
	}
	pthread_mutex_unlock(&unit->lock);
	free(new);
	return ret;
}

/**
 * vunit_device_remove() - take a device away
 * @unit: unit
 * @sid: source-id of the device
 *
 * The device is attached to nothing then.
 */
void vunit_device_remove(struct vunit *unit, __u16 sid)
{
	struct vunit_device **link, *dev;

	pthread_mutex_lock(&unit->lock);
	for (link = &unit->devices; *link && (*link)->sid != sid; link = &(*link)->next)
		;
	dev = *link;
	if (dev) {
		*link = dev->next;
		unit->config.host_ops->detach(unit->config.host, dev->host_dev);
		unit->backend->device_exit(unit, dev);
	}
	pthread_mutex_unlock(&unit->lock);
	free(dev);
}
