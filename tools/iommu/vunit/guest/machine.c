// SPDX-License-Identifier: GPL-2.0-only
/* A machine for guest programs, whatever runs it. */
#include "machine.h"

/**
 * machine_boot() - begin with a guest that has no tables
 * @m: machine, open or reset
 */
void machine_boot(struct machine *m)
{
	m->driver.mem = m->guest.va;
	m->driver.base = m->guest.gpa;
	m->driver.next = MACHINE_GPA;
	m->driver.end = MACHINE_DATA_GPA;
	driver_init(&m->driver, m->driver.unit, m->mode);
}

/**
 * machine_open() - make a machine
 * @m: filled
 * @vmm: what runs it
 * @bdf: address of an endpoint of vtdsim
 * @mode: tables of the guest
 *
 * Translation is off, and no table exists.
 *
 * Return: 0 or a negative errno, and nothing to be closed.
 */
int machine_open(struct machine *m, const struct machine_vmm *vmm, const char *bdf,
		 enum driver_mode mode)
{
	int ret;

	*m = (struct machine) { .vmm = vmm, .mode = mode };
	ret = vmm->open(m, bdf);
	if (ret)
		return ret;
	vmm->calls(m, &m->start);
	machine_boot(m);
	return 0;
}

/**
 * machine_close() - switch a machine off
 * @m: machine
 */
void machine_close(struct machine *m)
{
	m->vmm->close(m);
}

/**
 * machine_calls() - what the guest has cost
 * @m: machine
 * @calls: calls to the host since machine_open()
 */
void machine_calls(struct machine *m, struct machine_calls *calls)
{
	m->vmm->calls(m, calls);
	calls->alloc -= m->start.alloc;
	calls->map -= m->start.map;
	calls->unmap -= m->start.unmap;
	calls->attach -= m->start.attach;
	calls->detach -= m->start.detach;
	calls->invalidate -= m->start.invalidate;
	calls->requests -= m->start.requests;
}

/**
 * machine_sync() - let the guest's processor and its devices see the same memory
 * @m: machine
 *
 * Return: true if they do.
 */
bool machine_sync(struct machine *m)
{
	return !m->vmm->sync || m->vmm->sync(m);
}

/**
 * machine_data() - data of the guest
 * @m: machine
 * @offset: offset from MACHINE_DATA_GPA
 *
 * Return: its address in this process.
 */
void *machine_data(const struct machine *m, __u64 offset)
{
	return guest_va(&m->guest, MACHINE_DATA_GPA + offset);
}

/**
 * machine_mode_name() - what a mode is called
 * @mode: mode
 *
 * Return: its name.
 */
const char *machine_mode_name(enum driver_mode mode)
{
	switch (mode) {
	case DRIVER_FIRST:
		return "nested";
	case DRIVER_SECOND:
		return "shadow, scalable";
	default:
		return "shadow, legacy";
	}
}
