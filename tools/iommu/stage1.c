// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's first-stage page table, in the guest's own memory.
 *
 * The format is that of VT-d section 9.8, which is also that of the processor's
 * 4-level and 5-level paging. Tables of level 1 map 4 KiB pages.
 */
#include <stddef.h>

#include "stage1.h"

#define TABLE_SIZE	4096

static int stage1_index(__u64 iova, int level)
{
	return iova >> (12 + 9 * (level - 1)) & 511;
}

/**
 * stage1_create() - create an empty table
 * @s1: filled
 * @guest: guest whose memory to use
 * @levels: 4 or 5
 */
void stage1_create(struct stage1 *s1, struct guest *guest, int levels)
{
	s1->guest = guest;
	s1->levels = levels;
	s1->root = guest_alloc(guest, TABLE_SIZE, TABLE_SIZE);
}

/**
 * stage1_set() - write an entry while a device may walk the table
 * @entry: entry
 * @val: new value
 */
void stage1_set(__u64 *entry, __u64 val)
{
	__atomic_store_n(entry, val, __ATOMIC_RELEASE);
}

/**
 * stage1_get() - read an entry, with the bits that the VT-d unit has set
 * @entry: entry
 *
 * Return: its value.
 */
__u64 stage1_get(const __u64 *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

/**
 * stage1_entry() - find the entry that translates an address
 * @s1: table
 * @iova: guest IO virtual address
 * @level: 1 for a 4 KiB leaf, 2 for what holds a 2 MiB leaf or points to the
 *	table of level 1, and so on
 *
 * Return: the entry, NULL if there is no table of this level.
 */
__u64 *stage1_entry(const struct stage1 *s1, __u64 iova, int level)
{
	__u64 gpa = s1->root;
	__u64 *table, val;
	int at;

	for (at = s1->levels; ; at--) {
		table = guest_va(s1->guest, gpa);
		if (!table || at == level)
			break;
		val = stage1_get(&table[stage1_index(iova, at)]);
		if (!(val & S1_PRESENT) || (val & S1_LARGE))
			return NULL;
		gpa = val & S1_ADDR;
	}
	return table ? &table[stage1_index(iova, level)] : NULL;
}

/**
 * stage1_map() - map one page
 * @s1: table
 * @iova: guest IO virtual address, a multiple of the page size
 * @gpa: guest physical address, a multiple of the page size
 * @shift: S1_4K, S1_2M or S1_1G
 * @bits: bits of the leaf, as a rule S1_RW or S1_RO
 *
 * Creates missing tables on the way, whose entries allow everything, so that
 * @bits decides.
 */
void stage1_map(struct stage1 *s1, __u64 iova, __u64 gpa, int shift,
		__u64 bits)
{
	int leaf = (shift - 12) / 9 + 1;
	__u64 *entry;
	int level;

	for (level = s1->levels; level > leaf; level--) {
		entry = stage1_entry(s1, iova, level);
		if (!(stage1_get(entry) & S1_PRESENT))
			stage1_set(entry, S1_RW | s1->guest->preset |
				   guest_alloc(s1->guest, TABLE_SIZE,
					       TABLE_SIZE));
	}
	stage1_set(stage1_entry(s1, iova, leaf),
		   gpa | bits | s1->guest->preset |
		   (leaf > 1 ? S1_LARGE : 0));
}
