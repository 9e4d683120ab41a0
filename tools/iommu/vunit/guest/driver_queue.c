// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's part: descriptors of the invalidation queue.
 */
#include <endian.h>

#include "../formats.h"
#include "driver.h"

/* The upper three bits of a type are apart; all types here have less than 16. */
#define DESC_TYPE(t)	vunit_put(VUNIT_DESC0_TYPE, t)

/**
 * driver_queue() - put a descriptor into the queue
 * @d: driver
 * @desc0: quadword 0
 * @desc1: quadword 1
 *
 * The unit does not see it before driver_kick().
 */
void driver_queue(struct driver *d, __u64 desc0, __u64 desc1)
{
	__u32 size = d->mode == DRIVER_LEGACY ? 16 : 32, i;
	__u64 *desc = driver_word(d, d->queue + d->tail);

	desc[0] = htole64(desc0);
	desc[1] = htole64(desc1);
	for (i = 2; i < size / 8; i++)
		desc[i] = 0;
	d->tail = (d->tail + size) % PAGE;
}

/**
 * driver_kick() - have the unit process the queue
 * @d: driver
 */
void driver_kick(struct driver *d)
{
	driver_write(d, VUNIT_IQT, d->tail, 8);
}

/**
 * driver_queue_context() - invalidate a device's entries
 * @d: driver
 * @sid: source-id
 * @did: domain-id
 */
void driver_queue_context(struct driver *d, __u16 sid, __u16 did)
{
	driver_queue(d, DESC_TYPE(VUNIT_DESC_CONTEXT) |
		     vunit_put(VUNIT_INV0_G, VUNIT_CONTEXT_DEVICE) |
		     vunit_put(VUNIT_INV0_DID, did) | vunit_put(VUNIT_CONTEXT0_SID, sid), 0);
	if (d->mode != DRIVER_LEGACY)
		driver_queue(d, DESC_TYPE(VUNIT_DESC_PASID) |
			     vunit_put(VUNIT_INV0_G, VUNIT_PASID_ONE) |
			     vunit_put(VUNIT_INV0_DID, did), 0);
}

/**
 * driver_queue_pages() - invalidate pages
 * @d: driver
 * @did: domain-id
 * @addr: address
 * @order: 2^order pages
 */
void driver_queue_pages(struct driver *d, __u16 did, __u64 addr, int order)
{
	bool first = d->mode == DRIVER_FIRST;

	driver_queue(d, DESC_TYPE(first ? VUNIT_DESC_PIOTLB : VUNIT_DESC_IOTLB) |
		     vunit_put(VUNIT_INV0_G, first ? VUNIT_PIOTLB_PAGES : VUNIT_IOTLB_PAGES) |
		     vunit_put(VUNIT_INV0_DID, did),
		     (addr & VUNIT_INV1_ADDR) | vunit_put(VUNIT_INV1_AM, order));
}

/**
 * driver_queue_domain() - invalidate all pages of a domain
 * @d: driver
 * @did: domain-id
 */
void driver_queue_domain(struct driver *d, __u16 did)
{
	bool first = d->mode == DRIVER_FIRST;

	driver_queue(d, DESC_TYPE(first ? VUNIT_DESC_PIOTLB : VUNIT_DESC_IOTLB) |
		     vunit_put(VUNIT_INV0_G, first ? VUNIT_PIOTLB_PASID : VUNIT_IOTLB_DOMAIN) |
		     vunit_put(VUNIT_INV0_DID, did), 0);
}

/**
 * driver_queue_wait() - put a wait descriptor into the queue
 * @d: driver
 *
 * driver_waited() tells when the unit has completed it.
 */
void driver_queue_wait(struct driver *d)
{
	d->seq++;
	driver_queue(d, DESC_TYPE(VUNIT_DESC_WAIT) | VUNIT_WAIT0_SW |
		     vunit_put(VUNIT_WAIT0_DATA, d->seq), d->status);
}

/**
 * driver_waited() - has the unit completed the last wait?
 * @d: driver
 *
 * Return: true if so.
 */
bool driver_waited(const struct driver *d)
{
	const __u32 *status = (const __u32 *)driver_word(d, d->status);

	return le32toh(__atomic_load_n(status, __ATOMIC_ACQUIRE)) == d->seq;
}

/**
 * driver_wait() - have the unit process the queue, with a wait at its end
 * @d: driver
 *
 * Return: true if the unit has completed the wait.
 */
bool driver_wait(struct driver *d)
{
	driver_queue_wait(d);
	driver_kick(d);
	return driver_waited(d);
}
