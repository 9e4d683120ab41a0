// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test fixture: endpoints, see fixture_endpoint.h.
 */
#include <linux/align.h>
#include <linux/sizes.h>

#include "fixture_endpoint.h"

/**
 * vtdsim_test_function_init() - make a function with an endpoint's configuration space
 * @test: the test
 *
 * An init function for suites: the function is in @test->priv.
 *
 * Context: Before a test.
 * Return: 0.
 */
int vtdsim_test_function_init(struct kunit *test)
{
	struct vtdsim_function *fn = kunit_kzalloc(test, sizeof(*fn), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fn);
	vtdsim_function_init_endpoint(fn, &vtdsim_endpoint_own.layout, TEST_BAR);
	test->priv = fn;
	return 0;
}

/**
 * vtdsim_test_function_state() - what a function may do as it is configured now
 * @fn: the function
 *
 * Context: Any; takes the function's lock.
 * Return: its state.
 */
struct vtdsim_function_state vtdsim_test_function_state(struct vtdsim_function *fn)
{
	struct vtdsim_function_state state;

	vtdsim_function_get_state(fn, &state);
	return state;
}

/**
 * vtdsim_test_bar_init() - initialize an endpoint with a BAR in ordinary memory
 * @test: the test
 * @ep: the endpoint
 * @unit: the unit that it is behind
 * @sid: its source-id
 *
 * The unit does not know it yet. It answers, and may master the bus and send AtomicOps.
 *
 * Context: A test; fails it without memory.
 */
void vtdsim_test_bar_init(struct kunit *test, struct vtdsim_endpoint *ep,
			  struct vtdsim_unit *unit, u16 sid)
{
	vtdsim_test_kind_init(test, ep, &vtdsim_endpoint_own, unit, sid);
}

/**
 * vtdsim_test_kind_init() - vtdsim_test_bar_init() for an endpoint of any kind
 * @test: the test
 * @ep: the endpoint
 * @kind: what it is to be
 * @unit: the unit that it is behind
 * @sid: its source-id
 *
 * Context: A test; fails it without memory.
 */
void vtdsim_test_kind_init(struct kunit *test, struct vtdsim_endpoint *ep,
			   const struct vtdsim_endpoint_kind *kind,
			   struct vtdsim_unit *unit, u16 sid)
{
	void *bar = kunit_kzalloc(test, kind->layout.bar_size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bar);
	vtdsim_endpoint_init(ep, kind, unit, ALIGN_DOWN(TEST_BAR, kind->layout.bar_size), sid);
	ep->bar = (void __iomem __force *)bar;
	ep->page = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ep->page);
	if (kind->state_bytes) {
		ep->state = kunit_kzalloc(test, kind->state_bytes, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, ep->state);
	}
	if (kind->layout.has & VTDSIM_HAS_MSIX)
		ep->fn.msix_entry = ep->bar + kind->layout.msix_table;
	vtdsim_function_write(&ep->fn, CFG_COMMAND, 0x6, 2);
	vtdsim_function_write(&ep->fn, ep->fn.express + 0x28, 0x40, 2);
}

/**
 * vtdsim_test_doorbell() - write a command, ring the doorbell, and have the endpoint look
 * @ep: the endpoint
 * @seq: number of the command
 * @cmd: the command; its group is left to the caller
 *
 * Context: A test. Takes the unit's lock.
 * Return: what the endpoint found.
 */
enum vtdsim_endpoint_work vtdsim_test_doorbell(struct vtdsim_endpoint *ep, u32 seq,
					       const struct vtdsim_command *cmd)
{
	writeq(cmd->addr, ep->bar + VTDSIM_EP_ADDR);
	writeq(cmd->operand, ep->bar + VTDSIM_EP_OPERAND);
	bar_write(ep, VTDSIM_EP_LEN, cmd->len);
	bar_write(ep, VTDSIM_EP_BUF, cmd->buf);
	bar_write(ep, VTDSIM_EP_PASID, cmd->pasid);
	bar_write(ep, VTDSIM_EP_FLAGS, cmd->flags);
	bar_write(ep, VTDSIM_EP_OP, cmd->op);
	bar_write(ep, VTDSIM_EP_DOORBELL, seq);
	return vtdsim_endpoint_poll(ep);
}

static void remove_endpoint(struct vtdsim_test_endpoint *e)
{
	vtdsim_requester_remove(e->p->unit, &e->ep.requester);
	vtdsim_atc_destroy(&e->ep.atc);
}

KUNIT_DEFINE_ACTION_WRAPPER(remove_endpoint_action, remove_endpoint,
			    struct vtdsim_test_endpoint *);

/**
 * vtdsim_test_endpoint_init() - put an endpoint with ATS and PRI behind a unit
 * @test: the test
 *
 * An init function for suites: the endpoint is in @test->priv. PASID translates by
 * the first stage.
 *
 * Context: Before a test.
 * Return: 0.
 */
int vtdsim_test_endpoint_init(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, e);
	e->p = vtdsim_test_prq_new(test);
	e->root = vtdsim_test_page(test);
	e->a = vtdsim_test_page(test);
	e->b = vtdsim_test_page(test);
	e->a[0] = 0xaaaa;
	e->b[0] = 0xbbbb;
	vtdsim_test_set_first(e->p->dma, PASID, 2, e->root);
	vtdsim_test_map_first(e->p->dma, e->root, 0x1000, e->a, FS_URW);
	vtdsim_requester_remove(e->p->unit, &e->p->a->requester);
	vtdsim_test_bar_init(test, &e->ep, e->p->unit, SID);
	e->p->unit->misbehave = true;
	vtdsim_requester_add(e->p->unit, &e->ep.requester);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, remove_endpoint_action, e));
	vtdsim_function_write(&e->ep.fn, CFG_PASID_CTRL, 0x7, 2);
	vtdsim_function_write(&e->ep.fn, CFG_ATS_CTRL, 0x8000, 2);
	vtdsim_function_write(&e->ep.fn, CFG_PRI_ALLOC, 32, 4);
	vtdsim_function_write(&e->ep.fn, CFG_PRI_CTRL, 1, 2);
	test->priv = e;
	return 0;
}

/**
 * vtdsim_test_start() - start a command on 8 bytes, as PASID if @flags says so
 * @e: the endpoint
 * @op: what to do
 * @addr: address
 * @flags: flags of the command
 *
 * Context: A test. Takes the unit's lock.
 * Return: whether it is done already.
 */
bool vtdsim_test_start(struct vtdsim_test_endpoint *e, u32 op, u64 addr, u32 flags)
{
	const struct vtdsim_command cmd = {
		.op = op, .addr = addr, .len = 8, .pasid = PASID, .flags = flags,
	};

	vtdsim_test_doorbell(&e->ep, ++e->seq, &cmd);
	return bar_read(&e->ep, VTDSIM_EP_DONE) == e->seq;
}

/**
 * vtdsim_test_run() - run a command like vtdsim_test_start(), to its end
 * @e: the endpoint
 * @op: what to do
 * @addr: address
 * @flags: flags of the command
 *
 * Context: A test. Takes the unit's lock.
 * Return: its status; ~0 if it is not done.
 */
u32 vtdsim_test_run(struct vtdsim_test_endpoint *e, u32 op, u64 addr, u32 flags)
{
	if (!vtdsim_test_start(e, op, addr, flags))
		return ~0;
	return bar_read(&e->ep, VTDSIM_EP_STATUS);
}

/**
 * vtdsim_test_look() - let an endpoint look once, and the unit do what this allows
 * @e: the endpoint
 *
 * An answer to an invalidation lets the unit go on, which takes time if the unit
 * works beside the CPUs.
 *
 * Context: A test; may sleep. Takes the unit's lock.
 * Return: what vtdsim_endpoint_poll() returned.
 */
enum vtdsim_endpoint_work vtdsim_test_look(struct vtdsim_test_endpoint *e)
{
	enum vtdsim_endpoint_work work = vtdsim_endpoint_poll(&e->ep);

	vtdsim_test_settle(e->p->unit);
	return work;
}

/**
 * vtdsim_test_answers_due() - let the time of all late answers to invalidations come
 * @e: the endpoint
 *
 * The endpoint sends them when it looks next.
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_test_answers_due(struct vtdsim_test_endpoint *e)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&e->p->unit->lock, flags);
	for (i = 0; i < ARRAY_SIZE(e->ep.late); i++)
		e->ep.late[i].due = 0;
	raw_spin_unlock_irqrestore(&e->p->unit->lock, flags);
}

/**
 * vtdsim_test_remap() - map another page at 0x1000, and invalidate the IOTLB
 * @e: the endpoint
 * @page: the page
 * @flags: rights
 *
 * The endpoint's own translations stay.
 *
 * Context: A test. Takes the unit's lock.
 */
void vtdsim_test_remap(struct vtdsim_test_endpoint *e, void *page, u64 flags)
{
	struct vtdsim_unit *unit = e->p->unit;
	unsigned long irq;

	vtdsim_test_map_first(e->p->dma, e->root, 0x1000, page, flags);
	raw_spin_lock_irqsave(&unit->lock, irq);
	vtdsim_inv_iotlb_all(unit->cache);
	raw_spin_unlock_irqrestore(&unit->lock, irq);
}
