// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs: where an access may lead, by a walk through the tables of the
 * guest and through what is mapped in its address space.
 *
 * The unit may use an old value of a table's entry until the guest has invalidated
 * it. So the walk follows all values that an entry has had since the last
 * invalidation of the address for this device. Changes of the address space are
 * invalidated by the kernel, so only what is mapped now counts there.
 *
 * VT-d sections 3.6 to 3.8, and 9.8 for the entries.
 */
#include "fuzz.h"

#define EXT_ACCESSED	BIT_ULL(10)
#define PAGE_SHIFT	12

/* State of a walk at one table */
struct walk {
	struct fuzz *f;
	struct fuzz_context *ctx;
	const struct fuzz_ioas *ioas;
	const struct fuzz_hwpt *hwpt;
	struct fuzz_results *r;
	__u64 addr;
	bool write;
	bool track;		/* dirty tracking: tables must be writable */
	__u64 leaf_time;
	__u64 table_time;
};

/**
 * fuzz_iova() - addresses that devices use
 * @i: which of FUZZ_IOVAS
 *
 * Return: the page's address.
 */
__u64 fuzz_iova(int i)
{
	static const __u64 others[] = {
		NESTED_IOVA + SIZE_2M, NESTED_IOVA + SIZE_2M + PAGE,
		NESTED_IOVA + SIZE_1G, NESTED_IOVA + SIZE_1G + 5 * PAGE,
		NESTED_IOVA + SIZE_2M - PAGE, 0,
		FUZZ_GPA(0), FUZZ_GPA(1), FUZZ_GPA(13), FUZZ_GPA(14), FUZZ_GPA(20),
		FUZZ_GPA(FUZZ_PAGES), VTD_MSI_FIRST,
		0x00007ffffffff000ULL, 0x0000800000000000ULL, 0xffff800000000000ULL,
	};
	int first = FUZZ_IOVAS - (int)ARRAY_SIZE(others);

	return i < first ? NESTED_IOVA + i * PAGE : others[i - first];
}

static const struct fuzz_frame *find_frame(const struct fuzz_ioas *ioas, __u64 gpa)
{
	__u64 i = (gpa - FUZZ_GPA(0)) / PAGE;

	if (gpa < FUZZ_GPA(0) || i >= FUZZ_PAGES || ioas->frame[i].page < 0)
		return NULL;
	return &ioas->frame[i];
}

static void add_word(struct fuzz_results *r, int word)
{
	int i;

	for (i = 0; i < r->words; i++)
		if (r->word[i] == word)
			return;
	if (r->words == FUZZ_RESULTS)
		r->anything = true;
	else
		r->word[r->words++] = word;
}

/**
 * fuzz_add_visit() - the unit may set flags in an entry
 * @r: results of an access
 * @word: the entry
 */
void fuzz_add_visit(struct fuzz_results *r, int word)
{
	int i;

	for (i = 0; i < r->visits; i++)
		if (r->visit[i] == word)
			return;
	if (r->visits == FUZZ_VISITS)
		r->anything = true;
	else
		r->visit[r->visits++] = word;
}

/* The second stage, for the page itself */
static void reach(struct walk *w, __u64 gpa)
{
	const struct fuzz_frame *frame = find_frame(w->ioas, gpa & ~(PAGE - 1));

	if (!frame || (w->write && !frame->write))
		w->r->blocked = true;
	else
		add_word(w->r, frame->page * (int)(PAGE / 8) + (int)(gpa % PAGE / 8));
}

static int entry_shift(int level)
{
	return PAGE_SHIFT + 9 * (level - 1);
}

static bool is_leaf(const struct walk *w, __u64 pte, int level)
{
	if (level == 3 && !(w->f->unit.cap_reg & VTD_CAP_FS1GP))
		return false;
	return level == 1 || (level <= 3 && pte & S1_LARGE);
}

static bool has_reserved(const struct walk *w, __u64 pte, int level, bool leaf)
{
	__u64 reserved = S1_ADDR & ~(BIT_ULL(w->f->haw) - 1);

	if (!leaf)
		reserved |= S1_LARGE;
	else if (level > 1)
		reserved |= (BIT_ULL(entry_shift(level)) - 1) & ~(BIT_ULL(13) - 1);
	return pte & reserved;
}

static void walk_table(struct walk *w, __u64 gpa, int level, __u64 rights);

/* Follows one value of an entry. @fresh: it is what is in the table now. */
static void walk_value(struct walk *w, __u64 pte, int level, __u64 rights, bool writable,
		       bool fresh)
{
	bool leaf = is_leaf(w, pte, level);
	bool affected = w->f->unit.flags & IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17;
	__u64 offset = BIT_ULL(entry_shift(level)) - 1;
	__u64 flags = S1_ACCESSED;

	rights &= pte;
	if (!(pte & S1_PRESENT) || has_reserved(w, pte, level, leaf) ||
	    (leaf && (!(rights & S1_USER) || (w->write && !(rights & S1_WRITE))))) {
		w->r->blocked = true;
		return;
	}
	if (w->hwpt->flags & IOMMU_VTD_S1_EAFE)
		flags |= EXT_ACCESSED;
	if (leaf && w->write)
		flags |= S1_DIRTY;
	if (fresh && flags & ~pte && !writable && !affected) {
		w->r->blocked = true;
		return;
	}
	if (leaf)
		reach(w, (pte & S1_ADDR & ~offset) | (w->addr & offset));
	else
		walk_table(w, pte & S1_ADDR, level - 1, rights);
}

static void walk_table(struct walk *w, __u64 gpa, int level, __u64 rights)
{
	const struct fuzz_frame *frame = find_frame(w->ioas, gpa);
	const struct fuzz_edit *e;
	int word;

	if (!frame || (w->track && !frame->write)) {
		w->r->blocked = true;
		return;
	}
	word = frame->page * (int)(PAGE / 8) + (int)(w->addr >> entry_shift(level) & 511);
	fuzz_add_visit(w->r, word);
	walk_value(w, w->ctx->shadow[word], level, rights, frame->write, true);

	for (e = w->ctx->edit + w->ctx->edits - 1; e >= w->ctx->edit; e--) {
		bool leaf = is_leaf(w, e->old, level);

		if (e->time <= w->table_time && e->time <= w->leaf_time)
			break;
		/* What is not present, or not valid, is not cached. */
		if (e->word != word || !(e->old & S1_PRESENT) ||
		    e->time <= (leaf ? w->leaf_time : w->table_time) ||
		    has_reserved(w, e->old, level, leaf))
			continue;
		walk_value(w, e->old, level, rights, frame->write, false);
	}
}

static bool is_canonical(__u64 addr, int levels)
{
	int unused = 64 - entry_shift(levels + 1);

	return (__u64)((__s64)(addr << unused) >> unused) == addr;
}

/**
 * fuzz_walk() - find all that an access may lead to
 * @f: program
 * @dev: the device
 * @req: kind of request
 * @iova: which of FUZZ_IOVAS
 * @addr: address in this page
 * @write: it is a write
 * @r: filled
 *
 * The tables are as they were before the access, which may have changed them.
 */
void fuzz_walk(struct fuzz *f, const struct fuzz_device *dev, int req, int iova, __u64 addr,
	       bool write, struct fuzz_results *r)
{
	const struct fuzz_attachment *at = &dev->at[req];
	struct fuzz_context *c = fuzz_context_of(f, dev);
	struct walk w = {
		.f = f, .ctx = c, .r = r, .addr = addr, .write = write,
		.hwpt = fuzz_hwpt_of(f, dev, req),
		.leaf_time = at->leaf_time[iova],
		.table_time = at->table_time[iova],
	};

	*r = (struct fuzz_results) {};
	/* With PASID, the interrupt range is translated as any other (section 3.15). */
	if (at->where == FUZZ_DETACHED || (!req && addr >> 20 == VTD_MSI_FIRST >> 20)) {
		r->blocked = true;
		return;
	}
	w.ioas = &c->ioas[w.hwpt ? w.hwpt->ioas : at->index];
	if (!w.hwpt || w.hwpt->kind == FUZZ_PAGING) {
		reach(&w, addr);
		return;
	}
	w.track = c->hwpt[w.hwpt->parent].tracking;
	if (!is_canonical(addr, w.hwpt->levels))
		r->blocked = true;
	else
		walk_table(&w, w.hwpt->root, w.hwpt->levels, S1_RW);
}
