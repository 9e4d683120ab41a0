// SPDX-License-Identifier: GPL-2.0-only
/*
 * The choice of mappings and accesses. Where a walk can go wrong, they are
 * dense: at the boundaries of pages of all sizes and of tables of all levels,
 * at the ends of mappings, and at addresses that differ from a mapped one in a
 * single bit.
 */
#include "iommu.h"
#include "transcript.h"

#define TRIES		16
#define ADDR_BITS	64

/* One of n cases, each as likely as its weight says */
static unsigned int pick(struct random *r, const unsigned char *weight,
			 unsigned int n)
{
	unsigned int i, sum = 0, x;

	for (i = 0; i < n; i++)
		sum += weight[i];
	x = random_below(r, sum);
	for (i = 0; x >= weight[i]; i++)
		x -= weight[i];
	return i;
}

static bool chance(struct random *r, unsigned int percent)
{
	return random_below(r, 100) < percent;
}

/* A boundary between two entries of a table, at each level */
static __u64 boundary(struct random *r, const struct space *s)
{
	static const __u64 at[] = {
		SIZE_2M, SIZE_1G, BIT_ULL(32), BIT_ULL(39), BIT_ULL(46),
		5 * SIZE_2M, 3 * SIZE_1G, 7 * BIT_ULL(39), BIT_ULL(47),
	};
	unsigned int i = random_below(r, ARRAY_SIZE(at) + 1);

	/* One behind the last address is a boundary, too. */
	return i < ARRAY_SIZE(at) ? at[i] : s->last + 1;
}

static __u32 choose_rights(struct random *r)
{
	static const unsigned char weight[] = { 60, 30, 10 };
	static const __u32 access[] = {
		IOMMUFD_MAP_RW,
		IOMMU_IOAS_MAP_READABLE,
		IOMMU_IOAS_MAP_WRITEABLE,
	};

	return access[pick(r, weight, ARRAY_SIZE(weight))];
}

/* Which memory; *@align is what its address shall be a multiple of */
static void choose_memory(struct random *r, const struct space *s,
			  struct mapping *m, __u64 *align)
{
	static const unsigned char weight[POOLS] = { 60, 33, 7 };
	const struct pool *pool;
	__u64 pages;

	m->pool = pick(r, weight, POOLS);
	if (!s->pool[m->pool].size)
		m->pool = POOL_2M;
	pool = &s->pool[m->pool];

	switch (m->pool) {
	case POOL_4K:
		*align = PAGE;
		pages = pool->size / PAGE;
		m->len = (1 + random_below(r, chance(r, 20) ? 64 : 8)) * PAGE;
		m->off = random_below(r, pages - m->len / PAGE) * PAGE;
		break;
	case POOL_2M:
		pages = pool->size / SIZE_2M;
		*align = chance(r, 80) ? SIZE_2M : PAGE;
		m->off = random_below(r, pages - 1) * SIZE_2M;
		m->len = (1 + random_below(r, 2)) * SIZE_2M;
		/* Pages at the end that are not a large one */
		if (m->off + m->len < pool->size && chance(r, 30))
			m->len += (1 + random_below(r, 8)) * PAGE;
		break;
	default:
		*align = chance(r, 70) ? SIZE_1G : SIZE_2M;
		m->off = 0;
		m->len = pool->size;
		/* Large pages at the end that are not a huge one */
		if (chance(r, 30))
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

	m->access = choose_rights(r);
	choose_memory(r, s, m, &align);
	for (i = 0; i < TRIES; i++) {
		__u64 shift = random_below(r, 5) * align;

		m->iova = boundary(r, s);
		m->iova = chance(r, 50) ? m->iova + shift : m->iova - shift;
		if (chance(r, 50))
			m->iova -= m->len;
		m->iova &= -align;
		if (space_free(s, m->iova, m->len))
			return true;
	}
	return false;
}

/**
 * plan_mapping_at() - choose what to map where something else has been
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

	m->access = choose_rights(r);
	choose_memory(r, s, m, &align);
	m->iova = iova & -align;
	return space_free(s, m->iova, m->len);
}

static __u32 choose_length(struct random *r)
{
	static const unsigned char weight[] = { 30, 30, 20, 10, 10 };
	static const __u32 most[] = { 8, 64, 4096, ACCESS_MAX, PAGE };
	unsigned int i = pick(r, weight, ARRAY_SIZE(weight));

	/* A whole page; the others have any length. */
	if (i == ARRAY_SIZE(weight) - 1)
		return PAGE;
	return 1 + random_below(r, most[i]);
}

/* Across a boundary in @m, if there is one; or else anywhere in it */
static __u64 across(struct random *r, const struct mapping *m, __u64 size,
		    __u64 into)
{
	__u64 at = m->iova + random_below(r, m->len);
	__u64 start = (at & -size) - into;

	return start - m->iova < m->len ? start : at;
}

/* Somewhere in @m, or only just outside */
static __u64 near_mapping(struct random *r, const struct mapping *m, __u32 len)
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
		return across(r, m, SIZE_2M, into);
	case 5:
		return across(r, m, PAGE, into);
	default:
		return m->iova + random_below(r, m->len);
	}
}

/*
 * Not the scratch page, whose bytes are not the same for all devices; not around
 * the end of the address space; no write to where interrupts are.
 */
static void clip(struct dma *dma)
{
	if (dma->iova < SCRATCH_END && dma->iova + dma->len > SCRATCH_IOVA)
		dma->iova = SCRATCH_END + dma->iova % PAGE;
	if (dma->iova + dma->len < dma->iova)
		dma->len = -dma->iova;
	if (dma->iova < MSI_END && dma->iova + dma->len > MSI_FIRST)
		dma->write = false;
}

/**
 * plan_access_in() - choose an access that has to do with a mapping
 * @r: random numbers
 * @m: the mapping, which need not be in force
 * @dma: filled, without data
 */
void plan_access_in(struct random *r, const struct mapping *m, struct dma *dma)
{
	*dma = (struct dma) {
		.write = chance(r, 50),
		.len = choose_length(r),
	};
	dma->iova = near_mapping(r, m, dma->len);
	clip(dma);
}

/**
 * plan_access_other() - choose the same access, but of the other kind
 * @dma: a write becomes a read, and a read a write where there can be memory
 */
void plan_access_other(struct dma *dma)
{
	dma->write = !dma->write;
	clip(dma);
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
	unsigned int i = pick(r, weight, ARRAY_SIZE(weight));

	if (i == 1 && gone) {
		plan_access_in(r, &s->gone[random_below(r, gone)], dma);
		return;
	}
	if (i <= 2 && s->n) {
		plan_access_in(r, &s->map[random_below(r, s->n)], dma);
		/* Each bit of an address counts. */
		if (i == 2)
			dma->iova ^= BIT_ULL(12 + random_below(r, ADDR_BITS - 12));
		clip(dma);
		return;
	}

	*dma = (struct dma) {
		.write = chance(r, 50),
		.len = choose_length(r),
	};
	if (i == 4)
		dma->iova = random_next(r) >> random_below(r, ADDR_BITS - 12);
	else if (i == 5)
		dma->iova = MSI_FIRST + random_below(r, MSI_END - MSI_FIRST);
	else
		dma->iova = boundary(r, s) - random_below(r, 2 * dma->len);
	clip(dma);
}
