/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine for guest programs: memory, a unit on the real /dev/iommu, an endpoint of
 * vtdsim behind it, and a driver in the guest.
 */
#ifndef _VUNIT_GUEST_MACHINE_H
#define _VUNIT_GUEST_MACHINE_H

#include "../../guest.h"
#include "../../vfio.h"
#include "driver.h"
#include "machine_host.h"

/* Memory of the guest: tables in the first half, data in the second */
#define MACHINE_GPA		0x140000000ULL
#define MACHINE_SIZE		(16ULL << 20)
#define MACHINE_DATA_SIZE	(MACHINE_SIZE / 2)
#define MACHINE_DATA_GPA	(MACHINE_GPA + MACHINE_DATA_SIZE)

#define MACHINE_SID		0x0010
#define MACHINE_DID		5

/**
 * struct machine - a guest's machine
 * @mode: tables of the guest; they decide whether the unit nests or shadows
 * @host: iommufd context, and the calls to it
 * @dev: endpoint
 * @guest: memory
 * @unit: unit
 * @driver: the guest's driver
 * @interrupts: interrupts of the unit
 */
struct machine {
	enum driver_mode mode;
	struct machine_host host;
	struct vfio_dev dev;
	struct guest guest;
	struct vunit *unit;
	struct driver driver;
	unsigned int interrupts;
};

int machine_open(struct machine *m, const char *bdf, enum driver_mode mode);
void machine_close(struct machine *m);
void *machine_data(const struct machine *m, __u64 offset);
const char *machine_mode_name(enum driver_mode mode);

#endif /* _VUNIT_GUEST_MACHINE_H */
