// SPDX-License-Identifier: GPL-2.0-only
/*
 * The choice of mappings and accesses. Most of them are where a table walk can
 * go wrong: at the boundaries of pages of all sizes and of tables of all
 * levels, at the ends of mappings, and at addresses that differ from a mapped
 * one in a single bit.
 */
#include "iommu.h"
#include "transcript.h"
#include "vtd.h"

#define TRIES		16
#define ADDR_BITS	64

/* A boundary between two entries of a table, at each level */
static __u64 table_boundary(struct random *r, const struct space *s)
{
	static const __u64 at[] = {
		SIZE_2M, SIZE_1G, BIT_ULL(32), BIT_ULL(39), BIT_ULL(46),
		5 * SIZE_2M, 3 * SIZE_1G, 7 * BIT_ULL(39), BIT_ULL(47),
	};
	unsigned int i = random_below(r, ARRAY_SIZE(at) + 1);

	/* The end of the address space is a boundary, too. */
	return i < ARRAY_SIZE(at) ? at[i] : s->last + 1;
}

static __u32 mapping_rights(struct random *r)
{
	static const unsigned char weight[] = { 60, 30, 10 };
	static const __u32 access[] = {
		IOMMUFD_MAP_RW,
		IOMMU_IOAS_MAP_READABLE,
		IOMMU_IOAS_MAP_WRITEABLE,
	};

	return access[random_case(r, weight, ARRAY_SIZE(weight))];
}

/* Choose the memory, and in *@align the alignment of its address. */
static void mapping_memory(struct random *r, const struct space *s,
			   struct mapping *m, __u64 *align)
{
	static const unsigned char weight[POOLS] = { 60, 33, 7 };
	const struct pool *pool;
	__u64 pages;

	m->pool = random_case(r, weight, POOLS);
	if (!s->pool[m->pool].size)
		m->pool = POOL_2M;
	pool = &s->pool[m->pool];

	switch (m->pool) {
	case POOL_4K:
		*align = PAGE;
		pages = pool->size / PAGE;
		m->len = (1 + random_below(r, random_chance(r, 20) ? 64 : 8)) * PAGE;
		m->off = random_below(r, pages - m->len / PAGE) * PAGE;
		break;
	case POOL_2M:
		pages = pool->size / SIZE_2M;
		*align = random_chance(r, 80) ? SIZE_2M : PAGE;
		m->off = random_below(r, pages - 1) * SIZE_2M;
		m->len = (1 + random_below(r, 2)) * SIZE_2M;
		/* Some 4 KiB pages after the last large page */
		if (m->off + m->len < pool->size && random_chance(r, 30))
			m->len += (1 + random_below(r, 8)) * PAGE;
		break;
	default:
		*align = random_chance(r, 70) ? SIZE_1G : SIZE_2M;
		m->off = 0;
		m->len = pool->size;
		/* Only large pages, though the memory is one huge page */
		if (random_chance(r, 30))
			m->len -= SIZE_2M;
		break;
	}
}

/**
 * plan_mapping() - choose what to map where
 * @r: random numbers
 * @s: address space
 * @m: filled
 *
 * Return: false if no place was found.
 */
bool plan_mapping(struct random *r, const struct space *s, struct mapping *m)
{
	unsigned int i;
	__u64 align;

	m->access = mapping_rights(r);
	mapping_memory(r, s, m, &align);
	for (i = 0; i < TRIES; i++) {
		__u64 shift = random_below(r, 5) * align;

		m->iova = table_boundary(r, s);
		m->iova = random_chance(r, 50) ? m->iova + shift : m->iova - shift;
		if (random_chance(r, 50))
			m->iova -= m->len;
		m->iova &= -align;
		if (space_free(s, m->iova, m->len))
			return true;
	}
	return false;
}

/**
 * plan_mapping_at() - choose what to map at a given address
 * @r: random numbers
 * @s: address space
 * @iova: address
 * @m: filled
 *
 * Return: false if it does not fit.
 */
bool plan_mapping_at(struct random *r, const struct space *s, __u64 iova,
		     struct mapping *m)
{
	__u64 align;

	m->access = mapping_rights(r);
	mapping_memory(r, s, m, &align);
	m->iova = iova & -align;
	return space_free(s, m->iova, m->len);
}

static __u32 dma_length(struct random *r)
{
	static const unsigned char weight[] = { 30, 30, 20, 10, 10 };
	static const __u32 most[] = { 8, 64, 4096, ACCESS_MAX, PAGE };
	unsigned int i = random_case(r, weight, ARRAY_SIZE(weight));

	/* The last case is exactly one page. */
	if (i == ARRAY_SIZE(weight) - 1)
		return PAGE;
	return 1 + random_below(r, most[i]);
}

/* An address before a boundary inside @m, or any address in @m */
static __u64 across_boundary(struct random *r, const struct mapping *m, __u64 size,
			     __u64 into)
{
	__u64 at = m->iova + random_below(r, m->len);
	__u64 start = (at & -size) - into;

	return start - m->iova < m->len ? start : at;
}

/* An address in @m, or next to it */
static __u64 dma_near(struct random *r, const struct mapping *m, __u32 len)
{
	__u64 into = random_below(r, len);

	switch (random_below(r, 10)) {
	case 0:
		return m->iova - into;
	case 1:
		return m->iova;
	case 2:
		return m->iova + m->len - into - 1;
	case 3:
	case 4:
		return across_boundary(r, m, SIZE_2M, into);
	case 5:
		return across_boundary(r, m, PAGE, into);
	default:
		return m->iova + random_below(r, m->len);
	}
}

/**
 * plan_is_interrupt() - would a write be an interrupt?
 * @dma: the access
 *
 * Return: true if some of it is in the interrupt address range.
 */
bool plan_is_interrupt(const struct dma *dma)
{
	return dma->iova <= VTD_MSI_LAST && dma->iova + dma->len > VTD_MSI_FIRST;
}

/*
 * Move an access off the scratch page, whose contents depend on the device. Cut
 * it off at the end of the address space. Do not write to the interrupt range.
 */
static void dma_clip(struct dma *dma)
{
	if (dma->iova < SCRATCH_END && dma->iova + dma->len > SCRATCH_IOVA)
		dma->iova = SCRATCH_END + dma->iova % PAGE;
	if (dma->iova + dma->len < dma->iova)
		dma->len = -dma->iova;
	if (plan_is_interrupt(dma))
		dma->write = false;
}

/**
 * plan_access_in() - choose an access in or near a mapping
 * @r: random numbers
 * @m: the mapping, present or not
 * @dma: filled, without data
 */
void plan_access_in(struct random *r, const struct mapping *m, struct dma *dma)
{
	*dma = (struct dma) {
		.write = random_chance(r, 50),
		.len = dma_length(r),
	};
	dma->iova = dma_near(r, m, dma->len);
	dma_clip(dma);
}

/**
 * plan_access_other() - turn a write into a read, and a read into a write
 * @dma: the access; a read of the interrupt range stays one
 */
void plan_access_other(struct dma *dma)
{
	dma->write = !dma->write;
	dma_clip(dma);
}

/**
 * plan_access() - choose an access
 * @r: random numbers
 * @s: address space
 * @dma: filled, without data
 */
void plan_access(struct random *r, const struct space *s, struct dma *dma)
{
	static const unsigned char weight[] = { 65, 8, 12, 8, 4, 3 };
	unsigned int gone = s->ngone < GONE_MAX ? s->ngone : GONE_MAX;
	unsigned int i = random_case(r, weight, ARRAY_SIZE(weight));

	if (i == 1 && gone) {
		plan_access_in(r, &s->gone[random_below(r, gone)], dma);
		return;
	}
	if (i <= 2 && s->n) {
		plan_access_in(r, &s->map[random_below(r, s->n)], dma);
		/* The walk has to look at each bit of an address. */
		if (i == 2)
			dma->iova ^= BIT_ULL(12 + random_below(r, ADDR_BITS - 12));
		dma_clip(dma);
		return;
	}

	*dma = (struct dma) {
		.write = random_chance(r, 50),
		.len = dma_length(r),
	};
	if (i == 4)
		dma->iova = random_next(r) >> random_below(r, ADDR_BITS - 12);
	else if (i == 5)
		dma->iova = VTD_MSI_FIRST + random_below(r, VTD_MSI_LAST + 1 -
							    VTD_MSI_FIRST);
	else
		dma->iova = table_boundary(r, s) - random_below(r, 2 * dma->len);
	dma_clip(dma);
}
