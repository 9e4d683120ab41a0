/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints: invalidation descriptors. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vtdsim

#if !defined(_VTDSIM_QUEUE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _VTDSIM_QUEUE_TRACE_H

#include <linux/tracepoint.h>

#include "unit/unit.h"

/* An invalidation descriptor that was carried out, or found wrong */
TRACE_EVENT(vtdsim_descriptor,
	TP_PROTO(const struct vtdsim_unit *unit, u64 at, const u64 *desc),
	TP_ARGS(unit, at, desc),
	TP_STRUCT__entry(
		__string(unit, unit->name)
		__field(u64, at)
		__field(u64, low)
		__field(u64, high)
	),
	TP_fast_assign(
		__assign_str(unit);
		__entry->at = at;
		__entry->low = desc[0];
		__entry->high = desc[1];
	),
	TP_printk("%s: at=%#llx type=%#llx desc=%#018llx %#018llx",
		  __get_str(unit), __entry->at,
		  (__entry->low & 0xf) | (__entry->low >> 5 & 0x70),
		  __entry->low, __entry->high)
);

#endif /* _VTDSIM_QUEUE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH ../../drivers/iommu/vtdsim/queue
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
