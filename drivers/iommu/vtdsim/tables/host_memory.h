/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Host memory as a unit sees it. All functions return false where the address is
 * no memory (an unsupported request).
 */
#ifndef _VTDSIM_HOST_MEMORY_H
#define _VTDSIM_HOST_MEMORY_H

#include <linux/types.h>

bool vtdsim_mem_read(u64 hpa, void *buf, size_t len);
bool vtdsim_mem_write(u64 hpa, const void *buf, size_t len);
bool vtdsim_mem_read64(u64 hpa, u64 *val);
bool vtdsim_mem_cmpxchg64(u64 hpa, u64 *expected, u64 val, bool *swapped);
bool vtdsim_mem_fetch_add(u64 hpa, u64 operand, size_t size, u64 *old);

#if IS_ENABLED(CONFIG_VTDSIM_KUNIT_TEST)
extern typeof(vtdsim_mem_cmpxchg64) *vtdsim_mem_cmpxchg64_stub;
#endif

#endif /* _VTDSIM_HOST_MEMORY_H */
