// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cache lines as last flushed, for units that do not snoop the CPUs' caches.
 *
 * A unit that is not coherent reads tables from memory (section 3.10). It sees
 * what software wrote once software has flushed the line, and the old contents
 * until then. The model copies a line when a driver flushes it, and never
 * earlier. Hardware may see new contents earlier, because CPUs write lines back
 * at any time.
 *
 * The unit finds a table through entries that were flushed. If it then reads a line
 * of the table that was never flushed, software has made a mistake, which is
 * reported at once. A line that is newer in the caches than in memory may still be
 * flushed in time. The audit reports it if the unit has read it.
 *
 * Everything but vtdsim_lines_flush() is under the unit's lock.
 */
#include <linux/bitmap.h>
#include <linux/hash.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>

#include "tables/cache_lines.h"
#include "tables/host_memory.h"
#include "unit/unit.h"
#include "unit/violation.h"

#define LINE_BYTES	64
#define LINE_BITS	14
/* Pages with the same number modulo this share a bit of @pages. */
#define LINE_PAGES	BIT(16)
/* Lines copied in one critical section */
#define LINE_BATCH	64

/**
 * struct vtdsim_line - a cache line's worth of memory
 * @hash: in its hash bucket
 * @node: on the list of doubtful or of unused lines
 * @hpa: host address
 * @since: when it was flushed, in ns of local_clock()
 * @ignored: bits of its entries that the unit ignores, as it last read them
 * @data: contents of memory
 */
struct vtdsim_line {
	struct hlist_node hash;
	struct list_head node;
	u64 hpa;
	u64 since;
	u64 ignored;
	u64 data[LINE_BYTES / sizeof(u64)];
};

struct line_chunk {
	struct list_head node;
	struct vtdsim_line lines[(PAGE_SIZE - sizeof(struct list_head)) /
				 sizeof(struct vtdsim_line)];
};

static_assert(sizeof(struct line_chunk) <= PAGE_SIZE);

/**
 * struct vtdsim_lines - all lines that were flushed
 * @unit: the unit
 * @buckets: hash table
 * @doubtful: lines that were read while they were newer in the caches
 * @free: unused lines
 * @chunks: memory that the lines are in
 * @pages: page numbers of all lines, and maybe of others
 * @lossy: there was no memory for some lines
 */
struct vtdsim_lines {
	struct vtdsim_unit *unit;
	struct hlist_head buckets[1 << LINE_BITS];
	struct list_head doubtful;
	struct list_head free;
	struct list_head chunks;
	DECLARE_BITMAP(pages, LINE_PAGES);
	bool lossy;
};

/**
 * vtdsim_lines_create() - create state without any flushed line
 * @unit: the unit that will read memory through this
 *
 * Context: Process context, may sleep.
 * Return: the lines, for vtdsim_lines_destroy(); NULL without memory.
 */
struct vtdsim_lines *vtdsim_lines_create(struct vtdsim_unit *unit)
{
	struct vtdsim_lines *lines = kvzalloc(sizeof(*lines), GFP_KERNEL);

	if (!lines)
		return NULL;
	lines->unit = unit;
	INIT_LIST_HEAD(&lines->doubtful);
	INIT_LIST_HEAD(&lines->free);
	INIT_LIST_HEAD(&lines->chunks);
	return lines;
}

/**
 * vtdsim_lines_destroy() - free all lines
 * @lines: from vtdsim_lines_create(), or NULL; not in use any more
 *
 * Context: Process context, may sleep.
 */
void vtdsim_lines_destroy(struct vtdsim_lines *lines)
{
	struct line_chunk *chunk, *next;

	if (!lines)
		return;
	list_for_each_entry_safe(chunk, next, &lines->chunks, node)
		kfree(chunk);
	kvfree(lines);
}

static struct hlist_head *lines_bucket(struct vtdsim_lines *lines, u64 hpa)
{
	return &lines->buckets[hash_64(hpa / LINE_BYTES, LINE_BITS)];
}

static struct vtdsim_line *lines_find(struct vtdsim_lines *lines, u64 hpa)
{
	struct vtdsim_line *line;

	hlist_for_each_entry(line, lines_bucket(lines, hpa), hash)
		if (line->hpa == hpa)
			return line;
	return NULL;
}

/* Finds or creates a line. NULL if there is no unused one left. */
static struct vtdsim_line *lines_get(struct vtdsim_lines *lines, u64 hpa)
{
	struct vtdsim_line *line = lines_find(lines, hpa);

	if (line)
		return line;
	line = list_first_entry_or_null(&lines->free, struct vtdsim_line, node);
	if (!line)
		return NULL;
	list_del_init(&line->node);
	line->hpa = hpa;
	line->ignored = 0;
	hlist_add_head(&line->hash, lines_bucket(lines, hpa));
	set_bit(PHYS_PFN(hpa) % LINE_PAGES, lines->pages);
	return line;
}

static void lines_write_back(struct vtdsim_line *line)
{
	vtdsim_mem_read(line->hpa, line->data, sizeof(line->data));
	line->since = local_clock();
	list_del_init(&line->node);
}

/* Returns the address to go on from. */
static u64 lines_flush_some(struct vtdsim_lines *lines, u64 at, u64 end)
{
	struct vtdsim_line *line;
	unsigned int i;

	for (i = 0; i < LINE_BATCH && at < end; i++, at += LINE_BYTES) {
		line = lines_get(lines, at);
		if (!line)
			break;
		lines_write_back(line);
	}
	return at;
}

static void lines_adopt_chunk(struct vtdsim_lines *lines, struct line_chunk *chunk)
{
	unsigned int i;

	list_add(&chunk->node, &lines->chunks);
	for (i = 0; i < ARRAY_SIZE(chunk->lines); i++)
		list_add(&chunk->lines[i].node, &lines->free);
}

/**
 * vtdsim_lines_flush() - write cache lines back to memory
 * @lines: lines
 * @hpa: host address
 * @size: bytes; lines that are in it only in part count in full
 *
 * Without memory for more lines, no line is reported as missing from then on.
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_lines_flush(struct vtdsim_lines *lines, u64 hpa, u64 size)
{
	u64 at = ALIGN_DOWN(hpa, LINE_BYTES), end = hpa + size;
	struct line_chunk *chunk = NULL;
	unsigned long flags;
	bool full;

	while (!READ_ONCE(lines->lossy)) {
		raw_spin_lock_irqsave(&lines->unit->lock, flags);
		if (chunk)
			lines_adopt_chunk(lines, chunk);
		at = lines_flush_some(lines, at, end);
		full = list_empty(&lines->free);
		raw_spin_unlock_irqrestore(&lines->unit->lock, flags);

		if (at >= end && !full)
			break;
		chunk = NULL;
		if (!full)
			continue;
		/* For more lines, or a spare one for lines_never_flushed() */
		chunk = kzalloc(sizeof(*chunk), GFP_ATOMIC | __GFP_NOWARN);
		if (!chunk)
			WRITE_ONCE(lines->lossy, true);
	}
}

/**
 * vtdsim_lines_write_back() - the CPUs write back all of their caches
 * @lines: lines
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_lines_write_back(struct vtdsim_lines *lines)
{
	struct vtdsim_line *line;

	for (unsigned int i = 0; i < ARRAY_SIZE(lines->buckets); i++)
		hlist_for_each_entry(line, &lines->buckets[i], hash)
			lines_write_back(line);
}

/**
 * vtdsim_lines_may_have() - may there be lines of some memory?
 * @lines: lines, or NULL for none
 * @hpa: host address
 * @size: bytes
 *
 * Context: Any, without the lock. Only valid for memory that is not being flushed
 *	at the same time.
 * Return: false if there are none.
 */
bool vtdsim_lines_may_have(const struct vtdsim_lines *lines, u64 hpa, u64 size)
{
	u64 pfn;

	for (pfn = PHYS_PFN(hpa); lines && pfn < PHYS_PFN(hpa + size); pfn++)
		/* No race: a bit that is being set meanwhile is that of memory in use. */
		if (data_race(test_bit(pfn % LINE_PAGES, lines->pages)))
			return true;
	return false;
}

/**
 * vtdsim_lines_forget() - memory has been freed
 * @lines: lines
 * @hpa: host address, a multiple of the page size
 * @size: bytes, a multiple of the page size
 *
 * Its next user as a table has to flush all of it again.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_lines_forget(struct vtdsim_lines *lines, u64 hpa, u64 size)
{
	struct vtdsim_line *line;
	u64 at;

	for (at = hpa; at < hpa + size; at += LINE_BYTES) {
		/* Lines of another page that shares the bit stay for now. */
		if (offset_in_page(at) == 0 &&
		    !test_and_clear_bit(PHYS_PFN(at) % LINE_PAGES, lines->pages)) {
			at += PAGE_SIZE - LINE_BYTES;
			continue;
		}
		line = lines_find(lines, at);
		if (!line)
			continue;
		hlist_del(&line->hash);
		list_move(&line->node, &lines->free);
	}
}

/* Reports a line once. From here on it counts as flushed. */
static void lines_never_flushed(struct vtdsim_lines *lines, u64 hpa)
{
	struct vtdsim_line *line;

	if (lines->lossy)
		return;
	vtdsim_violation(lines->unit, "3.10",
			 "entry at %#llx read, whose cache line was never flushed",
			 hpa);
	line = lines_get(lines, ALIGN_DOWN(hpa, LINE_BYTES));
	if (line)
		lines_write_back(line);
}

/**
 * vtdsim_lines_read64() - read one aligned 64-bit value of a table
 * @lines: lines, or NULL for a read that snoops the CPUs' caches
 * @hpa: host address, a multiple of 8
 * @ignored: bits that the unit ignores in entries of this table; software may use
 *	them for itself, and need not flush what it changes there
 * @val: the value that memory holds
 *
 * Context: Caller holds the unit's lock, if @lines is not NULL.
 * Return: false if this is no memory, or not aligned.
 */
bool vtdsim_lines_read64(struct vtdsim_lines *lines, u64 hpa, u64 ignored, u64 *val)
{
	struct vtdsim_line *line;
	u64 held;

	if (!vtdsim_mem_read64(hpa, val))
		return false;
	if (!lines || lines->lossy)
		return true;

	line = lines_find(lines, ALIGN_DOWN(hpa, LINE_BYTES));
	if (!line) {
		lines_never_flushed(lines, hpa);
		return true;
	}
	held = line->data[hpa % LINE_BYTES / sizeof(u64)];
	line->ignored = ignored;
	if ((held ^ *val) & ~ignored && list_empty(&line->node))
		list_add_tail(&line->node, &lines->doubtful);
	*val = held;
	return true;
}

/**
 * vtdsim_lines_next() - iterate over the doubtful lines
 * @lines: lines
 * @pos: the line before, NULL to begin with
 *
 * Context: Caller holds the unit's lock from the first to the last call.
 * Return: the next line, or NULL.
 */
struct vtdsim_line *vtdsim_lines_next(struct vtdsim_lines *lines,
				      struct vtdsim_line *pos)
{
	struct list_head *next = pos ? pos->node.next : lines->doubtful.next;

	return next == &lines->doubtful ? NULL :
	       list_entry(next, struct vtdsim_line, node);
}

/**
 * vtdsim_line_differs() - is a line newer in the caches than in memory?
 * @line: the line
 * @hpa: host address of the first value that is
 * @got: what memory holds there
 * @now: what software wrote there
 * @since: when the line was flushed, in ns of local_clock()
 *
 * Context: Caller holds the unit's lock.
 * Return: true if it is.
 */
bool vtdsim_line_differs(const struct vtdsim_line *line, u64 *hpa, u64 *got,
			 u64 *now, u64 *since)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(line->data); i++) {
		*hpa = line->hpa + i * sizeof(u64);
		*got = line->data[i];
		*since = line->since;
		if (vtdsim_mem_read64(*hpa, now) && (*now ^ *got) & ~line->ignored)
			return true;
	}
	return false;
}
