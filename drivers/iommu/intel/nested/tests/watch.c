// SPDX-License-Identifier: GPL-2.0-only
/* The watch of watch.h. */

#include <kunit/test.h>
#include <linux/pci.h>

#include "watch.h"

/* Descriptor types, VT-d 6.5.2 */
#define T_IOTLB		0x2
#define T_DEVTLB	0x3
#define T_WAIT		0x5
#define T_P_IOTLB	0x6
#define T_PASID_CACHE	0x7
#define T_P_DEVTLB	0x8

/* Every address: S = 1 and Addr[63:12] = 0x7ffffffffffff */
#define ALL		0x7ffffffffffff000ULL

/* PASID Granular Translation Type, VT-d 9.6 */
#define PGTT(entry)	((entry)->val[0] >> 6 & 7)
#define PGTT_SECOND	2
#define PGTT_NESTED	3

struct flush vtd_test_flush_pasid_cache(u16 did, ioasid_t pasid)
{
	return (struct flush) {{ T_PASID_CACHE | 1 << 4 | (u64)did << 16 | (u64)pasid << 32 }};
}

struct flush vtd_test_flush_domain(u16 did)
{
	return (struct flush) {{ T_IOTLB | 2 << 4 | (u64)did << 16 }};
}

struct flush vtd_test_flush_pasid(u16 did, ioasid_t pasid)
{
	return (struct flush) {{ T_P_IOTLB | 2 << 4 | (u64)did << 16 | (u64)pasid << 32 }};
}

struct flush vtd_test_flush_devtlb(struct device_domain_info *info, ioasid_t pasid)
{
	u64 sid = PCI_DEVID(info->bus, info->devfn);

	if (pasid == IOMMU_NO_PASID)
		return (struct flush) {{ T_DEVTLB | sid << 32, ALL | 1 }};
	return (struct flush) {{ T_P_DEVTLB | sid << 16 | (u64)pasid << 32, ALL | 1 << 11 }};
}

/* Drains and what throttles invalidations are left out. */
static u64 what_counts(u64 qw0)
{
	u64 type = GENMASK_ULL(3, 0) | GENMASK_ULL(11, 9);

	switch (qw0 & type) {
	case T_DEVTLB:
		return qw0 & (type | GENMASK_ULL(47, 32));
	case T_P_DEVTLB:
		return qw0 & (type | GENMASK_ULL(31, 16) | GENMASK_ULL(51, 32));
	case T_IOTLB:
		return qw0 & ~GENMASK_ULL(7, 6);
	default:
		return qw0;
	}
}

/**
 * vtd_test_flushes_for() - what a change of a PASID-table entry demands (VT-d table 28)
 * @info: the device
 * @was: the entry before
 * @pasid: its PASID
 * @in_place: Present and SSADE stay; else Present goes
 * @ats: the device TLB is flushed, too
 * @list: filled in, room for WATCH_FLUSHES
 *
 * Return: how many.
 */
unsigned int vtd_test_flushes_for(struct device_domain_info *info, const struct pasid_entry *was,
				  ioasid_t pasid, bool in_place, bool ats,
				  struct flush *list)
{
	u16 did = was->val[1];
	unsigned int n = 0;

	if (!vtd_test_entry_present(was))
		return 0;

	list[n++] = vtd_test_flush_pasid_cache(did, pasid);
	if (!in_place && (PGTT(was) == PGTT_SECOND || PGTT(was) == PGTT_NESTED))
		list[n++] = vtd_test_flush_domain(did);
	else
		list[n++] = vtd_test_flush_pasid(did, pasid);
	if (ats)
		list[n++] = vtd_test_flush_devtlb(info, pasid);

	return n;
}

static void record_step(struct watch *w)
{
	struct watch_step *step = &w->step[w->count];
	int i;

	if (w->count++ >= WATCH_STEPS)
		return;
	for (i = 0; i < ARRAY_SIZE(step->entry.val); i++)
		step->entry.val[i] = READ_ONCE(w->slot->val[i]);
	step->head = READ_ONCE(w->iommu->qi->free_head);
	step->ats = w->info && w->info->ats_enabled;
}

static void record_store(struct perf_event *bp, struct perf_sample_data *data,
			 struct pt_regs *regs)
{
	record_step(bp->overflow_handler_context);
}

static void watch_stop(void *data)
{
	struct watch *w = data;
	int i;

	for (i = 0; i < WATCH_QWORDS; i++) {
		if (w->bp[i])
			unregister_wide_hw_breakpoint(w->bp[i]);
	}
}

/**
 * vtd_test_watch_start() - watch a PASID-table entry until the test ends
 * @test: the test; skipped where there are no debug registers
 * @iommu: the unit
 * @slot: the entry
 *
 * Return: the watch.
 */
struct watch *vtd_test_watch_start(struct kunit *test, struct intel_iommu *iommu,
				   struct pasid_entry *slot)
{
	struct watch *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	struct perf_event_attr attr;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->slot = slot;
	w->iommu = iommu;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, watch_stop, w), 0);
	for (i = 0; i < WATCH_QWORDS; i++) {
		struct perf_event * __percpu *bp;

		hw_breakpoint_init(&attr);
		attr.bp_addr = (unsigned long)&slot->val[i];
		attr.bp_len = HW_BREAKPOINT_LEN_8;
		attr.bp_type = HW_BREAKPOINT_W;
		bp = register_wide_hw_breakpoint(&attr, record_store, w);
		if (IS_ERR_PCPU(bp))
			kunit_skip(test, "no debug registers to watch with");
		w->bp[i] = bp;
	}

	return w;
}

/**
 * vtd_test_watch_reset() - forget what was seen
 * @w: the watch
 */
void vtd_test_watch_reset(struct watch *w)
{
	w->count = 0;
	record_step(w);
}

bool vtd_test_entry_present(const struct pasid_entry *entry)
{
	return entry->val[0] & 1;
}

static bool same_entry(const struct pasid_entry *a, const struct pasid_entry *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/*
 * Hardware that finds Present goes on to fetch the rest of the entry, in pieces,
 * and may take its time, but not longer than a flush of the PASID cache. The
 * first piece is from @a, the others are from @b.
 */
static struct pasid_entry fetched_entry(const struct watch_step *a, const struct watch_step *b)
{
	struct pasid_entry entry = b->entry;

	entry.val[0] = a->entry.val[0];
	entry.val[1] = a->entry.val[1];
	return entry;
}

/**
 * vtd_test_watch_steps_wrong() - what could hardware have seen that it must not?
 * @w: the watch, reset before the change
 * @next: the entry as it is to be now
 * @in_place: the change is one store, and DMA is not to be blocked
 *
 * Return: NULL if hardware could vtd_test_read the old entry, the new one or none, and
 * nothing else; or else what is wrong.
 */
const char *vtd_test_watch_steps_wrong(struct watch *w, const struct pasid_entry *next,
				       bool in_place)
{
	const struct pasid_entry *old = &w->step[0].entry;
	unsigned int i, j;

	if (w->count > WATCH_STEPS)
		return "more stores than there is room for";
	if (!same_entry(next, w->slot) || !same_entry(next, &w->step[w->count - 1].entry))
		return "the entry is not what it should be";
	if (in_place)
		return w->count == 2 ? NULL : "not one store";

	for (i = 0; i < w->count; i++) {
		if (!vtd_test_entry_present(&w->step[i].entry))
			continue;
		for (j = i; j < w->count && w->step[j].head == w->step[i].head; j++) {
			struct pasid_entry seen = fetched_entry(&w->step[i], &w->step[j]);

			if (!same_entry(&seen, old) && !same_entry(&seen, next))
				return i == j ? "present while incomplete" : "torn";
		}
	}

	return NULL;
}

/**
 * vtd_test_watch_flushes_wrong() - was flushed what had to be, when it had to be?
 * @w: the watch, reset before the change
 * @want: the flushes, in order
 * @first: how many of them come after the first store, and before the second if
 *         there is one
 * @rest: how many more come later
 *
 * Return: NULL if so, or else what is wrong.
 */
const char *vtd_test_watch_flushes_wrong(struct watch *w, const struct flush *want,
					 unsigned int first, unsigned int rest)
{
	unsigned int shift = qi_shift(w->iommu), at = w->step[0].head;
	unsigned int seen = 0, before_second = 0;

	for (;; at = (at + 1) % QI_LENGTH) {
		const struct qi_desc *desc = w->iommu->qi->desc + (at << shift);

		if (w->count > 2 && at == w->step[2].head)
			before_second = seen;
		if (at == w->iommu->qi->free_head)
			break;
		if ((desc->qw0 & GENMASK_ULL(3, 0)) == T_WAIT)
			continue;
		if (seen == first + rest)
			return "more flushes than needed";
		if (what_counts(desc->qw0) != want[seen].qw[0] || desc->qw1 != want[seen].qw[1])
			return "another flush than the one needed";
		seen++;
	}
	if (seen < first + rest)
		return "a flush is missing";
	if (first && (w->count < 2 || w->step[1].head != w->step[0].head))
		return "flushed before the change";
	if (w->count > 2 && before_second != first)
		return "not flushed before the next store";

	return NULL;
}
