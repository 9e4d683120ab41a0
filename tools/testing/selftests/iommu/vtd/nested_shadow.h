/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model of nested translation: which results DMA may have after any sequence
 * of operations.
 *
 * When the guest has changed its table and not yet invalidated the change, a
 * device may see the old leaf or the new one. The kernel invalidates changes of
 * stage 2 by itself, so that only the current state counts there.
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

enum shadow_rights {
	SHADOW_NOTHING,
	SHADOW_READ_ONLY,
	SHADOW_READ_WRITE,
};

/**
 * struct shadow_leaf - an entry of a guest's table
 * @rights: what it allows
 * @frame: index of the frame that it maps
 */
struct shadow_leaf {
	enum shadow_rights rights;
	int frame;
};

/**
 * struct shadow_frame - a page of stage 2
 * @rights: what it allows
 * @backing: index of the page of memory that it maps
 */
struct shadow_frame {
	enum shadow_rights rights;
	int backing;
};

enum shadow_where {
	SHADOW_DETACHED,
	SHADOW_ON_PARENT,
	SHADOW_ON_DOMAIN,
};

/**
 * struct shadow_device - what a device is attached to
 * @where: kind of object
 * @index: index of the object
 */
struct shadow_device {
	enum shadow_where where;
	int index;
};

/**
 * struct shadow_domain - a stage-1 domain
 * @table: the guest's table that it is made of
 * @parent: the nest parent that it is on
 * @users: devices attached
 * @cached: for each slot the set of leaves that a device may use
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
 * struct shadow_access - an access of a device, and its result
 * @read: it reads a word
 * @write: it writes a word; an atomic operation does both
 * @faulted: the access was blocked
 * @seen: the word that was read
 * @written: the word that was written
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
