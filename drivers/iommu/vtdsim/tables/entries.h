/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Context and PASID-table entries, decoded (chapter 9).
 */
#ifndef _VTDSIM_ENTRIES_H
#define _VTDSIM_ENTRIES_H

#include <linux/types.h>

struct vtdsim_caps;

/* PASID Granular Translation Type, section 9.6 */
enum vtdsim_pgtt {
	VTDSIM_PGTT_FIRST	= 1,
	VTDSIM_PGTT_SECOND	= 2,
	VTDSIM_PGTT_NESTED	= 3,
	VTDSIM_PGTT_PASS	= 4,
};

/**
 * struct vtdsim_context - a scalable-mode context-entry, decoded (section 9.4)
 * @pasid_dir: address of the PASID directory
 * @pasids: number of PASIDs that the directory can hold (PDTTS)
 * @rid_pasid: PASID of requests without PASID
 * @rid_priv: requests without PASID are privileged (RID_PRIV)
 * @dte: device-TLB enable
 * @pasid_en: PASID enable
 * @pre: page request enable
 * @fpd: fault processing disable
 * @at: host address that the entry was read from, or 0
 * @raw: the entry as it was read
 */
struct vtdsim_context {
	u64 pasid_dir;
	u32 pasids;
	u32 rid_pasid;
	bool rid_priv;
	bool dte;
	bool pasid_en;
	bool pre;
	bool fpd;
	u64 at;
	u64 raw[4];
};

/**
 * struct vtdsim_pasid - a scalable-mode PASID-table entry, decoded (section 9.6)
 * @fs_root: first-stage page table pointer (FSPTPTR); guest address when nested
 * @ss_root: second-stage page table pointer (SSPTPTR)
 * @did: domain-id
 * @pgtt: translation type
 * @fs_levels: levels of first-stage paging, 4 or 5 (FSPM)
 * @ss_levels: levels of second-stage paging, 3 to 5 (AW)
 * @fpd: fault processing disable
 * @ssade: second-stage access/dirty enable
 * @sre: supervisor request enable
 * @wpe: write protect enable
 * @eafe: extended access flag enable
 * @pwsnp: page-walk snoop
 * @pgsnp: page snoop
 * @at: host address that the entry was read from, or 0
 * @raw: the entry as it was read
 */
struct vtdsim_pasid {
	u64 fs_root;
	u64 ss_root;
	u16 did;
	u8 pgtt;
	u8 fs_levels;
	u8 ss_levels;
	bool fpd;
	bool ssade;
	bool sre;
	bool wpe;
	bool eafe;
	bool pwsnp;
	bool pgsnp;
	u64 at;
	u64 raw[8];
};

/**
 * vtdsim_uses_first_stage() - does a PASID-table entry have a first stage?
 * @pe: the entry
 *
 * Return: true if it does.
 */
static inline bool vtdsim_uses_first_stage(const struct vtdsim_pasid *pe)
{
	return pe->pgtt == VTDSIM_PGTT_FIRST || pe->pgtt == VTDSIM_PGTT_NESTED;
}

/**
 * vtdsim_uses_second_stage() - does a PASID-table entry have a second stage?
 * @pe: the entry
 *
 * Return: true if it does.
 */
static inline bool vtdsim_uses_second_stage(const struct vtdsim_pasid *pe)
{
	return pe->pgtt == VTDSIM_PGTT_SECOND || pe->pgtt == VTDSIM_PGTT_NESTED;
}

/*
 * Both return 0 or the fault reason of section 7.1.3 (table of scalable mode).
 * Also on a fault, the result's fpd says whether the fault is to be recorded.
 */
u8 vtdsim_fetch_context(const struct vtdsim_caps *caps, u64 rtaddr, u16 sid,
			struct vtdsim_context *ctx);
u16 vtdsim_did_mask(const struct vtdsim_caps *caps);
u8 vtdsim_fetch_pasid(const struct vtdsim_caps *caps,
		      const struct vtdsim_context *ctx, u32 pasid,
		      struct vtdsim_pasid *pe);

unsigned int vtdsim_second_width(const struct vtdsim_caps *caps,
				 const struct vtdsim_pasid *pe);

#endif /* _VTDSIM_ENTRIES_H */
