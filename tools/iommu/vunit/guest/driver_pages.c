// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's part: the page request queue.
 */
#include <endian.h>

#include "../formats.h"
#include "driver.h"

/**
 * driver_enable_pages() - take the page requests of a device
 * @d: driver with translation enabled, for first-stage tables
 * @sid: source-id
 * @did: domain-id of the device's table
 *
 * Return: true if the unit has completed the invalidations for that.
 */
bool driver_enable_pages(struct driver *d, __u16 sid, __u16 did)
{
	__u64 *entry = driver_word(d, driver_context_entry(d, sid));

	d->requests = driver_page(d);
	driver_write(d, VUNIT_PQA, d->requests, 8);
	*entry |= htole64(VUNIT_CTX0_DTE | VUNIT_CTX0_PRE);
	driver_queue_context(d, sid, did);
	return driver_wait(d);
}

/**
 * driver_next_request() - take a page request out of the queue
 * @d: driver
 * @req: filled
 *
 * Return: false if there is none.
 */
bool driver_next_request(struct driver *d, struct vunit_page_request *req)
{
	__u64 head = driver_read(d, VUNIT_PQH, 8);
	const __u64 *desc = driver_word(d, d->requests + head);
	__u64 page;

	if (head == driver_read(d, VUNIT_PQT, 8))
		return false;
	page = le64toh(desc[1]);
	*req = (struct vunit_page_request) {
		.sid = vunit_get(VUNIT_PRQ0_RID, le64toh(desc[0])),
		.group = vunit_get(VUNIT_PRQ1_PRGI, page),
		.addr = page & VUNIT_PRQ1_ADDR,
		.read = page & VUNIT_PRQ1_RDR,
		.write = page & VUNIT_PRQ1_WRR,
		.last = page & VUNIT_PRQ1_LPIG,
	};
	driver_write(d, VUNIT_PRS, VUNIT_PRS_PPR, 4);
	driver_write(d, VUNIT_PQH, (head + VUNIT_PRQ_SIZE) % PAGE, 8);
	return true;
}

/**
 * driver_queue_response() - respond to a group of page requests
 * @d: driver
 * @sid: source-id of the device
 * @group: index of the group
 * @code: response code, VT-d section 7.6.1
 */
void driver_queue_response(struct driver *d, __u16 sid, __u16 group, __u8 code)
{
	driver_queue(d, vunit_put(VUNIT_DESC0_TYPE, VUNIT_DESC_PAGE) |
		     vunit_put(VUNIT_PAGE0_RID, sid) | vunit_put(VUNIT_PAGE0_RC, code),
		     vunit_put(VUNIT_PAGE1_PRGI, group));
}
