/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SELFTESTS_VFIO_LIB_DRIVERS_VTDSIM_H
#define SELFTESTS_VFIO_LIB_DRIVERS_VTDSIM_H

#include <libvfio.h>

extern struct vfio_pci_driver_ops vtdsim_ops;

#endif /* SELFTESTS_VFIO_LIB_DRIVERS_VTDSIM_H */
