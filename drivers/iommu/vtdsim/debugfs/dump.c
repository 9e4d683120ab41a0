// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs: the cached translations of a unit, and the tables that it would use.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "cache/internals.h"
#include "debugfs/dump.h"
#include "rules/rules.h"
#include "tables/entries.h"
#include "tables/formats.h"
#include "unit/fault_reasons.h"
#include "unit/requesters.h"
#include "unit/unit.h"

static const char *dump_type_name(u8 pgtt)
{
	switch (pgtt) {
	case VTDSIM_PGTT_FIRST:
		return "first-stage";
	case VTDSIM_PGTT_SECOND:
		return "second-stage";
	case VTDSIM_PGTT_NESTED:
		return "nested";
	default:
		return "pass-through";
	}
}

static void dump_context(struct seq_file *s, const struct vtdsim_context *ctx)
{
	seq_printf(s, "directory %#llx, %u PASIDs, RID_PASID %u", ctx->pasid_dir,
		   ctx->pasids, ctx->rid_pasid);
	if (ctx->pasid_en)
		seq_puts(s, ", PASIDE");
	if (ctx->dte)
		seq_puts(s, ", DTE");
	if (ctx->pre)
		seq_puts(s, ", PRE");
	if (ctx->fpd)
		seq_puts(s, ", FPD");
}

static void dump_pasid(struct seq_file *s, const struct vtdsim_pasid *pe)
{
	seq_printf(s, "%s, domain-id %u", dump_type_name(pe->pgtt), pe->did);
	if (pe->pgtt == VTDSIM_PGTT_FIRST || pe->pgtt == VTDSIM_PGTT_NESTED)
		seq_printf(s, ", first stage %#llx (%u levels)", pe->fs_root,
			   pe->fs_levels);
	if (pe->pgtt == VTDSIM_PGTT_SECOND || pe->pgtt == VTDSIM_PGTT_NESTED)
		seq_printf(s, ", second stage %#llx (%u levels)", pe->ss_root,
			   pe->ss_levels);
}

static void dump_map(struct seq_file *s, const struct vtdsim_map *map)
{
	seq_printf(s, "%#llx %c%c%c%c", map->out, map->read ? 'r' : '-',
		   map->write ? 'w' : '-', map->user ? 'u' : '-',
		   map->dirty ? 'd' : '-');
}

/**
 * vtdsim_dump_entry() - print a cache entry in one line
 * @s: where to
 * @e: the entry, or a copy
 *
 * Context: Any. The entry must not change meanwhile.
 */
void vtdsim_dump_entry(struct seq_file *s, const struct vtdsim_cached *e)
{
	char text[VTDSIM_TEXT];

	seq_printf(s, "%s -> ", vtdsim_cached_describe(e, text));
	switch (e->key.kind) {
	case VTDSIM_KIND_CONTEXT:
		dump_context(s, &e->ctx);
		break;
	case VTDSIM_KIND_PASID:
		dump_pasid(s, &e->pe);
		break;
	case VTDSIM_KIND_IOTLB_PASS:
		seq_puts(s, "the same address");
		break;
	case VTDSIM_KIND_IOTLB_SECOND:
	case VTDSIM_KIND_IOTLB_FIRST:
		dump_map(s, &e->map);
		break;
	default:
		seq_printf(s, "table %#llx", e->psc.table);
		break;
	}
	seq_putc(s, '\n');
}

/* A directory entry that is not present stands for a whole PASID table. */
static void dump_pasids(struct seq_file *s, const struct vtdsim_caps *caps,
			const struct vtdsim_context *ctx)
{
	struct vtdsim_pasid pe;
	u32 pasid;
	u8 reason;

	for (pasid = 0; pasid < ctx->pasids; pasid++) {
		reason = vtdsim_fetch_pasid(caps, ctx, pasid, &pe);
		if (reason == VTDSIM_FR_DIR_PRESENT)
			pasid |= BIT(TBL_PASID_TABLE_SHIFT) - 1;
		if (reason == VTDSIM_FR_DIR_PRESENT ||
		    reason == VTDSIM_FR_PASID_PRESENT)
			continue;
		seq_printf(s, "  PASID %u: ", pasid);
		if (reason)
			seq_printf(s, "fault %#x", reason);
		else
			dump_pasid(s, &pe);
		seq_putc(s, '\n');
	}
}

/**
 * vtdsim_dump_tables() - print the entries in memory that apply to an endpoint
 * @s: where to
 * @unit: the unit
 * @sid: source-id
 *
 * Prints what a request would use with nothing cached: the context entry and all
 * present PASID entries, or the fault reason.
 *
 * Context: Any. Software may change the tables meanwhile.
 */
void vtdsim_dump_tables(struct seq_file *s, struct vtdsim_unit *unit, u16 sid)
{
	struct vtdsim_caps caps = unit->caps;
	struct vtdsim_context ctx;
	u8 reason;

	/* Read what software has written, flushed or not. */
	caps.lines = NULL;
	reason = vtdsim_fetch_context(&caps, READ_ONCE(unit->rtaddr), sid, &ctx);
	seq_printf(s, "%04x: ", sid);
	if (reason) {
		seq_printf(s, "fault %#x\n", reason);
		return;
	}
	dump_context(s, &ctx);
	seq_putc(s, '\n');
	dump_pasids(s, &caps, &ctx);
}

static int vtdsim_tables_show(struct seq_file *s, void *v)
{
	struct vtdsim_unit *unit = s->private;
	u16 sids[VTDSIM_MAX_REQUESTERS];
	unsigned int i, n;

	n = vtdsim_requester_sids(unit, sids, ARRAY_SIZE(sids));
	for (i = 0; i < n; i++)
		vtdsim_dump_tables(s, unit, sids[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vtdsim_tables);

/**
 * struct vtdsim_snapshot - copies of all cache entries
 * @room: number of elements of @e
 * @count: number of cache entries
 * @order: copies, by kind and age
 * @e: copies of the first of them
 */
struct vtdsim_snapshot {
	unsigned int room;
	unsigned int count;
	struct vtdsim_cached **order;
	struct vtdsim_cached e[];
};

static void vtdsim_snapshot_free(struct vtdsim_snapshot *snap)
{
	kvfree(snap->order);
	kvfree(snap);
}

static struct vtdsim_snapshot *vtdsim_snapshot_new(unsigned int room)
{
	struct vtdsim_snapshot *snap = kvzalloc(struct_size(snap, e, room), GFP_KERNEL);

	if (!snap)
		return NULL;
	snap->room = room;
	snap->order = kvcalloc(room, sizeof(*snap->order), GFP_KERNEL);
	if (snap->order)
		return snap;
	vtdsim_snapshot_free(snap);
	return NULL;
}

/* Entries that are made or invalidated meanwhile may be there or not. */
static void vtdsim_snapshot_fill(struct vtdsim_unit *unit, struct vtdsim_snapshot *snap)
{
	struct vtdsim_chunk *pos = NULL;

	do {
		if (snap->count + VTDSIM_CACHE_RESERVE > snap->room) {
			snap->count = UINT_MAX;
			return;
		}
		snap->count += vtdsim_cache_copy(unit, &pos, &snap->e[snap->count]);
		cond_resched();
	} while (pos);
}

static int vtdsim_snapshot_compare(const void *a, const void *b)
{
	const struct vtdsim_cached *ea = *(void * const *)a, *eb = *(void * const *)b;

	if (ea->key.kind != eb->key.kind)
		return ea->key.kind < eb->key.kind ? -1 : 1;
	return ea->born < eb->born ? -1 : 1;
}

/* Memory cannot be allocated under the lock, so guess the size and retry. */
static struct vtdsim_snapshot *vtdsim_snapshot_take(struct vtdsim_unit *unit)
{
	struct vtdsim_snapshot *snap;
	unsigned int i, room;

	for (;;) {
		/* No race that matters: too small a number is tried again. */
		room = data_race(unit->cache->entries) + 4 * VTDSIM_CACHE_RESERVE;
		snap = vtdsim_snapshot_new(room);
		if (!snap)
			return NULL;
		vtdsim_snapshot_fill(unit, snap);
		if (snap->count <= room)
			break;
		vtdsim_snapshot_free(snap);
	}
	for (i = 0; i < snap->count; i++)
		snap->order[i] = &snap->e[i];
	sort(snap->order, snap->count, sizeof(*snap->order), vtdsim_snapshot_compare, NULL);
	return snap;
}

static int vtdsim_caches_show(struct seq_file *s, void *v)
{
	struct vtdsim_snapshot *snap = s->private;
	unsigned int i;

	for (i = 0; i < snap->count; i++)
		vtdsim_dump_entry(s, snap->order[i]);
	return 0;
}

static int vtdsim_caches_open(struct inode *inode, struct file *file)
{
	struct vtdsim_snapshot *snap = vtdsim_snapshot_take(inode->i_private);
	int ret;

	if (!snap)
		return -ENOMEM;
	ret = single_open(file, vtdsim_caches_show, snap);
	if (ret)
		vtdsim_snapshot_free(snap);
	return ret;
}

static int vtdsim_caches_release(struct inode *inode, struct file *file)
{
	struct seq_file *s = file->private_data;

	vtdsim_snapshot_free(s->private);
	return single_release(inode, file);
}

static const struct file_operations vtdsim_caches_fops = {
	.owner		= THIS_MODULE,
	.open		= vtdsim_caches_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= vtdsim_caches_release,
};

static int vtdsim_audit_set(void *data, u64 val)
{
	int found = vtdsim_audit(data);

	return found < 0 ? found : 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(vtdsim_audit_fops, NULL, vtdsim_audit_set, "%llu\n");

/**
 * vtdsim_dump_files() - make the files "caches", "tables" and "audit"
 * @unit: the unit, with its directory and its caches
 *
 * Context: Process context, may sleep.
 */
void vtdsim_dump_files(struct vtdsim_unit *unit)
{
	debugfs_create_file("caches", 0400, unit->dir, unit, &vtdsim_caches_fops);
	debugfs_create_file("tables", 0400, unit->dir, unit, &vtdsim_tables_fops);
	debugfs_create_file_unsafe("audit", 0200, unit->dir, unit, &vtdsim_audit_fops);
}
