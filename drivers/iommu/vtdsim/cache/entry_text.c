// SPDX-License-Identifier: GPL-2.0-only
/* Cache entries as text, for messages and for debugfs. */
#include <linux/kernel.h>
#include <linux/time64.h>

#include "cache/internals.h"

static const char * const vtdsim_kind_names[VTDSIM_KINDS] = {
	[VTDSIM_KIND_CONTEXT]		= "context-cache",
	[VTDSIM_KIND_PASID]		= "PASID-cache",
	[VTDSIM_KIND_IOTLB_PASS]	= "IOTLB (pass-through)",
	[VTDSIM_KIND_IOTLB_SECOND]	= "IOTLB (second stage)",
	[VTDSIM_KIND_IOTLB_FIRST]	= "IOTLB (first stage)",
	[VTDSIM_KIND_PSC_SECOND]	= "paging-structure cache (second stage)",
	[VTDSIM_KIND_PSC_FIRST]		= "paging-structure cache (first stage)",
};

/**
 * vtdsim_cached_describe() - describe a cache entry as text
 * @e: the entry
 * @buf: room for VTDSIM_TEXT bytes
 *
 * The time is that of the kernel's log.
 *
 * Context: Any. The entry must not change meanwhile.
 * Return: @buf.
 */
const char *vtdsim_cached_describe(const struct vtdsim_cached *e, char *buf)
{
	const struct vtdsim_key *k = &e->key;
	size_t n;

	n = scnprintf(buf, VTDSIM_TEXT, "%s since %llu.%06llu:",
		      vtdsim_kind_names[k->kind], e->since / NSEC_PER_SEC,
		      e->since % NSEC_PER_SEC / NSEC_PER_USEC);
	switch (k->kind) {
	case VTDSIM_KIND_CONTEXT:
		scnprintf(buf + n, VTDSIM_TEXT - n, " %04x", k->id);
		break;
	case VTDSIM_KIND_PASID:
		scnprintf(buf + n, VTDSIM_TEXT - n, " %04x PASID %u", k->id,
			  k->pasid);
		break;
	case VTDSIM_KIND_IOTLB_PASS:
		scnprintf(buf + n, VTDSIM_TEXT - n,
			  " %04x PASID %u domain-id %u address %#llx+%#llx", k->id, k->pasid,
			  e->pass_did, k->addr, BIT_ULL(k->shift));
		break;
	default:
		scnprintf(buf + n, VTDSIM_TEXT - n,
			  " domain-id %u PASID %u address %#llx+%#llx", k->id,
			  k->pasid, k->addr, BIT_ULL(k->shift));
		break;
	}
	return buf;
}
