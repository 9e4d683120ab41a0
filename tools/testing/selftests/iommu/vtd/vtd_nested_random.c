// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs: operations of iommufd, changes of the guest's tables, and DMA
 * in random order. A model (nested_shadow.c) knows which results of DMA are
 * possible.
 *
 * usage: vtd_nested_random [-s SEED] [-n STEPS]
 *
 * The same seed gives the same program.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest.h"
#include "nested.h"
#include "nested_shadow.h"

#define SEED		20260
#define STEPS		6000

#define PARENTS		2
#define FRAME_GPA	(NESTED_GPA + SIZE_1G)
#define SLOT(i)		(NESTED_IOVA + (i) * PAGE)
#define FRAME(i)	(FRAME_GPA + (i) * PAGE)

/* The guest, and its model */
static struct {
	struct nested n;
	__u32 parent[PARENTS];
	struct stage1 table[SHADOW_TABLES];
	__u32 hwpt[SHADOW_DOMAINS];
	__u64 backing[SHADOW_BACKING];
	struct shadow shadow;
	unsigned long seed;
	__u64 random;
	int step;
	unsigned long counts[8];
} r;

static void __attribute__((__noreturn__)) __printf(1, 2)
fail_program(const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	ksft_print_msg("seed %lu, step %d: %s\n", r.seed, r.step, text);
	ksft_test_result_fail("random program\n");
	ksft_exit_fail();
}

static void expect_result(const char *what, int ret, int expected)
{
	if (ret != expected)
		fail_program("%s: %d instead of %d", what, ret, expected);
}

/* xorshift, which gives the same numbers on every machine */
static unsigned int random_below(unsigned int below)
{
	r.random ^= r.random << 13;
	r.random ^= r.random >> 7;
	r.random ^= r.random << 17;
	return (r.random >> 20) % below;
}

static void edit_table(void)
{
	static const __u64 bits[] = { 0, S1_RO, S1_RW };
	int t = random_below(SHADOW_TABLES), s = random_below(SHADOW_SLOTS);
	struct shadow_leaf leaf = {
		.rights = random_below(3),
		.frame = random_below(SHADOW_FRAMES),
	};

	stage1_set(stage1_entry(&r.table[t], SLOT(s), 1),
		   leaf.rights == SHADOW_NOTHING ? 0 :
					    FRAME(leaf.frame) | bits[leaf.rights]);
	shadow_edit(&r.shadow, t, s, leaf);
}

static void change_frame(void)
{
	int i = random_below(SHADOW_FRAMES), ret;
	struct shadow_frame *f = &r.shadow.frame[i];
	enum shadow_rights rights = SHADOW_READ_ONLY + random_below(2);
	int backing = random_below(SHADOW_BACKING);

	/* With erratum 772415, read-only mappings are refused here. */
	if (r.n.unit.flags & IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17)
		rights = SHADOW_READ_WRITE;

	if (random_below(3)) {
		ret = iommufd_ioas_unmap(r.n.iommufd, r.n.ioas, FRAME(i), PAGE);
		expect_result("unmap", ret, f->rights == SHADOW_NOTHING ? -ENOENT : 0);
		f->rights = SHADOW_NOTHING;
	}
	if (!random_below(3))
		return;
	ret = iommufd_ioas_map(r.n.iommufd, r.n.ioas,
			       guest_va(&r.n.guest, r.backing[backing]), PAGE,
			       FRAME(i), rights == SHADOW_READ_WRITE ? IOMMUFD_MAP_RW :
						IOMMU_IOAS_MAP_READABLE);
	expect_result("map", ret, f->rights == SHADOW_NOTHING ? 0 : -EEXIST);
	if (!ret)
		*f = (struct shadow_frame) {
			.rights = rights,
			.backing = backing,
		};
}

static void alloc_domain(void)
{
	int d = random_below(SHADOW_DOMAINS);
	int t = random_below(SHADOW_TABLES);
	int p = random_below(PARENTS);
	const struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = r.table[t].root,
		.addr_width = 48,
	};

	if (r.hwpt[d])
		return;
	expect_result("stage-1 domain",
		      iommufd_hwpt_alloc_s1(r.n.iommufd,
					    r.n.dev[random_below(SHADOW_DEVICES)].id,
				     r.parent[p], &cfg, &r.hwpt[d]), 0);
	shadow_new_domain(&r.shadow, d, t, p);
}

static void alloc_bad_domain(void)
{
	struct iommu_hwpt_vtd_s1 cfg = {
		.addr_width = 48,
		.pgtbl_addr = r.table[0].root,
	};
	int expected = -EINVAL;
	__u32 hwpt, parent = r.parent[random_below(PARENTS)];

	switch (random_below(5)) {
	case 0:
		cfg.addr_width = random_below(48);
		break;
	case 1:
		cfg.pgtbl_addr += 1 + random_below(PAGE - 1);
		break;
	case 2:
		cfg.flags = 1ULL << (3 + random_below(61));
		expected = -EOPNOTSUPP;
		break;
	case 3:
		cfg.__reserved = 1U << random_below(32);
		expected = -EOPNOTSUPP;
		break;
	case 4:
		parent = 0x7fffffff - random_below(100);
		break;
	}
	expect_result("senseless stage-1 domain",
		      iommufd_hwpt_alloc_s1(r.n.iommufd, r.n.dev[0].id, parent, &cfg,
					    &hwpt), expected);
}

static void destroy_domain(void)
{
	int d = random_below(SHADOW_DOMAINS), ret;

	if (!r.hwpt[d])
		return;
	ret = iommufd_destroy(r.n.iommufd, r.hwpt[d]);
	expect_result("destroying a stage-1 domain", ret,
		      r.shadow.domain[d].users ? -EBUSY : 0);
	if (!ret)
		r.hwpt[d] = 0;
}

static void move_device(void)
{
	int i = random_below(SHADOW_DEVICES);
	int p = random_below(PARENTS);
	int d = random_below(SHADOW_DOMAINS);
	struct vfio_dev *dev = &r.n.dev[i];

	switch (random_below(8)) {
	case 0:
		expect_result("detaching", vfio_detach(dev), 0);
		shadow_detach(&r.shadow, i);
		break;
	case 1:
		expect_result("attaching a parent", vfio_attach(dev, r.parent[p]), 0);
		shadow_attach_parent(&r.shadow, i, p);
		break;
	case 2:
		expect_result("attaching nothing", vfio_attach(dev, 0x7fffffff),
			      -ENOENT);
		break;
	default:
		if (!r.hwpt[d])
			break;
		expect_result("attaching a stage-1 domain",
			      vfio_attach(dev, r.hwpt[d]), 0);
		shadow_attach_domain(&r.shadow, i, d);
	}
}

static void invalidate_domain(void)
{
	struct iommu_hwpt_vtd_s1_invalidate inv[4] = {};
	int d = random_below(SHADOW_DOMAINS), expected = 0, first[4], last[4];
	__u32 i, num, count = 1 + random_below(4);
	__u32 bad = random_below(4) ? count : random_below(count);

	if (!r.hwpt[d])
		return;
	for (i = 0; i < count; i++) {
		first[i] = random_below(SHADOW_SLOTS);
		last[i] = first[i] + random_below(SHADOW_SLOTS - first[i]);
		inv[i].addr = SLOT(first[i]);
		inv[i].npages = last[i] - first[i] + 1;
		inv[i].flags = random_below(2) ? IOMMU_VTD_INV_FLAGS_LEAF : 0;
		if (!random_below(6)) {
			inv[i] = (struct iommu_hwpt_vtd_s1_invalidate) {
				.npages = ~0ULL,
			};
			first[i] = 0;
			last[i] = SHADOW_SLOTS - 1;
		}
	}
	if (bad < count) {
		expected = -EINVAL;
		switch (random_below(4)) {
		case 0:
			inv[bad].npages = 0;
			break;
		case 1:
			inv[bad].addr |= 1 + random_below(PAGE - 1);
			break;
		case 2:
			inv[bad].flags |= 2U << random_below(30);
			expected = -EOPNOTSUPP;
			break;
		case 3:
			inv[bad].addr = SLOT(0);
			inv[bad].npages = ~0ULL - random_below(100);
			break;
		}
	}
	num = count;
	expect_result("invalidation",
		      iommufd_hwpt_invalidate(r.n.iommufd, r.hwpt[d], inv, &num),
	       expected);
	if (num != bad)
		fail_program("invalidation: %u of %u are done instead of %u", num,
			     count, bad);
	for (i = 0; i < num; i++)
		shadow_invalidate(&r.shadow, d, first[i], last[i]);
}

/* A write must have changed one page of memory, and nothing else. */
static void check_memory(const struct shadow_access *a)
{
	int i, changed = 0;
	__u64 val;

	for (i = 0; i < SHADOW_BACKING; i++) {
		val = *(__u64 *)guest_va(&r.n.guest, r.backing[i]);
		if (val == r.shadow.word[i])
			continue;
		if (!a->write || a->faulted || val != a->written)
			fail_program("page %d has %#llx", i, val);
		r.shadow.word[i] = val;
		changed++;
	}
	if (changed != (a->write && !a->faulted))
		fail_program("a write changed %d pages", changed);
}

static void access_page(void)
{
	int i = random_below(SHADOW_DEVICES), at = random_below(SHADOW_SLOTS);
	__u64 iova = r.shadow.device[i].where == SHADOW_ON_PARENT ? FRAME(at) :
							     SLOT(at);
	struct shadow_access a = {};
	__u64 word = ((__u64)r.step << 16) + 0x100 + i;
	int ret = 0;

	switch (random_below(3)) {
	case 0:
		a.read = true;
		a.seen = nested_see(&r.n, i, iova);
		break;
	case 1:
		a.write = true;
		a.written = word;
		nested_poke(&r.n, i, iova, word);
		break;
	case 2:
		a.read = true;
		a.write = true;
		ret = endpoint_fetch_add(&r.n.dev[i], iova, word, 8, &r.n.last);
		a.seen = r.n.last.old;
		a.written = a.seen + word;
		break;
	}
	a.faulted = r.n.last.status == VTDSIM_EP_S_FAULT;
	if (ret || (!a.faulted && r.n.last.status != VTDSIM_EP_S_OK) ||
	    !shadow_allows(&r.shadow, i, at, &a))
		fail_program("device %d, slot %d: status %u, reason %#x, sees %#llx%s",
			     i, at, r.n.last.status, r.n.last.reason, a.seen,
		      a.write ? ", writes" : "");
	check_memory(&a);
}

static const struct {
	const char *name;
	void (*step)(void);
	unsigned int weight;
} operations[] = {
	{ "dma", access_page, 40 },
	{ "edit", edit_table, 15 },
	{ "invalidate", invalidate_domain, 12 },
	{ "frame", change_frame, 12 },
	{ "move", move_device, 12 },
	{ "alloc", alloc_domain, 5 },
	{ "bad alloc", alloc_bad_domain, 2 },
	{ "destroy", destroy_domain, 2 },
};

static void program_step(void)
{
	unsigned int i, pick = random_below(100);

	for (i = 0; pick >= operations[i].weight; i++)
		pick -= operations[i].weight;
	r.counts[i]++;
	operations[i].step();
}

static void program_prepare(void)
{
	int i, s, ret;

	r.parent[0] = r.n.parent;
	ret = iommufd_hwpt_alloc_parent(r.n.iommufd, r.n.dev[1].id, r.n.ioas,
					&r.parent[1]);
	if (ret)
		fail_program("second parent: %d", ret);
	for (i = 0; i < SHADOW_BACKING; i++) {
		r.backing[i] = nested_page(&r.n);
		r.shadow.word[i] = r.backing[i];
	}
	for (i = 0; i < SHADOW_TABLES; i++) {
		stage1_create(&r.table[i], &r.n.guest, 4);
		/* Create the tables of all levels. */
		for (s = 0; s < SHADOW_SLOTS; s++)
			stage1_map(&r.table[i], SLOT(s), 0, S1_4K, 0);
	}
	r.random = r.seed * 0x9e3779b97f4a7c15ULL + 1;
}

static unsigned long parse_number(const char *text)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 0);
	if (errno || end == text || *end || *text == '-') {
		fprintf(stderr, "vtd_nested_random: not a number: %s\n", text);
		exit(2);
	}
	return n;
}

static void parse_options(int argc, char **argv, int *steps)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "steps", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int c;

	while ((c = getopt_long(argc, argv, "s:n:h", options, NULL)) != -1) {
		switch (c) {
		case 's':
			r.seed = parse_number(optarg);
			break;
		case 'n':
			*steps = parse_number(optarg);
			break;
		default:
			fputs("usage: vtd_nested_random [-s|--seed SEED] [-n|--steps STEPS]\n",
			      c == 'h' ? stdout : stderr);
			exit(c == 'h' ? 0 : 2);
		}
	}
}

int main(int argc, char **argv)
{
	unsigned int i;
	const char *skip;
	int ret, steps = STEPS;
	__u64 violations;

	r.seed = SEED;
	parse_options(argc, argv, &steps);
	ksft_print_header();
	ksft_set_plan(1);
	ret = nested_open(&r.n, SHADOW_DEVICES, &skip);
	if (skip) {
		nested_close(&r.n);
		ksft_test_result_skip("%s\n", skip);
		ksft_finished();
	}
	if (ret)
		fail_program("opening a guest: %d", ret);
	program_prepare();
	ksft_print_msg("seed %lu, %d steps\n", r.seed, steps);
	for (r.step = 1; r.step <= steps; r.step++)
		program_step();
	for (i = 0; i < ARRAY_SIZE(operations); i++)
		ksft_print_msg("%lu times %s\n", r.counts[i],
			       operations[i].name);
	violations = nested_close(&r.n);
	if (violations)
		fail_program("%llu violations of VT-d rules", violations);
	ksft_test_result_pass("random program\n");
	ksft_finished();
}
