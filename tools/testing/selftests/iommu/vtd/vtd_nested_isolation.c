// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that attacks: what its device may not reach stays as it is, and stays
 * secret. There are two guests, each with a device and an iommufd context. Each word
 * of their memory says whose it is. Of each guest's memory only half is mapped, and
 * after every step all of it is compared, and the attacker's device is searched for
 * words that it must not know.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "nested_event.h"

#define GUEST_SIZE	SIZE_2M
#define MAPPED_SIZE	(GUEST_SIZE / 2)
#define WORDS		(GUEST_SIZE / 8)
#define ATTACKER	0xa7
#define VICTIM		0x51
#define HIDDEN		0x80	/* of the half that is not mapped */

/* Addresses in the attacker's table */
#define OWN		NESTED_IOVA			/* leads to @page */
#define LEAF		(NESTED_IOVA + PAGE)		/* in the same table as OWN */
#define LEVEL_2		(NESTED_IOVA + SIZE_2M)
#define LEVEL_3		(NESTED_IOVA + SIZE_1G)
#define LEVEL_4		(NESTED_IOVA + (1ULL << 39))

#define ROUNDS		20
#define NEVER_WRITTEN	0xdddd000000000000ULL

/**
 * struct party - a guest, and its device
 * @iommufd: context; negative if there is none
 * @dev: the device
 * @guest: memory
 * @expected: what must be in it
 * @ioas: address space with half of the memory
 * @parent: nest parent
 * @hwpt: nested page table of @t
 * @t: table; OWN leads to @page
 * @page: page of data
 * @host: host address of @page, as the device has learnt it
 */
struct party {
	int iommufd;
	struct vfio_dev dev;
	struct guest guest;
	__u64 *expected;
	__u32 ioas;
	__u32 parent;
	__u32 hwpt;
	struct stage1 t;
	__u64 page;
	__u64 host;
};

/**
 * struct writer - the attacker's device writes to LEAF all the time
 * @worker: thread that has it do so
 * @p: attacker
 * @attempts: writes so far
 * @moved: those that were not blocked
 */
struct writer {
	struct worker worker;
	struct party *p;
	unsigned long attempts;
	unsigned long moved;
};

FIXTURE(isolation)
{
	struct party attacker;
	struct party victim;
	struct writer writer;
	struct worker guest;
};

static int word_of(const struct party *p, __u64 gpa)
{
	return (gpa - p->guest.gpa) / 8;
}

/* The guest changes its memory, so that this is what must be there. */
static void party_set(struct party *p, __u64 gpa, __u64 val)
{
	p->expected[word_of(p, gpa)] = val;
	stage1_set(guest_va(&p->guest, gpa), val);
}

static void party_set_entry(struct party *p, __u64 iova, int level, __u64 val)
{
	__u64 *entry = stage1_entry(&p->t, iova, level);

	p->expected[entry - (__u64 *)p->guest.va] = val;
	stage1_set(entry, val);
}

/* Flags are set in advance, so that the unit writes nothing to tables. */
static void party_fill(struct party *p, __u64 tag)
{
	__u64 *words = p->guest.va, i;

	for (i = 0; i < WORDS; i++)
		words[i] = (tag | (i >= WORDS / 2 ? HIDDEN >> 4 : 0)) << 56 | i << 4;
	p->guest.preset = S1_ACCESSED | S1_DIRTY;
}

static void clear_table(struct party *p, __u64 gpa)
{
	memset(guest_va(&p->guest, gpa), 0, PAGE);
}

/* A table with OWN, and with empty tables of levels 1 to 3 for the other addresses */
static void party_tables(struct party *p)
{
	static const struct {
		__u64 iova;
		int level;	/* of the table that is made */
	} tables[] = {
		{ OWN, 3 }, { OWN, 2 }, { OWN, 1 }, { LEVEL_3, 2 }, { LEVEL_4, 3 },
	};
	unsigned int i;
	__u64 gpa;

	p->t = (struct stage1) { .guest = &p->guest, .levels = 4 };
	p->t.root = guest_alloc(&p->guest, PAGE, PAGE);
	clear_table(p, p->t.root);
	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		gpa = guest_alloc(&p->guest, PAGE, PAGE);
		clear_table(p, gpa);
		stage1_set(stage1_entry(&p->t, tables[i].iova, tables[i].level + 1),
			   gpa | S1_RW | p->guest.preset);
	}
	/* A page of data between two that nobody may touch */
	p->page = guest_alloc(&p->guest, 3 * PAGE, PAGE) + PAGE;
	stage1_map(&p->t, OWN, p->page, S1_4K, S1_RW);
}

static int party_open(struct party *p, const char *bdf, __u64 tag)
{
	struct iommu_hwpt_vtd_s1 cfg = { .addr_width = 48 };
	int ret;

	*p = (struct party) { .iommufd = iommufd_open(), .dev.fd = -1 };
	if (p->iommufd < 0)
		return p->iommufd;
	ret = guest_create(&p->guest, NESTED_GPA, GUEST_SIZE);
	if (ret)
		return ret;
	p->expected = malloc(GUEST_SIZE);
	if (!p->expected)
		return -ENOMEM;
	party_fill(p, tag);
	party_tables(p);
	memcpy(p->expected, p->guest.va, GUEST_SIZE);
	cfg.pgtbl_addr = p->t.root;

	ret = endpoint_open(&p->dev, bdf, p->iommufd);
	if (!ret)
		ret = iommufd_ioas_alloc(p->iommufd, &p->ioas);
	if (!ret)
		ret = iommufd_ioas_map(p->iommufd, p->ioas, p->guest.va, MAPPED_SIZE, NESTED_GPA,
				       IOMMUFD_MAP_RW);
	if (!ret)
		ret = iommufd_hwpt_alloc_parent(p->iommufd, p->dev.id, p->ioas, &p->parent);
	if (!ret)
		ret = iommufd_hwpt_alloc_s1(p->iommufd, p->dev.id, p->parent, &cfg, &p->hwpt);
	return ret ?: vfio_attach(&p->dev, p->hwpt);
}

static void party_close(struct party *p)
{
	if (p->dev.fd >= 0)
		vfio_close(&p->dev);
	if (p->guest.va)
		guest_destroy(&p->guest);
	if (p->iommufd > 0)
		close(p->iommufd);
	free(p->expected);
	memset(p, 0, sizeof(*p));
	p->dev.fd = -1;
}

/* Where a page is in the host: ATS tells a device. Returns 0 if it does not. */
static __u64 ask_host_address(struct party *p, __u64 iova)
{
	const struct endpoint_cmd cmd = { .op = VTDSIM_EP_OP_TRANSLATE, .addr = iova };
	struct endpoint_result res;

	if (endpoint_run(&p->dev, &cmd, &res) || res.status)
		return 0;
	return res.old;
}

static int party_invalidate(struct party *p)
{
	struct iommu_hwpt_vtd_s1_invalidate all = { .npages = ~0ULL };
	__u32 num = 1;

	return iommufd_hwpt_invalidate(p->iommufd, p->hwpt, &all, &num);
}

FIXTURE_SETUP(isolation)
{
	char bdf[NESTED_DEVICES_MAX][PCI_BDF_LEN];
	struct nested n;

	self->attacker.dev.fd = -1;
	self->victim.dev.fd = -1;
	NESTED_SETUP(return, nested_open, &n, 2);
	EXPECT_EQ(0, nested_close(&n));
	ASSERT_LE(2, endpoint_find(bdf, NESTED_DEVICES_MAX));
	ASSERT_EQ(0, party_open(&self->attacker, bdf[0], ATTACKER));
	ASSERT_EQ(0, party_open(&self->victim, bdf[1], VICTIM));
	self->attacker.host = ask_host_address(&self->attacker, OWN);
	self->victim.host = ask_host_address(&self->victim, OWN);
	ASSERT_NE(0, self->attacker.host);
	ASSERT_NE(0, self->victim.host);
}

FIXTURE_TEARDOWN(isolation)
{
	worker_stop(&self->writer.worker);
	worker_stop(&self->guest);
	party_close(&self->attacker);
	party_close(&self->victim);
}

/* Is a word one that the attacker must not know? Its own half begins with ATTACKER. */
static bool is_secret(__u64 word)
{
	__u64 tag = word >> 56;

	return tag == VICTIM || tag == (VICTIM | HIDDEN >> 4) || tag == (ATTACKER | HIDDEN >> 4);
}

/* Returns the number of words that were changed, or that the attacker has got hold of. */
static int isolation_broken(struct party *attacker, struct party *victim)
{
	const __u64 *buf = (__u64 *)((char *)attacker->dev.bar + VTDSIM_EP_BUFFER);
	int i, broken = 0;

	broken += !!memcmp(attacker->guest.va, attacker->expected, GUEST_SIZE);
	broken += !!memcmp(victim->guest.va, victim->expected, GUEST_SIZE);
	for (i = 0; i < VTDSIM_EP_BUFFER_SIZE / 8; i++)
		broken += is_secret(buf[i]);
	return broken;
}

/* Reads, writes, and adds, with and without the device TLB; true if all of it was blocked. */
static bool all_blocked(struct party *p, __u64 addr, __u32 flags, __u32 pasid)
{
	static const __u32 ops[] = {
		VTDSIM_EP_OP_READ, VTDSIM_EP_OP_WRITE, VTDSIM_EP_OP_FETCH_ADD
	};
	struct endpoint_result res;
	unsigned int i;

	memset((char *)p->dev.bar + VTDSIM_EP_BUFFER, 0xee, VTDSIM_EP_BUFFER_SIZE);
	for (i = 0; i < 2 * ARRAY_SIZE(ops); i++) {
		struct endpoint_cmd cmd = {
			.op = ops[i / 2],
			.flags = flags | (i & 1 ? VTDSIM_EP_F_UNTRANSLATED : 0),
			.pasid = pasid,
			.addr = addr,
			.len = 8,
			.operand = 1,
		};

		if (endpoint_run(&p->dev, &cmd, &res) || res.status == VTDSIM_EP_S_OK || res.count)
			return false;
	}
	return true;
}

/* Was every attempt at an address blocked, and left no trace? */
static bool harmless(struct party *attacker, struct party *victim, __u64 addr, __u32 flags,
		     __u32 pasid)
{
	bool blocked = all_blocked(attacker, addr, flags, pasid);
	int broken = isolation_broken(attacker, victim);

	if (!blocked || broken)
		fprintf(stderr, "# address %#llx, flags %#x, PASID %u: %s, %d changes\n", addr,
			flags, pasid, blocked ? "blocked" : "not blocked", broken);
	return blocked && !broken;
}

/* The device does work, or being blocked would mean nothing; and so does the watch. */
TEST_F(isolation, works_at_all)
{
	struct party *a = &self->attacker, *v = &self->victim;
	__u64 first = v->expected[word_of(v, v->page)];

	EXPECT_TRUE(endpoint_reads(&v->dev, OWN, &first, 8));
	EXPECT_EQ(0, isolation_broken(a, v));
	first = a->expected[word_of(a, a->page)];
	EXPECT_TRUE(endpoint_reads(&a->dev, OWN, &first, 8));
	EXPECT_EQ(0, isolation_broken(a, v));

	*(__u64 *)((char *)a->dev.bar + VTDSIM_EP_BUFFER) = v->expected[word_of(v, v->page) + 7];
	EXPECT_EQ(1, isolation_broken(a, v));
	first++;
	EXPECT_TRUE(endpoint_writes(&a->dev, OWN, &first, 8));
	EXPECT_EQ(1, isolation_broken(a, v));
}

/* Leaves, tables and roots of the attacker at addresses that stage 2 does not have */
TEST_F(isolation, tables_that_lead_outside)
{
	struct party *a = &self->attacker, *v = &self->victim;
	const __u64 there[] = {
		v->host, a->host, v->host & ~(SIZE_2M - 1), v->host & ~(SIZE_1G - 1),
		NESTED_GPA + MAPPED_SIZE, NESTED_GPA + GUEST_SIZE - PAGE, NESTED_GPA + GUEST_SIZE,
		NESTED_GPA - PAGE, 0, PAGE, VTD_MSI_FIRST, 1ULL << 38, (1ULL << 39) - PAGE,
	};
	struct iommu_hwpt_vtd_s1 cfg = { .addr_width = 48 };
	const __u64 bits = S1_RW | a->guest.preset;
	unsigned int i;
	__u32 hwpt;

	for (i = 0; i < ARRAY_SIZE(there); i++) {
		party_set_entry(a, LEAF, 1, there[i] | bits);
		party_set_entry(a, LEVEL_2, 2, there[i] | bits);
		party_set_entry(a, LEVEL_3, 3, (there[i] & ~(SIZE_1G - 1)) | bits | S1_LARGE);
		party_set_entry(a, LEVEL_4, 3, there[i] | bits);
		EXPECT_EQ(0, party_invalidate(a));
		EXPECT_TRUE(harmless(a, v, LEAF, 0, 0));
		EXPECT_TRUE(harmless(a, v, LEVEL_2, 0, 0));
		EXPECT_TRUE(harmless(a, v, LEVEL_4, 0, 0));
		/* Of a page of 1 GiB only what stage 2 maps can be reached. */
		if (there[i] < NESTED_GPA || there[i] >= NESTED_GPA + GUEST_SIZE)
			EXPECT_TRUE(harmless(a, v, LEVEL_3 + (there[i] & (SIZE_1G - 1)), 0, 0));

		cfg.pgtbl_addr = there[i];
		ASSERT_EQ(0, iommufd_hwpt_alloc_s1(a->iommufd, a->dev.id, a->parent, &cfg, &hwpt));
		ASSERT_EQ(0, vfio_attach(&a->dev, hwpt));
		EXPECT_TRUE(harmless(a, v, OWN, 0, 0));
		ASSERT_EQ(0, vfio_attach(&a->dev, a->hwpt));
		ASSERT_EQ(0, iommufd_destroy(a->iommufd, hwpt));
	}
}

/* Host addresses that a device has learnt are of no use to it in any state. */
TEST_F(isolation, host_addresses)
{
	struct party *a = &self->attacker, *v = &self->victim;
	const __u32 states[] = { a->hwpt, a->parent, a->ioas };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		ASSERT_EQ(0, vfio_attach(&a->dev, states[i]));
		EXPECT_TRUE(harmless(a, v, v->host, 0, 0));
		EXPECT_TRUE(harmless(a, v, a->host, 0, 0));
		EXPECT_EQ(0, ask_host_address(a, v->host));
	}
	ASSERT_EQ(0, vfio_detach(&a->dev));
	EXPECT_TRUE(harmless(a, v, v->host, 0, 0));
	EXPECT_TRUE(harmless(a, v, a->host, 0, 0));
	/* Without a domain ATS is off, and no translation can be had. */
	EXPECT_EQ(0, ask_host_address(a, OWN));
}

/* Only requests without PASID are attached to something. */
TEST_F(isolation, foreign_pasids)
{
	static const __u32 pasids[] = { 0, 1, 2, 23, 0x1234, 0x7ffff, 0xfffff };
	static const __u32 flags[] = {
		VTDSIM_EP_F_PASID, VTDSIM_EP_F_PASID | VTDSIM_EP_F_PRIV,
	};
	struct party *a = &self->attacker, *v = &self->victim;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(pasids); i++) {
		for (k = 0; k < ARRAY_SIZE(flags); k++) {
			EXPECT_TRUE(harmless(a, v, OWN, flags[k], pasids[i]));
			EXPECT_TRUE(harmless(a, v, a->page, flags[k], pasids[i]));
			EXPECT_TRUE(harmless(a, v, v->host, flags[k], pasids[i]));
		}
	}
}

/* What the device TLB has is gone when the kernel has taken the page away. */
TEST_F(isolation, stale_device_tlb)
{
	struct party *a = &self->attacker, *v = &self->victim;
	const __u64 first = a->expected[word_of(a, a->page)];
	char bdf[PCI_BDF_LEN];

	EXPECT_TRUE(endpoint_reads(&a->dev, OWN, &first, 8));
	ASSERT_EQ(0, iommufd_ioas_unmap(a->iommufd, a->ioas, NESTED_GPA, MAPPED_SIZE));
	EXPECT_TRUE(harmless(a, v, OWN, 0, 0));
	ASSERT_EQ(0, iommufd_ioas_map(a->iommufd, a->ioas, a->guest.va, MAPPED_SIZE, NESTED_GPA,
				      IOMMUFD_MAP_RW));
	EXPECT_TRUE(endpoint_reads(&a->dev, OWN, &first, 8));
	ASSERT_EQ(0, vfio_detach(&a->dev));
	EXPECT_TRUE(harmless(a, v, OWN, 0, 0));
	ASSERT_EQ(0, vfio_attach(&a->dev, a->hwpt));
	EXPECT_TRUE(endpoint_reads(&a->dev, OWN, &first, 8));

	/* The device changes hands, and what it had cached does not. */
	vfio_close(&a->dev);
	snprintf(bdf, sizeof(bdf), "%s", a->dev.bdf);
	ASSERT_EQ(0, endpoint_open(&a->dev, bdf, v->iommufd));
	EXPECT_TRUE(harmless(a, v, OWN, 0, 0));
	ASSERT_EQ(0, vfio_attach(&a->dev, v->parent));
	EXPECT_TRUE(harmless(a, v, OWN, 0, 0));
	EXPECT_TRUE(harmless(a, v, a->host, 0, 0));
}

/*
 * Messages that are none, to the interrupt range, and tables that lead there. Valid
 * ones do arrive: the unit does not remap interrupts.
 */
TEST_F(isolation, forged_interrupts)
{
	/* Vector below 16; SMI, NMI, INIT; level triggered */
	static const __u32 data[] = { 0, 15, 0x230, 0x430, 0x530, 0x8030 };
	struct party *a = &self->attacker, *v = &self->victim;
	int irq = event_create(), own = event_create();
	struct endpoint_result res;
	unsigned int i;

	ASSERT_LE(0, irq);
	ASSERT_LE(0, own);
	ASSERT_EQ(0, vfio_msi_enable(&v->dev, irq));
	ASSERT_EQ(0, vfio_msi_enable(&a->dev, own));
	party_set_entry(a, LEAF, 1, VTD_MSI_FIRST | S1_RW | a->guest.preset);
	EXPECT_EQ(0, party_invalidate(a));
	for (i = 0; i < ARRAY_SIZE(data); i++) {
		EXPECT_EQ(0, endpoint_write(&a->dev, VTD_MSI_FIRST, &data[i], 4, &res));
		EXPECT_NE(VTDSIM_EP_S_OK, res.status);
		EXPECT_EQ(0, endpoint_write(&a->dev, VTD_MSI_FIRST + 0x10, &data[i], 4, &res));
		EXPECT_NE(VTDSIM_EP_S_OK, res.status);
		EXPECT_EQ(0, endpoint_write(&a->dev, LEAF, &data[i], 4, &res));
		EXPECT_NE(VTDSIM_EP_S_OK, res.status);
		EXPECT_EQ(0, isolation_broken(a, v));
	}
	EXPECT_TRUE(harmless(a, v, VTD_MSI_FIRST, 0, 0));
	EXPECT_TRUE(harmless(a, v, VTD_MSI_LAST - 7, 0, 0));
	EXPECT_TRUE(harmless(a, v, LEAF, 0, 0));
	EXPECT_EQ(0, event_count(irq, 0));
	EXPECT_EQ(0, event_count(own, 0));
	EXPECT_EQ(0, vfio_msi_disable(&v->dev));
	EXPECT_EQ(0, vfio_msi_disable(&a->dev));
	close(irq);
	close(own);
}

static bool write_leaf(void *arg)
{
	const __u64 val = NEVER_WRITTEN;
	struct endpoint_result res;
	struct writer *w = arg;

	if (endpoint_write(&w->p->dev, LEAF, &val, 8, &res))
		return false;
	w->attempts++;
	w->moved += res.status == VTDSIM_EP_S_OK;
	return true;
}

/* A guest's thread invalidates all the time. */
static bool invalidate_all(void *arg)
{
	return !party_invalidate(arg);
}

static int race_start(struct writer *w, struct worker *guest, struct party *p)
{
	int ret;

	*w = (struct writer) { .p = p };
	ret = worker_start(&w->worker, write_leaf, w);
	return ret ?: worker_start(guest, invalidate_all, p);
}

/* Stage 2 loses a page while the device writes to it: from then on the page stays as it is. */
TEST_F_TIMEOUT(isolation, unmap_while_writing, 600)
{
	struct party *a = &self->attacker;
	const __u64 gpa = NESTED_GPA + MAPPED_SIZE;	/* of the half that is not mapped */
	int i;

	party_set_entry(a, LEAF, 1, gpa | S1_RW | a->guest.preset);
	ASSERT_EQ(0, race_start(&self->writer, &self->guest, a));
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, iommufd_ioas_map(a->iommufd, a->ioas, guest_va(&a->guest, gpa), PAGE,
					      gpa, IOMMUFD_MAP_RW));
		EXPECT_TRUE(worker_wait_steps(&self->writer.worker, i % 3 + 1));
		ASSERT_EQ(0, iommufd_ioas_unmap(a->iommufd, a->ioas, gpa, PAGE));
		party_set(a, gpa, a->expected[word_of(a, gpa) + 1] - 16);
		EXPECT_TRUE(worker_wait_steps(&self->writer.worker, 2));
		EXPECT_EQ(0, isolation_broken(a, &self->victim));
	}
	worker_stop(&self->guest);
	worker_stop(&self->writer.worker);
	EXPECT_LT(0, self->writer.moved);
	EXPECT_LT(self->writer.moved, self->writer.attempts);
}

/* The guest's own invalidations, with others at the same time: the old page is left alone. */
TEST_F_TIMEOUT(isolation, invalidate_while_writing, 600)
{
	struct party *a = &self->attacker;
	__u64 first = a->expected[word_of(a, a->page)];
	int i;

	ASSERT_EQ(0, race_start(&self->writer, &self->guest, a));
	for (i = 0; i < ROUNDS; i++) {
		party_set_entry(a, LEAF, 1, a->page | S1_RW | a->guest.preset);
		EXPECT_TRUE(worker_wait_steps(&self->writer.worker, i % 3 + 1));
		party_set_entry(a, LEAF, 1, 0);
		ASSERT_EQ(0, party_invalidate(a));
		party_set(a, a->page, first);
		EXPECT_TRUE(worker_wait_steps(&self->writer.worker, 2));
		EXPECT_EQ(0, isolation_broken(a, &self->victim));
	}
	worker_stop(&self->guest);
	worker_stop(&self->writer.worker);
	EXPECT_LT(0, self->writer.moved);
	EXPECT_LT(self->writer.moved, self->writer.attempts);
}

TEST_HARNESS_MAIN
