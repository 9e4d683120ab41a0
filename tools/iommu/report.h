/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A report of numbered steps, as text or as one JSON object.
 */
#ifndef _TOOLS_IOMMU_REPORT_H
#define _TOOLS_IOMMU_REPORT_H

#include <stdbool.h>

#include "util.h"

void report_start(bool json);
__printf(2, 3) bool report_step(bool ok, const char *fmt, ...);
__printf(2, 3) bool report_call(int ret, const char *fmt, ...);
__printf(1, 2) void report_note(const char *fmt, ...);
__printf(2, 3) void report_value(const char *name, const char *fmt, ...);
int report_end(void);

#endif /* _TOOLS_IOMMU_REPORT_H */
