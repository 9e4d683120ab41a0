// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidation descriptors, and page group responses: what each type does (VT-d
 * specification sections 6.5.2 and 7.6.1).
 */
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "cache/caches.h"
#include "queue/descriptors.h"
#include "queue/devtlb.h"
#include "remap/remap.h"
#include "request/page_request.h"
#include "tables/entries.h"
#include "tables/host_memory.h"
#include "unit/interrupts.h"
#include "unit/messages.h"
#include "unit/observer.h"
#include "unit/registers.h"
#include "unit/unit.h"
#include "unit/violation.h"

/**
 * struct qi_desc_type - a type of descriptor that the unit knows
 * @valid: the bits of quadwords 0 and 1 that are not reserved
 * @granularities: the values of G that are not reserved; 0 for types without G
 * @ecap: the feature that it belongs to, or 0
 * @wide: exists in queues of 256-bit descriptors only
 * @order: what it must not overtake
 * @accepts: are other fields in order? NULL without such fields
 * @run: carries the descriptor out; false if another one has to be complete first
 */
struct qi_desc_type {
	u64 valid[2];
	u8 granularities;
	u64 ecap;
	bool wide;
	enum vtdsim_desc_order order;
	bool (*accepts)(const struct vtdsim_unit *unit, const u64 *desc);
	bool (*run)(struct vtdsim_unit *unit, const u64 *desc);
};

/* Bits beyond the width of domain-ids are ignored (sections 6.5.2.2 to 6.5.2.4). */
static u16 qi_did(const struct vtdsim_unit *unit, const u64 *desc)
{
	return FIELD_GET(VTDSIM_INV0_DID, desc[0]) & vtdsim_did_mask(&unit->caps);
}

static bool qi_run_context(struct vtdsim_unit *unit, const u64 *desc)
{
	vtdsim_observe_invalidate_entries(unit);
	/*
	 * Context entries of scalable mode have no domain-id to select by. A unit may
	 * always invalidate more than software asks for.
	 */
	if (FIELD_GET(VTDSIM_INV0_G, desc[0]) == VTDSIM_CONTEXT_G_DEVICE)
		vtdsim_inv_context_device(unit->cache,
					  FIELD_GET(VTDSIM_CONTEXT0_SID, desc[0]),
					  FIELD_GET(VTDSIM_CONTEXT0_FM, desc[0]));
	else
		vtdsim_inv_context_all(unit->cache);
	return true;
}

/*
 * PSI and MAMV, section 11.4.2. Both apply to the second stage only: PASID-based
 * invalidations may always select pages, any number of them.
 */
static bool qi_pages_valid(const struct vtdsim_unit *unit, const u64 *desc)
{
	if (FIELD_GET(VTDSIM_INV0_G, desc[0]) != VTDSIM_IOTLB_G_PAGES)
		return true;
	return unit->caps.cap & VTDSIM_CAP_PSI &&
	       FIELD_GET(VTDSIM_INV1_AM, desc[1]) <=
	       FIELD_GET(VTDSIM_CAP_MAMV, unit->caps.cap);
}

/**
 * vtdsim_iotlb_address() - address of a page-selective IOTLB invalidation
 * @unit: unit
 * @desc: the descriptor, not one with PASID
 *
 * Section 6.5.2.3: the unit ignores bits beyond the Maximum Guest Address Width.
 *
 * Return: the address.
 */
u64 vtdsim_iotlb_address(const struct vtdsim_unit *unit, const u64 *desc)
{
	return desc[1] & VTDSIM_INV1_ADDR &
	       GENMASK_ULL(FIELD_GET(VTDSIM_CAP_MGAW, unit->caps.cap), 0);
}

static bool qi_run_iotlb(struct vtdsim_unit *unit, const u64 *desc)
{
	u16 did = qi_did(unit, desc);

	switch (FIELD_GET(VTDSIM_INV0_G, desc[0])) {
	case VTDSIM_IOTLB_G_GLOBAL:
		vtdsim_inv_iotlb_all(unit->cache);
		break;
	case VTDSIM_IOTLB_G_DOMAIN:
		vtdsim_inv_iotlb_domain(unit->cache, did);
		break;
	case VTDSIM_IOTLB_G_PAGES:
		vtdsim_inv_iotlb_pages(unit->cache, did, vtdsim_iotlb_address(unit, desc),
				       FIELD_GET(VTDSIM_INV1_AM, desc[1]),
				       desc[1] & VTDSIM_INV1_IH);
		break;
	}
	return true;
}

static bool qi_run_piotlb(struct vtdsim_unit *unit, const u64 *desc)
{
	u16 did = qi_did(unit, desc);
	u32 pasid = FIELD_GET(VTDSIM_INV0_PASID, desc[0]);

	switch (FIELD_GET(VTDSIM_INV0_G, desc[0])) {
	case VTDSIM_PIOTLB_G_PASID:
		vtdsim_inv_piotlb_pasid(unit->cache, did, pasid);
		break;
	case VTDSIM_PIOTLB_G_PAGES:
		vtdsim_inv_piotlb_pages(unit->cache, did, pasid,
					desc[1] & VTDSIM_INV1_ADDR,
					FIELD_GET(VTDSIM_INV1_AM, desc[1]),
					desc[1] & VTDSIM_INV1_IH);
		break;
	}
	return true;
}

static bool qi_run_pasid(struct vtdsim_unit *unit, const u64 *desc)
{
	u16 did = qi_did(unit, desc);

	vtdsim_observe_invalidate_entries(unit);
	switch (FIELD_GET(VTDSIM_INV0_G, desc[0])) {
	case VTDSIM_PASID_G_GLOBAL:
		vtdsim_inv_pasid_all(unit->cache);
		break;
	case VTDSIM_PASID_G_DOMAIN:
		vtdsim_inv_pasid_domain(unit->cache, did);
		break;
	case VTDSIM_PASID_G_PASID:
		vtdsim_inv_pasid_one(unit->cache, did,
				     FIELD_GET(VTDSIM_INV0_PASID, desc[0]));
		break;
	}
	return true;
}

/*
 * The range is one page without S. With S, the lowest zero bit of the page number
 * encodes the size (sections 6.5.2.5, 6.5.2.6).
 */
static void qi_decode_range(struct vtdsim_unit *unit, u64 addr, bool s,
			    struct vtdsim_devtlb_inv *inv)
{
	u64 page = addr >> PAGE_SHIFT;

	inv->order = s ? ffz(page) + 1 : 0;
	if (inv->order > 64 - PAGE_SHIFT) {
		vtdsim_violation(unit, "6.5.2.5",
				 "device-TLB invalidation of a range without end");
		inv->order = 64 - PAGE_SHIFT;
	}
	inv->addr = inv->order < 64 - PAGE_SHIFT ?
		    addr & ~0ULL << (PAGE_SHIFT + inv->order) : 0;
}

static u16 qi_pfsid(const u64 *desc)
{
	return FIELD_GET(VTDSIM_DEVTLB0_PFSID_LOW, desc[0]) |
	       FIELD_GET(VTDSIM_DEVTLB0_PFSID_HIGH, desc[0]) << 4;
}

/* PFSID is reserved without Device-TLB Invalidation Throttling (11.4.3). */
static bool qi_pfsid_valid(const struct vtdsim_unit *unit, const u64 *desc)
{
	return unit->caps.ecap & VTDSIM_ECAP_DIT || !qi_pfsid(desc);
}

static bool qi_send_devtlb(struct vtdsim_unit *unit, const u64 *desc, unsigned int mip,
			   struct vtdsim_devtlb_inv *inv)
{
	u16 sid = vtdsim_descriptor_endpoint(desc);
	u16 pfsid = unit->caps.ecap & VTDSIM_ECAP_DIT ? qi_pfsid(desc) : sid;

	/* The model's endpoints are physical functions. */
	if (pfsid != sid)
		vtdsim_violation(unit, "6.5.2.5",
				 "device-TLB invalidation of %04x as a function of %04x",
				 sid, pfsid);
	return vtdsim_devtlb_send(unit, sid, pfsid, mip ?: VTDSIM_ITAGS, inv);
}

static bool qi_run_devtlb(struct vtdsim_unit *unit, const u64 *desc)
{
	struct vtdsim_devtlb_inv inv = {};

	qi_decode_range(unit, desc[1] & VTDSIM_DEVTLB1_ADDR,
			desc[1] & VTDSIM_DEVTLB1_S, &inv);
	return qi_send_devtlb(unit, desc, FIELD_GET(VTDSIM_DEVTLB0_MIP, desc[0]), &inv);
}

static bool qi_run_pdevtlb(struct vtdsim_unit *unit, const u64 *desc)
{
	struct vtdsim_devtlb_inv inv = {
		.pasid = FIELD_GET(VTDSIM_INV0_PASID, desc[0]),
		.with_pasid = true,
		.global = desc[1] & VTDSIM_PDEVTLB1_G,
	};

	qi_decode_range(unit, desc[1] & VTDSIM_DEVTLB1_ADDR,
			desc[1] & VTDSIM_PDEVTLB1_S, &inv);
	return qi_send_devtlb(unit, desc, FIELD_GET(VTDSIM_PDEVTLB0_MIP, desc[0]), &inv);
}

static bool qi_index_mask_valid(const struct vtdsim_unit *unit, const u64 *desc)
{
	return !(desc[0] & VTDSIM_IEC0_G) ||
	       FIELD_GET(VTDSIM_IEC0_IM, desc[0]) <=
	       FIELD_GET(VTDSIM_ECAP_MHMV, unit->caps.ecap);
}

/* IM is the number of low bits of the index that do not count. */
static bool qi_run_iec(struct vtdsim_unit *unit, const u64 *desc)
{
	u32 ignored = GENMASK(FIELD_GET(VTDSIM_IEC0_IM, desc[0]), 0) >> 1;
	u32 index = FIELD_GET(VTDSIM_IEC0_IIDX, desc[0]);

	if (desc[0] & VTDSIM_IEC0_G)
		vtdsim_remap_drop(unit, index & ~ignored, index | ignored);
	else
		vtdsim_remap_drop_all(unit);
	return true;
}

/**
 * vtdsim_wait_complete() - complete a wait descriptor
 * @unit: unit
 * @desc: quadwords 0 and 1 of the descriptor
 * @epoch: epoch of the caches that it ends
 *
 * Section 6.5.2.9: writes the status and raises the event that it asks for.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_wait_complete(struct vtdsim_unit *unit, const u64 *desc, u64 epoch)
{
	u64 addr = desc[1] & VTDSIM_WAIT1_ADDR &
		   GENMASK_ULL(unit->caps.haw - 1, 0);
	u32 data = FIELD_GET(VTDSIM_WAIT0_DATA, desc[0]);

	vtdsim_observe_complete(unit);
	if (desc[0] & (VTDSIM_WAIT0_SW | VTDSIM_WAIT0_IF))
		vtdsim_inv_complete_epoch(unit->cache, epoch);
	if (desc[0] & VTDSIM_WAIT0_SW &&
	    !vtdsim_mem_write(addr, &data, sizeof(data)))
		vtdsim_violation(unit, "6.5.2.9",
				 "wait status written to %#llx, not memory",
				 addr);
	if (desc[0] & VTDSIM_WAIT0_IF &&
	    !(vtdsim_reg_get32(unit, VTDSIM_ICS) & VTDSIM_ICS_IWC)) {
		vtdsim_reg_set32(unit, VTDSIM_ICS, VTDSIM_ICS_IWC);
		vtdsim_event_raise(unit, VTDSIM_IECTL);
	}
}

/*
 * Nothing to drain: a page request is in its queue as soon as the unit has received
 * it.
 */
static bool qi_drain_valid(const struct vtdsim_unit *unit, const u64 *desc)
{
	return !(desc[0] & VTDSIM_WAIT0_PD) || unit->caps.ecap & VTDSIM_ECAP_PDS;
}

static bool qi_run_wait(struct vtdsim_unit *unit, const u64 *desc)
{
	unit->stats.waits++;
	if (vtdsim_devtlb_busy(unit) || unit->async.pending) {
		unit->devtlb.waiting = true;
		memcpy(unit->devtlb.wait, desc, sizeof(unit->devtlb.wait));
	} else {
		vtdsim_wait_complete(unit, desc, vtdsim_inv_fetch(unit->cache));
	}
	return true;
}

static bool qi_run_page_response(struct vtdsim_unit *unit, const u64 *desc)
{
	const struct vtdsim_page_response resp = {
		.pasid = FIELD_GET(VTDSIM_PAGE0_PASID, desc[0]),
		.group = FIELD_GET(VTDSIM_PAGE1_PRGI, desc[1]),
		.code = FIELD_GET(VTDSIM_PAGE0_RC, desc[0]),
		.with_pasid = desc[0] & VTDSIM_PAGE0_PP,
	};

	vtdsim_page_respond(unit, vtdsim_descriptor_endpoint(desc), &resp);
	return true;
}

#define TYPE_BITS	(VTDSIM_DESC0_TYPE_LOW | VTDSIM_DESC0_TYPE_HIGH)
#define INV_BITS	(TYPE_BITS | VTDSIM_INV0_G | VTDSIM_INV0_DID)
#define PAGE_BITS	(VTDSIM_INV1_ADDR | VTDSIM_INV1_IH | VTDSIM_INV1_AM)

#define DEVTLB_BITS	(TYPE_BITS | VTDSIM_DEVTLB0_PFSID_LOW |		\
			 VTDSIM_DEVTLB0_PFSID_HIGH)

static const struct qi_desc_type qi_desc_types[] = {
	[VTDSIM_DESC_CONTEXT] = {
		.valid = { INV_BITS | VTDSIM_CONTEXT0_SID | VTDSIM_CONTEXT0_FM },
		.granularities = BIT(VTDSIM_CONTEXT_G_GLOBAL) | BIT(VTDSIM_CONTEXT_G_DOMAIN) |
				 BIT(VTDSIM_CONTEXT_G_DEVICE),
		.order = VTDSIM_ORDER_CONTEXT,
		.run = qi_run_context,
	},
	[VTDSIM_DESC_IOTLB] = {
		.valid = { INV_BITS | VTDSIM_IOTLB0_DW | VTDSIM_IOTLB0_DR,
			   PAGE_BITS },
		.granularities = BIT(VTDSIM_IOTLB_G_GLOBAL) | BIT(VTDSIM_IOTLB_G_DOMAIN) |
				 BIT(VTDSIM_IOTLB_G_PAGES),
		.order = VTDSIM_ORDER_IOTLB,
		.accepts = qi_pages_valid,
		.run = qi_run_iotlb,
	},
	[VTDSIM_DESC_DEVTLB] = {
		.valid = { DEVTLB_BITS | VTDSIM_DEVTLB0_MIP |
			   VTDSIM_DEVTLB0_SID,
			   VTDSIM_DEVTLB1_ADDR | VTDSIM_DEVTLB1_S },
		.ecap = VTDSIM_ECAP_DT,
		.order = VTDSIM_ORDER_DEVTLB,
		.accepts = qi_pfsid_valid,
		.run = qi_run_devtlb,
	},
	[VTDSIM_DESC_IEC] = {
		.valid = { TYPE_BITS | VTDSIM_IEC0_G | VTDSIM_IEC0_IM | VTDSIM_IEC0_IIDX },
		.ecap = VTDSIM_ECAP_IR,
		.order = VTDSIM_ORDER_IEC,
		.accepts = qi_index_mask_valid,
		.run = qi_run_iec,
	},
	[VTDSIM_DESC_WAIT] = {
		.valid = { TYPE_BITS | VTDSIM_WAIT0_IF | VTDSIM_WAIT0_SW |
			   VTDSIM_WAIT0_FN | VTDSIM_WAIT0_PD |
			   VTDSIM_WAIT0_DATA,
			   VTDSIM_WAIT1_ADDR },
		.order = VTDSIM_ORDER_WAIT,
		.accepts = qi_drain_valid,
		.run = qi_run_wait,
	},
	[VTDSIM_DESC_PIOTLB] = {
		.valid = { INV_BITS | VTDSIM_INV0_PASID, PAGE_BITS },
		.wide = true,
		.granularities = BIT(VTDSIM_PIOTLB_G_PASID) | BIT(VTDSIM_PIOTLB_G_PAGES),
		.order = VTDSIM_ORDER_IOTLB,
		.run = qi_run_piotlb,
	},
	[VTDSIM_DESC_PASID] = {
		.valid = { INV_BITS | VTDSIM_INV0_PASID },
		.wide = true,
		.granularities = BIT(VTDSIM_PASID_G_DOMAIN) | BIT(VTDSIM_PASID_G_PASID) |
				 BIT(VTDSIM_PASID_G_GLOBAL),
		.order = VTDSIM_ORDER_PASID,
		.run = qi_run_pasid,
	},
	[VTDSIM_DESC_PDEVTLB] = {
		.valid = { DEVTLB_BITS | VTDSIM_PDEVTLB0_MIP |
			   VTDSIM_PDEVTLB0_SID | VTDSIM_INV0_PASID,
			   VTDSIM_DEVTLB1_ADDR | VTDSIM_PDEVTLB1_G |
			   VTDSIM_PDEVTLB1_S },
		.ecap = VTDSIM_ECAP_DT,
		.wide = true,
		.order = VTDSIM_ORDER_DEVTLB,
		.accepts = qi_pfsid_valid,
		.run = qi_run_pdevtlb,
	},
	[VTDSIM_DESC_PAGE] = {
		.valid = { TYPE_BITS | VTDSIM_PAGE0_PP | VTDSIM_PAGE0_RC |
			   VTDSIM_PAGE0_RID | VTDSIM_PAGE0_PASID,
			   VTDSIM_PAGE1_IGN | VTDSIM_PAGE1_PRGI },
		.ecap = VTDSIM_ECAP_PRS,
		.wide = true,
		.order = VTDSIM_ORDER_RESPONSE,
		.run = qi_run_page_response,
	},
};

static unsigned int qi_desc_number(const u64 *desc)
{
	return FIELD_GET(VTDSIM_DESC0_TYPE_LOW, desc[0]) |
	       FIELD_GET(VTDSIM_DESC0_TYPE_HIGH, desc[0]) << 4;
}

/**
 * vtdsim_descriptor_check() - can the unit carry out a descriptor?
 * @unit: unit
 * @desc: its four quadwords; 2 and 3 of a 128-bit descriptor are zero
 * @wide: the queue has 256-bit descriptors
 *
 * Context: Caller holds the unit's lock.
 * Return: VTDSIM_IQEI_NONE or an error.
 */
enum vtdsim_iqei vtdsim_descriptor_check(const struct vtdsim_unit *unit, const u64 *desc,
					 bool wide)
{
	unsigned int number = qi_desc_number(desc);
	const struct qi_desc_type *type;

	if (number >= ARRAY_SIZE(qi_desc_types) || !qi_desc_types[number].run)
		return VTDSIM_IQEI_TYPE;
	type = &qi_desc_types[number];
	if (type->ecap & ~unit->caps.ecap)
		return VTDSIM_IQEI_TYPE;
	if (type->wide && !wide)
		return VTDSIM_IQEI_TYPE;
	if (desc[0] & ~type->valid[0] || desc[1] & ~type->valid[1] ||
	    desc[2] || desc[3])
		return VTDSIM_IQEI_RESERVED;
	if (type->granularities &&
	    !(type->granularities & BIT(FIELD_GET(VTDSIM_INV0_G, desc[0]))))
		return VTDSIM_IQEI_RESERVED;
	if (type->accepts && !type->accepts(unit, desc))
		return VTDSIM_IQEI_RESERVED;
	return VTDSIM_IQEI_NONE;
}

/**
 * vtdsim_descriptor_order() - what a descriptor must not overtake
 * @desc: a descriptor that vtdsim_descriptor_check() has accepted
 *
 * Return: its place in the order of sections 6.5.2.12 and 7.8.
 */
enum vtdsim_desc_order vtdsim_descriptor_order(const u64 *desc)
{
	return qi_desc_types[qi_desc_number(desc)].order;
}

/**
 * vtdsim_descriptor_endpoint() - where a message goes
 * @desc: a device-TLB invalidation or page group response
 *
 * Return: source-id of the endpoint.
 */
u16 vtdsim_descriptor_endpoint(const u64 *desc)
{
	switch (qi_desc_number(desc)) {
	case VTDSIM_DESC_DEVTLB:
		return FIELD_GET(VTDSIM_DEVTLB0_SID, desc[0]);
	case VTDSIM_DESC_PDEVTLB:
		return FIELD_GET(VTDSIM_PDEVTLB0_SID, desc[0]);
	default:
		return FIELD_GET(VTDSIM_PAGE0_RID, desc[0]);
	}
}

/**
 * vtdsim_descriptor_observe() - report a descriptor to the observer of the unit
 * @unit: unit
 * @desc: a descriptor that vtdsim_descriptor_check() has accepted
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_descriptor_observe(struct vtdsim_unit *unit, const u64 *desc)
{
	vtdsim_observe_descriptor(unit, qi_desc_number(desc), desc);
}

/**
 * vtdsim_descriptor_run() - carry out a descriptor
 * @unit: unit
 * @desc: a descriptor that vtdsim_descriptor_check() has accepted
 *
 * Context: Caller holds the unit's lock.
 * Return: false if a device-TLB invalidation has to be complete first.
 */
bool vtdsim_descriptor_run(struct vtdsim_unit *unit, const u64 *desc)
{
	return qi_desc_types[qi_desc_number(desc)].run(unit, desc);
}
