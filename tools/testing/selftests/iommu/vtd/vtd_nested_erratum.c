// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read-only mappings of guest memory and stage-1 tables: on units with erratum
 * 772415 a stage-2 table has the one or the other, elsewhere both.
 *
 * Which kind of unit it is, the kernel tells, and has to be right about it;
 * tests of the other kind are skipped.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "nested.h"

#define RO	IOMMU_IOAS_MAP_READABLE

/* Below the guest's memory, for mappings that come and go. */
#define LOW_GPA	(NESTED_GPA - (64ULL << 20))

/*
 * Shall the driver take the first unit for affected? Its boot parameter tells,
 * or else what the simulated unit was told to be.
 */
static bool erratum_expected(void)
{
	char line[4096] = "", *words, *word, *end;
	bool expected = true;
	FILE *f = fopen("/proc/cmdline", "re");

	if (!f)
		return false;
	line[fread(line, 1, sizeof(line) - 1, f)] = '\0';
	fclose(f);

	if (strstr(line, "intel_iommu_nested=no-erratum"))
		return false;
	if (strstr(line, "intel_iommu_nested=erratum"))
		return true;

	words = strstr(line, "vtdsim=");
	if (!words)
		return false;
	words = strtok_r(words, "\n ", &end) + strlen("vtdsim=");
	for (word = strtok_r(words, ",", &end); word; word = strtok_r(NULL, ",", &end)) {
		if (!strcmp(word, "unit"))
			break;
		if (!strcmp(word, "spr") || !strcmp(word, "erratum"))
			expected = true;
		else if (!strcmp(word, "gnr") || !strcmp(word, "icx") ||
			 !strcmp(word, "fsonly") || !strcmp(word, "no-erratum"))
			expected = false;
	}
	return expected;
}

/* The base's own nesting has all units affected, and no rule that this tests. */
static bool base_nests(void)
{
	return access("/sys/kernel/debug/intel-nested", F_OK);
}

static __u32 flags_of(struct nested *n)
{
	return n->unit.flags & IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17;
}

/* Maps pages of the guest's memory a second time, at @gpa. */
static int map_at(struct nested *n, __u64 gpa, __u64 npages, __u32 access)
{
	return iommufd_ioas_map(n->iommufd, n->ioas,
				guest_va(&n->guest, NESTED_HIGH_GPA), npages * PAGE,
				gpa, access);
}

static int unmap_at(struct nested *n, __u64 gpa, __u64 npages)
{
	return iommufd_ioas_unmap(n->iommufd, n->ioas, gpa, npages * PAGE);
}

static int new_s1(struct nested *n, struct nested_s1 *s1, __u64 *page)
{
	int ret = nested_s1_create(n, s1, 4);

	*page = nested_page(n);
	stage1_map(&s1->t, NESTED_IOVA, *page, S1_4K, S1_RW);
	return ret;
}

TEST(is_reported)
{
	struct nested n;
	const char *skip;
	int ret;

	if (base_nests())
		SKIP(return, "needs the extension");
	ret = nested_open(&n, 1, &skip);
	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	EXPECT_EQ(erratum_expected(), !!flags_of(&n));
	EXPECT_EQ(0, nested_close(&n));
}

FIXTURE(affected)
{
	struct nested n;
	struct nested_s1 s1;
	__u64 page;
};

FIXTURE_SETUP(affected)
{
	const char *skip;
	int ret;

	if (base_nests())
		SKIP(return, "needs the extension");
	ret = nested_open(&self->n, 1, &skip);
	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	if (!flags_of(&self->n))
		SKIP(return, "the unit does not have the erratum");
	nested_stamp(&self->n, NESTED_HIGH_GPA);
}

FIXTURE_TEARDOWN(affected)
{
	EXPECT_EQ(0, nested_close(&self->n));
}

/* Nested first: nothing read-only any more, nor half of it. */
TEST_F(affected, map_refused)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, new_s1(n, &self->s1, &self->page));
	EXPECT_EQ(-EINVAL, map_at(n, LOW_GPA, 4, RO));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	EXPECT_EQ(-EINVAL, map_at(n, LOW_GPA, 4, RO));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));

	/* The refused calls have left nothing where they were to map. */
	stage1_map(&self->s1.t, NESTED_IOVA + PAGE, LOW_GPA, S1_4K, S1_RW);
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, NESTED_IOVA + PAGE));
	EXPECT_EQ(-ENOENT, unmap_at(n, LOW_GPA, 4));
	ASSERT_EQ(0, map_at(n, LOW_GPA, 4, IOMMUFD_MAP_RW));
	EXPECT_EQ(NESTED_HIGH_GPA, nested_see(n, 0, NESTED_IOVA + PAGE));
	EXPECT_EQ(0, nested_poke(n, 0, NESTED_IOVA + PAGE, 0x99));
	EXPECT_EQ(0x99, *(__u64 *)guest_va(&n->guest, NESTED_HIGH_GPA));

	/* The last stage-1 table decides. */
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	EXPECT_EQ(-EINVAL, map_at(n, LOW_GPA + 8 * PAGE, 1, RO));
	ASSERT_EQ(0, iommufd_destroy(n->iommufd, self->s1.hwpt));
	EXPECT_EQ(0, map_at(n, LOW_GPA + 8 * PAGE, 1, RO));
}

/* Read-only first: no stage-1 table until the last bit of it is gone. */
TEST_F(affected, s1_refused)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, map_at(n, LOW_GPA, 4, RO));
	EXPECT_EQ(-EINVAL, new_s1(n, &self->s1, &self->page));
	ASSERT_EQ(0, map_at(n, LOW_GPA + 8 * PAGE, 2, RO));
	ASSERT_EQ(0, unmap_at(n, LOW_GPA, 4));
	EXPECT_EQ(-EINVAL, new_s1(n, &self->s1, &self->page));
	ASSERT_EQ(0, unmap_at(n, LOW_GPA + 8 * PAGE, 2));

	ASSERT_EQ(0, new_s1(n, &self->s1, &self->page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(-EINVAL, map_at(n, LOW_GPA, 4, RO));
}

/* Unmapping takes areas, several in one call, or all there are. */
TEST_F(affected, s1_after_unmapping_all)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, map_at(n, LOW_GPA, 3, RO));
	ASSERT_EQ(0, map_at(n, LOW_GPA + 3 * PAGE, 2, IOMMUFD_MAP_RW));
	ASSERT_EQ(0, map_at(n, LOW_GPA + 5 * PAGE, 3, RO));
	EXPECT_EQ(-EINVAL, new_s1(n, &self->s1, &self->page));
	ASSERT_EQ(0, unmap_at(n, LOW_GPA, 5));
	EXPECT_EQ(-EINVAL, new_s1(n, &self->s1, &self->page));
	ASSERT_EQ(0, unmap_at(n, LOW_GPA + 5 * PAGE, 3));
	EXPECT_EQ(0, new_s1(n, &self->s1, &self->page));
}

static int copy(struct nested *n, __u32 dst, __u64 from, __u64 to, __u64 npages,
		__u32 access)
{
	struct iommu_ioas_copy cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | access,
		.dst_ioas_id = dst,
		.src_ioas_id = n->ioas,
		.length = npages * PAGE,
		.dst_iova = to,
		.src_iova = from,
	};

	return iommufd_ioctl(n->iommufd, IOMMU_IOAS_COPY, &cmd);
}

/* A copy is a mapping, read-only or not as it says itself. */
TEST_F(affected, copy_refused)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, copy(n, n->ioas, NESTED_HIGH_GPA, LOW_GPA, 2, RO));
	EXPECT_EQ(-EINVAL, new_s1(n, &self->s1, &self->page));
	ASSERT_EQ(0, unmap_at(n, LOW_GPA, 2));
	ASSERT_EQ(0, new_s1(n, &self->s1, &self->page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	EXPECT_EQ(-EINVAL, copy(n, n->ioas, NESTED_HIGH_GPA, LOW_GPA, 2, RO));
	EXPECT_EQ(0, copy(n, n->ioas, NESTED_HIGH_GPA, LOW_GPA, 2, IOMMUFD_MAP_RW));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
}

/* One address space, two parents: a mapping is for both or for none. */
TEST_F(affected, two_parents)
{
	struct nested *n = &self->n;
	__u32 other, spare;

	ASSERT_EQ(0, iommufd_hwpt_alloc_parent(n->iommufd, n->dev[0].id,
					       n->ioas, &other));
	ASSERT_EQ(0, new_s1(n, &self->s1, &self->page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	EXPECT_EQ(-EINVAL, map_at(n, LOW_GPA, 4, RO));
	EXPECT_EQ(-ENOENT, unmap_at(n, LOW_GPA, 4));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));

	/* The refused mapping has left no trace in the other parent either. */
	spare = n->parent;
	n->parent = other;
	struct nested_s1 s1;
	__u64 page;

	ASSERT_EQ(0, new_s1(n, &s1, &page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], s1.hwpt));
	EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	ASSERT_EQ(0, iommufd_destroy(n->iommufd, s1.hwpt));
	n->parent = spare;

	/* With the stage-1 tables gone, a mapping keeps them from both. */
	ASSERT_EQ(0, iommufd_destroy(n->iommufd, self->s1.hwpt));
	ASSERT_EQ(0, map_at(n, LOW_GPA, 4, RO));
	EXPECT_EQ(-EINVAL, new_s1(n, &s1, &page));
	n->parent = other;
	EXPECT_EQ(-EINVAL, new_s1(n, &s1, &page));
	ASSERT_EQ(0, unmap_at(n, LOW_GPA, 4));
	EXPECT_EQ(0, new_s1(n, &s1, &page));
}

/* A parent that is made over read-only mappings holds them. */
TEST_F(affected, parent_made_later)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, iommufd_destroy(n->iommufd, n->parent));
	ASSERT_EQ(0, map_at(n, LOW_GPA, 4, RO));
	ASSERT_EQ(0, iommufd_hwpt_alloc_parent(n->iommufd, n->dev[0].id,
					       n->ioas, &n->parent));
	EXPECT_EQ(-EINVAL, new_s1(n, &self->s1, &self->page));
	ASSERT_EQ(0, unmap_at(n, LOW_GPA, 4));
	EXPECT_EQ(0, new_s1(n, &self->s1, &self->page));
}

/**
 * struct mapper - a thread that maps read-only memory
 * @n: guest
 * @turn: rounds that it was let into
 * @done: rounds that it has finished
 * @ret: result of the last round
 */
struct mapper {
	struct nested *n;
	int turn;
	int done;
	int ret;
};

#define ROUNDS	300

static void *keep_mapping(void *arg)
{
	struct mapper *m = arg;
	int round;

	for (round = 1; round <= ROUNDS; round++) {
		while (__atomic_load_n(&m->turn, __ATOMIC_ACQUIRE) < round)
			sched_yield();
		m->ret = map_at(m->n, LOW_GPA, 2, RO);
		__atomic_store_n(&m->done, round, __ATOMIC_RELEASE);
	}
	return NULL;
}

/* Both at once: whoever wins, there are never both. */
TEST_F_TIMEOUT(affected, race, 600)
{
	struct iommu_hwpt_vtd_s1 cfg = { .addr_width = 48 };
	struct nested *n = &self->n;
	struct mapper m = { .n = n };
	int round, ret, won = 0;
	pthread_t thread;
	__u32 hwpt = 0;

	cfg.pgtbl_addr = guest_alloc(&n->guest, PAGE, PAGE);
	ASSERT_EQ(0, pthread_create(&thread, NULL, keep_mapping, &m));
	for (round = 1; round <= ROUNDS; round++) {
		__atomic_store_n(&m.turn, round, __ATOMIC_RELEASE);
		/* Mapping takes longer: a start for it, of many lengths. */
		usleep(round % 10 * 30);
		ret = nested_s1_alloc(n, &cfg, &hwpt);
		while (__atomic_load_n(&m.done, __ATOMIC_ACQUIRE) < round)
			sched_yield();
		/* Neither is undone before both are through. */
		EXPECT_TRUE((!ret && m.ret == -EINVAL) ||
			    (ret == -EINVAL && !m.ret));
		won += !ret;
		if (!ret)
			EXPECT_EQ(0, iommufd_destroy(n->iommufd, hwpt));
		if (!m.ret)
			EXPECT_EQ(0, unmap_at(n, LOW_GPA, 2));
	}
	pthread_join(thread, NULL);
	TH_LOG("stage 1 was first in %d of %d rounds", won, ROUNDS);
}

/* A table that is no parent is nobody's business. */
TEST_F(affected, no_parent)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, iommufd_destroy(n->iommufd, n->parent));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
	ASSERT_EQ(0, map_at(n, LOW_GPA, 4, RO));
	EXPECT_EQ(NESTED_HIGH_GPA, nested_see(n, 0, LOW_GPA));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_WRITE), nested_poke(n, 0, LOW_GPA, 1));
}

FIXTURE(unaffected)
{
	struct nested n;
	struct nested_s1 s1;
	__u64 page;
};

FIXTURE_SETUP(unaffected)
{
	const char *skip;
	int ret;

	ret = nested_open(&self->n, 1, &skip);
	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	if (flags_of(&self->n))
		SKIP(return, "the unit has the erratum");
	nested_stamp(&self->n, NESTED_HIGH_GPA);
}

FIXTURE_TEARDOWN(unaffected)
{
	EXPECT_EQ(0, nested_close(&self->n));
}

TEST_F(unaffected, both_live_together)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, map_at(n, LOW_GPA, 4, RO));
	ASSERT_EQ(0, new_s1(n, &self->s1, &self->page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, map_at(n, LOW_GPA + 8 * PAGE, 4, RO));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));

	/* Read, but not written, whatever the guest's table says. */
	stage1_map(&self->s1.t, NESTED_IOVA + PAGE, LOW_GPA, S1_4K, S1_RW);
	stage1_map(&self->s1.t, NESTED_IOVA + 2 * PAGE, LOW_GPA + 8 * PAGE, S1_4K,
		   S1_RW);
	EXPECT_EQ(NESTED_HIGH_GPA, nested_see(n, 0, NESTED_IOVA + PAGE));
	EXPECT_EQ(NESTED_HIGH_GPA, nested_see(n, 0, NESTED_IOVA + 2 * PAGE));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_WRITE), nested_poke(n, 0, NESTED_IOVA + PAGE, 1));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_WRITE), nested_poke(n, 0, NESTED_IOVA + 2 * PAGE, 1));
	EXPECT_EQ(NESTED_HIGH_GPA, *(__u64 *)guest_va(&n->guest, NESTED_HIGH_GPA));
	EXPECT_EQ(0, nested_poke(n, 0, NESTED_IOVA, 1));
}

/* The first device's unit does not have the erratum, the second one's has. */
FIXTURE(mixed)
{
	struct nested n;
	struct nested_s1 s1;
	__u64 page;
};

FIXTURE_SETUP(mixed)
{
	struct iommu_hw_info_vtd unit;
	struct iommu_hw_info info;
	const char *skip;
	int ret;

	if (base_nests())
		SKIP(return, "needs the extension");
	ret = nested_open(&self->n, 2, &skip);
	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, iommufd_hw_info(self->n.iommufd, self->n.dev[1].id, &info, &unit));
	if (flags_of(&self->n) || !(unit.flags & IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17))
		SKIP(return, "needs a unit without the erratum, and then one with it");
	nested_stamp(&self->n, NESTED_HIGH_GPA);
}

FIXTURE_TEARDOWN(mixed)
{
	EXPECT_EQ(0, nested_close(&self->n));
}

/* A parent that served the one unit, and is then to serve the other. */
TEST_F(mixed, attach_refused)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, map_at(n, LOW_GPA, 4, RO));
	ASSERT_EQ(0, new_s1(n, &self->s1, &self->page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(-EINVAL, vfio_attach(&n->dev[1], self->s1.hwpt));
	EXPECT_NE(self->page, nested_see(n, 1, NESTED_IOVA));

	/* What it was attached to before, it still is. */
	ASSERT_EQ(0, vfio_attach(&n->dev[1], n->ioas));
	EXPECT_EQ(-EINVAL, vfio_attach(&n->dev[1], self->s1.hwpt));
	EXPECT_EQ(NESTED_HIGH_GPA, nested_see(n, 1, NESTED_HIGH_GPA));

	ASSERT_EQ(0, unmap_at(n, LOW_GPA, 4));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1.hwpt));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->page, nested_see(n, 1, NESTED_IOVA));
}

TEST_F(mixed, map_refused)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, new_s1(n, &self->s1, &self->page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1.hwpt));
	EXPECT_EQ(-EINVAL, map_at(n, LOW_GPA, 4, RO));
	EXPECT_EQ(-ENOENT, unmap_at(n, LOW_GPA, 4));

	/* The stage-1 table stays, on the unit that does without the rule. */
	ASSERT_EQ(0, vfio_detach(&n->dev[1]));
	ASSERT_EQ(0, map_at(n, LOW_GPA, 4, RO));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
}

TEST_HARNESS_MAIN
