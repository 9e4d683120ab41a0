/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requesters: the endpoints behind a unit, as the unit knows them. It calls them
 * through operations only.
 */
#ifndef _VTDSIM_REQUESTERS_H
#define _VTDSIM_REQUESTERS_H

#include <linux/list.h>
#include <linux/types.h>

struct vtdsim_devtlb_inv;
struct vtdsim_page_response;
struct vtdsim_unit;

/* Values of a page request group index */
#define VTDSIM_PAGE_GROUPS	512

/**
 * struct vtdsim_page_group - what an endpoint waits for, by group index
 * @pasid: PASID of the last request that software got
 * @waiting: requests that software got and has still to answer
 * @with_pasid: @pasid counts
 * @mixed: another request was waiting when that one arrived
 */
struct vtdsim_page_group {
	u32 pasid;
	u32 waiting;
	bool with_pasid;
	bool mixed;
};

/**
 * struct vtdsim_translation - a translation, decoded from a completion
 * @in: first input address
 * @out: host address of @in
 * @pasid: used only if @with_pasid
 * @shift: 1 << @shift bytes
 * @with_pasid: for requests with that PASID
 * @priv: for privileged requests
 * @untranslated: may only be used by sending untranslated requests
 * @read: reads allowed
 * @write: writes allowed
 * @exec: execution allowed
 */
struct vtdsim_translation {
	u64 in;
	u64 out;
	u32 pasid;
	u8 shift;
	bool with_pasid;
	bool priv;
	bool untranslated;
	bool read;
	bool write;
	bool exec;
};

struct vtdsim_requester;

/**
 * struct vtdsim_requester_ops - operations of an endpoint, called by the unit
 * @invalidate: drop translations from the endpoint's cache. Returns true if
 *	that is complete; otherwise vtdsim_devtlb_done() follows, or never does
 * @respond: a page group response has arrived
 * @each: call @fn for each translation that the endpoint may use; NULL for an
 *	endpoint without a device TLB
 * @epoch: a number that changes when all earlier translations become invalid at once;
 *	0 while the endpoint must not keep any. NULL for one that always may
 * @waits: does the endpoint wait for an answer to a page request group? NULL if
 *	it cannot tell
 * @lose_power: the endpoint has lost power, together with the unit. NULL if it has
 *	nothing to lose
 *
 * All are called with the unit's lock held.
 */
struct vtdsim_requester_ops {
	bool (*invalidate)(struct vtdsim_requester *r,
			   const struct vtdsim_devtlb_inv *inv);
	void (*respond)(struct vtdsim_requester *r,
			const struct vtdsim_page_response *resp);
	void (*each)(struct vtdsim_requester *r,
		     void (*fn)(void *data, const struct vtdsim_translation *t),
		     void *data);
	u32 (*epoch)(struct vtdsim_requester *r);
	bool (*waits)(struct vtdsim_requester *r, u16 group);
	void (*lose_power)(struct vtdsim_requester *r);
};

/**
 * struct vtdsim_requester - an endpoint as the unit knows it
 * @node: on the unit's list
 * @ops: operations
 * @sid: source-id
 * @timed_out: an invalidation that it was sent has timed out
 * @groups: page request groups, kept by request/page_request.c
 */
struct vtdsim_requester {
	struct list_head node;
	const struct vtdsim_requester_ops *ops;
	u16 sid;
	bool timed_out;
	struct vtdsim_page_group groups[VTDSIM_PAGE_GROUPS];
};

void vtdsim_requester_add(struct vtdsim_unit *unit, struct vtdsim_requester *r);
void vtdsim_requester_remove(struct vtdsim_unit *unit,
			     struct vtdsim_requester *r);

/* Lock held. */
void vtdsim_requesters_lose_power(struct vtdsim_unit *unit);

#define VTDSIM_MAX_REQUESTERS	32

unsigned int vtdsim_requester_sids(struct vtdsim_unit *unit, u16 *sids,
				   unsigned int room);
/* Lock held. NULL if no endpoint has that source-id. */
struct vtdsim_requester *vtdsim_requester_find(struct vtdsim_unit *unit, u16 sid);

#endif /* _VTDSIM_REQUESTERS_H */
