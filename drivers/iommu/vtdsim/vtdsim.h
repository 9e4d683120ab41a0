/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vtdsim: a VT-d remapping unit modelled at register level. Read README.rst first.
 *
 * All headers that tests drive a unit by. The model's own files do not include this
 * one, but the headers of what they use.
 */
#ifndef _VTDSIM_H
#define _VTDSIM_H

#include "boot/units.h"
#include "cache/caches.h"
#include "dispatch/register_access.h"
#include "queue/async.h"
#include "queue/control.h"
#include "request/dma.h"
#include "request/page_request.h"
#include "request/transact.h"
#include "request/translation_request.h"
#include "rules/rules.h"
#include "tables/entries.h"
#include "tables/host_memory.h"
#include "unit/fault_log.h"
#include "unit/interrupts.h"
#include "unit/messages.h"
#include "unit/registers.h"
#include "unit/requesters.h"
#include "unit/unit.h"
#include "unit/violation.h"
#include "walk/rights.h"
#include "walk/walk.h"

#endif /* _VTDSIM_H */
