/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Redirects a driver's accesses to registers of a remapping unit to the model.
 *
 * The files of the intel-iommu driver that access registers or the DMAR table are
 * compiled with this header in front of everything else (-include).
 *
 * It includes the headers that declare the accessors, so that including them again
 * has no effect, and then redefines the accessors' names. While the model is not
 * enabled, an access costs one static branch more. Addresses outside the model's
 * window go to the real accessor.
 *
 * Most of those files define pr_fmt() before their first include, which must
 * not clash with the default that has been set by then. A file that relies on
 * the default is compiled with -DVTDSIM_DEFAULT_PR_FMT as well.
 */
#ifndef _VTDSIM_INTERPOSE_H
#define _VTDSIM_INTERPOSE_H

#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>

#include "interpose_flush.h"
#include "window.h"

#ifndef VTDSIM_DEFAULT_PR_FMT
#undef pr_fmt
#endif

static inline bool vtdsim_in_window(const void __iomem *addr)
{
	return static_branch_unlikely(&vtdsim_active) &&
	       (unsigned long)addr - (unsigned long)vtdsim_window < VTDSIM_WINDOW_BYTES;
}

static inline u32 vtdsim_readl(const void __iomem *addr)
{
	return vtdsim_in_window(addr) ? vtdsim_window_read(addr, 4) : readl(addr);
}

static inline u64 vtdsim_readq(const void __iomem *addr)
{
	return vtdsim_in_window(addr) ? vtdsim_window_read(addr, 8) : readq(addr);
}

static inline void vtdsim_writel(u32 val, void __iomem *addr)
{
	if (vtdsim_in_window(addr))
		vtdsim_window_write(addr, val, 4);
	else
		writel(val, addr);
}

static inline void vtdsim_writeq(u64 val, void __iomem *addr)
{
	if (vtdsim_in_window(addr))
		vtdsim_window_write(addr, val, 8);
	else
		writeq(val, addr);
}

static inline void __iomem *vtdsim_ioremap(resource_size_t phys,
					   unsigned long size)
{
	void __iomem *window = vtdsim_window_map(phys, size);

	return window ?: ioremap(phys, size);
}

static inline void vtdsim_iounmap(void __iomem *addr)
{
	if (!vtdsim_in_window(addr))
		iounmap(addr);
}

/* The real ones are __init, so these must be inlined into their callers. */
static __always_inline void __iomem *
vtdsim_early_ioremap(resource_size_t phys, unsigned long size)
{
	void __iomem *window = vtdsim_window_find(phys, size);

	return window ?: early_ioremap(phys, size);
}

static __always_inline void vtdsim_early_iounmap(void __iomem *addr,
						 unsigned long size)
{
	if (!vtdsim_in_window(addr))
		early_iounmap(addr, size);
}

#undef readl
#undef readq
#undef writel
#undef writeq
#undef ioremap
#undef iounmap
#define readl		vtdsim_readl
#define readq		vtdsim_readq
#define writel		vtdsim_writel
#define writeq		vtdsim_writeq
#define ioremap		vtdsim_ioremap
#define iounmap		vtdsim_iounmap
#define early_ioremap	vtdsim_early_ioremap
#define early_iounmap	vtdsim_early_iounmap

/* ACPI's own header declares these under the new names. */
#define acpi_get_table	vtdsim_acpi_get_table
#define acpi_put_table	vtdsim_acpi_put_table

#endif /* _VTDSIM_INTERPOSE_H */
