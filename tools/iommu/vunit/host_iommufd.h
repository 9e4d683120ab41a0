/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls to the host on /dev/iommu and VFIO's character devices.
 *
 * The first argument of the calls is a pointer to the iommufd context's descriptor (int),
 * and a device is a struct vfio_dev.
 */
#ifndef _VUNIT_HOST_IOMMUFD_H
#define _VUNIT_HOST_IOMMUFD_H

#include "host.h"

extern const struct vunit_host_ops vunit_host_iommufd;

#endif /* _VUNIT_HOST_IOMMUFD_H */
