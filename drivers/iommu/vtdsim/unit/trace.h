/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: faults. All tracepoints of the model are hit with the unit's lock
 * held, so they come in the order in which things happen.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vtdsim

#if !defined(_VTDSIM_UNIT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _VTDSIM_UNIT_TRACE_H

#include <linux/tracepoint.h>

#include "unit/unit.h"

/* A fault to record, also if no recording register is free */
TRACE_EVENT(vtdsim_fault,
	TP_PROTO(const struct vtdsim_unit *unit, u64 addr, u64 high),
	TP_ARGS(unit, addr, high),
	TP_STRUCT__entry(
		__string(unit, unit->name)
		__field(u64, addr)
		__field(u64, high)
	),
	TP_fast_assign(
		__assign_str(unit);
		__entry->addr = addr;
		__entry->high = high;
	),
	TP_printk("%s: %04llx addr=%#llx reason=%#llx record=%#018llx",
		  __get_str(unit), __entry->high & 0xffff, __entry->addr,
		  __entry->high >> 32 & 0xff, __entry->high)
);

#endif /* _VTDSIM_UNIT_TRACE_H */

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH ../../drivers/iommu/vtdsim/unit
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
