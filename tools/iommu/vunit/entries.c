// SPDX-License-Identifier: GPL-2.0-only
/*
 * Root, context and PASID tables: from a source-id to the translation of the device's
 * requests without PASID (VT-d specification sections 3.4 and 9.1 to 9.6).
 *
 * An entry is read once, and decoded from the copy.
 */
#include <endian.h>

#include "fault_reasons.h"
#include "formats.h"
#include "unit.h"

static bool entry_read(struct vunit *unit, __u64 gpa, __u64 *entry, __u32 size)
{
	__u32 i;

	if (!unit->config.ops->read(unit->config.vmm, gpa, entry, size))
		return false;
	for (i = 0; i < size / sizeof(*entry); i++)
		entry[i] = le64toh(entry[i]);
	return true;
}

/* Levels of a second stage, 0 for an address width that the unit lacks: AW, SAGAW */
static __u8 second_levels(const struct vunit *unit, __u64 aw)
{
	if (aw < 1 || aw > 3 || !(vunit_get(VUNIT_CAP_SAGAW, unit->cap) & 1ULL << aw))
		return 0;
	return aw + 2;
}

static __u8 legacy_decode(struct vunit *unit, const __u64 *e, struct vunit_translation *t)
{
	t->quiet = e[0] & VUNIT_LCTX0_FPD;
	if (!(e[0] & VUNIT_LCTX0_P))
		return VUNIT_FR_LCTX_PRESENT;
	if (e[0] & VUNIT_LCTX0_RESERVED || e[1] & VUNIT_LCTX1_RESERVED)
		return VUNIT_FR_LCTX_RESERVED;
	t->did = vunit_get(VUNIT_LCTX1_DID, e[1]);
	switch (vunit_get(VUNIT_LCTX0_TT, e[0])) {
	case VUNIT_TT_PASS:
		t->kind = VUNIT_PASS;
		return 0;
	case VUNIT_TT_DEVTLB:
		if (!(unit->ecap & VUNIT_ECAP_DT))
			return VUNIT_FR_LCTX_INVALID;
		break;
	case VUNIT_TT_SECOND:
		break;
	default:
		return VUNIT_FR_LCTX_INVALID;
	}
	t->levels = second_levels(unit, vunit_get(VUNIT_LCTX1_AW, e[1]));
	if (!t->levels || unit->config.mode != VUNIT_SHADOW)
		return VUNIT_FR_LCTX_INVALID;
	t->kind = VUNIT_SECOND;
	t->root = e[0] & VUNIT_POINTER;
	return 0;
}

static __u8 legacy_read(struct vunit *unit, __u16 sid, struct vunit_translation *t)
{
	__u64 root[2], context[2];

	if (!entry_read(unit, (unit->root & VUNIT_POINTER) + (sid >> 8) * VUNIT_ROOT_SIZE,
			root, sizeof(root)))
		return VUNIT_FR_LROOT_ACCESS;
	if (!(root[0] & VUNIT_ROOT_P))
		return VUNIT_FR_LROOT_PRESENT;
	if (root[0] & VUNIT_ROOT_RESERVED || root[1])
		return VUNIT_FR_LROOT_RESERVED;
	if (!entry_read(unit, (root[0] & VUNIT_POINTER) + (sid & 0xff) * VUNIT_LCTX_SIZE,
			context, sizeof(context)))
		return VUNIT_FR_LCTX_ACCESS;
	return legacy_decode(unit, context, t);
}

/* Is a bit set that is reserved with the capabilities of the unit? Section 9.6 */
static bool pasid_reserved(const struct vunit *unit, const __u64 *e)
{
	__u64 reserved0 = VUNIT_PASID0_RESERVED, reserved1 = VUNIT_PASID1_RESERVED;
	__u64 reserved2 = VUNIT_PASID2_RESERVED;

	if (!(unit->ecap & VUNIT_ECAP_SSTS))
		reserved0 |= VUNIT_POINTER | VUNIT_PASID0_AW;
	if (!(unit->ecap & VUNIT_ECAP_FSTS))
		reserved2 |= VUNIT_POINTER | VUNIT_PASID2_WPE | VUNIT_PASID2_FSPM;
	if (!(unit->ecap & VUNIT_ECAP_SMPWCS))
		reserved1 |= VUNIT_PASID1_PWSNP;
	if (!(unit->ecap & VUNIT_ECAP_SC))
		reserved1 |= VUNIT_PASID1_PGSNP;
	if (!(unit->ecap & VUNIT_ECAP_SRS))
		reserved2 |= VUNIT_PASID2_SRE;
	if (!(unit->ecap & VUNIT_ECAP_EAFS))
		reserved2 |= VUNIT_PASID2_EAFE;
	return e[0] & reserved0 || e[1] & reserved1 || e[2] & reserved2 ||
	       e[3] || e[4] || e[5] || e[6] || e[7];
}

static __u8 first_levels(const struct vunit *unit, __u64 fspm)
{
	if (fspm == 0)
		return 4;
	return fspm == 1 && unit->cap & VUNIT_CAP_FS5LP ? 5 : 0;
}

static __u8 pasid_decode(struct vunit *unit, const __u64 *e, struct vunit_translation *t)
{
	t->quiet |= !!(e[0] & VUNIT_PASID0_FPD);
	if (!(e[0] & VUNIT_PASID0_P))
		return VUNIT_FR_PASID_PRESENT;
	if (pasid_reserved(unit, e))
		return VUNIT_FR_PASID_RESERVED;
	t->did = vunit_get(VUNIT_PASID1_DID, e[1]);
	switch (vunit_get(VUNIT_PASID0_PGTT, e[0])) {
	case VUNIT_PGTT_PASS:
		t->kind = VUNIT_PASS;
		return 0;
	case VUNIT_PGTT_FIRST:
		t->levels = first_levels(unit, vunit_get(VUNIT_PASID2_FSPM, e[2]));
		if (!t->levels || !(unit->ecap & VUNIT_ECAP_FSTS))
			return VUNIT_FR_PASID_INVALID;
		t->kind = VUNIT_FIRST;
		t->root = e[2] & VUNIT_POINTER;
		t->flags = (e[2] & VUNIT_PASID2_SRE ? IOMMU_VTD_S1_SRE : 0) |
			   (e[2] & VUNIT_PASID2_WPE ? IOMMU_VTD_S1_WPE : 0) |
			   (e[2] & VUNIT_PASID2_EAFE ? IOMMU_VTD_S1_EAFE : 0);
		return 0;
	case VUNIT_PGTT_SECOND:
		t->levels = second_levels(unit, vunit_get(VUNIT_PASID0_AW, e[0]));
		if (!t->levels || !(unit->ecap & VUNIT_ECAP_SSTS))
			return VUNIT_FR_PASID_INVALID;
		t->kind = VUNIT_SECOND;
		t->root = e[0] & VUNIT_POINTER;
		return 0;
	default:
		return VUNIT_FR_PASID_INVALID;
	}
}

/* The entry of PASID 0: without RPS, requests without PASID use that one. */
static __u8 pasid_read(struct vunit *unit, __u64 directory, struct vunit_translation *t)
{
	__u64 dir, entry[VUNIT_PASID_SIZE / sizeof(__u64)];

	if (!entry_read(unit, directory, &dir, sizeof(dir)))
		return VUNIT_FR_DIR_ACCESS;
	t->quiet |= !!(dir & VUNIT_DIR_FPD);
	if (!(dir & VUNIT_DIR_P))
		return VUNIT_FR_DIR_PRESENT;
	if (dir & VUNIT_DIR_RESERVED)
		return VUNIT_FR_DIR_RESERVED;
	if (!entry_read(unit, dir & VUNIT_POINTER, entry, sizeof(entry)))
		return VUNIT_FR_PASID_ACCESS;
	return pasid_decode(unit, entry, t);
}

static __u8 scalable_read(struct vunit *unit, __u16 sid, struct vunit_translation *t)
{
	__u64 reserved = VUNIT_CTX0_RESERVED | VUNIT_CTX0_PASIDE;
	__u64 root[2], half, e[VUNIT_CTX_SIZE / sizeof(__u64)];

	if (!entry_read(unit, (unit->root & VUNIT_POINTER) + (sid >> 8) * VUNIT_ROOT_SIZE,
			root, sizeof(root)))
		return VUNIT_FR_ROOT_ACCESS;
	half = root[sid >> 7 & 1];
	if (!(half & VUNIT_ROOT_P))
		return VUNIT_FR_ROOT_PRESENT;
	if (half & VUNIT_ROOT_RESERVED)
		return VUNIT_FR_ROOT_RESERVED;
	if (!entry_read(unit, (half & VUNIT_POINTER) + (sid & 0x7f) * VUNIT_CTX_SIZE,
			e, sizeof(e)))
		return VUNIT_FR_CTX_ACCESS;
	t->quiet = e[0] & VUNIT_CTX0_FPD;
	if (!(e[0] & VUNIT_CTX0_P))
		return VUNIT_FR_CTX_PRESENT;
	if (!(unit->ecap & VUNIT_ECAP_DT))
		reserved |= VUNIT_CTX0_DTE;
	if (!(unit->ecap & VUNIT_ECAP_PRS))
		reserved |= VUNIT_CTX0_PRE;
	if (e[0] & reserved || e[1] || e[2] || e[3])
		return VUNIT_FR_CTX_RESERVED;
	if (e[0] & VUNIT_CTX0_PRE && !(e[0] & VUNIT_CTX0_DTE))
		return VUNIT_FR_CTX_INVALID;
	t->pages = e[0] & VUNIT_CTX0_PRE;
	return pasid_read(unit, e[0] & VUNIT_POINTER, t);
}

/**
 * vunit_entries_read() - what do the guest's tables say of a device?
 * @unit: unit
 * @sid: source-id of the device
 * @t: filled
 */
void vunit_entries_read(struct vunit *unit, __u16 sid, struct vunit_translation *t)
{
	*t = (struct vunit_translation) {};
	if (!(vunit_reg_get(unit, VUNIT_GSTS, 4) & VUNIT_G_TE)) {
		t->kind = VUNIT_PASS;
		return;
	}
	switch (vunit_get(VUNIT_RTADDR_TTM, unit->root)) {
	case VUNIT_TTM_LEGACY:
		t->reason = legacy_read(unit, sid, t);
		break;
	case VUNIT_TTM_SCALABLE:
		t->reason = scalable_read(unit, sid, t);
		break;
	default:
		t->reason = VUNIT_FR_TTM;
	}
}
