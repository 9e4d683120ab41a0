// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit as a whole: made, reset, saved, loaded and freed; and the guest's memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

/**
 * vunit_create() - make a unit
 * @config: what it is made of; copied
 *
 * It is as after a reset, and has no devices.
 *
 * Return: the unit, or NULL and errno: EOPNOTSUPP if the host's unit cannot nest, ENOMEM.
 */
struct vunit *vunit_create(const struct vunit_config *config)
{
	const __u64 need = VUNIT_ECAP_NEST | VUNIT_ECAP_SMTS | VUNIT_ECAP_FSTS;
	struct vunit *unit;

	if (config->mode == VUNIT_NESTED && (config->hw.ecap_reg & need) != need) {
		errno = EOPNOTSUPP;
		return NULL;
	}
	unit = calloc(1, sizeof(*unit));
	if (!unit)
		return NULL;
	pthread_mutex_init(&unit->lock, NULL);
	unit->config = *config;
	unit->backend = config->mode == VUNIT_NESTED ? &vunit_nested : &vunit_shadow;
	vunit_capabilities(config, &unit->cap, &unit->ecap);
	vunit_regs_reset(unit);
	return unit;
}

/**
 * vunit_destroy() - free a unit
 * @unit: unit, which no other thread uses any more
 *
 * Its devices are attached to nothing then.
 */
void vunit_destroy(struct vunit *unit)
{
	while (unit->devices)
		vunit_device_remove(unit, unit->devices->sid);
	free(unit->waits);
	pthread_mutex_destroy(&unit->lock);
	free(unit);
}

/**
 * vunit_reset() - the guest's machine is reset
 * @unit: unit
 *
 * Devices pass through then, as nothing translates.
 */
void vunit_reset(struct vunit *unit)
{
	pthread_mutex_lock(&unit->lock);
	vunit_regs_reset(unit);
	vunit_settle_all(unit);
	pthread_mutex_unlock(&unit->lock);
}

/**
 * vunit_save() - get the state of a unit
 * @unit: unit
 * @state: filled. Translations are not in it: the guest's memory has them
 */
void vunit_save(struct vunit *unit, struct vunit_state *state)
{
	pthread_mutex_lock(&unit->lock);
	state->version = VUNIT_STATE_VERSION;
	state->fault_next = unit->fault_next;
	state->root = unit->root;
	memcpy(state->regs, unit->regs, sizeof(state->regs));
	pthread_mutex_unlock(&unit->lock);
}

/* A state comes from a file or a network. One that this unit cannot have is refused. */
static bool unit_state_valid(const struct vunit *unit)
{
	__u64 queue = vunit_reg_get(unit, VUNIT_IQH, 8) | vunit_reg_get(unit, VUNIT_IQT, 8);
	__u64 pages = vunit_reg_get(unit, VUNIT_PQH, 8) | vunit_reg_get(unit, VUNIT_PQT, 8);

	return unit->fault_next < VUNIT_FRCD_COUNT &&
	       vunit_reg_get(unit, VUNIT_VER, 4) == VUNIT_VER_VALUE &&
	       vunit_reg_get(unit, VUNIT_CAP, 8) == unit->cap &&
	       vunit_reg_get(unit, VUNIT_ECAP, 8) == unit->ecap &&
	       !(queue & ~VUNIT_IQT_QT) && !(pages & ~VUNIT_PQ_OFFSET);
}

/**
 * vunit_load() - set the state of a unit
 * @unit: unit, made of a configuration with the same capabilities
 * @state: from vunit_save()
 *
 * The guest's memory is in place already. The devices get their translations.
 *
 * Return: 0; -EINVAL, and the unit is reset, if the state is not one of such a unit; an errno of
 *	the host.
 */
int vunit_load(struct vunit *unit, const struct vunit_state *state)
{
	int ret;

	pthread_mutex_lock(&unit->lock);
	unit->fault_next = state->fault_next;
	unit->root = state->root;
	memcpy(unit->regs, state->regs, sizeof(unit->regs));
	ret = state->version == VUNIT_STATE_VERSION && unit_state_valid(unit) ? 0 : -EINVAL;
	if (ret)
		vunit_regs_reset(unit);
	ret = vunit_settle_all(unit) ?: ret;
	pthread_mutex_unlock(&unit->lock);
	return ret;
}

/* Erratum 772415: a parent has stage-1 domains or read-only mappings, never both. */
static bool unit_leaves_out(const struct vunit *unit, bool writable)
{
	return !writable && unit->config.mode == VUNIT_NESTED &&
	       unit->config.hw.flags & IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17;
}

/**
 * vunit_memory_add() - the guest has got memory
 * @unit: unit
 * @gpa: guest physical address
 * @len: bytes
 * @va: address in this process
 * @writable: the guest may write it
 *
 * Maps it for devices. Memory that the guest may only read is left out where the host's unit
 * is affected by erratum 772415; devices cannot reach it then. The VMM's find operation knows
 * the memory already.
 *
 * Return: 0 or an errno of the host.
 */
int vunit_memory_add(struct vunit *unit, __u64 gpa, __u64 len, void *va, bool writable)
{
	__u32 access = IOMMU_IOAS_MAP_READABLE | (writable ? IOMMU_IOAS_MAP_WRITEABLE : 0);
	int ret = 0;

	pthread_mutex_lock(&unit->lock);
	if (!unit_leaves_out(unit, writable))
		ret = unit->config.host_ops->map(unit->config.host, unit->config.ioas, va, len,
						 gpa, access);
	if (!ret)
		ret = vunit_settle_all(unit);
	pthread_mutex_unlock(&unit->lock);
	return ret;
}

/**
 * vunit_memory_remove() - memory of the guest goes away
 * @unit: unit
 * @gpa: guest physical address, as it was added
 * @len: bytes
 *
 * The VMM's operations do not know the memory any more. No device reaches it when this
 * returns 0.
 *
 * Return: 0 or an errno of the host.
 */
int vunit_memory_remove(struct vunit *unit, __u64 gpa, __u64 len)
{
	int ret, err;

	pthread_mutex_lock(&unit->lock);
	ret = vunit_settle_all(unit);
	err = unit->config.host_ops->unmap(unit->config.host, unit->config.ioas, gpa, len);
	/* It may have been left out. */
	if (err && err != -ENOENT)
		ret = err;
	pthread_mutex_unlock(&unit->lock);
	return ret;
}
