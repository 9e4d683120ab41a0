/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a unit reaches the endpoints behind it (requesters.c), and what it has to
 * tell them: invalidations of device TLBs (devtlb.c), page responses (page_request.c).
 */
#ifndef _VTDSIM_REQUESTER_H
#define _VTDSIM_REQUESTER_H

#include <linux/list.h>
#include <linux/types.h>

struct vtdsim_unit;

/**
 * struct vtdsim_devtlb_inv - a device-TLB invalidation (6.5.2.5, 6.5.2.6)
 * @addr: first address, a multiple of the size
 * @order: log2 of the number of 4 KiB pages; 52 for everything
 * @pasid: used only if @with_pasid
 * @with_pasid: PASID-based invalidation
 * @global: of all PASIDs (G bit of a PASID-based invalidation)
 * @itag: tells this invalidation from others that are not complete yet
 */
struct vtdsim_devtlb_inv {
	u64 addr;
	u8 order;
	u32 pasid;
	bool with_pasid;
	bool global;
	u8 itag;
};

/**
 * struct vtdsim_page_request - a page request message (section 7.4)
 * @addr: page
 * @pasid: used only if @with_pasid
 * @sid: requester
 * @group: page request group index
 * @with_pasid: request carries a PASID
 * @read: read access asked for
 * @write: write access asked for
 * @exec: execute access asked for
 * @priv: privileged access asked for
 * @last: last request of its group
 *
 * With neither @read nor @write, and @last, it is a stop marker: no request.
 */
struct vtdsim_page_request {
	u64 addr;
	u32 pasid;
	u16 sid;
	u16 group;
	bool with_pasid;
	bool read;
	bool write;
	bool exec;
	bool priv;
	bool last;
};

/* Response codes of a page group response (section 7.6.1, table 32) */
#define VTDSIM_PRG_SUCCESS	0x0
#define VTDSIM_PRG_INVALID	0x1
#define VTDSIM_PRG_FAILURE	0xf

/**
 * struct vtdsim_page_response - a page group response (section 7.6)
 * @pasid: used only if @with_pasid
 * @group: page request group index
 * @code: VTDSIM_PRG_*
 * @with_pasid: response carries a PASID
 */
struct vtdsim_page_response {
	u32 pasid;
	u16 group;
	u8 code;
	bool with_pasid;
};

/* Values of a page request group index */
#define VTDSIM_PAGE_GROUPS	512

/**
 * struct vtdsim_page_group - what an endpoint waits for, by group index
 * @pasid: PASID of the last request that software got
 * @waiting: requests that software got and has still to answer
 * @with_pasid: @pasid counts
 * @mixed: there was another waiting when that request came
 */
struct vtdsim_page_group {
	u32 pasid;
	u32 waiting;
	bool with_pasid;
	bool mixed;
};

struct vtdsim_requester;
struct vtdsim_translation;

/**
 * struct vtdsim_requester_ops - what an endpoint does when the unit calls
 * @invalidate: drop translations from the endpoint's cache. Returns true if
 *	that is complete; otherwise vtdsim_devtlb_done() follows, or never does
 * @respond: a page group response has arrived
 * @each: call @fn for each translation that the endpoint may use; NULL for an
 *	endpoint that keeps none
 * @waits: does the endpoint wait for an answer to a page request group? NULL for
 *	one that does not tell
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
	bool (*waits)(struct vtdsim_requester *r, u16 group);
};

/**
 * struct vtdsim_requester - an endpoint as the unit knows it
 * @node: on the unit's list
 * @ops: see there
 * @sid: source-id
 * @groups: page_request.c's
 */
struct vtdsim_requester {
	struct list_head node;
	const struct vtdsim_requester_ops *ops;
	u16 sid;
	struct vtdsim_page_group groups[VTDSIM_PAGE_GROUPS];
};

void vtdsim_requester_add(struct vtdsim_unit *unit, struct vtdsim_requester *r);
void vtdsim_requester_remove(struct vtdsim_unit *unit,
			     struct vtdsim_requester *r);
#define VTDSIM_MAX_REQUESTERS	32

unsigned int vtdsim_requester_sids(struct vtdsim_unit *unit, u16 *sids,
				   unsigned int room);
/* Lock held. NULL if nothing with that source-id is there. */
struct vtdsim_requester *vtdsim_requester_find(struct vtdsim_unit *unit, u16 sid);

/* ---- devtlb.c: invalidations of device TLBs (sections 4.3, 6.5.2.11) ---- */

/* Lock held; an invalidate operation has returned false for @itag. */
void vtdsim_devtlb_done(struct vtdsim_unit *unit, u16 sid, u8 itag);

/* ---- page_request.c: the page request queue (sections 7.4 to 7.8) ---- */

/*
 * Hands a page request to software, or answers it as the specification
 * prescribes when it cannot. Any context; takes the unit's lock.
 */
void vtdsim_page_request(struct vtdsim_unit *unit,
			 const struct vtdsim_page_request *req);
/* Passes software's answer on to the endpoint; lock held. */
void vtdsim_page_respond(struct vtdsim_unit *unit, u16 sid,
			 const struct vtdsim_page_response *resp);

#endif /* _VTDSIM_REQUESTER_H */
