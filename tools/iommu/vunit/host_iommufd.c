// SPDX-License-Identifier: GPL-2.0-only
/*
 * The calls to the host on /dev/iommu and VFIO's character devices.
 */
#include "../iommu.h"
#include "../vfio.h"
#include "host_iommufd.h"

static int host_fd(const void *host)
{
	return *(const int *)host;
}

static int iommufd_host_ioas_alloc(void *host, __u32 *ioas)
{
	return iommufd_ioas_alloc(host_fd(host), ioas);
}

static int iommufd_host_map(void *host, __u32 ioas, void *va, __u64 len, __u64 iova, __u32 access)
{
	return iommufd_ioas_map(host_fd(host), ioas, va, len, iova, access);
}

static int iommufd_host_unmap(void *host, __u32 ioas, __u64 iova, __u64 len)
{
	return iommufd_ioas_unmap(host_fd(host), ioas, iova, len);
}

static int iommufd_host_alloc_s1(void *host, void *dev, __u32 parent,
				 const struct iommu_hwpt_vtd_s1 *s1, __u32 *hwpt)
{
	const struct vfio_dev *vfio = dev;

	return iommufd_hwpt_alloc_s1(host_fd(host), vfio->id, parent, s1, hwpt);
}

static int iommufd_host_destroy(void *host, __u32 id)
{
	return iommufd_destroy(host_fd(host), id);
}

static int iommufd_host_attach(void *host, void *dev, __u32 pt_id)
{
	(void)host;
	return vfio_attach(dev, pt_id);
}

static int iommufd_host_detach(void *host, void *dev)
{
	(void)host;
	return vfio_detach(dev);
}

static int iommufd_host_invalidate(void *host, __u32 hwpt,
				   const struct iommu_hwpt_vtd_s1_invalidate *entries, __u32 *num)
{
	return iommufd_hwpt_invalidate(host_fd(host), hwpt, entries, num);
}

const struct vunit_host_ops vunit_host_iommufd = {
	.ioas_alloc = iommufd_host_ioas_alloc,
	.map = iommufd_host_map,
	.unmap = iommufd_host_unmap,
	.alloc_s1 = iommufd_host_alloc_s1,
	.destroy = iommufd_host_destroy,
	.attach = iommufd_host_attach,
	.detach = iommufd_host_detach,
	.invalidate = iommufd_host_invalidate,
};
