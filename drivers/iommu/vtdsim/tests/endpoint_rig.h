/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An endpoint with ATS and PRI before a unit with tables and queues. Offsets
 * and descriptors are spelled out as numbers.
 */
#ifndef _VTDSIM_ENDPOINT_RIG_H
#define _VTDSIM_ENDPOINT_RIG_H

#include <linux/sizes.h>
#include <uapi/linux/vtdsim.h>

#include "endpoint/endpoint.h"
#include "prq_rig.h"

/* Configuration registers of an endpoint */
#define COMMAND		0x04
#define DEVCTL		0x68
#define PASID_CTRL	0x106
#define ATS_CTRL	0x10e
#define PRI_CTRL	0x114
#define PRI_STATUS	0x116
#define PRI_ALLOC	0x11c

#define F_PASID		VTDSIM_EP_F_PASID

/* A wait that writes 7 */
#define WAIT_7		(0x25ULL | 7ULL << 32)

/**
 * struct lab - the endpoint and what is around it
 * @ep: the endpoint
 * @p: unit, tables and queues; SID is the endpoint's
 * @root: first-stage table of PASID
 * @a: a page, mapped at 0x1000
 * @b: another, not mapped
 * @seq: number of the last command
 */
struct lab {
	struct vtdsim_endpoint ep;
	struct prq *p;
	u64 *root;
	u64 *a;
	u64 *b;
	u32 seq;
};

/* Invalidations of all translations there are, and of a page */
static inline void drop_all(struct lab *l)
{
	submit2(l->p, 0x3ULL | (u64)SID << 32, 0x7ffffffffffff001ULL);
}

static inline void drop_page(struct lab *l, u64 addr)
{
	submit2(l->p, 0x3ULL | (u64)SID << 32, addr);
}

static inline void lab_destroy(void *data)
{
	struct lab *l = data;

	vtdsim_requester_remove(l->p->unit, &l->ep.requester);
	vtdsim_atc_destroy(&l->ep.atc);
}

static inline void config(struct lab *l, u32 at, u32 val, unsigned int size)
{
	vtdsim_function_write(&l->ep.fn, at, val, size);
}

static inline int lab_init(struct kunit *test)
{
	struct lab *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);
	void *bar = kunit_kzalloc(test, VTDSIM_EP_BAR_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, l);
	KUNIT_ASSERT_NOT_NULL(test, bar);
	l->p = prq_make(test);
	l->root = rig_page(test);
	l->a = rig_page(test);
	l->b = rig_page(test);
	l->a[0] = 0xaaaa;
	l->b[0] = 0xbbbb;
	rig_set_first(l->p->rig, PASID, 2, l->root);
	rig_map_first(l->p->rig, l->root, 0x1000, l->a, FS_URW);
	vtdsim_requester_remove(l->p->unit, &l->p->a->r);
	vtdsim_endpoint_init(&l->ep, l->p->unit, 0x7ff10000, SID);
	vtdsim_requester_add(l->p->unit, &l->ep.requester);
	l->ep.bar = (void __iomem __force *)bar;
	l->ep.page = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, l->ep.page);
	config(l, COMMAND, 0x6, 2);
	config(l, PASID_CTRL, 0x7, 2);
	config(l, ATS_CTRL, 0x8000, 2);
	config(l, PRI_ALLOC, 32, 4);
	config(l, PRI_CTRL, 1, 2);
	test->priv = l;
	return kunit_add_action_or_reset(test, lab_destroy, l);
}

static inline u32 get(struct lab *l, u32 at)
{
	return readl(l->ep.bar + at);
}

static inline void put(struct lab *l, u32 at, u32 val)
{
	writel(val, l->ep.bar + at);
}

/* Returns false if the command is not done. */
static inline bool start(struct lab *l, u32 op, u64 addr, u32 flags)
{
	writeq(addr, l->ep.bar + VTDSIM_EP_ADDR);
	put(l, VTDSIM_EP_LEN, 8);
	put(l, VTDSIM_EP_BUF, 0);
	put(l, VTDSIM_EP_PASID, PASID);
	put(l, VTDSIM_EP_FLAGS, flags);
	put(l, VTDSIM_EP_OP, op);
	put(l, VTDSIM_EP_DOORBELL, ++l->seq);
	vtdsim_endpoint_poll(&l->ep);
	return get(l, VTDSIM_EP_DONE) == l->seq;
}

static inline u32 run(struct lab *l, u32 op, u64 addr, u32 flags)
{
	if (!start(l, op, addr, flags))
		return ~0;
	return get(l, VTDSIM_EP_STATUS);
}

/* The time of all answers that are late has come. */
static inline void answers_are_due(struct lab *l)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&l->p->unit->lock, flags);
	for (i = 0; i < ARRAY_SIZE(l->ep.late); i++)
		l->ep.late[i].due = 0;
	raw_spin_unlock_irqrestore(&l->p->unit->lock, flags);
}

/* Points 0x1000 elsewhere and invalidates what the unit has cached of it. */
static inline void remap(struct lab *l, void *page, u64 flags)
{
	struct vtdsim_unit *unit = l->p->unit;
	unsigned long irq;

	rig_map_first(l->p->rig, l->root, 0x1000, page, flags);
	raw_spin_lock_irqsave(&unit->lock, irq);
	vtdsim_inv_iotlb_all(unit->cache);
	raw_spin_unlock_irqrestore(&unit->lock, irq);
}

#endif /* _VTDSIM_ENDPOINT_RIG_H */
