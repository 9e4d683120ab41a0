// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs: memory of the guests and the tables in it. All of it is compared
 * with what must be there after each access of a device. Pages that are never mapped
 * have no business of any step, and are compared when the guest ends.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define EXT_ACCESSED	BIT_ULL(10)
#define UNIT_FLAGS	(S1_ACCESSED | S1_DIRTY | EXT_ACCESSED)
#define WORDS		((int)(PAGE / 8))

/* Two trees: a top table for five levels, and one table of each level below. */
#define TREES		2
#define TREE_TABLES	6

/**
 * fuzz_at() - find a word of a guest's memory
 * @c: context
 * @word: number of the word
 *
 * Return: its address.
 */
__u64 *fuzz_at(struct fuzz_context *c, int word)
{
	return (__u64 *)c->guest.va + word;
}

/**
 * fuzz_note_edit() - remember the value of a word that is about to change
 * @f: program
 * @c: context
 * @word: number of the word
 */
void fuzz_note_edit(struct fuzz *f, struct fuzz_context *c, int word)
{
	if (c->edits == FUZZ_EDITS)
		fuzz_fail(f, "more than %d changes: run fewer steps", FUZZ_EDITS);
	c->edit[c->edits++] = (struct fuzz_edit) {
		.word = word,
		.old = c->shadow[word],
		.time = ++f->now,
	};
}

/**
 * fuzz_edit_word() - change a word of a guest's memory
 * @f: program
 * @c: context
 * @word: number of the word
 * @val: its new value
 */
void fuzz_edit_word(struct fuzz *f, struct fuzz_context *c, int word, __u64 val)
{
	fuzz_note_edit(f, c, word);
	c->shadow[word] = val;
	stage1_set(fuzz_at(c, word), val);
}

static int table_of(int tree, int level)
{
	return tree * TREE_TABLES + level - 1;
}

static int entry_word(int table, __u64 iova, int level)
{
	return table * WORDS + (int)(iova >> (12 + 9 * (level - 1)) & 511);
}

/*
 * The tables of a tree map all IOVAs. There is one table of each level, so
 * addresses that differ only in the upper levels share their pages.
 */
static void build_tree(struct fuzz_context *c, int tree)
{
	int i, level;
	__u64 iova;

	for (i = 0; i < FUZZ_IOVAS; i++) {
		iova = fuzz_iova(i);
		for (level = 5; level > 1; level--)
			c->shadow[entry_word(table_of(tree, level), iova, level)] =
				FUZZ_GPA(table_of(tree, level - 1)) | S1_RW;
		c->shadow[entry_word(table_of(tree, 1), iova, 1)] = S1_RW |
			FUZZ_GPA(FUZZ_TABLES + (i + 7 * tree) % (FUZZ_PAGES - FUZZ_TABLES));
	}
}

/* Not a present entry, and different in each word of each guest */
static __u64 first_value(const struct fuzz *f, const struct fuzz_context *c, int word)
{
	return ((__u64)(c - f->ctx + 1) << 56 | (__u64)word << 8) & ~1ULL;
}

static int words_of(const struct fuzz_context *c)
{
	return c->guest.size / sizeof(__u64);
}

/**
 * fuzz_memory_init() - fill a guest's memory
 * @f: program
 * @c: context with its memory
 */
void fuzz_memory_init(struct fuzz *f, struct fuzz_context *c)
{
	int i;

	if (!c->shadow)
		c->shadow = malloc(FUZZ_WORDS * sizeof(*c->shadow));
	if (!c->shadow)
		fuzz_fail(f, "no memory");
	memset(c->shadow, 0, FUZZ_WORDS * sizeof(*c->shadow));
	for (i = FUZZ_TABLES * WORDS; i < FUZZ_WORDS; i++)
		c->shadow[i] = first_value(f, c, i);
	for (i = FUZZ_WORDS; i < words_of(c); i++)
		*fuzz_at(c, i) = first_value(f, c, i);
	for (i = 0; i < TREES; i++)
		build_tree(c, i);
	memcpy(c->guest.va, c->shadow, FUZZ_WORDS * sizeof(*c->shadow));
	c->edits = 0;
}

static bool visited(const struct fuzz_results *r, int word)
{
	int i;

	for (i = 0; r && i < r->visits; i++)
		if (r->visit[i] == word)
			return true;
	return false;
}

/**
 * fuzz_memory_check() - is everything in a guest's memory as it must be?
 * @f: program
 * @c: context
 * @r: results of an access, which says where flags may have been set; or NULL
 *
 * Flags that the unit has set are taken over.
 */
void fuzz_memory_check(struct fuzz *f, struct fuzz_context *c, const struct fuzz_results *r)
{
	int page, i, word;
	__u64 now;

	for (page = 0; page < FUZZ_PAGES; page++) {
		if (!memcmp(fuzz_at(c, page * WORDS), c->shadow + page * WORDS, PAGE))
			continue;
		for (i = 0; i < WORDS; i++) {
			word = page * WORDS + i;
			now = stage1_get(fuzz_at(c, word));
			if (now == c->shadow[word])
				continue;
			if (!visited(r, word) || now != (c->shadow[word] | (now & UNIT_FLAGS)))
				fuzz_fail(f, "guest %d, page %d, word %d: %#llx instead of %#llx",
					  (int)(c - f->ctx), page, i, now, c->shadow[word]);
			c->shadow[word] = now;
		}
	}
}

/**
 * fuzz_memory_check_rest() - are the pages as they were that are never mapped?
 * @f: program
 * @c: context, whose guest ends
 */
void fuzz_memory_check_rest(struct fuzz *f, struct fuzz_context *c)
{
	__u64 now;
	int i;

	for (i = FUZZ_WORDS; i < words_of(c); i++) {
		now = stage1_get(fuzz_at(c, i));
		if (now != first_value(f, c, i))
			fuzz_fail(f, "guest %d, page %d, word %d: %#llx instead of %#llx",
				  (int)(c - f->ctx), i / WORDS, i % WORDS, now,
				  first_value(f, c, i));
	}
}

static __u64 good_entry(struct fuzz *f, int tree, int level)
{
	static const __u64 bits[] = { S1_RW, S1_RW, S1_RO };
	__u64 rights = bits[fuzz_below(f, ARRAY_SIZE(bits))];

	if (level > 1)
		return FUZZ_GPA(table_of(tree, level - 1)) | S1_RW;
	return FUZZ_GPA(fuzz_below(f, FUZZ_PAGES)) | rights;
}

static __u64 odd_entry(struct fuzz *f, int level)
{
	__u64 frame = FUZZ_GPA(fuzz_below(f, FUZZ_PAGES));

	switch (fuzz_below(f, 10)) {
	case 0:
		return 0;
	case 1:		/* a table for a page, a page for a table, or a table in itself */
		return FUZZ_GPA(fuzz_below(f, FUZZ_TABLES)) | S1_RW;
	case 2:
		return frame | S1_PRESENT | (fuzz_below(f, 2) ? S1_WRITE : S1_USER);
	case 3:
		return FUZZ_GPA(0) | S1_RW | S1_LARGE;
	case 4:
		return frame | S1_RW | S1_LARGE;
	case 5:
		return VTD_MSI_FIRST | S1_RW | (level > 1 ? S1_LARGE & fuzz_word(f) : 0);
	case 6:		/* beyond stage 2, or beyond what the unit can address */
		return frame | S1_RW | BIT_ULL(33 + fuzz_below(f, 19));
	case 7:		/* ignored bits */
		return frame | S1_RW | (fuzz_word(f) & 0xfff0000000000a00ULL);
	case 8:
		return frame | S1_RW | UNIT_FLAGS;
	default:
		return fuzz_word(f) | S1_PRESENT;
	}
}

/* Does an entry lead to another place, or with other rights? */
static bool differs(__u64 a, __u64 b)
{
	return (a ^ b) & ~UNIT_FLAGS;
}

/**
 * fuzz_repair() - make a guest's tables and mappings whole again
 * @f: program
 *
 * What is broken stays so for the rest of a program, unless something repairs it.
 */
void fuzz_repair(struct fuzz *f)
{
	struct fuzz_context *c = &f->ctx[fuzz_any_context(f)];
	int tree = fuzz_below(f, TREES), ioas = fuzz_below(f, FUZZ_IOAS), i, level, word;
	__u64 iova, val;

	fuzz_say(f, "guest %d: repair tree %d and address space %d", (int)(c - f->ctx), tree, ioas);
	for (i = 0; i < FUZZ_IOVAS; i++) {
		iova = fuzz_iova(i);
		for (level = 5; level > 1; level--) {
			word = entry_word(table_of(tree, level), iova, level);
			val = FUZZ_GPA(table_of(tree, level - 1)) | S1_RW;
			if (differs(c->shadow[word], val))
				fuzz_edit_word(f, c, word, val);
		}
	}
	fuzz_map_holes(f, c, ioas);
}

/**
 * fuzz_edit_leaf() - change where a page leads to, in the table of a tree
 * @f: program
 * @c: context
 * @tree: which tree
 * @iova: the page
 */
void fuzz_edit_leaf(struct fuzz *f, struct fuzz_context *c, int tree, __u64 iova)
{
	__u64 val = good_entry(f, tree, 1);

	fuzz_say(f, "\tentry of %#llx: %#llx", iova, val);
	fuzz_edit_word(f, c, entry_word(table_of(tree, 1), iova, 1), val);
}

/**
 * fuzz_edit_table() - change an entry of a guest's table
 * @f: program
 */
void fuzz_edit_table(struct fuzz *f)
{
	static const int levels[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 4, 5 };
	struct fuzz_context *c = &f->ctx[fuzz_any_context(f)];
	int tree = fuzz_below(f, TREES);
	int level = levels[fuzz_below(f, ARRAY_SIZE(levels))];
	int i = fuzz_below(f, fuzz_below(f, 2) ? 8 : FUZZ_IOVAS);
	int word = entry_word(table_of(tree, level), fuzz_iova(i), level);
	__u64 val = fuzz_below(f, 4) ? good_entry(f, tree, level) : odd_entry(f, level);

	fuzz_say(f, "guest %d: entry of %#llx in table %d (level %d): %#llx",
		 (int)(c - f->ctx), fuzz_iova(i), table_of(tree, level), level, val);
	fuzz_edit_word(f, c, word, val);
}
