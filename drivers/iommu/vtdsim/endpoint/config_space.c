// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space of the model's PCI functions: accesses to it, and what they
 * set off.
 *
 * A function is three images of 4 KiB: what reads return, which bits writes
 * change, and which bits writing one clears. Layouts are those of the PCI
 * Express Base Specification 6.0, chapter 7; "PCIe" in this file means that.
 */
#include <linux/bits.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <uapi/linux/vtdsim.h>

#include "endpoint/function.h"

/* Device ID of the host bridge: not registered, like that of the endpoint */
#define BRIDGE_DEVICE_ID	0x7d50

#define CLASS_BRIDGE_HOST	0x060000

/* In the ATS capability, and not in pci_regs.h: Global Invalidate Supported */
#define ATS_CAP_GLOBAL_INVALIDATE	BIT(6)

static const struct vtdsim_layout config_bridge_layout = {
	.vendor = VTDSIM_PCI_VENDOR_ID,
	.device = BRIDGE_DEVICE_ID,
	.revision = 1,
	.class = CLASS_BRIDGE_HOST,
};

/**
 * vtdsim_function_init_bridge() - make a function the segment's host bridge
 * @fn: memory for the function
 *
 * A host bridge on a root bus has no function, but operating systems and tools
 * expect one at 00.0.
 */
void vtdsim_function_init_bridge(struct vtdsim_function *fn)
{
	memset(fn, 0, sizeof(*fn));
	raw_spin_lock_init(&fn->lock);
	fn->layout = &config_bridge_layout;
	vtdsim_config_fill(fn);
}

/**
 * vtdsim_function_init_endpoint() - make a function an endpoint
 * @fn: memory for the function
 * @layout: its configuration space
 * @bar: physical address of its registers, aligned to their size
 *
 * The base address register has @bar from the start, as if firmware had set it, and
 * again after a reset. It can be sized and written like any other, but the memory
 * does not move: with another address in it, the function does not decode. It has 32
 * bits, because the memory is below 4 GiB, and is not prefetchable, because a
 * doorbell must not be read ahead.
 */
void vtdsim_function_init_endpoint(struct vtdsim_function *fn,
				   const struct vtdsim_layout *layout, u32 bar)
{
	memset(fn, 0, sizeof(*fn));
	raw_spin_lock_init(&fn->lock);
	fn->layout = layout;
	fn->type = PCI_EXP_TYPE_RC_END;
	fn->bar = bar;
	vtdsim_config_fill(fn);
}

/**
 * vtdsim_function_set_place() - tell a function what is around it
 * @fn: the function, an endpoint that nobody has configured yet
 * @type: PCI_EXP_TYPE_RC_END, as all are to begin with, PCI_EXP_TYPE_ENDPOINT, or
 *	PCI_EXP_TYPE_PCI_BRIDGE for a conventional PCI device
 * @multifunction: there are other functions in the same device
 * @acs: it has Access Control Services: the device does not route requests between its
 *	functions past the unit
 *
 * Context: Any; takes the function's lock.
 */
void vtdsim_function_set_place(struct vtdsim_function *fn, u8 type, bool multifunction, bool acs)
{
	unsigned long irq;

	raw_spin_lock_irqsave(&fn->lock, irq);
	fn->type = type;
	fn->multifunction = multifunction;
	fn->acs = acs && multifunction;
	/* What a conventional device does not have */
	fn->express = 0;
	fn->ats = 0;
	fn->pri.at = 0;
	vtdsim_config_fill(fn);
	raw_spin_unlock_irqrestore(&fn->lock, irq);
}

static bool config_outside(u32 offset, unsigned int size)
{
	return offset > PCI_CFG_SPACE_EXP_SIZE - size;
}

/**
 * vtdsim_function_read() - a configuration read
 * @fn: the function
 * @offset: register
 * @size: 1, 2 or 4 bytes
 *
 * Context: Any; takes the function's lock.
 * Return: the value; all ones outside configuration space, and while the function is not
 * there or not ready after a reset (PCIe 2.3.1).
 */
u32 vtdsim_function_read(struct vtdsim_function *fn, u32 offset,
			 unsigned int size)
{
	u32 ones = GENMASK(8 * size - 1, 0);
	unsigned long irq;
	u32 val = 0;

	if (config_outside(offset, size))
		return ones;

	raw_spin_lock_irqsave(&fn->lock, irq);
	for (unsigned int i = 0; i < size; i++)
		val |= (u32)fn->data[offset + i] << 8 * i;
	if (fn->resetting)
		val = ones;
	raw_spin_unlock_irqrestore(&fn->lock, irq);
	return val;
}

/* In the ATS capability, and not in pci_regs.h: Global Invalidate Supported */
#define ATS_CAP_GLOBAL_INVALIDATE	BIT(6)

/**
 * vtdsim_function_global_invalidate() - are invalidations of all PASIDs supported?
 * @fn: the function
 *
 * PCIe 10.5.1.2, Global Invalidate Supported: without it, the Global Invalidate bit of
 * an invalidation is ignored.
 *
 * Context: Any; the capability does not change.
 * Return: true if they are.
 */
bool vtdsim_function_global_invalidate(struct vtdsim_function *fn)
{
	return config_get16(fn, fn->ats + PCI_ATS_CAP) & ATS_CAP_GLOBAL_INVALIDATE;
}

static bool config_ats_enabled(const struct vtdsim_function *fn)
{
	return fn->ats && config_get16(fn, fn->ats + PCI_ATS_CTRL) & PCI_ATS_CTRL_ENABLE;
}

/* PCIe 7.5.3.4: the bit starts a reset and always reads zero. Advanced Features have one, too. */
static bool config_take_reset(struct vtdsim_function *fn)
{
	u16 at = fn->express ? fn->express + PCI_EXP_DEVCTL : fn->af + PCI_AF_CTRL;
	u16 start = fn->express ? PCI_EXP_DEVCTL_BCR_FLR : PCI_AF_CTRL_FLR;
	u16 val = config_get16(fn, at);

	config_set16(fn, at, val & ~start);
	return val & start;
}

/* Writes the writable bits, and does what the write sets off. */
static void config_apply(struct vtdsim_function *fn, u32 offset, u32 val,
			 unsigned int size)
{
	u8 old_power = config_power_state(fn);
	u8 power;

	for (unsigned int i = 0; i < size; i++) {
		u8 mask = fn->writable[offset + i];
		u8 byte = val >> 8 * i;

		fn->data[offset + i] &= ~mask;
		fn->data[offset + i] |= byte & mask;
		fn->data[offset + i] &= ~(byte & fn->clearable[offset + i]);
	}
	if (!fn->bar)
		return;

	power = config_power_state(fn);
	/* PCIe 7.5.2.2: a state that is not supported is not entered. */
	if (power == VTDSIM_POWER_D1 || power == VTDSIM_POWER_D2)
		config_set16(fn, fn->pm + PCI_PM_CTRL,
			     PCI_PM_CTRL_NO_SOFT_RESET | old_power);

	vtdsim_interrupt_written(fn);

	/* Disabling ATS makes all translations invalid. */
	if (!config_ats_enabled(fn))
		fn->ats_epoch++;
	if (fn->pri.at)
		vtdsim_pri_written(fn);

	if (config_take_reset(fn)) {
		fn->resetting = true;
		fn->ats_epoch++;
	}
}

/**
 * vtdsim_function_write() - a configuration write
 * @fn: the function
 * @offset: register
 * @val: what to write
 * @size: 1, 2 or 4 bytes
 *
 * Wakes the engine, which checks its state itself. Writing Initiate Function Level
 * Reset stops the function at once, until vtdsim_function_reset_done().
 *
 * Context: Any; takes the function's lock.
 */
void vtdsim_function_write(struct vtdsim_function *fn, u32 offset, u32 val,
			   unsigned int size)
{
	unsigned long irq;

	if (config_outside(offset, size))
		return;

	raw_spin_lock_irqsave(&fn->lock, irq);
	if (!fn->resetting)
		config_apply(fn, offset, val, size);
	raw_spin_unlock_irqrestore(&fn->lock, irq);

	if (fn->engine)
		wake_up_process(fn->engine);
}

/**
 * vtdsim_function_reset_done() - end a Function Level Reset
 * @fn: the function, an endpoint
 *
 * Resets configuration space to its state after power-on, and makes it accessible
 * again. PCIe 6.6.2 gives a function 100 ms for a reset.
 *
 * Context: Any; takes the function's lock.
 */
void vtdsim_function_reset_done(struct vtdsim_function *fn)
{
	unsigned long irq;

	raw_spin_lock_irqsave(&fn->lock, irq);
	vtdsim_config_fill(fn);
	fn->resetting = false;
	raw_spin_unlock_irqrestore(&fn->lock, irq);
}

/**
 * vtdsim_function_pull() - take a function out of its slot
 * @fn: the function, an endpoint
 *
 * No access reaches it, and it sends nothing, until vtdsim_function_plug().
 *
 * Context: Any; takes the function's lock.
 */
void vtdsim_function_pull(struct vtdsim_function *fn)
{
	unsigned long irq;

	raw_spin_lock_irqsave(&fn->lock, irq);
	fn->absent = true;
	fn->resetting = true;
	fn->ats_epoch++;
	raw_spin_unlock_irqrestore(&fn->lock, irq);
	if (fn->engine)
		wake_up_process(fn->engine);
}

/**
 * vtdsim_function_plug() - put a function back
 * @fn: a function that vtdsim_function_pull() has taken out
 *
 * It comes up as after power-on, and can be accessed after vtdsim_function_reset_done().
 *
 * Context: Any; takes the function's lock.
 */
void vtdsim_function_plug(struct vtdsim_function *fn)
{
	unsigned long irq;

	raw_spin_lock_irqsave(&fn->lock, irq);
	fn->absent = false;
	raw_spin_unlock_irqrestore(&fn->lock, irq);
	if (fn->engine)
		wake_up_process(fn->engine);
}

/**
 * vtdsim_function_lose_power() - stop a function that has lost power
 * @fn: the function, an endpoint
 *
 * No access reaches it, and it sends nothing, until vtdsim_function_reset_done().
 * vtdsim_endpoint_power_up() has the engine do that.
 *
 * Context: Any; takes the function's lock.
 */
void vtdsim_function_lose_power(struct vtdsim_function *fn)
{
	unsigned long irq;

	raw_spin_lock_irqsave(&fn->lock, irq);
	fn->resetting = true;
	fn->ats_epoch++;
	raw_spin_unlock_irqrestore(&fn->lock, irq);
}

/**
 * vtdsim_function_get_state() - get the state that software has configured
 * @fn: the function, an endpoint
 * @state: filled in
 *
 * Context: Any; takes the function's lock.
 */
void vtdsim_function_get_state(struct vtdsim_function *fn,
			       struct vtdsim_function_state *state)
{
	unsigned long irq;
	u16 pasid;

	raw_spin_lock_irqsave(&fn->lock, irq);
	pasid = fn->pasid ? config_get16(fn, fn->pasid + PCI_PASID_CTRL) : 0;
	*state = (struct vtdsim_function_state) {
		.absent = fn->absent,
		.resetting = fn->resetting && !fn->absent,
		.answers = !fn->resetting &&
			   config_power_state(fn) == VTDSIM_POWER_D0 &&
			   config_get16(fn, PCI_COMMAND) & PCI_COMMAND_MEMORY &&
			   config_get32(fn, PCI_BASE_ADDRESS_0) == fn->bar,
		.master = config_is_master(fn),
		.message = vtdsim_interrupt_is_ready(fn),
		.atomics = fn->express && config_get16(fn, fn->express + PCI_EXP_DEVCTL2) &
					  PCI_EXP_DEVCTL2_ATOMIC_REQ,
		.pasid = pasid & PCI_PASID_CTRL_ENABLE,
		.exec = pasid & PCI_PASID_CTRL_EXEC,
		.priv = pasid & PCI_PASID_CTRL_PRIV,
		.ats = !fn->resetting && config_ats_enabled(fn),
		.ats_epoch = fn->ats_epoch,
	};
	raw_spin_unlock_irqrestore(&fn->lock, irq);
}
