/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's part: a small driver of a VT-d unit, which builds tables in guest memory and
 * queues invalidations. One for each of the three kinds of tables that a guest may have, with
 * the same functions. The unit is one of libvunit, or another VMM's.
 */
#ifndef _VUNIT_GUEST_DRIVER_H
#define _VUNIT_GUEST_DRIVER_H

#include <stdbool.h>
#include <linux/types.h>

#include "../vunit.h"

enum driver_mode {
	DRIVER_FIRST,	/* scalable mode, first-stage tables */
	DRIVER_SECOND,	/* scalable mode, second-stage tables */
	DRIVER_LEGACY,	/* legacy mode, second-stage tables */
};

/* Rights of driver_map() */
#define DRIVER_R	1
#define DRIVER_W	2

/* Sizes of pages, as a power of two */
#define DRIVER_4K	12
#define DRIVER_2M	21
#define DRIVER_1G	30

/**
 * struct driver_unit - a unit as its driver gets at it
 * @unit: first argument of the functions
 * @read: read a register of 4 or 8 bytes
 * @write: write one
 */
struct driver_unit {
	void *unit;
	__u64 (*read)(void *unit, __u32 offset, unsigned int size);
	void (*write)(void *unit, __u32 offset, __u64 val, unsigned int size);
};

/**
 * struct driver - a driver and its unit
 * @unit: the unit
 * @mode: kind of tables
 * @mem: guest memory in this process
 * @base: guest physical address of @mem
 * @next: guest physical address that the next page is taken from
 * @end: end of what pages are taken from
 * @root: root table
 * @queue: invalidation queue, one page
 * @requests: page request queue, one page
 * @status: where wait descriptors write
 * @tail: tail of the queue
 * @seq: number of the last wait
 */
struct driver {
	struct driver_unit unit;
	enum driver_mode mode;
	char *mem;
	__u64 base;
	__u64 next;
	__u64 end;
	__u64 root;
	__u64 queue;
	__u64 requests;
	__u64 status;
	__u32 tail;
	__u32 seq;
};

struct driver_unit driver_unit_vunit(struct vunit *unit);
void driver_init(struct driver *d, struct driver_unit unit, enum driver_mode mode);
__u64 driver_read(const struct driver *d, __u32 offset, unsigned int size);
void driver_write(const struct driver *d, __u32 offset, __u64 val, unsigned int size);
void driver_enable(struct driver *d);
void driver_disable(struct driver *d);
__u64 driver_page(struct driver *d);
__u64 *driver_word(const struct driver *d, __u64 gpa);

void driver_map(struct driver *d, __u64 table, __u64 iova, __u64 gpa, int shift, int rights);
void driver_unmap(struct driver *d, __u64 table, __u64 iova, int shift);
__u64 *driver_entry(struct driver *d, __u64 table, __u64 iova, int level);

void driver_use_table(struct driver *d, __u16 sid, __u16 did, __u64 table);
void driver_use_pass(struct driver *d, __u16 sid, __u16 did);
void driver_use_nothing(struct driver *d, __u16 sid);
__u64 driver_pasid_entry(struct driver *d, __u16 sid);
__u64 driver_context_entry(struct driver *d, __u16 sid);

void driver_queue(struct driver *d, __u64 desc0, __u64 desc1);
void driver_kick(struct driver *d);
void driver_queue_context(struct driver *d, __u16 sid, __u16 did);
void driver_queue_pages(struct driver *d, __u16 did, __u64 addr, int order);
void driver_queue_domain(struct driver *d, __u16 did);
void driver_queue_wait(struct driver *d);
bool driver_waited(const struct driver *d);
bool driver_wait(struct driver *d);

bool driver_enable_pages(struct driver *d, __u16 sid, __u16 did);
bool driver_next_request(struct driver *d, struct vunit_page_request *req);
void driver_queue_response(struct driver *d, __u16 sid, __u16 group, __u8 code);

#endif /* _VUNIT_GUEST_DRIVER_H */
