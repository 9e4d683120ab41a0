// SPDX-License-Identifier: GPL-2.0-only
/* Makes the tracepoints of trace.h. */

#include "invalidate.h"

#define CREATE_TRACE_POINTS
#include "trace.h"
