/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints: DMA requests and their translations. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vtdsim

#if !defined(_VTDSIM_REQUEST_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _VTDSIM_REQUEST_TRACE_H

#include <linux/tracepoint.h>

#include "cache/caches.h"
#include "tables/entries.h"
#include "unit/messages.h"
#include "unit/unit.h"

/* A DMA request, after it has been carried out */
TRACE_EVENT(vtdsim_request,
	TP_PROTO(const struct vtdsim_unit *unit, const struct vtdsim_req *req,
		 size_t len, const struct vtdsim_outcome *out),
	TP_ARGS(unit, req, len, out),
	TP_STRUCT__entry(
		__string(unit, unit->name)
		__field(u64, addr)
		__field(u32, pasid)
		__field(u32, len)
		__field(u16, sid)
		__field(u8, at)
		__field(u8, reason)
		__field(bool, with_pasid)
		__field(bool, read)
		__field(bool, write)
		__field(bool, unsupported)
	),
	TP_fast_assign(
		__assign_str(unit);
		__entry->addr = req->addr;
		__entry->pasid = req->with_pasid ? req->pasid : 0;
		__entry->len = len;
		__entry->sid = req->sid;
		__entry->at = req->at;
		__entry->reason = out->reason;
		__entry->with_pasid = req->with_pasid;
		__entry->read = req->read;
		__entry->write = req->write;
		__entry->unsupported = out->unsupported;
	),
	TP_printk("%s: %04x %s %u %c%c addr=%#llx+%u at=%u reason=%#x%s",
		  __get_str(unit), __entry->sid,
		  __entry->with_pasid ? "PASID" : "no PASID", __entry->pasid,
		  __entry->read ? 'r' : '-', __entry->write ? 'w' : '-',
		  __entry->addr, __entry->len, __entry->at, __entry->reason,
		  __entry->unsupported ? " unsupported" : "")
);

/* A translation by the caches, or by the tables */
DECLARE_EVENT_CLASS(vtdsim_translation,
	TP_PROTO(const struct vtdsim_unit *unit, const struct vtdsim_req *req,
		 const struct vtdsim_pasid *pe, u32 pasid,
		 const struct vtdsim_map *map, u8 reason),
	TP_ARGS(unit, req, pe, pasid, map, reason),
	TP_STRUCT__entry(
		__string(unit, unit->name)
		__field(u64, addr)
		__field(u64, out)
		__field(u32, pasid)
		__field(u16, sid)
		__field(u16, did)
		__field(u8, pgtt)
		__field(u8, shift)
		__field(u8, reason)
	),
	TP_fast_assign(
		__assign_str(unit);
		__entry->addr = req->addr;
		__entry->out = reason ? 0 : map->out;
		__entry->pasid = pasid;
		__entry->sid = req->sid;
		__entry->did = pe->did;
		__entry->pgtt = pe->pgtt;
		__entry->shift = reason ? 0 : map->shift;
		__entry->reason = reason;
	),
	TP_printk("%s: %04x did=%u pasid=%u pgtt=%u addr=%#llx out=%#llx shift=%u reason=%#x",
		  __get_str(unit), __entry->sid, __entry->did, __entry->pasid,
		  __entry->pgtt, __entry->addr, __entry->out, __entry->shift,
		  __entry->reason)
);

DEFINE_EVENT(vtdsim_translation, vtdsim_walk,
	TP_PROTO(const struct vtdsim_unit *unit, const struct vtdsim_req *req,
		 const struct vtdsim_pasid *pe, u32 pasid,
		 const struct vtdsim_map *map, u8 reason),
	TP_ARGS(unit, req, pe, pasid, map, reason)
);

DEFINE_EVENT(vtdsim_translation, vtdsim_hit,
	TP_PROTO(const struct vtdsim_unit *unit, const struct vtdsim_req *req,
		 const struct vtdsim_pasid *pe, u32 pasid,
		 const struct vtdsim_map *map, u8 reason),
	TP_ARGS(unit, req, pe, pasid, map, reason)
);

#endif /* _VTDSIM_REQUEST_TRACE_H */

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH ../../drivers/iommu/vtdsim/request
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
