/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports cache lines that a driver flushes to the model.
 *
 * The files of the intel-iommu driver that flush tables out of the CPU's caches are
 * compiled with this header in front of everything else (-include), alone or as part
 * of interpose.h. See there about pr_fmt().
 */
#ifndef _VTDSIM_INTERPOSE_FLUSH_H
#define _VTDSIM_INTERPOSE_FLUSH_H

#include <asm/cacheflush.h>

#include "window.h"

#ifndef VTDSIM_DEFAULT_PR_FMT
#undef pr_fmt
#endif

static inline void vtdsim_clflush_cache_range(void *addr, unsigned int size)
{
	clflush_cache_range(addr, size);
	if (static_branch_unlikely(&vtdsim_active))
		vtdsim_flushed(addr, size);
}

#define clflush_cache_range	vtdsim_clflush_cache_range

#endif /* _VTDSIM_INTERPOSE_FLUSH_H */
