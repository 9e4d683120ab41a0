// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page request queue (VT-d specification sections 7.4 and 11.4.11).
 */
#include <endian.h>

#include "formats.h"
#include "unit.h"

/* The descriptor in two pieces of 8 bytes; the rest of it is reserved. */
static bool page_request_write(struct vunit *unit, __u64 gpa, const struct vunit_page_request *req)
{
	const __u64 desc[VUNIT_PRQ_SIZE / sizeof(__u64)] = {
		VUNIT_PRQ0_TYPE_PAGE | vunit_put(VUNIT_PRQ0_RID, req->sid),
		(req->addr & VUNIT_PRQ1_ADDR) | vunit_put(VUNIT_PRQ1_PRGI, req->group) |
		(req->read ? VUNIT_PRQ1_RDR : 0) | (req->write ? VUNIT_PRQ1_WRR : 0) |
		(req->last ? VUNIT_PRQ1_LPIG : 0),
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(desc); i++) {
		__le64 word = htole64(desc[i]);

		if (!unit->config.ops->write(unit->config.vmm, gpa + i * sizeof(word), &word,
					     sizeof(word)))
			return false;
	}
	return true;
}

static bool page_request_queue(struct vunit *unit, const struct vunit_page_request *req)
{
	const struct vunit_device *dev = vunit_device_find(unit, req->sid);
	__u64 status = vunit_reg_get(unit, VUNIT_PRS, 4);
	__u64 pqa = vunit_reg_get(unit, VUNIT_PQA, 8);
	__u64 mask = (4096ULL << vunit_get(VUNIT_PQA_PQS, pqa)) - 1;
	__u64 tail = vunit_reg_get(unit, VUNIT_PQT, 8) & mask;
	__u64 head = vunit_reg_get(unit, VUNIT_PQH, 8) & mask;
	__u64 next = (tail + VUNIT_PRQ_SIZE) & mask;
	__u64 bit = VUNIT_PRS_PPR;

	if (status & VUNIT_PRS_PRO || !dev || !dev->now.pages)
		return false;
	if (next == head || !page_request_write(unit, (pqa & VUNIT_PQA_PQA) + tail, req))
		bit = VUNIT_PRS_PRO;
	else
		vunit_reg_set(unit, VUNIT_PQT, next, 8);
	vunit_reg_set(unit, VUNIT_PRS, status | bit, 4);
	if (!status)
		vunit_event_raise(unit, VUNIT_PECTL);
	return bit == VUNIT_PRS_PPR;
}

/**
 * vunit_page_request() - put a page request of a device into the guest's queue
 * @unit: unit
 * @req: the request
 *
 * Return: true if it is there. Otherwise the queue is full, or not usable, or the device may not
 *	request pages, or the unit has no such queue; the VMM answers the device itself.
 */
bool vunit_page_request(struct vunit *unit, const struct vunit_page_request *req)
{
	bool queued = false;

	pthread_mutex_lock(&unit->lock);
	if (unit->ecap & VUNIT_ECAP_PRS && vunit_reg_get(unit, VUNIT_GSTS, 4) & VUNIT_G_TE)
		queued = page_request_queue(unit, req);
	pthread_mutex_unlock(&unit->lock);
	return queued;
}

/**
 * vunit_page_status_update() - the guest has cleared bits of the page request status
 * @unit: unit
 */
void vunit_page_status_update(struct vunit *unit)
{
	if (!vunit_reg_get(unit, VUNIT_PRS, 4))
		vunit_event_serviced(unit, VUNIT_PECTL);
}
