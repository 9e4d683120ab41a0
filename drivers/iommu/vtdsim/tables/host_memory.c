// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host memory as a remapping unit sees it: page walks, descriptor fetches and DMA
 * that was let through all end here.
 *
 * An address is memory if its page has been in the page allocator. Holes, firmware
 * tables, device apertures and the memory reserved for the model are no memory. Nor
 * is the kernel image: no DMA should reach it, and its alias in the direct map may
 * be read-only.
 *
 * Everything here may be called in any context.
 */
#include <linux/align.h>
#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "tables/host_memory.h"

static void *mem_at(u64 hpa, size_t len)
{
	u64 last = hpa + len - 1;
	u64 pfn;

	if (!len || last < hpa || last >= BIT_ULL(MAX_PHYSMEM_BITS))
		return NULL;
	for (pfn = PHYS_PFN(hpa); pfn <= PHYS_PFN(last); pfn++) {
		if (!pfn_valid(pfn) || PageReserved(pfn_to_page(pfn)))
			return NULL;
	}
	return phys_to_virt(hpa);
}

/**
 * vtdsim_mem_read() - read host memory
 * @hpa: host physical address
 * @buf: where the bytes go
 * @len: number of bytes
 *
 * Context: Any.
 * Return: false if not all of it is memory; then nothing was read.
 */
bool vtdsim_mem_read(u64 hpa, void *buf, size_t len)
{
	void *mem = mem_at(hpa, len);

	if (!mem)
		return false;
	/* Software may write at the same time, as with any DMA */
	data_race(memcpy(buf, mem, len));
	return true;
}

/**
 * vtdsim_mem_write() - write host memory
 * @hpa: host physical address
 * @buf: the bytes
 * @len: number of bytes
 *
 * Context: Any.
 * Return: false if not all of it is memory; then nothing was written.
 */
bool vtdsim_mem_write(u64 hpa, const void *buf, size_t len)
{
	void *mem = mem_at(hpa, len);

	if (!mem)
		return false;
	/* Software may read at the same time, as with any DMA */
	data_race(memcpy(mem, buf, len));
	return true;
}

/**
 * vtdsim_mem_read64() - read one aligned 64-bit value in one piece
 * @hpa: host physical address, a multiple of 8
 * @val: the value
 *
 * Context: Any.
 * Return: false if this is no memory, or not aligned.
 */
bool vtdsim_mem_read64(u64 hpa, u64 *val)
{
	u64 *mem = mem_at(hpa, sizeof(*mem));

	if (!mem || !IS_ALIGNED(hpa, sizeof(*mem)))
		return false;
	*val = READ_ONCE(*mem);
	return true;
}

/**
 * vtdsim_mem_cmpxchg64() - compare and exchange one aligned 64-bit value
 * @hpa: host physical address, a multiple of 8
 * @expected: value to replace; on failure to swap, the value found instead
 * @val: new value
 * @swapped: set if memory had *@expected and has @val now
 *
 * Context: Any.
 * Return: false if this is no memory, or not aligned.
 */
bool vtdsim_mem_cmpxchg64(u64 hpa, u64 *expected, u64 val, bool *swapped)
{
	u64 *mem = mem_at(hpa, sizeof(*mem));

	if (!mem || !IS_ALIGNED(hpa, sizeof(*mem)))
		return false;
	*swapped = try_cmpxchg(mem, expected, val);
	return true;
}

/**
 * vtdsim_mem_fetch_add() - the FetchAdd AtomicOp
 * @hpa: host physical address, a multiple of @size
 * @operand: what to add
 * @size: 4 or 8 bytes
 * @old: value before
 *
 * Context: Any.
 * Return: false if this is no memory, or a size or alignment that PCI Express
 *	does not define for the operation.
 */
bool vtdsim_mem_fetch_add(u64 hpa, u64 operand, size_t size, u64 *old)
{
	void *mem;

	if ((size != 4 && size != 8) || !IS_ALIGNED(hpa, size))
		return false;
	mem = mem_at(hpa, size);
	if (!mem)
		return false;
	if (size == 4)
		*old = (u32)atomic_fetch_add((int)operand, (atomic_t *)mem);
	else
		*old = atomic64_fetch_add(operand, (atomic64_t *)mem);
	return true;
}
