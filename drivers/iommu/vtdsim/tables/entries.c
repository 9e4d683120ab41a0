// SPDX-License-Identifier: GPL-2.0-only
/*
 * Root, context and PASID tables of scalable mode: from a source-id and a
 * PASID to the PASID-table entry in force (VT-d specification sections 3.4,
 * 9.1 to 9.6).
 *
 * A field is checked where the capabilities of the unit and the type of
 * translation make the specification call it reserved; a field it calls
 * ignored is ignored.
 */
#include <linux/array_size.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "tables/cache_lines.h"
#include "tables/entries.h"
#include "tables/formats.h"
#include "unit/fault_reasons.h"
#include "unit/registers.h"
#include "unit/unit.h"

/* Section 3.10, table 5: ECAP.C decides how all of these tables are read. */
static struct vtdsim_lines *tables_lines(const struct vtdsim_caps *caps)
{
	return caps->ecap & VTDSIM_ECAP_C ? NULL : caps->lines;
}

/* How often to read half an entry that changes all the time */
#define TABLES_TRIES	64

/*
 * Reads an entry of @qwords 64-bit words, each 128 bits at once: hardware fetches
 * at least that atomically (chapter 9). A 128-bit store of software must never
 * be seen by half.
 */
static bool tables_read(struct vtdsim_lines *lines, u64 hpa, u64 *entry,
			unsigned int qwords)
{
	unsigned int i, tries = 0;
	u64 lo, hi;

	for (i = 0; i < qwords; i += 2) {
		u64 at = hpa + i * sizeof(u64);

		if (!vtdsim_lines_read64(lines, at, 0, &lo) ||
		    !vtdsim_lines_read64(lines, at + sizeof(u64), 0, &hi))
			return false;
		do {
			if (tries++ == TABLES_TRIES)
				return false;
			entry[i] = lo;
			entry[i + 1] = hi;
			if (!vtdsim_lines_read64(lines, at, 0, &lo) ||
			    !vtdsim_lines_read64(lines, at + sizeof(u64), 0, &hi))
				return false;
		} while (lo != entry[i] || hi != entry[i + 1]);
	}
	return true;
}

/**
 * vtdsim_fetch_context() - find and decode the context entry of a device
 * @caps: capabilities of the unit
 * @rtaddr: Root Table Address Register in force; scalable mode is the only
 *	translation table mode of the model
 * @sid: source-id
 * @ctx: result; on a fault only @ctx->fpd has a meaning
 *
 * Context: Any; the lock of @caps' unit is held, if @caps->lines is not NULL.
 * Return: 0 or the fault reason.
 */
u8 vtdsim_fetch_context(const struct vtdsim_caps *caps, u64 rtaddr, u16 sid,
			struct vtdsim_context *ctx)
{
	struct vtdsim_lines *lines = tables_lines(caps);
	u64 beyond = tbl_beyond(caps->haw);
	u64 q[TBL_CTX_QWORDS];
	u64 reserved0 = TBL_CTX0_RESERVED | beyond;
	u64 reserved1 = TBL_CTX1_RESERVED;
	unsigned int upper = (sid >> 7) & 1;
	u64 root;

	memset(ctx, 0, sizeof(*ctx));
	if (FIELD_GET(VTDSIM_RTADDR_TTM, rtaddr) != VTDSIM_TTM_SCALABLE)
		return VTDSIM_FR_RTA_INVALID;

	/* Bus selects the entry, the top bit of devfn the half: section 9.2 */
	if (!vtdsim_lines_read64(lines, (rtaddr & TBL_POINTER) +
				 (sid >> 8) * TBL_ROOT_BYTES +
				 upper * sizeof(root), 0, &root))
		return VTDSIM_FR_ROOT_ACCESS;
	if (!(root & TBL_ROOT_P))
		return VTDSIM_FR_ROOT_PRESENT;
	if (root & (TBL_ROOT_RESERVED | beyond))
		return VTDSIM_FR_ROOT_RESERVED;

	ctx->at = (root & TBL_POINTER) + (sid & 0x7f) * TBL_CTX_BYTES;
	if (!tables_read(lines, ctx->at, q, TBL_CTX_QWORDS))
		return VTDSIM_FR_CTX_ACCESS;
	memcpy(ctx->raw, q, sizeof(ctx->raw));
	ctx->fpd = q[0] & TBL_CTX0_FPD;
	if (!(q[0] & TBL_CTX0_P))
		return VTDSIM_FR_CTX_PRESENT;

	if (!(caps->ecap & VTDSIM_ECAP_DT))
		reserved0 |= TBL_CTX0_DTE;
	if (!(caps->ecap & VTDSIM_ECAP_PASID))
		reserved0 |= TBL_CTX0_PASIDE;
	if (!(caps->ecap & VTDSIM_ECAP_PRS))
		reserved0 |= TBL_CTX0_PRE;
	if (!(caps->ecap & VTDSIM_ECAP_RPS))
		reserved1 |= TBL_CTX1_RID_PASID;
	if (!(caps->ecap & VTDSIM_ECAP_RPRIVS))
		reserved1 |= TBL_CTX1_RID_PRIV;
	if ((q[0] & reserved0) || (q[1] & reserved1) || q[2] || q[3])
		return VTDSIM_FR_CTX_RESERVED;

	ctx->dte = q[0] & TBL_CTX0_DTE;
	ctx->pasid_en = q[0] & TBL_CTX0_PASIDE;
	ctx->pre = q[0] & TBL_CTX0_PRE;
	ctx->rid_priv = q[1] & TBL_CTX1_RID_PRIV;
	ctx->pasid_dir = q[0] & TBL_POINTER;
	ctx->pasids = 1U << (FIELD_GET(TBL_CTX0_PDTS, q[0]) +
			     TBL_DIR_MIN_SHIFT + TBL_PASID_TABLE_SHIFT);
	ctx->rid_pasid = FIELD_GET(TBL_CTX1_RID_PASID, q[1]);
	if ((ctx->pre && !ctx->dte) || ctx->rid_pasid >= ctx->pasids)
		return VTDSIM_FR_CTX_INVALID;
	return 0;
}

/* Is the translation type one that the unit has? Section 9.6, PGTT. */
static bool tables_type_valid(const struct vtdsim_caps *caps, u8 pgtt)
{
	u64 need;

	switch (pgtt) {
	case VTDSIM_PGTT_FIRST:
		need = VTDSIM_ECAP_FSTS;
		break;
	case VTDSIM_PGTT_SECOND:
		need = VTDSIM_ECAP_SSTS;
		break;
	case VTDSIM_PGTT_NESTED:
		need = VTDSIM_ECAP_FSTS | VTDSIM_ECAP_SSTS | VTDSIM_ECAP_NEST;
		break;
	case VTDSIM_PGTT_PASS:
		need = VTDSIM_ECAP_PT;
		break;
	default:
		return false;
	}
	return (caps->ecap & need) == need;
}

/**
 * vtdsim_did_mask() - the bits that domain-ids of a unit have
 * @caps: the unit's capabilities
 *
 * Section 11.4.2, ND: 4 bits, and 2 more for each step; 7 is reserved.
 *
 * Context: Any.
 * Return: the mask.
 */
u16 vtdsim_did_mask(const struct vtdsim_caps *caps)
{
	unsigned int width = 4 + 2 * FIELD_GET(VTDSIM_CAP_ND, caps->cap);

	return BIT_ULL(min(width, 16U)) - 1;
}

/* Does a present entry have a bit set that is reserved? Section 9.6. */
static bool tables_pasid_reserved(const struct vtdsim_caps *caps, const u64 *q)
{
	/*
	 * The pointer of a stage that is not in use is ignored. Its bits above
	 * the host address width are reserved, also for a guest address.
	 */
	u64 beyond = tbl_beyond(caps->haw);
	u64 reserved[3] = {
		TBL_PASID0_RESERVED | beyond,
		TBL_PASID1_RESERVED | (TBL_PASID1_DID & ~(u64)vtdsim_did_mask(caps)),
		TBL_PASID2_RESERVED | beyond,
	};
	unsigned int i;

	if (!(caps->ecap & VTDSIM_ECAP_SSTS))
		reserved[0] |= TBL_POINTER | TBL_PASID0_SSADE | TBL_PASID0_AW;
	if (!(caps->ecap & VTDSIM_ECAP_FSTS))
		reserved[2] |= TBL_POINTER | TBL_PASID2_WPE | TBL_PASID2_FSPM;
	if (!(caps->ecap & VTDSIM_ECAP_SSADS))
		reserved[0] |= TBL_PASID0_SSADE;
	if (!(caps->ecap & VTDSIM_ECAP_SMPWCS))
		reserved[1] |= TBL_PASID1_PWSNP;
	if (!(caps->ecap & VTDSIM_ECAP_SC))
		reserved[1] |= TBL_PASID1_PGSNP;
	if (!(caps->ecap & VTDSIM_ECAP_MTS))
		reserved[1] |= TBL_PASID1_MEMTYPE;
	if (!(caps->ecap & VTDSIM_ECAP_SRS))
		reserved[2] |= TBL_PASID2_SRE;
	if (!(caps->ecap & VTDSIM_ECAP_EAFS))
		reserved[2] |= TBL_PASID2_EAFE;

	for (i = 0; i < TBL_PASID_QWORDS; i++) {
		if (q[i] & (i < ARRAY_SIZE(reserved) ? reserved[i] : U64_MAX))
			return true;
	}
	return false;
}

/* Levels of first-stage paging, 0 if the unit does not support FSPM's value */
static u8 tables_first_levels(const struct vtdsim_caps *caps, u64 q2)
{
	switch (FIELD_GET(TBL_PASID2_FSPM, q2)) {
	case TBL_FSPM_4_LEVELS:
		return 4;
	case TBL_FSPM_5_LEVELS:
		return caps->cap & VTDSIM_CAP_FS5LP ? 5 : 0;
	default:
		return 0;
	}
}

/* Levels of second-stage paging, 0 where AW is not one of SAGAW */
static u8 tables_second_levels(const struct vtdsim_caps *caps, u64 q0)
{
	u8 aw = FIELD_GET(TBL_PASID0_AW, q0);

	if (aw < TBL_AW_3_LEVELS || aw > TBL_AW_5_LEVELS ||
	    !(FIELD_GET(VTDSIM_CAP_SAGAW, caps->cap) & BIT(aw)))
		return 0;
	return aw - TBL_AW_3_LEVELS + 3;
}

/**
 * vtdsim_second_width() - how wide an address the second stage can translate
 * @caps: capabilities of the unit
 * @pe: PASID-table entry with a second stage
 *
 * Context: Any.
 * Return: width in bits, the smaller of MGAW and AW (section 7.1.3, SPT.4.4,
 *	SFS.5 and SGN.5).
 */
unsigned int vtdsim_second_width(const struct vtdsim_caps *caps,
				 const struct vtdsim_pasid *pe)
{
	unsigned int mgaw = FIELD_GET(VTDSIM_CAP_MGAW, caps->cap) + 1;

	return min(mgaw, tbl_shift(pe->ss_levels + 1));
}

static u8 tables_decode_pasid(const struct vtdsim_caps *caps, const u64 *q,
			      struct vtdsim_pasid *pe)
{
	pe->pgtt = FIELD_GET(TBL_PASID0_PGTT, q[0]);
	if (tables_pasid_reserved(caps, q))
		return VTDSIM_FR_PASID_RESERVED;
	if (!tables_type_valid(caps, pe->pgtt))
		return VTDSIM_FR_PASID_INVALID;

	pe->did = FIELD_GET(TBL_PASID1_DID, q[1]);
	pe->pwsnp = q[1] & TBL_PASID1_PWSNP;
	pe->pgsnp = q[1] & TBL_PASID1_PGSNP;
	pe->sre = q[2] & TBL_PASID2_SRE;

	if (pe->pgtt == VTDSIM_PGTT_SECOND || pe->pgtt == VTDSIM_PGTT_NESTED) {
		pe->ss_root = q[0] & TBL_POINTER;
		pe->ssade = q[0] & TBL_PASID0_SSADE;
		pe->ss_levels = tables_second_levels(caps, q[0]);
		if (!pe->ss_levels)
			return VTDSIM_FR_PASID_INVALID;
	}
	if (pe->pgtt == VTDSIM_PGTT_FIRST || pe->pgtt == VTDSIM_PGTT_NESTED) {
		pe->fs_root = q[2] & TBL_POINTER;
		pe->wpe = q[2] & TBL_PASID2_WPE;
		pe->eafe = q[2] & TBL_PASID2_EAFE;
		pe->fs_levels = tables_first_levels(caps, q[2]);
		if (!pe->fs_levels)
			return VTDSIM_FR_PASID_INVALID;
	}
	/* A guest address beyond what the second stage translates */
	if (pe->pgtt == VTDSIM_PGTT_NESTED &&
	    pe->fs_root & tbl_beyond(vtdsim_second_width(caps, pe)))
		return VTDSIM_FR_PASID_INVALID;
	return 0;
}

/**
 * vtdsim_fetch_pasid() - find and decode a PASID-table entry
 * @caps: capabilities of the unit
 * @ctx: the device's context entry
 * @pasid: PASID, or @ctx->rid_pasid for requests without
 * @pe: result. On a fault only @pe->fpd has a meaning. Fields that the
 *	translation type makes ignored are zero.
 *
 * The caller checks whether the context entry allows requests with PASID.
 *
 * Context: Any; the lock of @caps' unit is held, if @caps->lines is not NULL.
 * Return: 0 or the fault reason.
 */
u8 vtdsim_fetch_pasid(const struct vtdsim_caps *caps,
		      const struct vtdsim_context *ctx, u32 pasid,
		      struct vtdsim_pasid *pe)
{
	struct vtdsim_lines *lines = tables_lines(caps);
	u64 q[TBL_PASID_QWORDS];
	u64 dir;

	memset(pe, 0, sizeof(*pe));
	pe->fpd = ctx->fpd;
	if (pasid >= ctx->pasids)
		return VTDSIM_FR_CTX_PASID_SIZE;

	if (!vtdsim_lines_read64(lines, ctx->pasid_dir +
				 (pasid >> TBL_PASID_TABLE_SHIFT) * TBL_DIR_BYTES,
				 0, &dir))
		return VTDSIM_FR_DIR_ACCESS;
	/* FPD of a level applies to all levels below it */
	pe->fpd |= !!(dir & TBL_DIR_FPD);
	if (!(dir & TBL_DIR_P))
		return VTDSIM_FR_DIR_PRESENT;
	if (dir & (TBL_DIR_RESERVED | tbl_beyond(caps->haw)))
		return VTDSIM_FR_DIR_RESERVED;

	pe->at = (dir & TBL_POINTER) +
		 (pasid & (BIT(TBL_PASID_TABLE_SHIFT) - 1)) * TBL_PASID_BYTES;
	if (!tables_read(lines, pe->at, q, TBL_PASID_QWORDS))
		return VTDSIM_FR_PASID_ACCESS;
	memcpy(pe->raw, q, sizeof(pe->raw));
	pe->fpd |= !!(q[0] & TBL_PASID0_FPD);
	if (!(q[0] & TBL_PASID0_P))
		return VTDSIM_FR_PASID_PRESENT;
	return tables_decode_pasid(caps, q, pe);
}
