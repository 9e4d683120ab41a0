// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the descriptors that are composed: every field against its place in the
 * specification (VT-d 6.5.2), given by bit number.
 */

#include <kunit/test.h>

#include "../invalidate.h"

#define DID		0x5a5aULL
#define PASID		0x9876fULL
#define BUS		0x3a
#define DEVFN		0x91
#define SID		0x3a91ULL
#define PFSID		0xc5b7ULL
#define QDEP		0x13
#define PAGE(pfn)	((u64)(pfn) << 12)

struct composed {
	struct device_domain_info info;
	struct vtd_link link;
	struct vtd_attachment att;
	struct qi_desc desc[8];
};

static struct composed *set_up(struct kunit *test)
{
	struct composed *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->info = (struct device_domain_info) {
		.bus = BUS,
		.devfn = DEVFN,
		.pfsid = PFSID,
		.ats_qdep = QDEP,
	};
	c->link.did = DID;
	c->link.info = &c->info;
	c->att.link = &c->link;
	c->att.pasid = PASID;
	/* What was there before is not to show. */
	memset(c->desc, 0xff, sizeof(c->desc));

	return c;
}

static void expect_desc(struct kunit *test, const struct qi_desc *desc, u64 qw0, u64 qw1)
{
	KUNIT_EXPECT_EQ(test, desc->qw0, qw0);
	KUNIT_EXPECT_EQ(test, desc->qw1, qw1);
	KUNIT_EXPECT_EQ(test, desc->qw2, 0);
	KUNIT_EXPECT_EQ(test, desc->qw3, 0);
}

/* PASID-based IOTLB, page-selective: type 6, G = 3 (6.5.2.4) */
static void iotlb_test(struct kunit *test)
{
	const u64 qw0 = 6 | 3 << 4 | DID << 16 | PASID << 32;
	static const struct vtd_inv_block blocks[] = {
		{ .pfn = 0x123456789, .order = 0, .leaf = true },
		{ .pfn = 0x123456789, .order = 0, .leaf = false },
		{ .pfn = 0x200, .order = 9, .leaf = true },
		{ .pfn = 1ULL << 44, .order = 44, .leaf = false },
	};
	struct composed *c = set_up(test);

	KUNIT_EXPECT_PTR_EQ(test, vtd_inv_compose_iotlb(&c->att, blocks, 4, c->desc), &c->desc[4]);
	expect_desc(test, &c->desc[0], qw0, PAGE(0x123456789) | BIT(6));
	expect_desc(test, &c->desc[1], qw0, PAGE(0x123456789));
	expect_desc(test, &c->desc[2], qw0, PAGE(0x200) | BIT(6) | 9);
	expect_desc(test, &c->desc[3], qw0, PAGE(1ULL << 44) | 44);
	KUNIT_EXPECT_EQ(test, c->desc[4].qw0, ~0ULL);

	/* Requests without PASID have PASID 0 in scalable mode. */
	c->att.pasid = IOMMU_NO_PASID;
	vtd_inv_compose_iotlb(&c->att, blocks, 1, c->desc);
	KUNIT_EXPECT_EQ(test, c->desc[0].qw0, 6 | 3 << 4 | DID << 16);
}

/* PASID-selective: G = 2, no address */
static void iotlb_all_test(struct kunit *test)
{
	struct composed *c = set_up(test);

	KUNIT_EXPECT_PTR_EQ(test, vtd_inv_compose_iotlb_all(&c->att, c->desc), &c->desc[1]);
	expect_desc(test, &c->desc[0], 6 | 2 << 4 | DID << 16 | PASID << 32, 0);
}

/* PFSID is in two parts: bits 15:12 and 63:52 (6.5.2.5, 6.5.2.6) */
#define DEVTLB_PFSID	((PFSID & 0xf) << 12 | PFSID >> 4 << 52)

/* Type 8: MIP in bits 8:4, source-id in 31:16, PASID in 51:32 */
static void devtlb_pasid_test(struct kunit *test)
{
	const u64 qw0 = 8 | QDEP << 4 | SID << 16 | PASID << 32 | DEVTLB_PFSID;
	static const struct vtd_inv_block blocks[] = {
		{ .pfn = 0x12345, .order = 0, .leaf = true },
		{ .pfn = 0x200, .order = 9 },
	};
	struct composed *c = set_up(test);

	KUNIT_EXPECT_PTR_EQ(test, vtd_inv_compose_devtlb(&c->att, blocks, 2, c->desc),
			    &c->desc[2]);
	expect_desc(test, &c->desc[0], qw0, PAGE(0x12345));
	/* S in bit 11, and the size where the lowest 0 of the address is: 2 MiB. */
	expect_desc(test, &c->desc[1], qw0, PAGE(0x2ff) | BIT(11));

	KUNIT_EXPECT_PTR_EQ(test, vtd_inv_compose_devtlb(&c->att, &vtd_inv_everything, 1, c->desc),
			    &c->desc[1]);
	expect_desc(test, &c->desc[0], qw0, GENMASK_ULL(62, 12) | BIT(11));
}

/* Type 3: MIP in bits 20:16, source-id in 47:32; S in bit 0 */
static void devtlb_test(struct kunit *test)
{
	const u64 qw0 = 3 | QDEP << 16 | SID << 32 | DEVTLB_PFSID;
	static const struct vtd_inv_block block = { .pfn = 0x200, .order = 9 };
	struct composed *c = set_up(test);

	c->att.pasid = IOMMU_NO_PASID;
	KUNIT_EXPECT_PTR_EQ(test, vtd_inv_compose_devtlb(&c->att, &block, 1, c->desc),
			    &c->desc[1]);
	expect_desc(test, &c->desc[0], qw0, PAGE(0x2ff) | 1);
	vtd_inv_compose_devtlb(&c->att, &vtd_inv_everything, 1, c->desc);
	expect_desc(test, &c->desc[0], qw0, GENMASK_ULL(62, 12) | 1);
}

/* Some devices have to be told twice. */
static void devtlb_twice_test(struct kunit *test)
{
	static const struct vtd_inv_block blocks[2] = { { .pfn = 1 }, { .pfn = 7 } };
	struct composed *c = set_up(test);

	c->info.dtlb_extra_inval = true;
	KUNIT_EXPECT_PTR_EQ(test, vtd_inv_compose_devtlb(&c->att, blocks, 2, c->desc),
			    &c->desc[4]);
	KUNIT_EXPECT_EQ(test, c->desc[0].qw1, PAGE(1));
	KUNIT_EXPECT_MEMEQ(test, &c->desc[0], &c->desc[1], sizeof(c->desc[0]));
	KUNIT_EXPECT_EQ(test, c->desc[2].qw1, PAGE(7));
	KUNIT_EXPECT_MEMEQ(test, &c->desc[2], &c->desc[3], sizeof(c->desc[0]));
}

static struct kunit_case desc_cases[] = {
	KUNIT_CASE(iotlb_test),
	KUNIT_CASE(iotlb_all_test),
	KUNIT_CASE(devtlb_pasid_test),
	KUNIT_CASE(devtlb_test),
	KUNIT_CASE(devtlb_twice_test),
	{}
};

static struct kunit_suite desc_suite = {
	.name = "intel-nested-desc",
	.test_cases = desc_cases,
};

kunit_test_suite(desc_suite);
