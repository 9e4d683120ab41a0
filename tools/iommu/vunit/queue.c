// SPDX-License-Identifier: GPL-2.0-only
/*
 * The invalidation queue (VT-d specification section 6.5.2).
 *
 * All descriptors from head to tail are fetched and noted before the host is asked to
 * invalidate anything, so that each domain needs one call. Wait descriptors are complete
 * after that, in their order. The specification lets a unit complete them late.
 *
 * A descriptor in error stops the queue. What comes before it is done.
 */
#include <endian.h>
#include <errno.h>

#include "formats.h"
#include "unit.h"

static __u64 queue_size(__u64 iqa)
{
	return 4096ULL << vunit_get(VUNIT_IQA_QS, iqa);
}

/* Errors of the queue itself */
static enum vunit_iqei queue_check(struct vunit *unit, __u64 iqa, __u64 head, __u64 tail)
{
	__u64 ttm = vunit_get(VUNIT_RTADDR_TTM, unit->root);

	if (ttm != VUNIT_TTM_LEGACY && ttm != VUNIT_TTM_SCALABLE)
		return VUNIT_IQEI_TTM;
	if (!(iqa & VUNIT_IQA_DW) && ttm != VUNIT_TTM_LEGACY)
		return VUNIT_IQEI_WIDTH;
	if (iqa & VUNIT_IQA_DW && (head | tail) & 31)
		return VUNIT_IQEI_MISALIGNED;
	if (tail >= queue_size(iqa) || head >= queue_size(iqa))
		return VUNIT_IQEI_TAIL;
	return VUNIT_IQEI_NONE;
}

static enum vunit_iqei queue_fetch(struct vunit *unit, __u64 *head)
{
	__u64 iqa = vunit_reg_get(unit, VUNIT_IQA, 8);
	__u64 tail = vunit_reg_get(unit, VUNIT_IQT, 8);
	bool wide = iqa & VUNIT_IQA_DW;
	__u32 size = wide ? 32 : 16, i;
	enum vunit_iqei err = queue_check(unit, iqa, *head, tail);

	while (!err && *head != tail) {
		__u64 desc[4] = {};

		if (!unit->config.ops->read(unit->config.vmm, (iqa & VUNIT_IQA_IQA) + *head,
					    desc, size))
			return VUNIT_IQEI_FETCH;
		for (i = 0; i < 4; i++)
			desc[i] = le64toh(desc[i]);
		err = vunit_descriptor_run(unit, desc, wide);
		if (!err)
			*head = (*head + size) & (queue_size(iqa) - 1);
	}
	return err;
}

/* Section 6.5.2.9: the status write, then the event */
static void wait_complete(struct vunit *unit, const __u64 *desc)
{
	__le32 data = htole32(vunit_get(VUNIT_WAIT0_DATA, desc[0]));

	if (desc[0] & VUNIT_WAIT0_SW)
		unit->config.ops->write(unit->config.vmm, desc[1] & VUNIT_WAIT1_ADDR,
					&data, sizeof(data));
	if (desc[0] & VUNIT_WAIT0_IF &&
	    !(vunit_reg_get(unit, VUNIT_ICS, 4) & VUNIT_ICS_IWC)) {
		vunit_reg_set(unit, VUNIT_ICS, VUNIT_ICS_IWC, 4);
		vunit_event_raise(unit, VUNIT_IECTL);
	}
}

static void queue_error(struct vunit *unit, enum vunit_iqei err)
{
	__u64 info = vunit_reg_get(unit, VUNIT_IQERCD, 8) & ~VUNIT_IQERCD_IQEI;

	vunit_reg_set(unit, VUNIT_IQERCD, info | err, 8);
	vunit_fault_status_set(unit, VUNIT_FSTS_IQE);
}

/* Section 6.5.2.10: the waits that were fetched are aborted. */
static void queue_time_out(struct vunit *unit, __u16 sid)
{
	__u64 info = vunit_reg_get(unit, VUNIT_IQERCD, 8) & ~VUNIT_IQERCD_ITESID;

	vunit_reg_set(unit, VUNIT_IQERCD, info | vunit_put(VUNIT_IQERCD_ITESID, sid), 8);
	vunit_fault_status_set(unit, VUNIT_FSTS_ITE);
}

/**
 * vunit_queue_run() - process the queue from head to tail
 * @unit: unit
 *
 * Does nothing while the queue is off, or stopped by an error that the guest has not
 * cleared. When the host could not do an invalidation, no wait is complete: the guest
 * gets an invalidation time-out error that names the device.
 */
void vunit_queue_run(struct vunit *unit)
{
	__u64 head = vunit_reg_get(unit, VUNIT_IQH, 8);
	enum vunit_iqei err;
	__u16 sid = 0;
	__u32 i;
	int ret;

	if (!(vunit_reg_get(unit, VUNIT_GSTS, 4) & VUNIT_G_QI) ||
	    vunit_reg_get(unit, VUNIT_FSTS, 4) & (VUNIT_FSTS_IQE | VUNIT_FSTS_ITE))
		return;
	unit->nwaits = 0;
	err = queue_fetch(unit, &head);
	vunit_devices_settle(unit);
	ret = unit->backend->flush(unit, &sid);
	vunit_reg_set(unit, VUNIT_IQH, head, 8);
	if (ret)
		queue_time_out(unit, sid);
	else
		for (i = 0; i < unit->nwaits; i++)
			wait_complete(unit, unit->waits[i].desc);
	if (err)
		queue_error(unit, err);
}
