// SPDX-License-Identifier: GPL-2.0-only
/* The calls of a machine to its host, which are counted. */
#include <stdint.h>

#include "../../iommu.h"
#include "../../vfio.h"
#include "../host_iommufd.h"
#include "machine_host.h"

static int machine_ioas_alloc(void *arg, __u32 *ioas)
{
	struct machine_host *host = arg;

	host->calls.alloc++;
	return vunit_host_iommufd.ioas_alloc(&host->iommufd, ioas);
}

static int machine_map(void *arg, __u32 ioas, void *va, __u64 len, __u64 iova, __u32 access)
{
	struct machine_host *host = arg;

	host->calls.map++;
	return vunit_host_iommufd.map(&host->iommufd, ioas, va, len, iova, access);
}

static int machine_unmap(void *arg, __u32 ioas, __u64 iova, __u64 len)
{
	struct machine_host *host = arg;

	host->calls.unmap++;
	return vunit_host_iommufd.unmap(&host->iommufd, ioas, iova, len);
}

/* With a fault queue */
static int machine_alloc_s1_faulting(const struct machine_host *host, const struct vfio_dev *dev,
				     __u32 parent, const struct iommu_hwpt_vtd_s1 *s1, __u32 *hwpt)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = IOMMU_HWPT_FAULT_ID_VALID,
		.dev_id = dev->id,
		.pt_id = parent,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
		.data_len = sizeof(*s1),
		.data_uptr = (uintptr_t)s1,
		.fault_id = host->fault_queue,
	};

	return iommufd_hwpt_alloc(host->iommufd, &cmd, hwpt);
}

static int machine_alloc_s1(void *arg, void *dev, __u32 parent,
			    const struct iommu_hwpt_vtd_s1 *s1, __u32 *hwpt)
{
	struct machine_host *host = arg;

	host->calls.alloc++;
	if (host->fault_queue)
		return machine_alloc_s1_faulting(host, dev, parent, s1, hwpt);
	return vunit_host_iommufd.alloc_s1(&host->iommufd, dev, parent, s1, hwpt);
}

static int machine_destroy(void *arg, __u32 id)
{
	struct machine_host *host = arg;

	return vunit_host_iommufd.destroy(&host->iommufd, id);
}

static int machine_attach(void *arg, void *dev, __u32 pt_id)
{
	struct machine_host *host = arg;

	host->calls.attach++;
	return vunit_host_iommufd.attach(&host->iommufd, dev, pt_id);
}

static int machine_detach(void *arg, void *dev)
{
	struct machine_host *host = arg;

	host->calls.detach++;
	return vunit_host_iommufd.detach(&host->iommufd, dev);
}

static int machine_invalidate(void *arg, __u32 hwpt,
			      const struct iommu_hwpt_vtd_s1_invalidate *entries, __u32 *num)
{
	struct machine_host *host = arg;
	__u32 done = 0, n;
	int ret;

	do {
		n = host->one_by_one ? 1 : *num;
		host->calls.invalidate++;
		host->calls.requests += n;
		ret = vunit_host_iommufd.invalidate(&host->iommufd, hwpt, entries + done, &n);
		done += n;
	} while (!ret && done < *num);
	*num = done;
	return ret;
}

const struct vunit_host_ops machine_host_ops = {
	.ioas_alloc = machine_ioas_alloc,
	.map = machine_map,
	.unmap = machine_unmap,
	.alloc_s1 = machine_alloc_s1,
	.destroy = machine_destroy,
	.attach = machine_attach,
	.detach = machine_detach,
	.invalidate = machine_invalidate,
};
