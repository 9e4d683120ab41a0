// SPDX-License-Identifier: GPL-2.0-only
/*
 * Erratum 772415: on affected units, a stage-2 table cannot have read-only
 * mappings and stage-1 tables at the same time. On other units it can.
 *
 * The kernel reports whether a unit is affected. One test checks the report; the
 * others are skipped on units that they are not for.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "nested_event.h"
#include "sysfs.h"

#define RO	IOMMU_IOAS_MAP_READABLE

/* Below the guest's memory, for mappings that come and go */
#define LOW_GPA	(NESTED_GPA - (64ULL << 20))

/*
 * Which units have the erratum. Intel lists it for the 4th and 5th generation of
 * Xeon Scalable processors, Sapphire Rapids (SPR17) and Emerald Rapids, and not
 * for the generations before and after them. The first row that matches counts:
 * boot parameters that override the list come first.
 */
static const struct {
	const char *option;	/* boot option, a list of words */
	const char *word;	/* one of them, for the first unit; NULL for any */
	bool affected;
} units[] = {
	{ "intel_iommu_nested=", "no-erratum", false },
	{ "intel_iommu_nested=", "erratum", true },
	{ "vtdsim=", "no-erratum", false },
	{ "vtdsim=", "erratum", true },
	{ "vtdsim=", "icx", false },		/* Ice Lake, 3rd generation */
	{ "vtdsim=", "gnr", false },		/* Granite Rapids, Xeon 6 */
	{ "vtdsim=", "fsonly", false },		/* no processor */
	{ "vtdsim=", "noncoherent", false },	/* no processor */
	{ "vtdsim=", NULL, true },		/* Sapphire Rapids by default */
};

/* Has a boot option this word, before the words of a second unit? */
static bool booted_with(const char *cmdline, const char *option,
			const char *word)
{
	const char *at = strstr(cmdline, option);
	size_t len, n;

	if (!at || !word)
		return at;
	len = strlen(word);
	for (at += strlen(option); *at && *at != ' '; at += n + (at[n] == ',')) {
		n = strcspn(at, ", ");
		if (n == strlen("unit") && !strncmp(at, "unit", n))
			return false;
		if (n == len && !strncmp(at, word, len))
			return true;
	}
	return false;
}

/* Returns false if no row is for this machine. */
static bool erratum_expected(const char *cmdline, bool *affected)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (!booted_with(cmdline, units[i].option, units[i].word))
			continue;
		*affected = units[i].affected;
		return true;
	}
	return false;
}

/* The kernel's own nesting reports the erratum for all units, without rules. */
static bool base_nests(void)
{
	char cmdline[4096];

	return !sysfs_read("/proc/cmdline", cmdline, sizeof(cmdline)) &&
	       booted_with(cmdline, "intel_iommu_nested=", "base");
}

static bool has_erratum(const struct iommu_hw_info_vtd *unit)
{
	return unit->flags & IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17;
}

/* Map pages of the guest's memory a second time, at @gpa. */
static int map_at(struct nested *n, __u64 gpa, __u64 npages, __u32 access)
{
	return nested_map(n, gpa, NESTED_HIGH_GPA, npages * PAGE, access);
}

static int unmap_at(struct nested *n, __u64 gpa, __u64 npages)
{
	return nested_unmap(n, gpa, npages * PAGE);
}

TEST(is_reported)
{
	char cmdline[4096];
	bool affected;
	struct nested n;

	if (base_nests())
		SKIP(return, "needs the extension");
	NESTED_SETUP(return, nested_open, &n, 1);
	ASSERT_EQ(0, sysfs_read("/proc/cmdline", cmdline, sizeof(cmdline)));
	if (!erratum_expected(cmdline, &affected))
		SKIP(return, "nothing tells what the unit is");
	EXPECT_EQ(affected, has_erratum(&n.unit));
	EXPECT_EQ(0, nested_close(&n));
}

/**
 * struct mapper - a thread that maps read-only memory once
 * @worker: the thread
 * @n: guest
 * @start: the thread and the test begin together
 * @delay: nanoseconds that it waits before
 * @ret: result of the mapping
 */
struct mapper {
	struct worker worker;
	struct nested *n;
	pthread_barrier_t start;
	long delay;
	int ret;
};

FIXTURE(affected)
{
	struct nested n;
	struct nested_s1 s1;
	__u64 page;
	struct mapper m;
};

FIXTURE_SETUP(affected)
{
	if (base_nests())
		SKIP(return, "needs the extension");
	NESTED_SETUP(return, nested_open, &self->n, 1);
	if (!has_erratum(&self->n.unit))
		SKIP(return, "the unit does not have the erratum");
	nested_stamp(&self->n, NESTED_HIGH_GPA);
}

FIXTURE_TEARDOWN(affected)
{
	EXPECT_EQ(0, nested_close(&self->n));
}

/* A stage-1 table exists: read-only mappings are refused as a whole. */
TEST_F(affected, map_refused)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, nested_s1_create_mapped(n, &self->s1, &self->page));
	EXPECT_EQ(-EINVAL, map_at(n, LOW_GPA, 4, RO));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	EXPECT_EQ(-EINVAL, map_at(n, LOW_GPA, 4, RO));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));

	/* The refused calls have mapped nothing. */
	stage1_map(&self->s1.t, NESTED_IOVA + PAGE, LOW_GPA, S1_4K, S1_RW);
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, NESTED_IOVA + PAGE));
	EXPECT_EQ(-ENOENT, unmap_at(n, LOW_GPA, 4));
	ASSERT_EQ(0, map_at(n, LOW_GPA, 4, IOMMUFD_MAP_RW));
	EXPECT_EQ(NESTED_HIGH_GPA, nested_see(n, 0, NESTED_IOVA + PAGE));
	EXPECT_EQ(0, nested_poke(n, 0, NESTED_IOVA + PAGE, 0x99));
	EXPECT_EQ(0x99, *(__u64 *)guest_va(&n->guest, NESTED_HIGH_GPA));

	/* The rule ends with the last stage-1 table. */
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	EXPECT_EQ(-EINVAL, map_at(n, LOW_GPA + 8 * PAGE, 1, RO));
	ASSERT_EQ(0, iommufd_destroy(n->iommufd, self->s1.hwpt));
	EXPECT_EQ(0, map_at(n, LOW_GPA + 8 * PAGE, 1, RO));
}

/* A read-only mapping exists: stage-1 tables are refused until all are gone. */
TEST_F(affected, s1_refused)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, map_at(n, LOW_GPA, 4, RO));
	EXPECT_EQ(-EINVAL, nested_s1_create_mapped(n, &self->s1, &self->page));
	ASSERT_EQ(0, map_at(n, LOW_GPA + 8 * PAGE, 2, RO));
	ASSERT_EQ(0, unmap_at(n, LOW_GPA, 4));
	EXPECT_EQ(-EINVAL, nested_s1_create_mapped(n, &self->s1, &self->page));
	ASSERT_EQ(0, unmap_at(n, LOW_GPA + 8 * PAGE, 2));

	ASSERT_EQ(0, nested_s1_create_mapped(n, &self->s1, &self->page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(-EINVAL, map_at(n, LOW_GPA, 4, RO));
}

/* One call unmaps several areas, not all of them read-only. */
TEST_F(affected, s1_after_unmapping_all)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, map_at(n, LOW_GPA, 3, RO));
	ASSERT_EQ(0, map_at(n, LOW_GPA + 3 * PAGE, 2, IOMMUFD_MAP_RW));
	ASSERT_EQ(0, map_at(n, LOW_GPA + 5 * PAGE, 3, RO));
	EXPECT_EQ(-EINVAL, nested_s1_create_mapped(n, &self->s1, &self->page));
	ASSERT_EQ(0, unmap_at(n, LOW_GPA, 5));
	EXPECT_EQ(-EINVAL, nested_s1_create_mapped(n, &self->s1, &self->page));
	ASSERT_EQ(0, unmap_at(n, LOW_GPA + 5 * PAGE, 3));
	EXPECT_EQ(0, nested_s1_create_mapped(n, &self->s1, &self->page));
}

static int copy_mapping(struct nested *n, __u32 dst, __u64 from, __u64 to, __u64 npages,
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

/* A copy of a mapping counts as a mapping with the rights of the copy. */
TEST_F(affected, copy_refused)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, copy_mapping(n, n->ioas, NESTED_HIGH_GPA, LOW_GPA, 2, RO));
	EXPECT_EQ(-EINVAL, nested_s1_create_mapped(n, &self->s1, &self->page));
	ASSERT_EQ(0, unmap_at(n, LOW_GPA, 2));
	ASSERT_EQ(0, nested_s1_create_mapped(n, &self->s1, &self->page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	EXPECT_EQ(-EINVAL, copy_mapping(n, n->ioas, NESTED_HIGH_GPA, LOW_GPA, 2, RO));
	EXPECT_EQ(0, copy_mapping(n, n->ioas, NESTED_HIGH_GPA, LOW_GPA, 2, IOMMUFD_MAP_RW));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
}

/* Two parents share an address space: a mapping is in both or in none. */
TEST_F(affected, two_parents)
{
	struct nested *n = &self->n;
	__u32 other, spare;

	ASSERT_EQ(0, iommufd_hwpt_alloc_parent(n->iommufd, n->dev[0].id,
					       n->ioas, &other));
	ASSERT_EQ(0, nested_s1_create_mapped(n, &self->s1, &self->page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	EXPECT_EQ(-EINVAL, map_at(n, LOW_GPA, 4, RO));
	EXPECT_EQ(-ENOENT, unmap_at(n, LOW_GPA, 4));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));

	/* The other parent does not have the refused mapping either. */
	spare = n->parent;
	n->parent = other;
	struct nested_s1 s1;
	__u64 page;

	ASSERT_EQ(0, nested_s1_create_mapped(n, &s1, &page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], s1.hwpt));
	EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	ASSERT_EQ(0, iommufd_destroy(n->iommufd, s1.hwpt));
	n->parent = spare;

	/* Without stage-1 tables it is allowed, and then refuses them on both. */
	ASSERT_EQ(0, iommufd_destroy(n->iommufd, self->s1.hwpt));
	ASSERT_EQ(0, map_at(n, LOW_GPA, 4, RO));
	EXPECT_EQ(-EINVAL, nested_s1_create_mapped(n, &s1, &page));
	n->parent = other;
	EXPECT_EQ(-EINVAL, nested_s1_create_mapped(n, &s1, &page));
	ASSERT_EQ(0, unmap_at(n, LOW_GPA, 4));
	EXPECT_EQ(0, nested_s1_create_mapped(n, &s1, &page));
}

/* A new parent has the read-only mappings that are there already. */
TEST_F(affected, parent_made_later)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, iommufd_destroy(n->iommufd, n->parent));
	ASSERT_EQ(0, map_at(n, LOW_GPA, 4, RO));
	ASSERT_EQ(0, iommufd_hwpt_alloc_parent(n->iommufd, n->dev[0].id,
					       n->ioas, &n->parent));
	EXPECT_EQ(-EINVAL, nested_s1_create_mapped(n, &self->s1, &self->page));
	ASSERT_EQ(0, unmap_at(n, LOW_GPA, 4));
	EXPECT_EQ(0, nested_s1_create_mapped(n, &self->s1, &self->page));
}

static void spin_for(long ns)
{
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += ns;
	end.tv_sec += end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec ||
		 (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
}

static bool map_read_only(void *arg)
{
	struct mapper *m = arg;

	pthread_barrier_wait(&m->start);
	spin_for(m->delay);
	m->ret = map_at(m->n, LOW_GPA, 2, RO);
	return false;
}

#define ROUNDS		300	/* at least, and until both have won */
#define ROUNDS_MAX	3000
#define STEP_NS		20000L
#define DELAY_MAX_NS	50000000L

/*
 * A read-only mapping and a stage-1 table at the same time: one of them is
 * refused. The loser of a round gets a head start in the next one, so that both
 * win about as often.
 */
TEST_F_TIMEOUT(affected, race, 600)
{
	struct iommu_hwpt_vtd_s1 cfg = { .addr_width = 48 };
	int round, ret, s1_won = 0, map_won = 0;
	struct nested *n = &self->n;
	struct mapper *m = &self->m;
	long head_start = 0;	/* of the mapping; negative is of stage 1 */
	__u32 hwpt;

	m->n = n;
	ASSERT_EQ(0, pthread_barrier_init(&m->start, NULL, 2));
	cfg.pgtbl_addr = guest_alloc(&n->guest, PAGE, PAGE);
	for (round = 0; round < ROUNDS ||
	     (round < ROUNDS_MAX && (!s1_won || !map_won)); round++) {
		m->delay = head_start < 0 ? -head_start : 0;
		ASSERT_EQ(0, worker_start(&m->worker, map_read_only, m));
		pthread_barrier_wait(&m->start);
		spin_for(head_start > 0 ? head_start : 0);
		ret = nested_s1_alloc(n, &cfg, &hwpt);
		worker_stop(&m->worker);
		ASSERT_TRUE((!ret && m->ret == -EINVAL) ||
			    (ret == -EINVAL && !m->ret));
		if (ret) {
			map_won++;
			ASSERT_EQ(0, unmap_at(n, LOW_GPA, 2));
			if (head_start > -DELAY_MAX_NS)
				head_start -= STEP_NS;
		} else {
			s1_won++;
			ASSERT_EQ(0, iommufd_destroy(n->iommufd, hwpt));
			if (head_start < DELAY_MAX_NS)
				head_start += STEP_NS;
		}
	}
	TH_LOG("stage 1 was first in %d of %d rounds", s1_won, round);
	EXPECT_LT(0, s1_won);
	EXPECT_LT(0, map_won);
}

/* The rule is not for tables without a nest parent. */
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
	NESTED_SETUP(return, nested_open, &self->n, 1);
	if (has_erratum(&self->n.unit))
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
	ASSERT_EQ(0, nested_s1_create_mapped(n, &self->s1, &self->page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, map_at(n, LOW_GPA + 8 * PAGE, 4, RO));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));

	/* The mapping can be read, and not written through a writable leaf. */
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

/* The unit of the second device has the erratum, that of the first does not. */
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

	if (base_nests())
		SKIP(return, "needs the extension");
	NESTED_SETUP(return, nested_open, &self->n, 2);
	ASSERT_EQ(0, iommufd_hw_info(self->n.iommufd, self->n.dev[1].id, &info,
				     &unit));
	if (has_erratum(&self->n.unit) || !has_erratum(&unit))
		SKIP(return, "needs a unit without the erratum, and then one with it");
	nested_stamp(&self->n, NESTED_HIGH_GPA);
}

FIXTURE_TEARDOWN(mixed)
{
	EXPECT_EQ(0, nested_close(&self->n));
}

/* A parent of the unaffected unit is attached on the affected one. */
TEST_F(mixed, attach_refused)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, map_at(n, LOW_GPA, 4, RO));
	ASSERT_EQ(0, nested_s1_create_mapped(n, &self->s1, &self->page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(-EINVAL, vfio_attach(&n->dev[1], self->s1.hwpt));
	EXPECT_NE(self->page, nested_see(n, 1, NESTED_IOVA));

	/* The device stays attached to its old table. */
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

	ASSERT_EQ(0, nested_s1_create_mapped(n, &self->s1, &self->page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1.hwpt));
	EXPECT_EQ(-EINVAL, map_at(n, LOW_GPA, 4, RO));
	EXPECT_EQ(-ENOENT, unmap_at(n, LOW_GPA, 4));

	/* The mapping is allowed when only the unaffected unit is left. */
	ASSERT_EQ(0, vfio_detach(&n->dev[1]));
	ASSERT_EQ(0, map_at(n, LOW_GPA, 4, RO));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
}

TEST_HARNESS_MAIN
