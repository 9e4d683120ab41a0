// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the dumps in debugfs. */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "cache/internals.h"
#include "debugfs/dump.h"
#include "fixture_dma.h"

#define DID	5
#define ADDR	0x3000ULL

static void dump_seq(struct kunit *test, struct seq_file *s)
{
	memset(s, 0, sizeof(*s));
	s->size = 16 * PAGE_SIZE;
	s->buf = kunit_kzalloc(test, s->size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s->buf);
}

static void expect_text(struct kunit *test, const struct seq_file *s,
			const char *text)
{
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(s->buf, text), "\"%s\" not in\n%s",
				  text, s->buf);
}

static void dump_caches(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);
	struct vtdsim_cached *e;
	struct seq_file s;
	char text[64];
	unsigned int kind;

	dump_seq(test, &s);
	page[0] = 0x1234;
	vtdsim_test_set_second(d, PASID, DID, root);
	vtdsim_test_map_second(d, root, ADDR, page, SS_R);
	KUNIT_ASSERT_EQ(test, 0x1234, vtdsim_test_read(d, pasid_req(ADDR, PASID)));
	for (kind = 0; kind < VTDSIM_KINDS; kind++)
		list_for_each_entry(e, &d->unit->cache->live[kind], live)
			vtdsim_dump_entry(&s, e);

	expect_text(test, &s, "context-cache since ");
	expect_text(test, &s, "8192 PASIDs, RID_PASID 3, PASIDE\n");
	expect_text(test, &s, ": 0108 PASID 70 -> second-stage, domain-id 5, second stage 0x");
	snprintf(text, sizeof(text), "address 0x3000+0x1000 -> %#llx r-ud\n",
		 (u64)virt_to_phys(page));
	expect_text(test, &s, text);
	expect_text(test, &s, "domain-id 5 PASID 0 address 0x0+0x200000 -> table 0x");
}

static void dump_tables(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test);
	struct seq_file s;
	char text[64];

	dump_seq(test, &s);
	vtdsim_test_set_pass(d, RID_PASID, 9);
	vtdsim_test_set_nested(d, PASID, DID, 0x7000, root);
	vtdsim_test_pasid_entry(d, PASID + 1)[0] = PRESENT;
	vtdsim_dump_tables(&s, d->unit, SID);
	expect_text(test, &s, "0108: directory 0x");
	expect_text(test, &s, "  PASID 3: pass-through, domain-id 9\n");
	snprintf(text, sizeof(text), "second stage %#llx (4 levels)\n",
		 (u64)virt_to_phys(root));
	expect_text(test, &s, text);
	expect_text(test, &s, "  PASID 70: nested, domain-id 5, first stage 0x7000 (4 levels), ");
	expect_text(test, &s, "  PASID 71: fault 0x");
	KUNIT_EXPECT_NULL(test, strstr(s.buf, "PASID 72:"));

	/* Without the first PASID table those of the second are still found. */
	d->dir[0] = 0;
	s.count = 0;
	memset(s.buf, 0, s.size);
	vtdsim_dump_tables(&s, d->unit, SID);
	KUNIT_EXPECT_NULL(test, strstr(s.buf, "PASID 3:"));
	expect_text(test, &s, "  PASID 70: nested");

	vtdsim_dump_tables(&s, d->unit, SID_NONE);
	expect_text(test, &s, "0308: fault 0x39\n");
}

static struct kunit_case dump_cases[] = {
	KUNIT_CASE(dump_caches),
	KUNIT_CASE(dump_tables),
	{}
};

static struct kunit_suite dump_suite = {
	.name = "vtdsim-dump",
	.test_cases = dump_cases,
};

kunit_test_suite(dump_suite);
