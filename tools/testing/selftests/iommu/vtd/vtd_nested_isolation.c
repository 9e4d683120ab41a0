// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that attacks: what its device may not reach stays as it is, and stays
 * secret. There are two guests, each with a device and an iommufd context. After every
 * step all of their memory is compared, and the guard pages around it, and the attacker's
 * device is searched for words that it must not know.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "nested_event.h"
#include "nested_party.h"
#include "nested_pasid.h"

#define ROUNDS		20
#define NEVER_WRITTEN	0xdddd000000000000ULL

/**
 * struct writer - the attacker's device writes to an address all the time
 * @worker: thread that has it do so
 * @p: attacker
 * @addr: the address
 * @attempts: writes so far
 * @moved: those that were not blocked
 */
struct writer {
	struct worker worker;
	struct party *p;
	__u64 addr;
	unsigned long attempts;
	unsigned long moved;
};

/**
 * struct bystander - the victim's device reads PARTY_OWN all the time
 * @worker: thread that has it do so
 * @p: victim
 * @expected: what is there
 * @wrong: reads that failed, or had something else
 */
struct bystander {
	struct worker worker;
	struct party *p;
	__u64 expected;
	unsigned long wrong;
};

FIXTURE(isolation)
{
	struct party attacker;
	struct party victim;
	struct writer writer;
	struct bystander bystander;
	struct worker guest;
};

FIXTURE_SETUP(isolation)
{
	char bdf[NESTED_DEVICES_MAX][PCI_BDF_LEN];
	struct nested n;

	self->attacker.dev.fd = -1;
	self->victim.dev.fd = -1;
	NESTED_SETUP(return, nested_open, &n, 2);
	EXPECT_EQ(0, nested_close(&n));
	ASSERT_LE(2, endpoint_find(bdf, NESTED_DEVICES_MAX));
	ASSERT_EQ(0, party_open(&self->attacker, bdf[0], PARTY_ATTACKER));
	ASSERT_EQ(0, party_open(&self->victim, bdf[1], PARTY_VICTIM));
	ASSERT_EQ(self->attacker.host, party_ask_host_address(&self->attacker, PARTY_OWN));
	ASSERT_EQ(self->victim.host, party_ask_host_address(&self->victim, PARTY_OWN));
}

FIXTURE_TEARDOWN(isolation)
{
	worker_stop(&self->writer.worker);
	worker_stop(&self->bystander.worker);
	worker_stop(&self->guest);
	party_close(&self->attacker);
	party_close(&self->victim);
}

/* The device does work, or being blocked would mean nothing; and so does the watch. */
TEST_F(isolation, works_at_all)
{
	struct party *a = &self->attacker, *v = &self->victim;
	__u64 first = party_expected(v, v->page);

	EXPECT_TRUE(endpoint_reads(&v->dev, PARTY_OWN, &first, 8));
	EXPECT_EQ(0, isolation_broken(a, v));
	first = party_expected(a, a->page);
	EXPECT_TRUE(endpoint_reads(&a->dev, PARTY_OWN, &first, 8));
	EXPECT_EQ(0, isolation_broken(a, v));

	*(__u64 *)((char *)a->dev.bar + VTDSIM_EP_BUFFER) = party_expected(v, v->page + 8 * 7);
	EXPECT_EQ(1, isolation_broken(a, v));
	first++;
	EXPECT_TRUE(endpoint_writes(&a->dev, PARTY_OWN, &first, 8));
	/* What is in the device's buffer now is the attacker's own. */
	EXPECT_EQ(1, isolation_broken(a, v));
	((__u64 *)v->guest.va)[-1]++;
	EXPECT_EQ(2, isolation_broken(a, v));
	((char *)a->guest.va)[PARTY_SIZE]++;
	EXPECT_EQ(3, isolation_broken(a, v));
	EXPECT_FALSE(harmless(a, v, PARTY_OWN, 0, 0));
}

/* Leaves, tables and roots of the attacker at addresses that stage 2 does not have */
TEST_F(isolation, tables_that_lead_outside)
{
	struct party *a = &self->attacker, *v = &self->victim;
	const __u64 there[] = {
		v->host, a->host, v->host & ~(SIZE_2M - 1), v->host & ~(SIZE_1G - 1),
		NESTED_GPA + PARTY_MAPPED, NESTED_GPA + PARTY_SIZE - PAGE, NESTED_GPA + PARTY_SIZE,
		NESTED_GPA - PAGE, 0, PAGE, VTD_MSI_FIRST, 1ULL << 38, (1ULL << 39) - PAGE,
	};
	struct iommu_hwpt_vtd_s1 cfg = { .addr_width = 48 };
	const __u64 bits = S1_RW | a->guest.preset;
	unsigned int i;
	__u32 hwpt;

	for (i = 0; i < ARRAY_SIZE(there); i++) {
		party_set_entry(a, PARTY_LEAF, 1, there[i] | bits);
		party_set_entry(a, PARTY_LEVEL_2, 2, there[i] | bits);
		party_set_entry(a, PARTY_LEVEL_3, 3, (there[i] & ~(SIZE_1G - 1)) | bits | S1_LARGE);
		party_set_entry(a, PARTY_LEVEL_4, 3, there[i] | bits);
		EXPECT_EQ(0, party_invalidate(a, a->hwpt));
		EXPECT_TRUE(harmless(a, v, PARTY_LEAF, 0, 0));
		EXPECT_TRUE(harmless(a, v, PARTY_LEVEL_2, 0, 0));
		EXPECT_TRUE(harmless(a, v, PARTY_LEVEL_4, 0, 0));
		/* Of a page of 1 GiB only what stage 2 maps can be reached. */
		if (there[i] < NESTED_GPA || there[i] >= NESTED_GPA + PARTY_SIZE)
			EXPECT_TRUE(harmless(a, v, PARTY_LEVEL_3 + there[i] % SIZE_1G, 0, 0));

		cfg.pgtbl_addr = there[i];
		ASSERT_EQ(0, iommufd_hwpt_alloc_s1(a->iommufd, a->dev.id, a->parent, &cfg, &hwpt));
		ASSERT_EQ(0, vfio_attach(&a->dev, hwpt));
		EXPECT_TRUE(harmless(a, v, PARTY_OWN, 0, 0));
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
		EXPECT_EQ(0, party_ask_host_address(a, v->host));
	}
	ASSERT_EQ(0, vfio_detach(&a->dev));
	EXPECT_TRUE(harmless(a, v, v->host, 0, 0));
	EXPECT_TRUE(harmless(a, v, a->host, 0, 0));
	/* Without a domain ATS is off, and no translation can be had. */
	EXPECT_EQ(0, party_ask_host_address(a, PARTY_OWN));
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
			EXPECT_TRUE(harmless(a, v, PARTY_OWN, flags[k], pasids[i]));
			EXPECT_TRUE(harmless(a, v, a->page, flags[k], pasids[i]));
			EXPECT_TRUE(harmless(a, v, v->host, flags[k], pasids[i]));
		}
	}
}

static bool reads_with_pasid(struct party *p, __u32 pasid, __u64 expected)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_READ,
		.flags = VTDSIM_EP_F_PASID,
		.pasid = pasid,
		.addr = PARTY_OWN,
		.len = 8,
	};
	struct endpoint_result res;

	return !endpoint_run(&p->dev, &cmd, &res) && res.status == VTDSIM_EP_S_OK &&
	       *(__u64 *)((char *)p->dev.bar + VTDSIM_EP_BUFFER) == expected;
}

/* A PASID leads each device to its own table only, and to none where none is attached. */
TEST_F(isolation, pasid_of_the_victim)
{
	struct party *a = &self->attacker, *v = &self->victim;
	const __u64 a_first = party_expected(a, a->page), v_first = party_expected(v, v->page);
	__u32 a_hwpt, v_hwpt;
	int ret;

	ret = party_s1_alloc(v, &v->t, IOMMUFD_ALLOC_PASID, &v_hwpt);
	if (ret == -EOPNOTSUPP)
		SKIP(return, "iommufd attaches no PASIDs");
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, party_s1_alloc(a, &a->t, IOMMUFD_ALLOC_PASID, &a_hwpt));
	ASSERT_EQ(0, vfio_attach(&v->dev, v_hwpt));
	ASSERT_EQ(0, vfio_attach(&a->dev, a_hwpt));
	ASSERT_EQ(0, vfio_attach_pasid(&v->dev, PASID_A, v_hwpt));
	EXPECT_TRUE(reads_with_pasid(v, PASID_A, v_first));
	EXPECT_TRUE(harmless(a, v, PARTY_OWN, VTDSIM_EP_F_PASID, PASID_A));
	EXPECT_TRUE(harmless(a, v, v->page, VTDSIM_EP_F_PASID, PASID_A));
	EXPECT_TRUE(harmless(a, v, v->host, VTDSIM_EP_F_PASID, PASID_A));

	/* A PASID of its own opens no other one. */
	ASSERT_EQ(0, vfio_attach_pasid(&a->dev, PASID_B, a_hwpt));
	EXPECT_TRUE(reads_with_pasid(a, PASID_B, a_first));
	EXPECT_TRUE(harmless(a, v, PARTY_OWN, VTDSIM_EP_F_PASID, PASID_A));
	ASSERT_EQ(0, vfio_attach_pasid(&a->dev, PASID_A, a_hwpt));
	EXPECT_TRUE(reads_with_pasid(a, PASID_A, a_first));
	EXPECT_TRUE(reads_with_pasid(v, PASID_A, v_first));
	EXPECT_EQ(0, isolation_broken(a, v));

	ASSERT_EQ(0, vfio_detach_pasid(&a->dev, PASID_A));
	EXPECT_TRUE(harmless(a, v, PARTY_OWN, VTDSIM_EP_F_PASID, PASID_A));
	EXPECT_TRUE(reads_with_pasid(a, PASID_B, a_first));
	EXPECT_TRUE(reads_with_pasid(v, PASID_A, v_first));
	ASSERT_EQ(0, vfio_detach_pasid(&a->dev, PASID_B));
	EXPECT_TRUE(harmless(a, v, PARTY_OWN, VTDSIM_EP_F_PASID, PASID_B));
	ASSERT_EQ(0, vfio_detach_pasid(&v->dev, PASID_A));
	EXPECT_TRUE(harmless(a, v, PARTY_OWN, VTDSIM_EP_F_PASID, PASID_A));
}

/* What the device TLB has is gone when the kernel has taken the page away. */
TEST_F(isolation, stale_device_tlb)
{
	struct party *a = &self->attacker, *v = &self->victim;
	const __u64 first = party_expected(a, a->page);
	char bdf[PCI_BDF_LEN];

	EXPECT_TRUE(endpoint_reads(&a->dev, PARTY_OWN, &first, 8));
	ASSERT_EQ(0, iommufd_ioas_unmap(a->iommufd, a->ioas, NESTED_GPA, PARTY_MAPPED));
	EXPECT_TRUE(harmless(a, v, PARTY_OWN, 0, 0));
	ASSERT_EQ(0, iommufd_ioas_map(a->iommufd, a->ioas, a->guest.va, PARTY_MAPPED, NESTED_GPA,
				      IOMMUFD_MAP_RW));
	EXPECT_TRUE(endpoint_reads(&a->dev, PARTY_OWN, &first, 8));
	ASSERT_EQ(0, vfio_detach(&a->dev));
	EXPECT_TRUE(harmless(a, v, PARTY_OWN, 0, 0));
	ASSERT_EQ(0, vfio_attach(&a->dev, a->hwpt));
	EXPECT_TRUE(endpoint_reads(&a->dev, PARTY_OWN, &first, 8));

	/* The device changes hands, and what it had cached does not. */
	vfio_close(&a->dev);
	snprintf(bdf, sizeof(bdf), "%s", a->dev.bdf);
	ASSERT_EQ(0, endpoint_open(&a->dev, bdf, v->iommufd));
	EXPECT_TRUE(harmless(a, v, PARTY_OWN, 0, 0));
	ASSERT_EQ(0, vfio_attach(&a->dev, v->parent));
	EXPECT_TRUE(harmless(a, v, PARTY_OWN, 0, 0));
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
	party_set_entry(a, PARTY_LEAF, 1, VTD_MSI_FIRST | S1_RW | a->guest.preset);
	EXPECT_EQ(0, party_invalidate(a, a->hwpt));
	for (i = 0; i < ARRAY_SIZE(data); i++) {
		EXPECT_EQ(0, endpoint_write(&a->dev, VTD_MSI_FIRST, &data[i], 4, &res));
		EXPECT_NE(VTDSIM_EP_S_OK, res.status);
		EXPECT_EQ(0, endpoint_write(&a->dev, VTD_MSI_FIRST + 0x10, &data[i], 4, &res));
		EXPECT_NE(VTDSIM_EP_S_OK, res.status);
		EXPECT_EQ(0, endpoint_write(&a->dev, PARTY_LEAF, &data[i], 4, &res));
		EXPECT_NE(VTDSIM_EP_S_OK, res.status);
		EXPECT_EQ(0, isolation_broken(a, v));
	}
	EXPECT_TRUE(harmless(a, v, VTD_MSI_FIRST, 0, 0));
	EXPECT_TRUE(harmless(a, v, VTD_MSI_LAST - 7, 0, 0));
	EXPECT_TRUE(harmless(a, v, PARTY_LEAF, 0, 0));
	EXPECT_EQ(0, event_count(irq, 0));
	EXPECT_EQ(0, event_count(own, 0));
	EXPECT_EQ(0, vfio_msi_disable(&v->dev));
	EXPECT_EQ(0, vfio_msi_disable(&a->dev));
	close(irq);
	close(own);
}

static bool write_once(void *arg)
{
	const __u64 val = NEVER_WRITTEN;
	struct endpoint_result res;
	struct writer *w = arg;

	if (endpoint_write(&w->p->dev, w->addr, &val, 8, &res))
		return false;
	w->attempts++;
	w->moved += res.status == VTDSIM_EP_S_OK;
	return true;
}

/* A guest's thread invalidates all the time. */
static bool invalidate_all(void *arg)
{
	struct party *p = arg;

	return !party_invalidate(p, p->hwpt);
}

static int race_start(struct writer *w, struct worker *guest, struct party *p)
{
	int ret;

	*w = (struct writer) { .p = p, .addr = PARTY_LEAF };
	ret = worker_start(&w->worker, write_once, w);
	return ret ?: worker_start(guest, invalidate_all, p);
}

/* Stage 2 loses a page while the device writes to it: from then on the page stays as it is. */
TEST_F_TIMEOUT(isolation, unmap_while_writing, 600)
{
	struct party *a = &self->attacker;
	const __u64 gpa = NESTED_GPA + PARTY_MAPPED;	/* of the half that is not mapped */
	int i;

	party_set_entry(a, PARTY_LEAF, 1, gpa | S1_RW | a->guest.preset);
	ASSERT_EQ(0, race_start(&self->writer, &self->guest, a));
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, iommufd_ioas_map(a->iommufd, a->ioas, guest_va(&a->guest, gpa), PAGE,
					      gpa, IOMMUFD_MAP_RW));
		EXPECT_TRUE(worker_wait_steps(&self->writer.worker, i % 3 + 1));
		ASSERT_EQ(0, iommufd_ioas_unmap(a->iommufd, a->ioas, gpa, PAGE));
		party_set(a, gpa, party_expected(a, gpa + 8) - 16);
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
	__u64 first = party_expected(a, a->page);
	int i;

	ASSERT_EQ(0, race_start(&self->writer, &self->guest, a));
	for (i = 0; i < ROUNDS; i++) {
		party_set_entry(a, PARTY_LEAF, 1, a->page | S1_RW | a->guest.preset);
		EXPECT_TRUE(worker_wait_steps(&self->writer.worker, i % 3 + 1));
		party_set_entry(a, PARTY_LEAF, 1, 0);
		ASSERT_EQ(0, party_invalidate(a, a->hwpt));
		party_set(a, a->page, first);
		EXPECT_TRUE(worker_wait_steps(&self->writer.worker, 2));
		EXPECT_EQ(0, isolation_broken(a, &self->victim));
	}
	worker_stop(&self->guest);
	worker_stop(&self->writer.worker);
	EXPECT_LT(0, self->writer.moved);
	EXPECT_LT(self->writer.moved, self->writer.attempts);
}

static bool read_own(void *arg)
{
	struct bystander *b = arg;

	b->wrong += !endpoint_reads(&b->p->dev, PARTY_OWN, &b->expected, 8);
	return true;
}

/**
 * struct invalidators - two tables that a guest's thread invalidates all the time
 * @p: the guest
 * @hwpt: their objects
 */
struct invalidators {
	struct party *p;
	__u32 hwpt[2];
};

static bool invalidate_both(void *arg)
{
	struct invalidators *both = arg;

	return !party_invalidate(both->p, both->hwpt[0]) &&
	       !party_invalidate(both->p, both->hwpt[1]);
}

/*
 * The device gets another table, with invalidations of both at the same time: from then
 * on the page of the old one is left alone, and the victim notices nothing.
 */
TEST_F_TIMEOUT(isolation, replace_while_invalidating, 600)
{
	struct party *a = &self->attacker, *v = &self->victim;
	struct invalidators both = { .p = a, .hwpt = { a->hwpt } };
	__u64 page[2] = { a->page }, first[2];
	struct stage1 t;
	int i, now;

	page[1] = party_second_table(a, &t);
	ASSERT_EQ(0, party_s1_alloc(a, &t, 0, &both.hwpt[1]));
	for (i = 0; i < 2; i++)
		first[i] = party_expected(a, page[i]);
	self->writer = (struct writer) { .p = a, .addr = PARTY_OWN };
	self->bystander = (struct bystander) { .p = v, .expected = party_expected(v, v->page) };
	ASSERT_EQ(0, worker_start(&self->guest, invalidate_both, &both));
	ASSERT_EQ(0, worker_start(&self->writer.worker, write_once, &self->writer));
	ASSERT_EQ(0, worker_start(&self->bystander.worker, read_own, &self->bystander));
	for (i = 1; i <= ROUNDS; i++) {
		now = i % 2;
		ASSERT_EQ(0, vfio_attach(&a->dev, both.hwpt[now]));
		party_set(a, page[!now], first[!now]);
		EXPECT_TRUE(worker_wait_steps(&self->writer.worker, 2));
		party_expect(a, page[now], NEVER_WRITTEN);
		EXPECT_TRUE(worker_wait_steps(&self->bystander.worker, 1));
		EXPECT_EQ(0, isolation_broken(a, v));
	}
	EXPECT_FALSE(worker_ended(&self->guest));
	worker_stop(&self->guest);
	worker_stop(&self->writer.worker);
	worker_stop(&self->bystander.worker);
	EXPECT_EQ(0, self->bystander.wrong);
}

TEST_HARNESS_MAIN
