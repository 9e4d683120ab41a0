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
 * A page may be unmapped from the direct map while it is free (DEBUG_PAGEALLOC).
 * Software that frees what the unit still uses must not take the kernel down by it, so
 * all accesses go by way of the exception table, and such a page is no memory. They
 * are not instrumented either: KASAN would report the unit instead of software.
 *
 * Everything here may be called in any context.
 */
#include <linux/align.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/processor.h>
#include <linux/uaccess.h>

#include "tables/host_memory.h"
#include "unit/raw_stub.h"

#if IS_ENABLED(CONFIG_VTDSIM_KUNIT_TEST)
typeof(vtdsim_mem_cmpxchg64) *vtdsim_mem_cmpxchg64_stub;
#endif

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

/* How often an AtomicOp tries to change what CPUs change all the time */
#define MEM_ATOMIC_TRIES	4096

/* Software may access the same memory meanwhile, as with any DMA. */
static bool mem_copy_from(void *to, const void *from, size_t len)
{
	for (; len >= sizeof(u64); len -= sizeof(u64), to += sizeof(u64), from += sizeof(u64))
		__get_kernel_nofault(to, from, u64, fault);
	for (; len; len--, to++, from++)
		__get_kernel_nofault(to, from, u8, fault);
	return true;
fault:
	return false;
}

static bool mem_copy_to(void *to, const void *from, size_t len)
{
	for (; len >= sizeof(u64); len -= sizeof(u64), to += sizeof(u64), from += sizeof(u64))
		__put_kernel_nofault(to, from, u64, fault);
	for (; len; len--, to++, from++)
		__put_kernel_nofault(to, from, u8, fault);
	return true;
fault:
	return false;
}

/**
 * vtdsim_mem_read() - read host memory
 * @hpa: host physical address
 * @buf: where the bytes go
 * @len: number of bytes
 *
 * Context: Any.
 * Return: false if not all of it is memory.
 */
bool vtdsim_mem_read(u64 hpa, void *buf, size_t len)
{
	void *mem = mem_at(hpa, len);

	return mem && mem_copy_from(buf, mem, len);
}

/**
 * vtdsim_mem_write() - write host memory
 * @hpa: host physical address
 * @buf: the bytes
 * @len: number of bytes
 *
 * Context: Any.
 * Return: false if not all of it is memory.
 */
bool vtdsim_mem_write(u64 hpa, const void *buf, size_t len)
{
	void *mem = mem_at(hpa, len);

	return mem && mem_copy_to(mem, buf, len);
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
	__get_kernel_nofault(val, mem, u64, fault);
	return true;
fault:
	return false;
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
	u64 *mem;

	VTDSIM_RAW_STUB_REDIRECT(vtdsim_mem_cmpxchg64, hpa, expected, val, swapped);

	mem = mem_at(hpa, sizeof(*mem));
	if (!mem || !IS_ALIGNED(hpa, sizeof(*mem)))
		return false;
	*swapped = unsafe_try_cmpxchg_user((u64 __force __user *)mem, expected, val, fault);
	return true;
fault:
	return false;
}

static bool mem_fetch_add32(u32 *mem, u32 operand, u64 *old)
{
	unsigned int tries;
	u32 was;

	__get_kernel_nofault(&was, mem, u32, fault);
	for (tries = 0; tries < MEM_ATOMIC_TRIES; tries++) {
		*old = was;
		if (unsafe_try_cmpxchg_user((u32 __force __user *)mem, &was, was + operand,
					    fault))
			return true;
		cpu_relax();
	}
fault:
	return false;
}

static bool mem_fetch_add64(u64 *mem, u64 operand, u64 *old)
{
	unsigned int tries;
	u64 was;

	__get_kernel_nofault(&was, mem, u64, fault);
	for (tries = 0; tries < MEM_ATOMIC_TRIES; tries++) {
		*old = was;
		if (unsafe_try_cmpxchg_user((u64 __force __user *)mem, &was, was + operand,
					    fault))
			return true;
		cpu_relax();
	}
fault:
	return false;
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
 *	does not define for the operation, or if CPUs change it all the time.
 */
bool vtdsim_mem_fetch_add(u64 hpa, u64 operand, size_t size, u64 *old)
{
	void *mem;

	if ((size != 4 && size != 8) || !IS_ALIGNED(hpa, size))
		return false;
	mem = mem_at(hpa, size);
	if (!mem)
		return false;
	return size == 4 ? mem_fetch_add32(mem, operand, old) :
			   mem_fetch_add64(mem, operand, old);
}
