/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine for guest programs: memory, an endpoint of vtdsim behind a VT-d unit, and a driver in
 * the guest. The unit is one of libvunit, on the real /dev/iommu, or one of QEMU.
 */
#ifndef _VUNIT_GUEST_MACHINE_H
#define _VUNIT_GUEST_MACHINE_H

#include <sys/types.h>

#include "../../guest.h"
#include "../../vfio.h"
#include "driver.h"
#include "machine_host.h"

/* Memory of the guest: tables in the first half, data in the second */
#define MACHINE_GPA		(16ULL << 20)
#define MACHINE_SIZE		(8ULL << 20)
#define MACHINE_DATA_SIZE	(MACHINE_SIZE / 2)
#define MACHINE_DATA_GPA	(MACHINE_GPA + MACHINE_DATA_SIZE)

#define MACHINE_SID		0x0010
#define MACHINE_DID		5

/* Groups of page requests, PCIe 10.4.1 */
#define MACHINE_GROUPS		512
/* Page requests that the endpoint may have outstanding, of one group perhaps, PCIe 10.5.2 */
#define MACHINE_REQUESTS	128

struct machine;

/**
 * struct machine_vmm - what runs a machine
 * @name: its name
 * @open: make unit and memory, assign the endpoint. Fills in @dev, @guest and the unit of @driver.
 *	Returns 0 or a negative errno, and nothing to be closed
 * @close: end the machine
 * @calls: the calls to the host so far
 * @sync: what the guest's processor has written gets to the guest's memory, and what the device and
 *	the unit have written there to the processor. Returns whether it was done; NULL if they
 *	share the memory
 * @reset: reset the unit, as the guest's machine is reset
 * @migrate: save the unit, reset it, load it
 * @replug: take the endpoint away, and give it back
 *
 * The last three return whether it was done; NULL if the VMM cannot.
 */
struct machine_vmm {
	const char *name;
	int (*open)(struct machine *m, const char *bdf);
	void (*close)(struct machine *m);
	void (*calls)(struct machine *m, struct machine_calls *calls);
	bool (*sync)(struct machine *m);
	bool (*reset)(struct machine *m);
	bool (*migrate)(struct machine *m);
	bool (*replug)(struct machine *m);
};

/* VMMs */
extern const struct machine_vmm machine_vunit;
extern const struct machine_vmm machine_vunit_pages;	/* with page requests of the endpoint */
extern const struct machine_vmm machine_qemu;

/**
 * struct machine - a guest's machine
 * @vmm: what runs it
 * @mode: tables of the guest; they decide whether the unit nests or shadows
 * @dev: endpoint
 * @guest: memory
 * @driver: the guest's driver
 * @start: calls to the host that starting it took
 * @host: libvunit: iommufd context, and the calls to it
 * @unit: libvunit: unit
 * @interrupts: libvunit: interrupts of the unit
 * @pages: libvunit: the unit takes page requests
 * @faults: libvunit: file of the host's fault queue, if @pages
 * @cookies: libvunit: what the host knows a group of page requests by
 * @pid: QEMU: its process
 * @qtest: QEMU: socket of the qtest protocol
 * @trace: QEMU: file of its trace
 * @memory: QEMU: memory of its process
 * @memory_at: QEMU: where the guest's is there
 * @synced: QEMU: what was in it when it was the same as @guest
 */
struct machine {
	const struct machine_vmm *vmm;
	enum driver_mode mode;
	struct vfio_dev dev;
	struct guest guest;
	struct driver driver;
	struct machine_calls start;
	struct machine_host host;
	struct vunit *unit;
	unsigned int interrupts;
	bool pages;
	int faults;
	__u32 cookies[MACHINE_GROUPS];
	pid_t pid;
	int qtest;
	char trace[32];
	int memory;
	__u64 memory_at;
	char *synced;
};

int machine_open(struct machine *m, const struct machine_vmm *vmm, const char *bdf,
		 enum driver_mode mode);
void machine_close(struct machine *m);
void machine_boot(struct machine *m);
void machine_calls(struct machine *m, struct machine_calls *calls);
bool machine_sync(struct machine *m);
void *machine_data(const struct machine *m, __u64 offset);
const char *machine_mode_name(enum driver_mode mode);
bool machine_has_qemu(void);

int machine_faults_open(struct machine *m);
void machine_faults_respond(void *vmm, const struct vunit_page_response *resp);
int machine_faults_deliver(struct machine *m, int ms);

#endif /* _VUNIT_GUEST_MACHINE_H */
