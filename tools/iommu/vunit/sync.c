// SPDX-License-Identifier: GPL-2.0-only
/*
 * Make a device's IO address space the same as the guest's second-stage table, by the
 * differences alone.
 *
 * What the table maps as it did before is not touched, so that DMA there goes on. What is
 * gone is unmapped, what is new is mapped, one call for each leaf: the host cannot unmap
 * part of a mapping later. A mapping that the table has changed is unmapped and the range
 * mapped again at once; the host cannot replace it. At any time a device reaches what the
 * table gave it before, or what it gives it now.
 */
#include <errno.h>

#include "unit.h"

/* Interrupt address range, section 3.15: no translation is ever used there. */
#define INTERRUPT_FIRST	0xfee00000ULL
#define INTERRUPT_LAST	0xfeefffffULL

enum verdict {
	MAPPING_SAME,
	MAPPING_CHANGED,
	MAPPING_GONE,
};

/**
 * struct piece - part of a leaf that leads to memory of the guest
 * @map: addresses and rights
 * @va: address in this process
 */
struct piece {
	struct vunit_mapping map;
	void *va;
};

/*
 * Cut @leaf to what begins at *@at and leads to one piece of memory. Otherwise *@at is moved
 * behind what leads nowhere.
 */
static bool leaf_cut(struct vunit *unit, const struct vunit_leaf *leaf, __u64 *at, __u64 last,
		     struct piece *piece)
{
	struct vunit_memory mem;
	__u64 gpa;

	if (*at >= INTERRUPT_FIRST && *at <= INTERRUPT_LAST) {
		*at = INTERRUPT_LAST + 1;
		return false;
	}
	if (*at < INTERRUPT_FIRST && last >= INTERRUPT_FIRST)
		last = INTERRUPT_FIRST - 1;
	gpa = leaf->gpa + (*at - leaf->start);
	unit->config.ops->find(unit->config.vmm, gpa, &mem);
	if (mem.len && mem.len - 1 < last - *at)
		last = *at + mem.len - 1;
	piece->map = (struct vunit_mapping) {
		.start = *at,
		.last = last,
		.gpa = gpa,
		.rights = leaf->rights & (mem.writable ? ~0 : ~VUNIT_WRITE),
	};
	piece->va = mem.va;
	*at = last + 1;
	return mem.va && piece->map.rights;
}

/* The next piece of the walk at or after @at: 1; 0 if there is none up to @last; -E2BIG */
static int piece_next(struct vunit *unit, __u64 at, __u64 last, struct piece *piece)
{
	struct vunit_leaf leaf;
	__u64 end;
	int ret;

	for (;;) {
		ret = vunit_walk_next(unit, at, last, &leaf);
		if (ret <= 0)
			return ret;
		if (at < leaf.start)
			at = leaf.start;
		end = leaf.last < last ? leaf.last : last;
		while (at <= end)
			if (leaf_cut(unit, &leaf, &at, end, piece))
				return 1;
		if (at > last)
			return 0;
	}
}

/* What does the table say now of a mapping? */
static int mapping_compare(struct vunit *unit, const struct vunit_mapping *m, enum verdict *verdict)
{
	struct piece piece;
	__u64 at = m->start;
	int ret;

	*verdict = MAPPING_GONE;
	while (at <= m->last) {
		ret = piece_next(unit, at, m->last, &piece);
		if (ret < 0)
			return ret;
		if (!ret)
			break;
		*verdict = MAPPING_CHANGED;
		if (piece.map.start != at || piece.map.gpa != m->gpa + (at - m->start) ||
		    piece.map.rights != m->rights)
			return 0;
		at = piece.map.last + 1;
	}
	if (at > m->last)
		*verdict = MAPPING_SAME;
	return 0;
}

static int host_map(struct vunit *unit, struct vunit_device *dev, const struct vunit_mapping *m,
		    void *va)
{
	__u32 access = (m->rights & VUNIT_READ ? IOMMU_IOAS_MAP_READABLE : 0) |
		       (m->rights & VUNIT_WRITE ? IOMMU_IOAS_MAP_WRITEABLE : 0);

	return unit->config.host_ops->map(unit->config.host, dev->ioas, va,
					  m->last - m->start + 1, m->start, access);
}

/*
 * Map what is not mapped of a piece. Where the host refuses, DMA is blocked, and the guest is
 * told.
 */
static int piece_map(struct vunit *unit, struct vunit_device *dev, const struct piece *piece)
{
	const struct vunit_mapping *p = &piece->map;
	struct vunit_mapping m, next;
	__u64 at = p->start;

	while (at <= p->last) {
		bool more = vunit_mappings_next(&dev->mappings, at, &next) && next.start <= p->last;

		if (more && next.start <= at) {
			at = next.last + 1;
			continue;
		}
		m = *p;
		m.start = at;
		m.gpa = p->gpa + (at - p->start);
		if (more)
			m.last = next.start - 1;
		if (dev->mappings.num >= unit->config.max_mappings)
			return -E2BIG;
		if (vunit_mappings_add(&dev->mappings, &m))
			return -ENOMEM;
		if (host_map(unit, dev, &m, (char *)piece->va + (at - p->start))) {
			vunit_mappings_remove(&dev->mappings, m.start);
			if (!dev->now.quiet)
				vunit_fault_record(unit, dev->sid, m.start, false,
						   vunit_refusal(unit, &dev->now));
		}
		at = m.last + 1;
	}
	return 0;
}

static int range_map(struct vunit *unit, struct vunit_device *dev, __u64 start, __u64 last)
{
	struct piece piece;
	int ret;

	while ((ret = piece_next(unit, start, last, &piece)) > 0) {
		ret = piece_map(unit, dev, &piece);
		if (ret)
			return ret;
		start = piece.map.last + 1;
		if (!start || start > last)
			return 0;
	}
	return ret;
}

/* Unmap the mappings in a range, whose ends are ends of mappings, in one call. */
static int range_unmap(struct vunit *unit, struct vunit_device *dev, __u64 start, __u64 last)
{
	struct vunit_mapping m;
	int ret;

	ret = unit->config.host_ops->unmap(unit->config.host, dev->ioas, start, last - start + 1);
	if (ret)
		return ret;
	while (vunit_mappings_next(&dev->mappings, start, &m) && m.start <= last)
		vunit_mappings_remove(&dev->mappings, m.start);
	return 0;
}

/* Go on from a mapping that is gone to the last one in a row that is gone, too. */
static int gone_extend(struct vunit *unit, struct vunit_device *dev, __u64 last, __u64 *end)
{
	struct vunit_mapping m;
	enum verdict verdict;
	int ret;

	while (*end < last && vunit_mappings_next(&dev->mappings, *end + 1, &m) &&
	       m.start <= last) {
		ret = mapping_compare(unit, &m, &verdict);
		if (ret)
			return ret;
		if (verdict != MAPPING_GONE)
			break;
		*end = m.last;
	}
	return 0;
}

static int mapping_settle(struct vunit *unit, struct vunit_device *dev,
			  const struct vunit_mapping *m, __u64 last, __u64 *end)
{
	enum verdict verdict;
	int ret;

	*end = m->last;
	ret = mapping_compare(unit, m, &verdict);
	if (ret || verdict == MAPPING_SAME)
		return ret;
	if (verdict == MAPPING_GONE)
		ret = gone_extend(unit, dev, last, end);
	ret = ret ? ret : range_unmap(unit, dev, m->start, *end);
	if (ret || verdict == MAPPING_GONE)
		return ret;
	return range_map(unit, dev, m->start, m->last);
}

/**
 * vunit_sync() - map in the host what the guest's table maps
 * @unit: unit
 * @dev: device
 * @t: its translation, with a second stage
 * @start: first address that may have changed
 * @last: last address
 *
 * A mapping that is only partly in the range is looked at as a whole.
 *
 * Return: 0; -E2BIG if the table is too large; another errno of the host. The device is to be
 *	blocked then.
 */
int vunit_sync(struct vunit *unit, struct vunit_device *dev, const struct vunit_translation *t,
	       __u64 start, __u64 last)
{
	struct vunit_mapping m;
	__u64 at = start, end;
	int ret;

	vunit_walk_start(unit, t->root, t->levels);
	while (vunit_mappings_next(&dev->mappings, at, &m) && m.start <= last) {
		ret = mapping_settle(unit, dev, &m, last, &end);
		if (ret)
			return ret;
		at = end + 1;
		if (!at)
			break;
	}
	return range_map(unit, dev, start, last);
}

/**
 * vunit_unmap_all() - empty a device's IO address space
 * @unit: unit
 * @dev: device, which is not attached to it
 *
 * Return: 0 or an errno of the host.
 */
int vunit_unmap_all(struct vunit *unit, struct vunit_device *dev)
{
	struct vunit_mapping first, m;
	__u64 last;

	if (!vunit_mappings_next(&dev->mappings, 0, &first))
		return 0;
	for (last = first.last; last + 1 && vunit_mappings_next(&dev->mappings, last + 1, &m);
	     last = m.last)
		;
	if (unit->config.host_ops->unmap(unit->config.host, dev->ioas, first.start,
					 last - first.start + 1))
		return -EBUSY;
	vunit_mappings_clear(&dev->mappings);
	return 0;
}
