// SPDX-License-Identifier: GPL-2.0-only
/*
 * The address space of the device's DMA and its mappings. Each change is a line
 * of the transcript.
 */
#include <errno.h>
#include <stdio.h>

#include "iommu.h"
#include "transcript.h"
#include "vtd.h"

#define RANGES_MAX	16U

static bool ranges_overlap(__u64 a, __u64 a_len, __u64 b, __u64 b_len)
{
	return a < b + b_len && b < a + a_len;
}

static const char *access_text(__u32 access)
{
	switch (access) {
	case IOMMU_IOAS_MAP_READABLE:
		return "r";
	case IOMMU_IOAS_MAP_WRITEABLE:
		return "w";
	case IOMMUFD_MAP_RW:
		return "rw";
	default:
		return "none";
	}
}

/**
 * space_create() - make an address space in which nothing is mapped
 * @s: filled
 * @iommufd: iommufd context
 * @pool: memory that there is to map
 * @within: no mapping crosses a multiple of 2 to the power of this
 *
 * Return: 0 or a negative errno.
 */
int space_create(struct space *s, int iommufd, struct pool *pool,
		 unsigned int within)
{
	*s = (struct space) {
		.iommufd = iommufd,
		.pool = pool,
		.within = within,
	};
	return iommufd_ioas_alloc(iommufd, &s->ioas);
}

/**
 * space_limits() - print the ranges that can be mapped
 * @s: address space that a device is attached to
 *
 * Return: 0 or a negative errno.
 */
int space_limits(struct space *s)
{
	struct iommu_iova_range range[RANGES_MAX];
	__u32 i, num = RANGES_MAX;
	int ret;

	ret = iommufd_ioas_iova_ranges(s->iommufd, s->ioas, range, &num);
	if (ret)
		return ret;
	for (i = 0; i < num; i++) {
		printf("addresses 0x%llx-0x%llx\n", range[i].start,
		       range[i].last);
		s->last = range[i].last;
	}
	return 0;
}

/**
 * space_free() - can a range be mapped?
 * @s: address space
 * @iova: address
 * @len: bytes
 *
 * Return: true if it is valid, allowed and not mapped.
 */
bool space_free(const struct space *s, __u64 iova, __u64 len)
{
	unsigned int i;

	if (iova < SCRATCH_END || len - 1 > s->last || iova > s->last - (len - 1) ||
	    (iova ^ (iova + len - 1)) >> s->within ||
	    ranges_overlap(iova, len, VTD_MSI_FIRST,
			   VTD_MSI_LAST + 1 - VTD_MSI_FIRST))
		return false;
	for (i = 0; i < s->n; i++)
		if (ranges_overlap(iova, len, s->map[i].iova, s->map[i].len))
			return false;
	return true;
}

/**
 * space_map() - map memory, as one line of the transcript
 * @s: address space with room for one more mapping
 * @m: what to map where
 *
 * Return: 0 or a negative errno.
 */
int space_map(struct space *s, const struct mapping *m)
{
	const struct pool *pool = &s->pool[m->pool];
	int ret;

	ret = iommufd_ioas_map(s->iommufd, s->ioas, pool->va + m->off, m->len,
			       m->iova, m->access);
	printf("map 0x%llx+0x%llx %s+0x%llx %s: %d\n", m->iova, m->len, pool->name,
	       m->off, access_text(m->access), ret);
	if (!ret)
		s->map[s->n++] = *m;
	return ret;
}

/**
 * space_unmap() - remove a mapping, as one line of the transcript
 * @s: address space
 * @i: index of the mapping; the last mapping takes its index
 *
 * Return: 0 or a negative errno.
 */
int space_unmap(struct space *s, unsigned int i)
{
	struct mapping *m = &s->map[i];
	int ret;

	ret = iommufd_ioas_unmap(s->iommufd, s->ioas, m->iova, m->len);
	printf("unmap 0x%llx+0x%llx: %d\n", m->iova, m->len, ret);
	if (ret)
		return ret;
	s->gone[s->ngone++ % GONE_MAX] = *m;
	*m = s->map[--s->n];
	return 0;
}

static const struct mapping *space_find(const struct space *s, __u64 iova)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (iova - s->map[i].iova < s->map[i].len)
			return &s->map[i];
	return NULL;
}

/**
 * space_rights() - what the device may do at an address
 * @s: address space
 * @iova: the address
 *
 * Return: "r", "w", "rw" or "none".
 */
const char *space_rights(const struct space *s, __u64 iova)
{
	const struct mapping *m = space_find(s, iova);

	return access_text(m ? m->access : 0);
}

/* Length of the first page in a range; *@m is its mapping or NULL. */
static __u64 space_piece(const struct space *s, __u64 iova, __u64 len,
			 const struct mapping **m)
{
	__u64 n = PAGE - iova % PAGE;

	*m = space_find(s, iova);
	return n < len ? n : len;
}

/**
 * space_reach() - how far should an access get?
 * @s: address space
 * @write: it writes, or else reads
 * @iova: address
 * @len: bytes
 *
 * Return: bytes to the end of the first page that the device may not access so,
 * at most @len.
 */
__u64 space_reach(const struct space *s, bool write, __u64 iova, __u64 len)
{
	__u32 right = write ? IOMMU_IOAS_MAP_WRITEABLE :
			      IOMMU_IOAS_MAP_READABLE;
	const struct mapping *m;
	__u64 n, reach = 0;

	while (reach < len) {
		n = space_piece(s, iova + reach, len - reach, &m);
		reach += n;
		if (!m || !(m->access & right))
			break;
	}
	return reach;
}

/**
 * space_touch() - give the memory mapped in a range its pattern
 * @s: address space
 * @iova: address
 * @len: bytes
 */
void space_touch(struct space *s, __u64 iova, __u64 len)
{
	const struct mapping *m;
	__u64 n;

	for (; len; iova += n, len -= n) {
		n = space_piece(s, iova, len, &m);
		if (m)
			memory_touch(s->pool, m->pool,
				     m->off + (iova - m->iova), n);
	}
}

/**
 * space_restore() - give the memory mapped in a range its pattern again
 * @s: address space
 * @iova: address
 * @len: bytes
 */
void space_restore(struct space *s, __u64 iova, __u64 len)
{
	const struct mapping *m;
	__u64 n;

	for (; len; iova += n, len -= n) {
		n = space_piece(s, iova, len, &m);
		if (m)
			memory_restore(s->pool, m->pool, m->off + (iova - m->iova), n);
	}
}

/**
 * space_hash() - compute a hash of the memory mapped in a range
 * @s: address space
 * @iova: address
 * @len: bytes
 *
 * Return: the hash; gaps do not count.
 */
__u64 space_hash(const struct space *s, __u64 iova, __u64 len)
{
	__u64 hash = HASH_START, n;
	const struct mapping *m;

	for (; len; iova += n, len -= n) {
		n = space_piece(s, iova, len, &m);
		if (m)
			hash = hash_bytes(hash, s->pool[m->pool].va + m->off +
					  (iova - m->iova), n);
	}
	return hash;
}
