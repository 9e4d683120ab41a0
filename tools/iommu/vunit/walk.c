// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's second-stage page table, leaf by leaf in the order of addresses (VT-d
 * specification sections 3.7 and 9.8).
 *
 * The guest may change its tables while they are walked, and is not trusted to have made
 * sense of them. A table is copied once and decoded from the copy. Tables may refer to
 * each other in a circle: the levels end the walk downwards, and a budget of tables ends
 * it in breadth.
 */
#include <errno.h>
#include <string.h>

#include "formats.h"
#include "unit.h"
#include "walk.h"

static unsigned int walk_shift(int level)
{
	return 12 + 9 * (level - 1);
}

/**
 * vunit_walk_start() - begin to walk a table
 * @unit: unit
 * @root: address of the top table
 * @levels: levels, 3 to 5
 *
 * What the guest has written before is seen by the walk.
 */
void vunit_walk_start(struct vunit *unit, __u64 root, int levels)
{
	struct vunit_walk *walk = &unit->walk;
	int i;

	walk->root = root;
	walk->levels = levels;
	walk->budget = 2ULL * unit->config.max_mappings;
	walk->reserved = unit->ecap & VUNIT_ECAP_SC ? 0 : VUNIT_SS_SNP;
	for (i = 0; i < VUNIT_LEVELS_MAX; i++)
		walk->table[i].valid = false;
}

/* The table of @level at @gpa, which translates addresses from @base on; NULL: no more budget */
static struct vunit_walk_table *walk_table(struct vunit *unit, int level, __u64 base, __u64 gpa)
{
	struct vunit_walk_table *table = &unit->walk.table[level - 1];

	if (table->valid && table->base == base && table->gpa == gpa)
		return table;
	if (!unit->walk.budget)
		return NULL;
	unit->walk.budget--;
	table->valid = true;
	table->base = base;
	table->gpa = gpa;
	table->readable = unit->config.ops->read(unit->config.vmm, gpa, table->entry,
						 sizeof(table->entry));
	return table;
}

static bool walk_is_leaf(__u64 entry, int level)
{
	return level == 1 || (level <= 3 && entry & VUNIT_SS_PS);
}

/* Does an entry have a reserved bit set? Nothing is translated through such an entry. */
static bool walk_reserved(const struct vunit *unit, __u64 entry, int level)
{
	if (!walk_is_leaf(entry, level))
		return entry & (VUNIT_SS_PS | VUNIT_SS_SNP);
	return entry & unit->walk.reserved ||
	       (entry & VUNIT_POINTER & ((1ULL << walk_shift(level)) - 1));
}

/* One descent: 1 and a leaf, or 0 and in @leaf->last the end of what is not mapped. */
static int walk_descend(struct vunit *unit, __u64 addr, struct vunit_leaf *leaf)
{
	__u64 gpa = unit->walk.root, entry, mask;
	__u8 rights = VUNIT_READ | VUNIT_WRITE;
	struct vunit_walk_table *table;
	int level;

	for (level = unit->walk.levels; ; level--) {
		mask = (1ULL << walk_shift(level + 1)) - 1;
		table = walk_table(unit, level, addr & ~mask, gpa);
		if (!table)
			return -E2BIG;
		leaf->last = addr | mask;
		if (!table->readable)
			return 0;
		mask = (1ULL << walk_shift(level)) - 1;
		leaf->last = addr | mask;
		entry = table->entry[addr >> walk_shift(level) & 511];
		rights &= entry;
		if (!rights || walk_reserved(unit, entry, level))
			return 0;
		gpa = entry & VUNIT_POINTER;
		if (!walk_is_leaf(entry, level))
			continue;
		leaf->start = addr & ~mask;
		leaf->gpa = gpa;
		leaf->rights = rights;
		return 1;
	}
}

/**
 * vunit_walk_next() - the leaf that an address is in, or the next one after it
 * @unit: unit, after vunit_walk_start()
 * @addr: address
 * @last: last address to look at
 * @leaf: filled
 *
 * Return: 1, 0 if there is none, -E2BIG if the table has too many tables.
 */
int vunit_walk_next(struct vunit *unit, __u64 addr, __u64 last, struct vunit_leaf *leaf)
{
	__u64 end = (1ULL << walk_shift(unit->walk.levels + 1)) - 1;
	int ret;

	if (last > end)
		last = end;
	while (addr <= last) {
		ret = walk_descend(unit, addr, leaf);
		if (ret)
			return ret;
		addr = leaf->last + 1;
	}
	return 0;
}
