// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's part: root, context and PASID tables, page tables, and registers. The queue is
 * in driver_queue.c.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../formats.h"
#include "driver.h"

#define LEVELS		4
#define FS_P		BIT_ULL(0)
#define FS_RW		BIT_ULL(1)
#define FS_US		BIT_ULL(2)
#define AW_4_LEVELS	2

/**
 * driver_word() - 8 bytes of guest memory
 * @d: driver
 * @gpa: guest physical address inside the driver's memory
 *
 * Return: their address in this process.
 */
__u64 *driver_word(const struct driver *d, __u64 gpa)
{
	return (__u64 *)(d->mem + (gpa - d->base));
}

static void word_set(struct driver *d, __u64 gpa, __u64 val)
{
	__atomic_store_n(driver_word(d, gpa), htole64(val), __ATOMIC_RELEASE);
}

static __u64 word_get(struct driver *d, __u64 gpa)
{
	return le64toh(__atomic_load_n(driver_word(d, gpa), __ATOMIC_ACQUIRE));
}

/**
 * driver_page() - take a page of guest memory
 * @d: driver
 *
 * Return: its guest physical address. The page is zero.
 */
__u64 driver_page(struct driver *d)
{
	__u64 gpa = d->next;

	if (gpa + PAGE > d->end) {
		fprintf(stderr, "the guest has too little memory\n");
		abort();
	}
	d->next += PAGE;
	memset(driver_word(d, gpa), 0, PAGE);
	return gpa;
}

static __u64 vunit_port_read(void *unit, __u32 offset, unsigned int size)
{
	return vunit_read(unit, offset, size);
}

static void vunit_port_write(void *unit, __u32 offset, __u64 val, unsigned int size)
{
	vunit_write(unit, offset, val, size);
}

/**
 * driver_unit_vunit() - a unit of libvunit, for driver_init()
 * @unit: unit
 *
 * Return: how its driver gets at it.
 */
struct driver_unit driver_unit_vunit(struct vunit *unit)
{
	return (struct driver_unit) {
		.unit = unit,
		.read = vunit_port_read,
		.write = vunit_port_write,
	};
}

/**
 * driver_read() - read a register of the unit
 * @d: driver
 * @offset: offset of the register
 * @size: 4 or 8 bytes
 *
 * Return: its value.
 */
__u64 driver_read(const struct driver *d, __u32 offset, unsigned int size)
{
	return d->unit.read(d->unit.unit, offset, size);
}

/**
 * driver_write() - write a register of the unit
 * @d: driver
 * @offset: offset of the register
 * @val: value
 * @size: 4 or 8 bytes
 */
void driver_write(const struct driver *d, __u32 offset, __u64 val, unsigned int size)
{
	d->unit.write(d->unit.unit, offset, val, size);
}

/**
 * driver_init() - prepare a driver
 * @d: driver with @mem, @base, @next and @end filled in
 * @unit: unit
 * @mode: kind of tables
 */
void driver_init(struct driver *d, struct driver_unit unit, enum driver_mode mode)
{
	d->unit = unit;
	d->mode = mode;
	d->root = driver_page(d);
	d->queue = driver_page(d);
	d->status = driver_page(d);
	d->tail = 0;
	d->seq = 0;
}

/**
 * driver_enable() - set root table and queue, and enable translation
 * @d: driver
 */
void driver_enable(struct driver *d)
{
	__u64 wide = d->mode == DRIVER_LEGACY ? 0 : VUNIT_IQA_DW;
	__u64 ttm = d->mode == DRIVER_LEGACY ? VUNIT_TTM_LEGACY : VUNIT_TTM_SCALABLE;

	driver_write(d, VUNIT_RTADDR, d->root | vunit_put(VUNIT_RTADDR_TTM, ttm), 8);
	driver_write(d, VUNIT_GCMD, VUNIT_G_RTP, 4);
	d->tail = 0;
	driver_write(d, VUNIT_IQA, d->queue | wide, 8);
	driver_write(d, VUNIT_IQT, 0, 8);
	driver_write(d, VUNIT_GCMD, VUNIT_G_QI, 4);
	driver_write(d, VUNIT_GCMD, VUNIT_G_QI | VUNIT_G_TE, 4);
}

/**
 * driver_disable() - disable translation
 * @d: driver
 */
void driver_disable(struct driver *d)
{
	driver_write(d, VUNIT_GCMD, VUNIT_G_QI, 4);
}

/* The table that an entry points to; a new one, if there is none yet */
static __u64 table_below(struct driver *d, __u64 entry, __u64 bits)
{
	__u64 val = word_get(d, entry);

	if (!(val & bits)) {
		val = driver_page(d) | bits;
		word_set(d, entry, val);
	}
	return val & VUNIT_POINTER;
}

/**
 * driver_entry() - the entry of a page table that translates an address
 * @d: driver
 * @table: top table
 * @iova: address
 * @level: level of the entry, 1 for a 4 KiB page; tables on the way are made
 *
 * Return: its address in this process.
 */
__u64 *driver_entry(struct driver *d, __u64 table, __u64 iova, int level)
{
	__u64 bits = d->mode == DRIVER_FIRST ? FS_P | FS_RW | FS_US : VUNIT_SS_R | VUNIT_SS_W;
	int at;

	for (at = LEVELS; at > level; at--)
		table = table_below(d, table + (iova >> (3 + 9 * at) & 511) * 8, bits);
	return driver_word(d, table + (iova >> (3 + 9 * level) & 511) * 8);
}

/**
 * driver_map() - map a page, in whatever its place held before
 * @d: driver
 * @table: top table
 * @iova: address
 * @gpa: guest physical address
 * @shift: size of the page
 * @rights: DRIVER_R or DRIVER_R | DRIVER_W
 */
void driver_map(struct driver *d, __u64 table, __u64 iova, __u64 gpa, int shift, int rights)
{
	int level = (shift - 3) / 9;
	__u64 bits = level > 1 ? VUNIT_SS_PS : 0;

	if (d->mode == DRIVER_FIRST)
		bits |= FS_P | FS_US | (rights & DRIVER_W ? FS_RW : 0);
	else
		bits |= rights;
	__atomic_store_n(driver_entry(d, table, iova, level), htole64(gpa | bits),
			 __ATOMIC_RELEASE);
}

/**
 * driver_unmap() - clear an entry
 * @d: driver
 * @table: top table
 * @iova: address
 * @shift: size of what the entry maps
 */
void driver_unmap(struct driver *d, __u64 table, __u64 iova, int shift)
{
	__atomic_store_n(driver_entry(d, table, iova, (shift - 3) / 9), 0, __ATOMIC_RELEASE);
}

/**
 * driver_context_entry() - the context entry of a device
 * @d: driver
 * @sid: source-id
 *
 * Return: its guest physical address.
 */
__u64 driver_context_entry(struct driver *d, __u16 sid)
{
	__u64 root = d->root + (sid >> 8) * VUNIT_ROOT_SIZE;

	if (d->mode == DRIVER_LEGACY)
		return table_below(d, root, VUNIT_ROOT_P) + (sid & 0xff) * VUNIT_LCTX_SIZE;
	root += (sid >> 7 & 1) * 8;
	return table_below(d, root, VUNIT_ROOT_P) + (sid & 0x7f) * VUNIT_CTX_SIZE;
}

/**
 * driver_pasid_entry() - the entry of PASID 0 of a device, in scalable mode
 * @d: driver
 * @sid: source-id
 *
 * Return: its guest physical address. Tables on the way are made.
 */
__u64 driver_pasid_entry(struct driver *d, __u16 sid)
{
	__u64 dir = table_below(d, driver_context_entry(d, sid), VUNIT_CTX0_P);

	return table_below(d, dir, VUNIT_DIR_P);
}

/* The quadword with the present bit last */
static void entry_set(struct driver *d, __u64 gpa, const __u64 *val, int num)
{
	int i;

	word_set(d, gpa, 0);
	for (i = num - 1; i >= 0; i--)
		word_set(d, gpa + i * 8, val[i]);
}

/**
 * driver_use_table() - translate a device's requests with a page table
 * @d: driver
 * @sid: source-id
 * @did: domain-id
 * @table: top table
 */
void driver_use_table(struct driver *d, __u16 sid, __u16 did, __u64 table)
{
	__u64 legacy[2] = { table | VUNIT_LCTX0_P,
			    vunit_put(VUNIT_LCTX1_DID, did) | AW_4_LEVELS };
	__u64 e[8] = { VUNIT_PASID0_P, did };

	if (d->mode == DRIVER_LEGACY) {
		entry_set(d, driver_context_entry(d, sid), legacy, 2);
		return;
	}
	if (d->mode == DRIVER_FIRST) {
		e[0] |= vunit_put(VUNIT_PASID0_PGTT, VUNIT_PGTT_FIRST);
		e[2] = table;
	} else {
		e[0] |= table | vunit_put(VUNIT_PASID0_PGTT, VUNIT_PGTT_SECOND) |
			vunit_put(VUNIT_PASID0_AW, AW_4_LEVELS);
	}
	entry_set(d, driver_pasid_entry(d, sid), e, 8);
}

/**
 * driver_use_pass() - let a device's requests pass through
 * @d: driver
 * @sid: source-id
 * @did: domain-id
 */
void driver_use_pass(struct driver *d, __u16 sid, __u16 did)
{
	const __u64 legacy[2] = { VUNIT_LCTX0_P | vunit_put(VUNIT_LCTX0_TT, VUNIT_TT_PASS),
				  vunit_put(VUNIT_LCTX1_DID, did) | AW_4_LEVELS };
	const __u64 e[8] = { VUNIT_PASID0_P | vunit_put(VUNIT_PASID0_PGTT, VUNIT_PGTT_PASS),
			     did };

	if (d->mode == DRIVER_LEGACY)
		entry_set(d, driver_context_entry(d, sid), legacy, 2);
	else
		entry_set(d, driver_pasid_entry(d, sid), e, 8);
}

/**
 * driver_use_nothing() - block a device's requests
 * @d: driver
 * @sid: source-id
 */
void driver_use_nothing(struct driver *d, __u16 sid)
{
	word_set(d, d->mode == DRIVER_LEGACY ? driver_context_entry(d, sid) :
					       driver_pasid_entry(d, sid), 0);
}
