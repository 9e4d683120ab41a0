// SPDX-License-Identifier: GPL-2.0-only
/* Words of the boot parameter. */

#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "vtdsim.h"
#include "boot/words.h"
#include "endpoint/kind.h"

struct words_test {
	struct vtdsim_options options[VTDSIM_MAX_UNITS];
	char words[256];
};

/* The words are changed while they are read. */
static unsigned int words_parse(struct kunit *test, const char *words)
{
	struct words_test *w = test->priv;

	memset(w->options, 0, sizeof(w->options));
	strscpy(w->words, words);
	return vtdsim_words_parse(w->words, w->options);
}

static void words_default(struct kunit *test)
{
	struct words_test *w = test->priv;

	KUNIT_ASSERT_EQ(test, 1, words_parse(test, "on"));
	KUNIT_EXPECT_TRUE(test, w->options[0].caps.erratum_772415);
	KUNIT_EXPECT_EQ(test, 2, w->options[0].endpoints);
	KUNIT_EXPECT_EQ(test, 2, w->options[0].place.count);
	KUNIT_EXPECT_PTR_EQ(test, &vtdsim_endpoint_own, w->options[0].kinds[1]);
	KUNIT_EXPECT_EQ(test, 1, w->options[0].place.functions);
	KUNIT_EXPECT_EQ(test, 0x1000, w->options[0].segment);
	KUNIT_EXPECT_FALSE(test, w->options[0].queue_async);
}

static void words_of_endpoints(struct kunit *test)
{
	const struct vtdsim_options *opt = ((struct words_test *)test->priv)->options;

	KUNIT_ASSERT_EQ(test, 1,
			words_parse(test, "endpoints=3,endpoint=edu,functions=2,switch,acs"));
	KUNIT_EXPECT_EQ(test, 4, opt->endpoints);
	KUNIT_EXPECT_EQ(test, 4, opt->place.count);
	KUNIT_EXPECT_PTR_EQ(test, &vtdsim_endpoint_own, opt->kinds[2]);
	KUNIT_EXPECT_PTR_NE(test, &vtdsim_endpoint_own, opt->kinds[3]);
	KUNIT_EXPECT_EQ(test, 2, opt->place.functions);
	KUNIT_EXPECT_EQ(test, VTDSIM_SWITCH, opt->place.topology);
	KUNIT_EXPECT_TRUE(test, opt->acs);
}

static void words_of_queues(struct kunit *test)
{
	const struct vtdsim_options *opt = ((struct words_test *)test->priv)->options;

	KUNIT_ASSERT_EQ(test, 1,
			words_parse(test, "queue_delay=5,desc_delay=0x6,async=8,queue_async"));
	KUNIT_EXPECT_EQ(test, 5, opt->queue_delay);
	KUNIT_EXPECT_EQ(test, 6, opt->desc_delay);
	KUNIT_EXPECT_EQ(test, 8, opt->async);
	KUNIT_EXPECT_TRUE(test, opt->queue_async);
}

static void words_of_caches(struct kunit *test)
{
	const struct vtdsim_options *opt = ((struct words_test *)test->priv)->options;

	KUNIT_ASSERT_EQ(test, 1,
			words_parse(test, "fill_line,iotlb=9,pasid_cache=10,psc=11,devtlb=12"));
	KUNIT_EXPECT_TRUE(test, opt->fill_line);
	KUNIT_EXPECT_EQ(test, 9, opt->limits.iotlb);
	KUNIT_EXPECT_EQ(test, 10, opt->limits.pasid);
	KUNIT_EXPECT_EQ(test, 11, opt->limits.psc);
	KUNIT_EXPECT_EQ(test, 12, opt->devtlb);
}

/* Each has its own segment and registers, and nothing of the one before. */
static void words_of_units(struct kunit *test)
{
	const struct vtdsim_options *opt = ((struct words_test *)test->priv)->options;

	KUNIT_ASSERT_EQ(test, 3, words_parse(test, "acs,endpoint=ioat,unit,gnr,segment=9,unit"));
	KUNIT_EXPECT_TRUE(test, opt[0].acs);
	KUNIT_EXPECT_EQ(test, 1, opt[0].endpoints);
	KUNIT_EXPECT_FALSE(test, opt[1].acs);
	KUNIT_EXPECT_EQ(test, 2, opt[1].endpoints);
	KUNIT_EXPECT_FALSE(test, opt[1].caps.erratum_772415);
	KUNIT_EXPECT_TRUE(test, opt[2].caps.erratum_772415);
	KUNIT_EXPECT_EQ(test, 0x1000, opt[0].segment);
	KUNIT_EXPECT_EQ(test, 9, opt[1].segment);
	KUNIT_EXPECT_EQ(test, 10, opt[2].segment);
	KUNIT_EXPECT_GE(test, opt[1].reg_base, opt[0].reg_base + VTDSIM_REG_BYTES);
	KUNIT_EXPECT_GE(test, opt[2].reg_base, opt[1].reg_base + VTDSIM_REG_BYTES);
}

/* What an earlier word has said does not matter, and interrupts go with any profile. */
static void words_last_counts(struct kunit *test)
{
	const struct vtdsim_options *opt = ((struct words_test *)test->priv)->options;

	KUNIT_ASSERT_EQ(test, 1, words_parse(test, "endpoint=edu,endpoints=5,erratum,no-erratum"));
	KUNIT_EXPECT_EQ(test, 5, opt->endpoints);
	KUNIT_EXPECT_PTR_EQ(test, &vtdsim_endpoint_own, opt->kinds[0]);
	KUNIT_EXPECT_FALSE(test, opt->caps.erratum_772415);

	KUNIT_ASSERT_EQ(test, 1, words_parse(test, "ir,icx"));
	KUNIT_EXPECT_TRUE(test, opt->caps.ecap & VTDSIM_ECAP_IR);
	KUNIT_EXPECT_FALSE(test, opt->caps.ecap & VTDSIM_ECAP_NEST);
}

static void words_refused(struct kunit *test)
{
	static const char * const bad[] = {
		"", "On", "on,", "on,,gnr", "nonsense", "gnr,nonsense", "cap.nd=8",
		"endpoints=", "endpoints=0", "endpoints=17", "endpoints=2x",
		"endpoint=", "endpoint=nvme", "endpoints=16,endpoint=edu",
		"functions=0", "functions=9", "segment=0", "segment=65536", "segment=-1",
		"async=", "async=4294967296", "queue_delay=x",
		"unit=1", "on,unit,segment=0x1000", "on,unit,unit,unit,unit",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, 0, words_parse(test, bad[i]), "%s", bad[i]);
}

static int words_test_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct words_test), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static struct kunit_case words_cases[] = {
	KUNIT_CASE(words_default),
	KUNIT_CASE(words_of_endpoints),
	KUNIT_CASE(words_of_queues),
	KUNIT_CASE(words_of_caches),
	KUNIT_CASE(words_of_units),
	KUNIT_CASE(words_last_counts),
	KUNIT_CASE(words_refused),
	{}
};

static struct kunit_suite words_suite = {
	.name = "vtdsim-words",
	.init = words_test_init,
	.test_cases = words_cases,
};

kunit_test_suite(words_suite);
