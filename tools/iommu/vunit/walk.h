/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's second-stage page table, leaf by leaf in the order of addresses.
 */
#ifndef _VUNIT_WALK_H
#define _VUNIT_WALK_H

#include <stdbool.h>
#include <linux/types.h>

struct vunit;

#define VUNIT_LEVELS_MAX	5

/**
 * struct vunit_walk - state of a walk
 * @root: address of the top table
 * @levels: levels of the table
 * @reserved: bits that no leaf may have
 * @budget: tables that may still be read
 * @table: the table of each level that was read last
 */
struct vunit_walk {
	__u64 root;
	int levels;
	__u64 reserved;
	__u64 budget;
	struct vunit_walk_table {
		bool valid;
		bool readable;
		__u64 base;
		__u64 gpa;
		__u64 entry[512];
	} table[VUNIT_LEVELS_MAX];
};

/**
 * struct vunit_leaf - an entry that maps a page
 * @start: first address
 * @last: last address
 * @gpa: guest physical address that @start is mapped to
 * @rights: VUNIT_READ and VUNIT_WRITE
 */
struct vunit_leaf {
	__u64 start;
	__u64 last;
	__u64 gpa;
	__u8 rights;
};

void vunit_walk_start(struct vunit *unit, __u64 root, int levels);
int vunit_walk_next(struct vunit *unit, __u64 addr, __u64 last, struct vunit_leaf *leaf);

#endif /* _VUNIT_WALK_H */
