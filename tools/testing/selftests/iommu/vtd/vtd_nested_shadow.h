/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model of nested translation that is small enough to be seen to be right:
 * it knows what DMA may see after any order of operations.
 *
 * What a device sees of a change of the guest's table before the change is
 * invalidated is not certain: the old or the new, and after the invalidation
 * the new alone. Stage 2 the kernel invalidates itself, so there is only what
 * is now.
 */
#ifndef _SELFTESTS_IOMMU_VTD_NESTED_SHADOW_H
#define _SELFTESTS_IOMMU_VTD_NESTED_SHADOW_H

#include <stdbool.h>
#include <linux/types.h>

#define SHADOW_DEVICES	2
#define SHADOW_TABLES	4
#define SHADOW_DOMAINS	6	/* stage-1 domains, of any table and parent */
#define SHADOW_SLOTS	6	/* pages that each table can map */
#define SHADOW_FRAMES	8	/* pages that stage 2 can map */
#define SHADOW_BACKING	4	/* pages of memory, with different words */

enum rights {
	NOTHING,
	READ_ONLY,
	READ_WRITE,
};

/**
 * struct shadow_leaf - an entry of a guest's table
 * @rights: what it allows
 * @frame: where it leads
 */
struct shadow_leaf {
	enum rights rights;
	int frame;
};

/**
 * struct shadow_frame - a page of stage 2
 * @rights: what it allows
 * @backing: where it leads
 */
struct shadow_frame {
	enum rights rights;
	int backing;
};

enum where {
	DETACHED,
	ON_PARENT,
	ON_DOMAIN,
};

/**
 * struct shadow_device - what a device is attached to
 * @where: to what kind of thing
 * @index: to which of them
 */
struct shadow_device {
	enum where where;
	int index;
};

/**
 * struct shadow_domain - a stage-1 domain
 * @table: the guest's table that it is made of
 * @parent: the nest parent that it is on
 * @users: devices attached
 * @cached: for each slot what a device may use, as a set of leaves
 */
struct shadow_domain {
	int table;
	int parent;
	int users;
	__u32 cached[SHADOW_SLOTS];
};

/**
 * struct shadow - the model
 * @leaf: the guest's tables
 * @domain: stage-1 domains
 * @device: devices
 * @frame: stage 2
 * @word: first word of each page of memory
 */
struct shadow {
	struct shadow_leaf leaf[SHADOW_TABLES][SHADOW_SLOTS];
	struct shadow_domain domain[SHADOW_DOMAINS];
	struct shadow_device device[SHADOW_DEVICES];
	struct shadow_frame frame[SHADOW_FRAMES];
	__u64 word[SHADOW_BACKING];
};

/**
 * struct shadow_access - what a device does with a page, and what came of it
 * @read: it reads a word
 * @write: it writes one; an atomic operation does both
 * @faulted: it could not
 * @seen: what it read
 * @written: what it left behind
 */
struct shadow_access {
	bool read;
	bool write;
	bool faulted;
	__u64 seen;
	__u64 written;
};

void shadow_edit(struct shadow *sh, int table, int slot,
		 struct shadow_leaf leaf);
void shadow_new_domain(struct shadow *sh, int domain, int table, int parent);
void shadow_invalidate(struct shadow *sh, int domain, int first, int last);
void shadow_detach(struct shadow *sh, int device);
void shadow_attach_parent(struct shadow *sh, int device, int parent);
void shadow_attach_domain(struct shadow *sh, int device, int domain);
bool shadow_allows(const struct shadow *sh, int device, int slot,
		   const struct shadow_access *a);

#endif /* _SELFTESTS_IOMMU_VTD_NESTED_SHADOW_H */
