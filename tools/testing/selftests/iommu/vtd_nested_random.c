// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs: operations of iommufd, edits of the guest's tables, and DMA,
 * in an order that nobody thought of, against a model that knows which bytes
 * each DMA must see.
 *
 * usage: vtd_nested_random [-s SEED] [-n STEPS]
 *
 * The same seed gives the same program. What a device sees of a change before
 * it is invalidated is not certain: the old or the new, and after the
 * invalidation the new alone.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest.h"
#include "vtd_nested.h"

#define SEED		20260
#define STEPS		6000

#define DEVICES		2
#define PARENTS		2
#define TABLES		4
#define DOMAINS		6	/* stage-1 domains, of any table and parent */
#define SLOTS		6	/* pages that each table can map, at IOVA and behind */
#define FRAMES		8	/* pages of GPA that stage 2 can map, at FRAME_GPA */
#define BACKING		4	/* pages of memory, with different stamps */

#define FRAME_GPA	(RAM_GPA + SIZE_1G)
#define SLOT(i)		(IOVA + (i) * PAGE)
#define FRAME(i)	(FRAME_GPA + (i) * PAGE)

enum rights {
	NOTHING,
	READ_ONLY,
	READ_WRITE,
};

/* An entry of a guest's table, as one of the values that it had. */
struct leaf {
	enum rights rights;
	int frame;
};

/* A page of stage 2. The kernel flushes, so that there is only what is now. */
struct frame {
	enum rights rights;
	int backing;
};

/*
 * What a device may have cached of a table's slot: each value it had since the
 * last invalidation, as a set; bit 3 * frame + rights.
 */
struct table {
	struct stage1 t;
	struct leaf now[SLOTS];
	__u32 cached[DOMAINS][SLOTS];
};

struct domain {
	__u32 hwpt;
	int table;
	int parent;
	int users;
};

enum where {
	DETACHED,
	ON_PARENT,
	ON_DOMAIN,
};

struct device {
	enum where where;
	int index;
};

static struct {
	struct nested n;
	__u32 parent[PARENTS];
	struct table table[TABLES];
	struct domain domain[DOMAINS];
	struct device device[DEVICES];
	struct frame frame[FRAMES];
	__u64 backing[BACKING];
	__u64 word[BACKING];
	unsigned long seed;
	__u64 random;
	int step;
	unsigned long counts[8];
} r;

static void __attribute__((__noreturn__)) __printf(1, 2)
wrong(const char *fmt, ...)
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

static void expect(const char *what, int ret, int expected)
{
	if (ret != expected)
		wrong("%s: %d instead of %d", what, ret, expected);
}

/* xorshift: the same on every machine. */
static unsigned int any(unsigned int below)
{
	r.random ^= r.random << 13;
	r.random ^= r.random >> 7;
	r.random ^= r.random << 17;
	return (r.random >> 20) % below;
}

static __u32 as_bit(struct leaf leaf)
{
	return 1U << (leaf.rights == NOTHING ? 0 :
					       3 * leaf.frame + leaf.rights);
}

/*
 * What a table says may be cached from now on, with what it said before. That
 * there is nothing is not cached.
 */
static void may_cache(struct table *t, int s)
{
	int d;

	for (d = 0; d < DOMAINS; d++) {
		t->cached[d][s] &= ~1U;
		t->cached[d][s] |= as_bit(t->now[s]);
	}
}

static void forget(int d, int first, int last)
{
	struct table *t = &r.table[r.domain[d].table];
	int s;

	for (s = first; s <= last; s++)
		t->cached[d][s] = as_bit(t->now[s]);
}

static void edit_table(void)
{
	static const __u64 bits[] = { 0, S1_RO, S1_RW };
	struct table *t = &r.table[any(TABLES)];
	int s = any(SLOTS);
	struct leaf leaf = { .rights = any(3), .frame = any(FRAMES) };

	t->now[s] = leaf;
	stage1_set(stage1_entry(&t->t, SLOT(s), 1),
		   leaf.rights == NOTHING ? 0 :
					    FRAME(leaf.frame) | bits[leaf.rights]);
	may_cache(t, s);
}

static void change_frame(void)
{
	int i = any(FRAMES), ret;
	struct frame *f = &r.frame[i];
	enum rights rights = READ_ONLY + any(2);
	int backing = any(BACKING);

	/* With erratum 772415, read-only mappings are refused here. */
	if (r.n.unit.flags & IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17)
		rights = READ_WRITE;

	if (any(3)) {
		ret = iommufd_ioas_unmap(r.n.iommufd, r.n.ioas, FRAME(i), PAGE);
		expect("unmap", ret, f->rights == NOTHING ? -ENOENT : 0);
		f->rights = NOTHING;
	}
	if (!any(3))
		return;
	ret = iommufd_ioas_map(r.n.iommufd, r.n.ioas,
			       guest_va(&r.n.guest, r.backing[backing]), PAGE,
			       FRAME(i), rights == READ_WRITE ? IOMMUFD_MAP_RW :
						IOMMU_IOAS_MAP_READABLE);
	expect("map", ret, f->rights == NOTHING ? 0 : -EEXIST);
	if (!ret)
		*f = (struct frame) { .rights = rights, .backing = backing };
}

static void alloc_domain(void)
{
	int d = any(DOMAINS), ret;
	struct domain *dom = &r.domain[d];
	struct iommu_hwpt_vtd_s1 cfg = { .addr_width = 48 };

	if (dom->hwpt)
		return;
	dom->table = any(TABLES);
	dom->parent = any(PARENTS);
	dom->users = 0;
	cfg.pgtbl_addr = r.table[dom->table].t.root;
	ret = iommufd_hwpt_alloc_s1(r.n.iommufd, r.n.dev[any(DEVICES)].id,
				    r.parent[dom->parent], &cfg, &dom->hwpt);
	expect("stage-1 domain", ret, 0);
	forget(d, 0, SLOTS - 1);
}

static void alloc_bad_domain(void)
{
	struct iommu_hwpt_vtd_s1 cfg = {
		.addr_width = 48,
		.pgtbl_addr = r.table[0].t.root,
	};
	int expected = -EINVAL;
	__u32 hwpt, parent = r.parent[any(PARENTS)];

	switch (any(5)) {
	case 0:
		cfg.addr_width = any(48);
		break;
	case 1:
		cfg.pgtbl_addr += 1 + any(PAGE - 1);
		break;
	case 2:
		cfg.flags = 1ULL << (3 + any(61));
		expected = -EOPNOTSUPP;
		break;
	case 3:
		cfg.__reserved = 1U << any(32);
		expected = -EOPNOTSUPP;
		break;
	case 4:
		parent = 0x7fffffff - any(100);
		break;
	}
	expect("senseless stage-1 domain",
	       iommufd_hwpt_alloc_s1(r.n.iommufd, r.n.dev[0].id, parent, &cfg,
				     &hwpt), expected);
}

static void destroy_domain(void)
{
	struct domain *dom = &r.domain[any(DOMAINS)];
	int ret;

	if (!dom->hwpt)
		return;
	ret = iommufd_destroy(r.n.iommufd, dom->hwpt);
	expect("destroying a stage-1 domain", ret, dom->users ? -EBUSY : 0);
	if (!ret)
		dom->hwpt = 0;
}

static void leave(struct device *dev)
{
	if (dev->where == ON_DOMAIN)
		r.domain[dev->index].users--;
	dev->where = DETACHED;
}

/* To another domain of the same table and parent the unit sees no change. */
static void inherit(const struct device *dev, int d)
{
	struct domain *dom = &r.domain[d], *old = &r.domain[dev->index];
	struct table *t = &r.table[dom->table];
	int s;

	if (dev->where != ON_DOMAIN || old->table != dom->table ||
	    old->parent != dom->parent)
		return;
	for (s = 0; s < SLOTS; s++)
		t->cached[d][s] |= t->cached[dev->index][s];
}

/*
 * What may be cached of a domain is of all devices that it is attached to. It
 * is gone with the last one.
 */
static void attach_domain(int i, int d)
{
	struct device *dev = &r.device[i];
	struct domain *dom = &r.domain[d];

	if (!dom->hwpt)
		return;
	expect("attaching a stage-1 domain",
	       vfio_attach(&r.n.dev[i], dom->hwpt), 0);
	if (dev->where == ON_DOMAIN && dev->index == d)
		return;
	if (!dom->users)
		forget(d, 0, SLOTS - 1);
	inherit(dev, d);
	leave(dev);
	dom->users++;
	*dev = (struct device) { .where = ON_DOMAIN, .index = d };
}

static void move_device(void)
{
	int i = any(DEVICES);
	struct device *dev = &r.device[i];
	int p = any(PARENTS);

	switch (any(8)) {
	case 0:
		expect("detaching", vfio_detach(&r.n.dev[i]), 0);
		leave(dev);
		break;
	case 1:
		expect("attaching a parent",
		       vfio_attach(&r.n.dev[i], r.parent[p]), 0);
		leave(dev);
		*dev = (struct device) { .where = ON_PARENT, .index = p };
		break;
	case 2:
		expect("attaching nothing",
		       vfio_attach(&r.n.dev[i], 0x7fffffff), -ENOENT);
		break;
	default:
		attach_domain(i, any(DOMAINS));
	}
}

static void invalidate(void)
{
	struct iommu_hwpt_vtd_s1_invalidate inv[4] = {};
	int d = any(DOMAINS), expected = 0, first[4], last[4];
	__u32 i, num, count = 1 + any(4);
	struct domain *dom = &r.domain[d];
	__u32 bad = any(4) ? count : any(count);

	if (!dom->hwpt)
		return;
	for (i = 0; i < count; i++) {
		first[i] = any(SLOTS);
		last[i] = first[i] + any(SLOTS - first[i]);
		inv[i].addr = SLOT(first[i]);
		inv[i].npages = last[i] - first[i] + 1;
		inv[i].flags = any(2) ? IOMMU_VTD_INV_FLAGS_LEAF : 0;
		if (!any(6)) {
			inv[i] = (struct iommu_hwpt_vtd_s1_invalidate) {
				.npages = ~0ULL,
			};
			first[i] = 0;
			last[i] = SLOTS - 1;
		}
	}
	if (bad < count) {
		expected = -EINVAL;
		switch (any(4)) {
		case 0:
			inv[bad].npages = 0;
			break;
		case 1:
			inv[bad].addr |= 1 + any(PAGE - 1);
			break;
		case 2:
			inv[bad].flags |= 2U << any(30);
			expected = -EOPNOTSUPP;
			break;
		case 3:
			inv[bad].addr = SLOT(0);
			inv[bad].npages = ~0ULL - any(100);
			break;
		}
	}
	num = count;
	expect("invalidation",
	       iommufd_hwpt_invalidate(r.n.iommufd, dom->hwpt, inv, &num),
	       expected);
	if (num != bad)
		wrong("invalidation: %u of %u are done instead of %u", num,
		      count, bad);
	for (i = 0; i < num; i++)
		forget(d, first[i], last[i]);
}

/* What a device does with a page, and what came of it. */
struct access {
	bool write;
	__u64 value;
	__u64 answer;
};

static bool is_fault(__u64 answer)
{
	return answer >= FAULT(1) && answer <= FAULT(0xff);
}

static bool fits_frame(const struct access *a, int frame, enum rights rights)
{
	struct frame *f = &r.frame[frame];

	if (rights > f->rights)
		rights = f->rights;
	if (rights < (a->write ? READ_WRITE : READ_ONLY))
		return is_fault(a->answer);
	return a->answer == (a->write ? 0 : r.word[f->backing]);
}

static bool fits(const struct access *a, const struct device *dev, int at)
{
	struct domain *dom = &r.domain[dev->index];
	__u32 set;
	int bit;

	switch (dev->where) {
	case DETACHED:
		return is_fault(a->answer);
	case ON_PARENT:
		return fits_frame(a, at, READ_WRITE);
	case ON_DOMAIN:
		break;
	}
	set = r.table[dom->table].cached[dev->index][at];
	for (bit = 0; bit < 3 * FRAMES; bit++)
		if (set & 1U << bit &&
		    (bit % 3 ? fits_frame(a, bit / 3, bit % 3) :
			       is_fault(a->answer)))
			return true;
	return false;
}

/*
 * A write that could have gone to one of several pages is found in one of
 * them; in all others nothing has changed.
 */
static void check_memory(const struct access *a)
{
	int i, changed = 0;
	__u64 val;

	for (i = 0; i < BACKING; i++) {
		val = *(__u64 *)guest_va(&r.n.guest, r.backing[i]);
		if (val == r.word[i])
			continue;
		if (!a->write || a->answer || val != a->value)
			wrong("page %d has %#llx", i, val);
		r.word[i] = val;
		changed++;
	}
	if (changed != (a->write && !a->answer))
		wrong("a write changed %d pages", changed);
}

static void do_dma(void)
{
	int i = any(DEVICES);
	struct device *dev = &r.device[i];
	int at = any(SLOTS);
	__u64 iova = dev->where == ON_PARENT ? FRAME(at) : SLOT(at);
	struct access a = { .write = any(2) };

	if (a.write) {
		a.value = ((__u64)r.step << 16) + 0x100 + i;
		a.answer = nested_poke(&r.n, i, iova, a.value);
	} else {
		a.answer = nested_see(&r.n, i, iova);
	}
	if (!fits(&a, dev, at))
		wrong("device %d %s slot %d: %#llx", i,
		      a.write ? "writes" : "reads", at, a.answer);
	check_memory(&a);
}

static const struct {
	const char *name;
	void (*run)(void);
	unsigned int weight;
} operations[] = {
	{ "dma", do_dma, 40 },
	{ "edit", edit_table, 15 },
	{ "invalidate", invalidate, 12 },
	{ "frame", change_frame, 12 },
	{ "move", move_device, 12 },
	{ "alloc", alloc_domain, 5 },
	{ "bad alloc", alloc_bad_domain, 2 },
	{ "destroy", destroy_domain, 2 },
};

static void one_step(void)
{
	unsigned int i, pick = any(100);

	for (i = 0; pick >= operations[i].weight; i++)
		pick -= operations[i].weight;
	r.counts[i]++;
	operations[i].run();
}

static void prepare(void)
{
	int i, s, ret;

	r.parent[0] = r.n.parent;
	ret = iommufd_hwpt_alloc_parent(r.n.iommufd, r.n.dev[1].id, r.n.ioas,
					&r.parent[1]);
	if (ret)
		wrong("second parent: %d", ret);
	for (i = 0; i < BACKING; i++) {
		r.backing[i] = nested_page(&r.n);
		r.word[i] = r.backing[i];
	}
	for (i = 0; i < TABLES; i++) {
		stage1_create(&r.table[i].t, &r.n.guest, 4);
		/* Tables of all levels are there, and stay. */
		for (s = 0; s < SLOTS; s++) {
			stage1_map(&r.table[i].t, SLOT(s), 0, S1_4K, 0);
			stage1_set(stage1_entry(&r.table[i].t, SLOT(s), 1), 0);
		}
	}
	r.random = r.seed * 0x9e3779b97f4a7c15ULL + 1;
}

static void parse(int argc, char **argv, int *steps)
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
			r.seed = strtoul(optarg, NULL, 0);
			break;
		case 'n':
			*steps = atoi(optarg);
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

	r.seed = SEED;
	parse(argc, argv, &steps);
	ksft_print_header();
	ksft_set_plan(1);
	ret = nested_open(&r.n, DEVICES, &skip);
	if (skip) {
		nested_close(&r.n);
		ksft_test_result_skip("%s\n", skip);
		ksft_finished();
	}
	if (ret)
		wrong("opening a guest: %d", ret);
	prepare();
	ksft_print_msg("seed %lu, %d steps\n", r.seed, steps);
	for (r.step = 1; r.step <= steps; r.step++)
		one_step();
	for (i = 0; i < ARRAY_SIZE(operations); i++)
		ksft_print_msg("%lu times %s\n", r.counts[i],
			       operations[i].name);
	ret = nested_close(&r.n);
	if (ret)
		wrong("%d rules of VT-d broken", ret);
	ksft_test_result_pass("random program\n");
	ksft_finished();
}
