// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors of the invalidation queue: what each type asks for (VT-d specification
 * sections 6.5.2 and 7.6.1).
 *
 * Invalidations are noted here, and vunit_queue_run() has them done.
 */
#include <stdlib.h>

#include "formats.h"
#include "unit.h"

/**
 * struct desc_type - a type of descriptor
 * @valid: bits of quadwords 0 and 1 that are not reserved
 * @ecap: feature that it belongs to, or 0
 * @wide: exists in queues of 256-bit descriptors only
 * @run: takes note of it
 */
struct desc_type {
	__u64 valid[2];
	__u64 ecap;
	bool wide;
	enum vunit_iqei (*run)(struct vunit *unit, const __u64 *desc);
};

static enum vunit_iqei desc_context(struct vunit *unit, const __u64 *desc)
{
	static const __u16 ignored[] = { 0, 4, 6, 7 };

	switch (vunit_get(VUNIT_INV0_G, desc[0])) {
	case VUNIT_CONTEXT_GLOBAL:
	case VUNIT_CONTEXT_DOMAIN:
		/* An entry that has become present was cached without a domain-id. */
		vunit_devices_stale(unit, 0, 0xffff);
		return VUNIT_IQEI_NONE;
	case VUNIT_CONTEXT_DEVICE:
		vunit_devices_stale(unit, vunit_get(VUNIT_CONTEXT0_SID, desc[0]),
				    ignored[vunit_get(VUNIT_CONTEXT0_FM, desc[0])]);
		return VUNIT_IQEI_NONE;
	default:
		return VUNIT_IQEI_RESERVED;
	}
}

static enum vunit_iqei desc_pasid(struct vunit *unit, const __u64 *desc)
{
	switch (vunit_get(VUNIT_INV0_G, desc[0])) {
	case VUNIT_PASID_ONE:
		/* Requests without PASID use PASID 0, and there are no others. */
		if (vunit_get(VUNIT_INV0_PASID, desc[0]))
			return VUNIT_IQEI_NONE;
		break;
	case VUNIT_PASID_DOMAIN:
	case VUNIT_PASID_GLOBAL:
		break;
	default:
		return VUNIT_IQEI_RESERVED;
	}
	vunit_devices_stale(unit, 0, 0xffff);
	return VUNIT_IQEI_NONE;
}

/* AM, section 6.5.2.3: the lower bits of the address do not count. */
static void desc_pages(const __u64 *desc, struct vunit_invalidation *inv)
{
	__u64 order = vunit_get(VUNIT_INV1_AM, desc[1]);

	inv->leaf = desc[1] & VUNIT_INV1_IH;
	/* All addresses there are */
	if (order >= 52)
		return;
	inv->pages = true;
	inv->npages = 1ULL << order;
	inv->addr = desc[1] & VUNIT_INV1_ADDR & -(inv->npages << 12);
}

/* The domain-ids that count are those of entries that the guest invalidated before. */
static void desc_invalidate(struct vunit *unit, const struct vunit_invalidation *inv)
{
	vunit_devices_settle(unit);
	unit->backend->invalidate(unit, inv);
}

static enum vunit_iqei desc_iotlb(struct vunit *unit, const __u64 *desc)
{
	struct vunit_invalidation inv = {
		.did = vunit_get(VUNIT_INV0_DID, desc[0]),
	};

	switch (vunit_get(VUNIT_INV0_G, desc[0])) {
	case VUNIT_IOTLB_GLOBAL:
		inv.global = true;
		break;
	case VUNIT_IOTLB_DOMAIN:
		break;
	case VUNIT_IOTLB_PAGES:
		if (vunit_get(VUNIT_INV1_AM, desc[1]) > vunit_get(VUNIT_CAP_MAMV, unit->cap))
			return VUNIT_IQEI_RESERVED;
		desc_pages(desc, &inv);
		break;
	default:
		return VUNIT_IQEI_RESERVED;
	}
	desc_invalidate(unit, &inv);
	return VUNIT_IQEI_NONE;
}

static enum vunit_iqei desc_piotlb(struct vunit *unit, const __u64 *desc)
{
	struct vunit_invalidation inv = {
		.did = vunit_get(VUNIT_INV0_DID, desc[0]),
	};

	switch (vunit_get(VUNIT_INV0_G, desc[0])) {
	case VUNIT_PIOTLB_PASID:
		break;
	case VUNIT_PIOTLB_PAGES:
		desc_pages(desc, &inv);
		break;
	default:
		return VUNIT_IQEI_RESERVED;
	}
	if (!vunit_get(VUNIT_INV0_PASID, desc[0]))
		desc_invalidate(unit, &inv);
	return VUNIT_IQEI_NONE;
}

/* The host invalidates device TLBs along with its IOTLB. */
static enum vunit_iqei desc_devtlb(struct vunit *unit, const __u64 *desc)
{
	(void)unit;
	(void)desc;
	return VUNIT_IQEI_NONE;
}

static enum vunit_iqei desc_wait(struct vunit *unit, const __u64 *desc)
{
	__u32 room = unit->waits_room ? 2 * unit->waits_room : 16;
	struct vunit_wait *waits;

	if (desc[0] & VUNIT_WAIT0_PD && !(unit->ecap & VUNIT_ECAP_PDS))
		return VUNIT_IQEI_RESERVED;
	if (unit->nwaits == unit->waits_room) {
		waits = realloc(unit->waits, room * sizeof(*waits));
		if (!waits)
			return VUNIT_IQEI_FETCH;
		unit->waits = waits;
		unit->waits_room = room;
	}
	unit->waits[unit->nwaits++] = (struct vunit_wait) { { desc[0], desc[1] } };
	return VUNIT_IQEI_NONE;
}

static enum vunit_iqei desc_page(struct vunit *unit, const __u64 *desc)
{
	const struct vunit_page_response resp = {
		.sid = vunit_get(VUNIT_PAGE0_RID, desc[0]),
		.group = vunit_get(VUNIT_PAGE1_PRGI, desc[1]),
		.code = vunit_get(VUNIT_PAGE0_RC, desc[0]),
	};

	if (!(desc[0] & VUNIT_PAGE0_PP) && vunit_device_find(unit, resp.sid))
		unit->config.ops->respond(unit->config.vmm, &resp);
	return VUNIT_IQEI_NONE;
}

#define TYPE_BITS	(VUNIT_DESC0_TYPE | VUNIT_DESC0_TYPE_HIGH)
#define INV_BITS	(TYPE_BITS | VUNIT_INV0_G | VUNIT_INV0_DID)
#define PAGES_BITS	(VUNIT_INV1_ADDR | VUNIT_INV1_IH | VUNIT_INV1_AM)

static const struct desc_type desc_types[] = {
	[VUNIT_DESC_CONTEXT] = {
		.valid = { INV_BITS | VUNIT_CONTEXT0_SID | VUNIT_CONTEXT0_FM },
		.run = desc_context,
	},
	[VUNIT_DESC_IOTLB] = {
		.valid = { INV_BITS | VUNIT_IOTLB0_DRAIN, PAGES_BITS },
		.run = desc_iotlb,
	},
	[VUNIT_DESC_DEVTLB] = {
		/* PFSID, MIP and source-id; address and S */
		.valid = { TYPE_BITS | VUNIT_BITS(20, 12) | VUNIT_BITS(63, 32),
			   VUNIT_INV1_ADDR | BIT_ULL(0) },
		.ecap = VUNIT_ECAP_DT,
		.run = desc_devtlb,
	},
	[VUNIT_DESC_WAIT] = {
		.valid = { TYPE_BITS | VUNIT_WAIT0_IF | VUNIT_WAIT0_SW | VUNIT_WAIT0_FN |
			   VUNIT_WAIT0_PD | VUNIT_WAIT0_DATA,
			   VUNIT_WAIT1_ADDR },
		.run = desc_wait,
	},
	[VUNIT_DESC_PIOTLB] = {
		.valid = { INV_BITS | VUNIT_INV0_PASID, PAGES_BITS },
		.wide = true,
		.run = desc_piotlb,
	},
	[VUNIT_DESC_PASID] = {
		.valid = { INV_BITS | VUNIT_INV0_PASID },
		.wide = true,
		.run = desc_pasid,
	},
	[VUNIT_DESC_PDEVTLB] = {
		/* MIP, PFSID, source-id and PASID; address, S and G */
		.valid = { VUNIT_BITS(63, 0),
			   VUNIT_INV1_ADDR | BIT_ULL(11) | BIT_ULL(0) },
		.ecap = VUNIT_ECAP_DT,
		.wide = true,
		.run = desc_devtlb,
	},
	[VUNIT_DESC_PAGE] = {
		.valid = { TYPE_BITS | VUNIT_PAGE0_PP | VUNIT_PAGE0_RC | VUNIT_PAGE0_RID |
			   VUNIT_PAGE0_PASID,
			   VUNIT_PAGE1_PRGI | BIT_ULL(2) },
		.ecap = VUNIT_ECAP_PRS,
		.wide = true,
		.run = desc_page,
	},
};

/**
 * vunit_descriptor_run() - take note of a descriptor
 * @unit: unit
 * @desc: its four quadwords; 2 and 3 of a 128-bit descriptor are zero
 * @wide: the queue has 256-bit descriptors
 *
 * Return: VUNIT_IQEI_NONE, or the error that stops the queue.
 */
enum vunit_iqei vunit_descriptor_run(struct vunit *unit, const __u64 *desc, bool wide)
{
	__u64 number = vunit_get(VUNIT_DESC0_TYPE, desc[0]) |
		       vunit_get(VUNIT_DESC0_TYPE_HIGH, desc[0]) << 4;
	const struct desc_type *type;

	if (number >= ARRAY_SIZE(desc_types) || !desc_types[number].run)
		return VUNIT_IQEI_TYPE;
	type = &desc_types[number];
	if (type->ecap & ~unit->ecap || (type->wide && !wide))
		return VUNIT_IQEI_TYPE;
	if (desc[0] & ~type->valid[0] || desc[1] & ~type->valid[1] || desc[2] || desc[3])
		return VUNIT_IQEI_RESERVED;
	return type->run(unit, desc);
}
