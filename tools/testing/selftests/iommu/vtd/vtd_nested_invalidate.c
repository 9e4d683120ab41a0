// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU_HWPT_INVALIDATE on VT-d. The caches of vtdsim never evict an entry, so
 * what a device reads shows exactly what was invalidated.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "nested.h"

#define LEAF	IOMMU_VTD_INV_FLAGS_LEAF

/* A device that is attached to an empty table, and two pages to map there */
static int open_attached(struct nested *n, struct nested_s1 *s1, __u64 *old,
			 __u64 *new, const char **skip)
{
	int ret = nested_open(n, 1, skip);

	if (!ret)
		ret = nested_s1_create(n, s1, 4);
	if (!ret)
		ret = vfio_attach(&n->dev[0], s1->hwpt);
	if (ret)
		return ret;
	*old = nested_page(n);
	*new = nested_page(n);
	return 0;
}

FIXTURE(inv)
{
	struct nested n;
	struct nested_s1 s1;
	__u64 old, new;
};

FIXTURE_SETUP(inv)
{
	NESTED_SETUP(return, open_attached, &self->n, &self->s1, &self->old,
		     &self->new);
}

FIXTURE_TEARDOWN(inv)
{
	EXPECT_EQ(0, nested_finish(&self->n));
}

/* Map consecutive pages to the same page of memory. */
static void map_pages(struct nested_s1 *s1, __u64 iova, __u64 npages, __u64 gpa)
{
	__u64 i;

	for (i = 0; i < npages; i++)
		stage1_map(&s1->t, iova + i * PAGE, gpa, S1_4K, S1_RW);
}

/* Number of consecutive pages that lead to @gpa */
static __u64 pages_seen(struct nested *n, __u64 iova, __u64 npages, __u64 gpa)
{
	__u64 i;

	for (i = 0; i < npages; i++)
		if (nested_see(n, 0, iova + i * PAGE) != gpa)
			break;
	return i;
}

/* Change the mapping of pages that the device has cached. */
static __u64 make_stale(struct nested *n, struct nested_s1 *s1, __u64 iova,
			__u64 npages, __u64 old, __u64 new)
{
	__u64 seen;

	map_pages(s1, iova, npages, old);
	seen = pages_seen(n, iova, npages, old);
	if (seen != npages)
		return seen;
	map_pages(s1, iova, npages, new);
	return pages_seen(n, iova, npages, old);
}

TEST_F(inv, one_page_and_no_other)
{
	struct nested *n = &self->n;

	ASSERT_EQ(3, make_stale(n, &self->s1, NESTED_IOVA, 3, self->old, self->new));
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA + PAGE, 1, 0));
	EXPECT_EQ(self->old, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->new, nested_see(n, 0, NESTED_IOVA + PAGE));
	EXPECT_EQ(self->old, nested_see(n, 0, NESTED_IOVA + 2 * PAGE));
	EXPECT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 3, 0));
}

TEST_F(inv, everything)
{
	const __u64 far = NESTED_IOVA + (3ULL << 39);
	struct nested *n = &self->n;

	ASSERT_EQ(1, make_stale(n, &self->s1, NESTED_IOVA, 1, self->old, self->new));
	ASSERT_EQ(1, make_stale(n, &self->s1, far, 1, self->old, self->new));
	ASSERT_EQ(1, make_stale(n, &self->s1, 0, 1, self->old, self->new));
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, 0, ~0ULL, 0));
	EXPECT_EQ(self->new, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->new, nested_see(n, 0, far));
	EXPECT_EQ(self->new, nested_see(n, 0, 0));
}

TEST_F(inv, page_taken_away)
{
	struct nested *n = &self->n;

	map_pages(&self->s1, NESTED_IOVA, 1, self->old);
	ASSERT_EQ(self->old, nested_see(n, 0, NESTED_IOVA));
	stage1_set(stage1_entry(&self->s1.t, NESTED_IOVA, 1), 0);
	ASSERT_EQ(self->old, nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, NESTED_IOVA));
}

TEST_F(inv, write_permission_taken_away)
{
	struct nested *n = &self->n;

	map_pages(&self->s1, NESTED_IOVA, 1, self->old);
	ASSERT_EQ(0, nested_poke(n, 0, NESTED_IOVA, self->old));
	stage1_map(&self->s1.t, NESTED_IOVA, self->old, S1_4K, S1_RO);
	ASSERT_EQ(0, nested_poke(n, 0, NESTED_IOVA, self->old));
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_WRITE), nested_poke(n, 0, NESTED_IOVA, 0));
	EXPECT_EQ(self->old, nested_see(n, 0, NESTED_IOVA));
}

TEST_F(inv, leaf)
{
	struct nested *n = &self->n;

	ASSERT_EQ(2, make_stale(n, &self->s1, NESTED_IOVA, 2, self->old, self->new));
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 2, LEAF));
	EXPECT_EQ(2, pages_seen(n, NESTED_IOVA, 2, self->new));
}

/* Without the leaf flag, entries that refer to tables are invalidated, too. */
TEST_F(inv, table_exchanged)
{
	struct nested *n = &self->n;
	__u64 *pde, table, *pte;

	map_pages(&self->s1, NESTED_IOVA, 1, self->old);
	ASSERT_EQ(self->old, nested_see(n, 0, NESTED_IOVA));
	table = guest_alloc(&n->guest, PAGE, PAGE);
	pte = guest_va(&n->guest, table);
	stage1_set(pte, self->new | S1_RW | n->guest.preset);
	pde = stage1_entry(&self->s1.t, NESTED_IOVA, 2);
	stage1_set(pde, table | S1_RW | n->guest.preset);
	ASSERT_EQ(self->old, nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(self->new, nested_see(n, 0, NESTED_IOVA));
}

TEST_F(inv, large_page)
{
	struct nested *n = &self->n;
	const __u64 probe = 17 * PAGE;

	nested_stamp(n, NESTED_HIGH_GPA + probe);
	nested_stamp(n, NESTED_HIGH_GPA + SIZE_2M + probe);
	stage1_map(&self->s1.t, NESTED_IOVA, NESTED_HIGH_GPA, S1_2M, S1_RW);
	ASSERT_EQ(NESTED_HIGH_GPA + probe, nested_see(n, 0, NESTED_IOVA + probe));
	stage1_map(&self->s1.t, NESTED_IOVA, NESTED_HIGH_GPA + SIZE_2M, S1_2M, S1_RW);
	ASSERT_EQ(NESTED_HIGH_GPA + probe, nested_see(n, 0, NESTED_IOVA + probe));
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 512, 0));
	EXPECT_EQ(NESTED_HIGH_GPA + SIZE_2M + probe, nested_see(n, 0, NESTED_IOVA + probe));
}

TEST_F(inv, nobody_attached)
{
	struct nested *n = &self->n;

	map_pages(&self->s1, NESTED_IOVA, 1, self->old);
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	EXPECT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(0, nested_invalidate(n, self->s1.hwpt, 0, ~0ULL, 0));
}

/* Ranges that one descriptor can express, and ranges that need several. */
FIXTURE(range)
{
	struct nested n;
	struct nested_s1 s1;
	__u64 old, new;
};

FIXTURE_VARIANT(range)
{
	__u64 first;	/* page in a region aligned to 1 GiB */
	__u64 npages;
};

FIXTURE_VARIANT_ADD(range, 2_aligned) { .first = 0, .npages = 2, };
FIXTURE_VARIANT_ADD(range, 2_across) { .first = 1, .npages = 2, };
FIXTURE_VARIANT_ADD(range, 3) { .first = 0, .npages = 3, };
FIXTURE_VARIANT_ADD(range, 7_odd) { .first = 1, .npages = 7, };
FIXTURE_VARIANT_ADD(range, 64_aligned) { .first = 64, .npages = 64, };
FIXTURE_VARIANT_ADD(range, 64_odd) { .first = 37, .npages = 64, };
FIXTURE_VARIANT_ADD(range, 512_aligned) { .first = 512, .npages = 512, };
FIXTURE_VARIANT_ADD(range, 513_across_2m) { .first = 511, .npages = 513, };

FIXTURE_SETUP(range)
{
	NESTED_SETUP(return, open_attached, &self->n, &self->s1, &self->old,
		     &self->new);
}

FIXTURE_TEARDOWN(range)
{
	EXPECT_EQ(0, nested_finish(&self->n));
}

TEST_F(range, every_page)
{
	const __u64 iova = NESTED_IOVA + variant->first * PAGE;
	const __u64 npages = variant->npages;
	struct nested *n = &self->n;

	ASSERT_EQ(npages, make_stale(n, &self->s1, iova, npages, self->old,
				     self->new));
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, iova, npages, 0));
	EXPECT_EQ(npages, pages_seen(n, iova, npages, self->new));

	/* And back, with the leaf flag. */
	map_pages(&self->s1, iova, npages, self->old);
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, iova, npages, LEAF));
	EXPECT_EQ(npages, pages_seen(n, iova, npages, self->old));
}

/* Requests that are refused */
FIXTURE(bad)
{
	struct nested n;
	struct nested_s1 s1;
	__u64 old, new;
};

FIXTURE_VARIANT(bad)
{
	struct iommu_hwpt_vtd_s1_invalidate inv;
	int err;
};

FIXTURE_VARIANT_ADD(bad, address_unaligned)
{
	.inv = { .addr = NESTED_IOVA + 8, .npages = 1, }, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(bad, address_unaligned_2k)
{
	.inv = { .addr = NESTED_IOVA + 0x800, .npages = 1, }, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(bad, no_pages)
{
	.inv = { .addr = NESTED_IOVA, .npages = 0, }, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(bad, no_pages_at_0)
{
	.inv = { .addr = 0, .npages = 0, }, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(bad, all_pages_from_an_address)
{
	.inv = { .addr = NESTED_IOVA, .npages = ~0ULL, }, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(bad, beyond_the_last_page)
{
	.inv = { .addr = -PAGE, .npages = 2, }, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(bad, bytes_overflow)
{
	.inv = { .addr = 0, .npages = (1ULL << 52) + 1, }, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(bad, pages_all_ones_but_one)
{
	.inv = { .addr = 0, .npages = ~0ULL - 1, }, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(bad, flag_bit_1)
{
	.inv = { .addr = NESTED_IOVA, .npages = 1, .flags = 2, }, .err = -EOPNOTSUPP,
};

FIXTURE_VARIANT_ADD(bad, flag_bit_31)
{
	.inv = { .addr = NESTED_IOVA, .npages = 1, .flags = 1U << 31, },
	.err = -EOPNOTSUPP,
};

FIXTURE_VARIANT_ADD(bad, reserved_field)
{
	.inv = { .addr = NESTED_IOVA, .npages = 1, .__reserved = 1, },
	.err = -EOPNOTSUPP,
};

FIXTURE_SETUP(bad)
{
	NESTED_SETUP(return, open_attached, &self->n, &self->s1, &self->old,
		     &self->new);
}

FIXTURE_TEARDOWN(bad)
{
	EXPECT_EQ(0, nested_finish(&self->n));
}

TEST_F(bad, alone)
{
	struct nested *n = &self->n;
	__u32 num = 1;

	ASSERT_EQ(1, make_stale(n, &self->s1, NESTED_IOVA, 1, self->old, self->new));
	EXPECT_EQ(variant->err,
		  iommufd_hwpt_invalidate(n->iommufd, self->s1.hwpt,
					  &variant->inv, &num));
	EXPECT_EQ(0, num);
	EXPECT_EQ(self->old, nested_see(n, 0, NESTED_IOVA));

	/* The queue and the domain still work. */
	EXPECT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(self->new, nested_see(n, 0, NESTED_IOVA));
}

TEST_F(bad, between_good_ones)
{
	struct iommu_hwpt_vtd_s1_invalidate inv[] = {
		{ .addr = NESTED_IOVA, .npages = 1, },
		{ .addr = NESTED_IOVA + 2 * PAGE, .npages = 1, },
		variant->inv,
		{ .addr = NESTED_IOVA + PAGE, .npages = 1, },
	};
	__u32 num = ARRAY_SIZE(inv);
	struct nested *n = &self->n;

	ASSERT_EQ(3, make_stale(n, &self->s1, NESTED_IOVA, 3, self->old, self->new));
	EXPECT_EQ(variant->err,
		  iommufd_hwpt_invalidate(n->iommufd, self->s1.hwpt, inv,
					  &num));
	EXPECT_EQ(2, num);
	EXPECT_EQ(self->new, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->old, nested_see(n, 0, NESTED_IOVA + PAGE));
	EXPECT_EQ(self->new, nested_see(n, 0, NESTED_IOVA + 2 * PAGE));

	/* A caller can go on after the bad request. */
	num = 1;
	EXPECT_EQ(0, iommufd_hwpt_invalidate(n->iommufd, self->s1.hwpt,
					     &inv[3], &num));
	EXPECT_EQ(1, num);
	EXPECT_EQ(self->new, nested_see(n, 0, NESTED_IOVA + PAGE));
}

static void fill_requests(struct iommu_hwpt_vtd_s1_invalidate *inv, int num,
			  __u64 iova)
{
	int i;

	memset(inv, 0, num * sizeof(*inv));
	for (i = 0; i < num; i++) {
		inv[i].addr = iova + i * PAGE;
		inv[i].npages = 1;
	}
}

/*
 * More requests than a kernel handles at once. Those after the bad one are for
 * pages far away, so that no larger invalidation covers them by chance.
 */
TEST_F(inv, long_array)
{
	struct iommu_hwpt_vtd_s1_invalidate inv[300];
	const __u64 far = NESTED_IOVA + 5 * SIZE_1G;
	const int bad = 251, rest = 300 - bad;
	struct nested *n = &self->n;
	__u32 num = ARRAY_SIZE(inv);

	ASSERT_EQ(bad, make_stale(n, &self->s1, NESTED_IOVA, bad, self->old,
				  self->new));
	ASSERT_EQ(rest, make_stale(n, &self->s1, far, rest, self->old,
				   self->new));
	fill_requests(inv, bad, NESTED_IOVA);
	fill_requests(inv + bad, rest, far);
	inv[bad].npages = 0;
	EXPECT_EQ(-EINVAL, iommufd_hwpt_invalidate(n->iommufd, self->s1.hwpt,
						   inv, &num));
	EXPECT_EQ(bad, num);
	EXPECT_EQ(bad, pages_seen(n, NESTED_IOVA, bad, self->new));
	EXPECT_EQ(rest, pages_seen(n, far, rest, self->old));

	inv[bad].npages = 1;
	num = ARRAY_SIZE(inv);
	EXPECT_EQ(0, iommufd_hwpt_invalidate(n->iommufd, self->s1.hwpt, inv,
					     &num));
	EXPECT_EQ(300, num);
	EXPECT_EQ(rest, pages_seen(n, far, rest, self->new));
}

TEST_F(inv, array_that_ends_in_no_memory)
{
	struct iommu_hwpt_vtd_s1_invalidate *inv;
	struct nested *n = &self->n;
	__u32 num = 4;
	char *mem;

	mem = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)mem);
	/* The third request is half there. */
	inv = (void *)(mem + PAGE - 2 * sizeof(*inv) - 8);
	fill_requests(inv, 3, NESTED_IOVA);
	ASSERT_EQ(0, munmap(mem + PAGE, PAGE));

	ASSERT_EQ(3, make_stale(n, &self->s1, NESTED_IOVA, 3, self->old, self->new));
	EXPECT_EQ(-EFAULT, iommufd_hwpt_invalidate(n->iommufd, self->s1.hwpt,
						   inv, &num));
	EXPECT_EQ(2, num);
	EXPECT_EQ(2, pages_seen(n, NESTED_IOVA, 3, self->new));
	EXPECT_EQ(self->old, nested_see(n, 0, NESTED_IOVA + 2 * PAGE));
	munmap(mem, PAGE);
	EXPECT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 3, 0));
}

TEST_F(inv, the_call_itself)
{
	struct {
		struct iommu_hwpt_vtd_s1_invalidate inv;
		__u64 tail;
	} data = { .inv = { .addr = NESTED_IOVA, .npages = 1, } };
	const struct iommu_hwpt_invalidate good = {
		.size = sizeof(good),
		.hwpt_id = self->s1.hwpt,
		.data_uptr = (uintptr_t)&data,
		.data_type = IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
		.entry_len = sizeof(data.inv),
		.entry_num = 1,
	};
	struct iommu_hwpt_invalidate cmd;
	struct nested *n = &self->n;

#define CALL(change) ({						\
	cmd = good;						\
	change;							\
	iommufd_ioctl(n->iommufd, IOMMU_HWPT_INVALIDATE, &cmd);	\
})
	EXPECT_EQ(0, CALL((void)0));
	EXPECT_EQ(1, cmd.entry_num);

	/* Without entries, the kernel only checks that it supports the type. */
	EXPECT_EQ(0, CALL(cmd.entry_num = 0));
	EXPECT_EQ(0, cmd.entry_num);
	EXPECT_EQ(0, CALL((cmd.entry_num = 0, cmd.entry_len = 0,
			   cmd.data_uptr = 0)));
	EXPECT_EQ(-EINVAL, CALL((cmd.entry_num = 0, cmd.data_type = 77)));

	ASSERT_EQ(1, make_stale(n, &self->s1, NESTED_IOVA, 1, self->old, self->new));
	EXPECT_EQ(-EINVAL, CALL(cmd.data_type = 77));
	EXPECT_EQ(0, cmd.entry_num);
	EXPECT_EQ(-EOPNOTSUPP, CALL(cmd.__reserved = 1));
	EXPECT_EQ(0, cmd.entry_num);
	/* There is one version of the structure, with one length. */
	EXPECT_EQ(-EINVAL, CALL(cmd.entry_len = sizeof(data.inv) - 8));
	EXPECT_EQ(0, cmd.entry_num);
	EXPECT_EQ(-EINVAL, CALL(cmd.entry_len = sizeof(data)));
	EXPECT_EQ(0, cmd.entry_num);
	EXPECT_EQ(-EINVAL, CALL(cmd.entry_len = 0));
	EXPECT_EQ(-EINVAL, CALL(cmd.data_uptr = 0));
	EXPECT_EQ(-EFAULT, CALL(cmd.data_uptr = 8));
	EXPECT_EQ(0, cmd.entry_num);
	/* Not a nested page table. */
	EXPECT_EQ(-ENOENT, CALL(cmd.hwpt_id = ~0U));
	EXPECT_EQ(-ENOENT, CALL(cmd.hwpt_id = n->parent));
	EXPECT_EQ(self->old, nested_see(n, 0, NESTED_IOVA));

	EXPECT_EQ(0, CALL((void)0));
	EXPECT_EQ(self->new, nested_see(n, 0, NESTED_IOVA));
#undef CALL
}

TEST_HARNESS_MAIN
