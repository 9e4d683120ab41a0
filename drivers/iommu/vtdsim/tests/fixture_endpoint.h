/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test fixture: endpoints. The configuration space of a function; an endpoint
 * whose BAR is in ordinary memory; and such an endpoint with ATS and PRI behind a
 * unit with tables and queues.
 */
#ifndef _VTDSIM_TEST_FIXTURE_ENDPOINT_H
#define _VTDSIM_TEST_FIXTURE_ENDPOINT_H

#include <kunit/test.h>
#include <uapi/linux/vtdsim.h>

#include "endpoint/endpoint.h"
#include "fixture_prq.h"

/* Configuration registers of an endpoint, and where its BAR is */
#define CFG_COMMAND	0x04
#define CFG_BAR		0x10
#define CFG_PM		0x40
#define CFG_MSI		0x48
#define CFG_EXPRESS	0x60
#define CFG_DEVCTL	(CFG_EXPRESS + 8)
#define CFG_PASID	0x100
#define CFG_PASID_CTRL	(CFG_PASID + 6)
#define CFG_ATS		0x108
#define CFG_ATS_CTRL	(CFG_ATS + 6)
#define CFG_PRI		0x110
#define CFG_PRI_CTRL	(CFG_PRI + 4)
#define CFG_PRI_STATUS	(CFG_PRI + 6)
#define CFG_PRI_ALLOC	(CFG_PRI + 12)

#define TEST_BAR	0x7ff10000u

/* Commands with PASID */
#define F_PASID		VTDSIM_EP_F_PASID

/**
 * struct vtdsim_test_endpoint - an endpoint with ATS and PRI, and what is around it
 * @ep: the endpoint
 * @p: unit, tables and queues; SID is the endpoint's
 * @root: first-stage table of PASID
 * @a: a page, mapped at 0x1000; holds 0xaaaa
 * @b: another, not mapped; holds 0xbbbb
 * @seq: number of the last command
 */
struct vtdsim_test_endpoint {
	struct vtdsim_endpoint ep;
	struct vtdsim_test_prq *p;
	u64 *root;
	u64 *a;
	u64 *b;
	u32 seq;
};

int vtdsim_test_function_init(struct kunit *test);
struct vtdsim_function_state vtdsim_test_function_state(struct vtdsim_function *fn);

void vtdsim_test_bar_init(struct kunit *test, struct vtdsim_endpoint *ep,
			  struct vtdsim_unit *unit, u16 sid);
void vtdsim_test_kind_init(struct kunit *test, struct vtdsim_endpoint *ep,
			   const struct vtdsim_endpoint_kind *kind,
			   struct vtdsim_unit *unit, u16 sid);
enum vtdsim_endpoint_work vtdsim_test_doorbell(struct vtdsim_endpoint *ep, u32 seq,
					       const struct vtdsim_command *cmd);

int vtdsim_test_endpoint_init(struct kunit *test);
bool vtdsim_test_start(struct vtdsim_test_endpoint *e, u32 op, u64 addr, u32 flags);
u32 vtdsim_test_run(struct vtdsim_test_endpoint *e, u32 op, u64 addr, u32 flags);
enum vtdsim_endpoint_work vtdsim_test_look(struct vtdsim_test_endpoint *e);
void vtdsim_test_answers_due(struct vtdsim_test_endpoint *e);
void vtdsim_test_remap(struct vtdsim_test_endpoint *e, void *page, u64 flags);

static inline u32 bar_read(struct vtdsim_endpoint *ep, u32 at)
{
	return readl(ep->bar + at);
}

static inline void bar_write(struct vtdsim_endpoint *ep, u32 at, u32 val)
{
	writel(val, ep->bar + at);
}

#endif /* _VTDSIM_TEST_FIXTURE_ENDPOINT_H */
