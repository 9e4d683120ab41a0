/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is mapped in an IO address space: a balanced tree of intervals.
 *
 * Mappings never overlap, because an IO address space refuses that. Their order by first
 * address is therefore also the order by last address, and an ordinary search tree finds
 * the mappings in a range. It is an AA tree: two rotations keep it balanced, and its level
 * fits into the lower bits of an address, so that a mapping takes 40 bytes.
 */
#ifndef _VUNIT_MAPPINGS_H
#define _VUNIT_MAPPINGS_H

#include <stdbool.h>
#include <linux/types.h>

#define VUNIT_READ	1
#define VUNIT_WRITE	2

struct vunit_node;

/**
 * struct vunit_mappings - the mappings of an IO address space
 * @root: top of the tree
 * @num: mappings in it
 */
struct vunit_mappings {
	struct vunit_node *root;
	__u32 num;
};

/**
 * struct vunit_mapping - one mapping
 * @start: first address
 * @last: last address
 * @gpa: guest physical address that @start is mapped to
 * @rights: VUNIT_READ and VUNIT_WRITE
 */
struct vunit_mapping {
	__u64 start;
	__u64 last;
	__u64 gpa;
	__u8 rights;
};

int vunit_mappings_add(struct vunit_mappings *maps, const struct vunit_mapping *m);
void vunit_mappings_remove(struct vunit_mappings *maps, __u64 start);
bool vunit_mappings_next(const struct vunit_mappings *maps, __u64 addr,
			 struct vunit_mapping *m);
void vunit_mappings_clear(struct vunit_mappings *maps);
bool vunit_mappings_valid(const struct vunit_mappings *maps);

#endif /* _VUNIT_MAPPINGS_H */
