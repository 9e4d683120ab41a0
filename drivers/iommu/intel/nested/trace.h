/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of nested translation; Documentation/admin-guide/iommu-vtd-tracing.rst
 * shows what they are good for.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM intel_nested

#if !defined(_INTEL_NESTED_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _INTEL_NESTED_TRACE_H

#include <linux/tracepoint.h>

#include "nested.h"

struct vtd_inv_count;

/* A stage-1 domain was allocated. */
TRACE_EVENT(vtd_s1_alloc,
	TP_PROTO(struct device *dev, const struct vtd_s1_domain *s1),
	TP_ARGS(dev, s1),
	TP_STRUCT__entry(
		__string(dev, dev_name(dev))
		__field(u64, domain)
		__field(u64, parent)
		__field(u64, root)
		__field(u64, flags)
		__field(u32, width)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->domain = s1->id;
		__entry->parent = s1->parent->nested->id;
		__entry->root = s1->cfg.pgtbl_addr;
		__entry->flags = s1->cfg.flags;
		__entry->width = s1->cfg.addr_width;
	),
	TP_printk("%s domain=%llu parent=%llu root=%#llx width=%u flags=%#llx",
		  __get_str(dev), __entry->domain, __entry->parent, __entry->root,
		  __entry->width, __entry->flags)
);

TRACE_DEFINE_ENUM(VTD_PLAN_PUBLISH);
TRACE_DEFINE_ENUM(VTD_PLAN_IN_PLACE);
TRACE_DEFINE_ENUM(VTD_PLAN_BREAK);

/*
 * A PASID of a device was attached. Unless a stage-1 domain was replaced in place,
 * DMA was blocked in between, for blocked_ns.
 */
TRACE_EVENT(vtd_s1_attach,
	TP_PROTO(struct device *dev, ioasid_t pasid, u64 from, u64 to, enum vtd_plan plan,
		 u64 blocked_ns),
	TP_ARGS(dev, pasid, from, to, plan, blocked_ns),
	TP_STRUCT__entry(
		__string(dev, dev_name(dev))
		__field(u32, pasid)
		__field(u64, from)
		__field(u64, to)
		__field(int, plan)
		__field(bool, hitless)
		__field(u64, blocked_ns)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->pasid = pasid;
		__entry->from = from;
		__entry->to = to;
		__entry->plan = plan;
		__entry->hitless = plan == VTD_PLAN_IN_PLACE;
		__entry->blocked_ns = blocked_ns;
	),
	TP_printk("%s pasid=%u from=%llu to=%llu plan=%s hitless=%d blocked_ns=%llu",
		  __get_str(dev), __entry->pasid, __entry->from, __entry->to,
		  __print_symbolic(__entry->plan,
				   { VTD_PLAN_PUBLISH,	"publish" },
				   { VTD_PLAN_IN_PLACE,	"in-place" },
				   { VTD_PLAN_BREAK,	"break" }),
		  __entry->hitless, __entry->blocked_ns)
);

/* A call of HWPT_INVALIDATE has ended. */
TRACE_EVENT(vtd_s1_invalidate,
	TP_PROTO(const struct vtd_s1_domain *s1, const struct vtd_inv_count *count, u32 done),
	TP_ARGS(s1, count, done),
	TP_STRUCT__entry(
		__field(u64, domain)
		__field(u32, requests)
		__field(u32, ranges)
		__field(u32, descriptors)
		__field(u32, batches)
		__field(u32, timeouts)
	),
	TP_fast_assign(
		__entry->domain = s1->id;
		__entry->requests = done;
		__entry->ranges = count->ranges;
		__entry->descriptors = count->descriptors;
		__entry->batches = count->submissions;
		__entry->timeouts = count->timeouts;
	),
	TP_printk("domain=%llu requests=%u merged=%u descriptors=%u batches=%u timeouts=%u",
		  __entry->domain, __entry->requests, __entry->ranges, __entry->descriptors,
		  __entry->batches, __entry->timeouts)
);

/* A batch of submissions has gone into a ring: how many callers share it. */
TRACE_EVENT(vtd_ring_batch,
	TP_PROTO(struct intel_iommu *iommu),
	TP_ARGS(iommu),
	TP_STRUCT__entry(
		__string(iommu, iommu->name)
		__field(u32, callers)
		__field(u32, slots)
		__field(u32, free)
	),
	TP_fast_assign(
		__assign_str(iommu);
		__entry->callers = list_count_nodes(&iommu->qi->nested.batch);
		__entry->slots = (iommu->qi->free_head - iommu->qi->nested.first) % QI_LENGTH;
		__entry->free = iommu->qi->free_cnt;
	),
	TP_printk("%s callers=%u slots=%u free=%u",
		  __get_str(iommu), __entry->callers, __entry->slots, __entry->free)
);

TRACE_DEFINE_ENUM(VTD_REFUSED_UNIT);
TRACE_DEFINE_ENUM(VTD_REFUSED_ERRATUM);
TRACE_DEFINE_ENUM(VTD_REFUSED_NO_ID);
TRACE_DEFINE_ENUM(VTD_REFUSED_BUSY);
TRACE_DEFINE_ENUM(VTD_REFUSED_SILENT);

/* What a user asked for was refused. */
TRACE_EVENT(vtd_refused,
	TP_PROTO(struct device *dev, enum vtd_refusal why),
	TP_ARGS(dev, why),
	TP_STRUCT__entry(
		__string(dev, dev_name(dev))
		__field(int, why)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->why = why;
	),
	TP_printk("%s reason=%s", __get_str(dev),
		  __print_symbolic(__entry->why,
				   { VTD_REFUSED_UNIT,		"unit" },
				   { VTD_REFUSED_ERRATUM,	"erratum" },
				   { VTD_REFUSED_NO_ID,		"no-domain-id" },
				   { VTD_REFUSED_BUSY,		"busy" },
				   { VTD_REFUSED_SILENT,	"silent" }))
);

#endif /* _INTEL_NESTED_TRACE_H */

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH ../../drivers/iommu/intel/nested
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
