// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which flags of a domain are in one byte? Each that changes while the domain is in use
 * needs a byte of its own: they have different locks, or none.
 */

#include <kunit/test.h>
#include <linux/string.h>

#include "../../iommu.h"

/* Domains in which nothing but one flag is set */
static const struct {
	const char *name;
	bool changes;
	struct dmar_domain domain;
} flags[] = {
	{ "iommu_coherency", true, { .iommu_coherency = true } },
	{ "force_snooping", true, { .force_snooping = true } },
	{ "set_pte_snp", true, { .set_pte_snp = true } },
	{ "dirty_tracking", true, { .dirty_tracking = true } },
	{ "has_mappings", true, { .has_mappings = true } },
	{ "iotlb_sync_map", true, { .iotlb_sync_map = true } },
	{ "use_first_level", false, { .use_first_level = true } },
	{ "nested_parent", false, { .nested_parent = true } },
};

/* Offset of the byte that a flag is in */
static size_t byte_of_flag(unsigned int flag)
{
	const void *domain = &flags[flag].domain;

	return memchr_inv(domain, 0, sizeof(flags[flag].domain)) - domain;
}

static void own_bytes_test(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		for (j = 0; j < i; j++)
			if (flags[i].changes || flags[j].changes)
				KUNIT_EXPECT_NE_MSG(test, byte_of_flag(i), byte_of_flag(j),
						    "%s and %s", flags[i].name, flags[j].name);
}

static struct kunit_case flags_cases[] = {
	KUNIT_CASE(own_bytes_test),
	{}
};

static struct kunit_suite flags_suite = {
	.name = "intel-nested-flags",
	.test_cases = flags_cases,
};

kunit_test_suite(flags_suite);
