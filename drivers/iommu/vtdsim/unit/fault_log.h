/* SPDX-License-Identifier: GPL-2.0-only */
/* Primary fault logging: fault recording registers and the fault status register. */
#ifndef _VTDSIM_FAULT_LOG_H
#define _VTDSIM_FAULT_LOG_H

#include <linux/types.h>

struct vtdsim_page_request;
struct vtdsim_req;
struct vtdsim_unit;

void vtdsim_fault_record(struct vtdsim_unit *unit, const struct vtdsim_req *req,
			 u8 reason);
void vtdsim_fault_record_page(struct vtdsim_unit *unit,
			      const struct vtdsim_page_request *req, u8 reason);
void vtdsim_fault_record_interrupt(struct vtdsim_unit *unit, u16 sid, u64 addr, u32 index,
				   u8 reason);
void vtdsim_fault_status_set(struct vtdsim_unit *unit, u32 bits);
void vtdsim_fault_status_update(struct vtdsim_unit *unit);

#endif /* _VTDSIM_FAULT_LOG_H */
