// SPDX-License-Identifier: GPL-2.0-only
/*
 * Capabilities of the unit: what the host's unit can do, cut down to what the mode allows
 * (VT-d specification sections 11.4.2 and 11.4.3).
 *
 * Caching Mode is set in both modes: the unit has to hear of entries that become present.
 * There are no PASIDs, which iommufd of Linux 6.12 cannot attach, and no interrupt remapping.
 */
#include "vunit.h"

/* Domain-ids of 16 bits; they are the guest's own, and are not those of the host. */
#define CAP_ND_16		6
/* An invalidation may have any size: 2^52 pages are all there are. */
#define CAP_MAMV_ANY		52
/* Pages of 2 MiB and 1 GiB in second-stage tables */
#define CAP_SSLPS_BOTH		3

static __u64 nested_cap(__u64 host)
{
	return host & (VUNIT_CAP_FS1GP | VUNIT_CAP_FS5LP);
}

static __u64 nested_ecap(const struct vunit_config *config)
{
	__u64 host = config->hw.ecap_reg;
	__u64 ecap = VUNIT_ECAP_SMTS | VUNIT_ECAP_FSTS |
		     (host & (VUNIT_ECAP_SRS | VUNIT_ECAP_EAFS | VUNIT_ECAP_SMPWCS));

	/* Page requests need a device TLB, and that the VMM delivers them. */
	if (config->page_requests && config->ops->respond && host & VUNIT_ECAP_PRS)
		ecap |= host & (VUNIT_ECAP_PRS | VUNIT_ECAP_PDS | VUNIT_ECAP_DT);
	return ecap;
}

/**
 * vunit_capabilities() - the capabilities of a unit
 * @config: what it is made of
 * @cap: Capability Register
 * @ecap: Extended Capability Register
 */
void vunit_capabilities(const struct vunit_config *config, __u64 *cap, __u64 *ecap)
{
	__u64 host = config->hw.cap_reg;

	*cap = VUNIT_CAP_CM | VUNIT_CAP_PSI | VUNIT_CAP_DWD | VUNIT_CAP_DRD | VUNIT_CAP_ESRTPS |
	       (host & (VUNIT_CAP_SAGAW | VUNIT_CAP_MGAW | VUNIT_CAP_ZLR)) |
	       vunit_put(VUNIT_CAP_ND, CAP_ND_16) |
	       vunit_put(VUNIT_CAP_MAMV, CAP_MAMV_ANY) |
	       vunit_put(VUNIT_CAP_FRO, VUNIT_FRCD / 16) |
	       vunit_put(VUNIT_CAP_NFR, VUNIT_FRCD_COUNT - 1);
	*ecap = VUNIT_ECAP_C | VUNIT_ECAP_QI | VUNIT_ECAP_PT |
		(config->hw.ecap_reg & VUNIT_ECAP_SC) |
		vunit_put(VUNIT_ECAP_IRO, VUNIT_IOTLB_REGS / 16);
	if (config->mode == VUNIT_NESTED) {
		*cap |= nested_cap(host);
		*ecap |= nested_ecap(config);
	} else {
		*cap |= vunit_put(VUNIT_CAP_SSLPS, CAP_SSLPS_BOTH);
		*ecap |= VUNIT_ECAP_SMTS | VUNIT_ECAP_SSTS;
	}
}
