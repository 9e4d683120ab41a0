// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space of the model's PCI functions.
 *
 * A function is three images of 4 KiB: what reads return, which bits writes
 * change, and which bits writing one clears. Layouts are those of the PCI
 * Express Base Specification 6.0, chapter 7; "PCIe" in this file means that.
 */
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/bitfield.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <uapi/linux/vtdsim.h>

#include "endpoint/function.h"

/* Device ID of the host bridge: not registered, like that of the endpoint */
#define BRIDGE_DEVICE_ID	0x7d50

#define CLASS_BRIDGE_HOST	0x060000
#define CLASS_OTHER		0xff0000

/* Power states, PCIe 7.5.2.2 */
enum { POWER_D0, POWER_D1, POWER_D2, POWER_D3HOT };

/* One end-end TLP prefix, PCIe 7.5.3.15 */
#define DEVCAP2_ONE_PREFIX	BIT(22)

/* Largest payload: 256 bytes, in the encoding of PCIe 7.5.3.3. */
#define PAYLOAD_256		1

/* In the ATS capability, and not in pci_regs.h: Global Invalidate Supported */
#define ATS_CAP_GLOBAL_INVALIDATE	BIT(6)

/**
 * struct config_capability - one capability of a function
 * @fill: writes the body of the capability at the given offset
 * @size: bytes that it occupies, header included
 * @id: capability ID
 * @version: version, of an extended capability
 */
struct config_capability {
	void (*fill)(struct vtdsim_function *fn, u16 at);
	u16 size;
	u16 id;
	u8 version;
};

/* PCIe 7.5.2. D0 and D3hot, and D3hot loses nothing. */
static void config_fill_pm(struct vtdsim_function *fn, u16 at)
{
	fn->pm = at;
	config_set16(fn, at + PCI_PM_PMC, 3);
	config_set16(fn, at + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET);
	config_allow16(fn, at + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK);
}

/* PCIe 7.7.1. One vector, which can be masked. */
static void config_fill_msi(struct vtdsim_function *fn, u16 at)
{
	fn->msi = at;
	config_set16(fn, at + PCI_MSI_FLAGS, PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT);
	config_allow16(fn, at + PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE);
	config_allow32(fn, at + PCI_MSI_ADDRESS_LO, GENMASK(31, 2));
	config_allow32(fn, at + PCI_MSI_ADDRESS_HI, GENMASK(31, 0));
	config_allow16(fn, at + PCI_MSI_DATA_64, GENMASK(15, 0));
	config_allow32(fn, at + PCI_MSI_MASK_64, BIT(0));
}

/*
 * PCIe 7.5.3. An integrated endpoint has no link, and therefore no link
 * registers. A PASID travels in an end-end TLP prefix.
 */
static void config_fill_express(struct vtdsim_function *fn, u16 at)
{
	fn->express = at;
	config_set16(fn, at + PCI_EXP_FLAGS,
		     2 | FIELD_PREP(PCI_EXP_FLAGS_TYPE, PCI_EXP_TYPE_RC_END));
	config_set32(fn, at + PCI_EXP_DEVCAP,
		     FIELD_PREP(PCI_EXP_DEVCAP_PAYLOAD, PAYLOAD_256) |
		     PCI_EXP_DEVCAP_EXT_TAG | PCI_EXP_DEVCAP_RBER |
		     PCI_EXP_DEVCAP_FLR);
	config_set16(fn, at + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_RELAX_EN |
		     PCI_EXP_DEVCTL_EXT_TAG | PCI_EXP_DEVCTL_NOSNOOP_EN |
		     PCI_EXP_DEVCTL_READRQ_512B);
	config_allow16(fn, at + PCI_EXP_DEVCTL,
		       PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE |
		       PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE |
		       PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_PAYLOAD |
		       PCI_EXP_DEVCTL_EXT_TAG | PCI_EXP_DEVCTL_NOSNOOP_EN |
		       PCI_EXP_DEVCTL_READRQ | PCI_EXP_DEVCTL_BCR_FLR);
	config_set32(fn, at + PCI_EXP_DEVCAP2, PCI_EXP_DEVCAP2_COMP_TMOUT_DIS |
		     PCI_EXP_DEVCAP2_EE_PREFIX | DEVCAP2_ONE_PREFIX);
	config_allow16(fn, at + PCI_EXP_DEVCTL2,
		       PCI_EXP_DEVCTL2_COMP_TMOUT_DIS | PCI_EXP_DEVCTL2_ATOMIC_REQ);
}

/* PCIe 7.8.9 */
static void config_fill_pasid(struct vtdsim_function *fn, u16 at)
{
	fn->pasid = at;
	config_set16(fn, at + PCI_PASID_CAP,
		     PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV |
		     FIELD_PREP(PCI_PASID_CAP_WIDTH, VTDSIM_PASID_BITS));
	config_allow16(fn, at + PCI_PASID_CTRL, PCI_PASID_CTRL_ENABLE |
		       PCI_PASID_CTRL_EXEC | PCI_PASID_CTRL_PRIV);
}

/* PCIe 10.5.1. A queue of 32 invalidations, requests of whole pages only */
static void config_fill_ats(struct vtdsim_function *fn, u16 at)
{
	fn->ats = at;
	config_set16(fn, at + PCI_ATS_CAP, PCI_ATS_CAP_PAGE_ALIGNED);
	config_allow16(fn, at + PCI_ATS_CTRL,
		       PCI_ATS_CTRL_ENABLE | PCI_ATS_CTRL_STU(~0));
}

static const struct config_capability config_endpoint_caps[] = {
	{ config_fill_pm, PCI_PM_SIZEOF, PCI_CAP_ID_PM },
	{ config_fill_msi, PCI_MSI_PENDING_64 + 4, PCI_CAP_ID_MSI },
	{ config_fill_express, PCI_CAP_EXP_RC_ENDPOINT_SIZEOF_V2, PCI_CAP_ID_EXP },
};

static const struct config_capability config_endpoint_ext_caps[] = {
	{ config_fill_pasid, PCI_EXT_CAP_PASID_SIZEOF, PCI_EXT_CAP_ID_PASID, 1 },
	{ config_fill_ats, PCI_EXT_CAP_ATS_SIZEOF, PCI_EXT_CAP_ID_ATS, 1 },
	{ vtdsim_pri_fill, PCI_EXT_CAP_PRI_SIZEOF, PCI_EXT_CAP_ID_PRI, 1 },
};

/* PCIe 7.5.1: a list that starts at a pointer in the header. */
static void config_lay_out(struct vtdsim_function *fn, const struct config_capability *caps,
			   size_t count)
{
	u16 link = PCI_CAPABILITY_LIST;
	u16 at = PCI_STD_HEADER_SIZEOF;

	for (size_t i = 0; i < count; i++) {
		fn->data[link] = at;
		fn->data[at + PCI_CAP_LIST_ID] = caps[i].id;
		caps[i].fill(fn, at);
		link = at + PCI_CAP_LIST_NEXT;
		at = ALIGN(at + caps[i].size, 4);
	}
	config_set16(fn, PCI_STATUS, config_get16(fn, PCI_STATUS) | PCI_STATUS_CAP_LIST);
}

/* PCIe 7.6.1: a list whose first member is at the start of extended space. */
static void config_lay_out_ext(struct vtdsim_function *fn,
			       const struct config_capability *caps, size_t count)
{
	u16 at = PCI_CFG_SPACE_SIZE;

	for (size_t i = 0; i < count; i++) {
		u16 next = ALIGN(at + caps[i].size, 4);

		caps[i].fill(fn, at);
		config_set32(fn, at, caps[i].id | caps[i].version << 16 |
			     (i + 1 < count ? next : 0) << 20);
		at = next;
	}
}

static void config_fill_header(struct vtdsim_function *fn, u16 device, u32 class)
{
	memset(fn->data, 0, sizeof(fn->data));
	memset(fn->writable, 0, sizeof(fn->writable));
	memset(fn->clearable, 0, sizeof(fn->clearable));
	config_set16(fn, PCI_VENDOR_ID, VTDSIM_PCI_VENDOR_ID);
	config_set16(fn, PCI_DEVICE_ID, device);
	config_set16(fn, PCI_SUBSYSTEM_VENDOR_ID, VTDSIM_PCI_VENDOR_ID);
	config_set16(fn, PCI_SUBSYSTEM_ID, device);
	config_set32(fn, PCI_CLASS_REVISION, class << 8 | 1);
	config_allow16(fn, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
		       PCI_COMMAND_PARITY | PCI_COMMAND_SERR |
		       PCI_COMMAND_INTX_DISABLE);
	fn->writable[PCI_CACHE_LINE_SIZE] = 0xff;
}

/* Sets the state after power-on and after a reset. */
static void config_fill_endpoint(struct vtdsim_function *fn)
{
	config_fill_header(fn, VTDSIM_PCI_DEVICE_ID, CLASS_OTHER);
	config_set32(fn, PCI_BASE_ADDRESS_0, fn->bar);
	config_allow32(fn, PCI_BASE_ADDRESS_0, ~(VTDSIM_EP_BAR_SIZE - 1));
	config_lay_out(fn, config_endpoint_caps, ARRAY_SIZE(config_endpoint_caps));
	config_lay_out_ext(fn, config_endpoint_ext_caps, ARRAY_SIZE(config_endpoint_ext_caps));
}

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
	config_fill_header(fn, BRIDGE_DEVICE_ID, CLASS_BRIDGE_HOST);
}

/**
 * vtdsim_function_init_endpoint() - make a function an endpoint
 * @fn: memory for the function
 * @bar: physical address of its registers, aligned to VTDSIM_EP_BAR_SIZE
 *
 * The base address register has @bar from the start, as if firmware had set it, and
 * again after a reset. It can be sized and written like any other, but the memory
 * does not move: with another address in it, the function does not decode. It has 32
 * bits, because the memory is below 4 GiB, and is not prefetchable, because a
 * doorbell must not be read ahead.
 */
void vtdsim_function_init_endpoint(struct vtdsim_function *fn, u32 bar)
{
	memset(fn, 0, sizeof(*fn));
	raw_spin_lock_init(&fn->lock);
	fn->bar = bar;
	config_fill_endpoint(fn);
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
 * Return: the value; all ones outside configuration space and while the
 * function is not ready after a reset (PCIe 2.3.1).
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

static u8 config_power_state(const struct vtdsim_function *fn)
{
	return config_get16(fn, fn->pm + PCI_PM_CTRL) & PCI_PM_CTRL_STATE_MASK;
}

static bool config_ats_enabled(const struct vtdsim_function *fn)
{
	return config_get16(fn, fn->ats + PCI_ATS_CTRL) & PCI_ATS_CTRL_ENABLE;
}

/* Writes the writable bits, and does what the write sets off. */
static void config_apply(struct vtdsim_function *fn, u32 offset, u32 val,
			 unsigned int size)
{
	u8 old_power = config_power_state(fn);
	u8 power;
	u16 devctl;

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
	if (power == POWER_D1 || power == POWER_D2)
		config_set16(fn, fn->pm + PCI_PM_CTRL,
			     PCI_PM_CTRL_NO_SOFT_RESET | old_power);

	/* Disabling MSI drops a pending interrupt. */
	if (!(config_get16(fn, fn->msi + PCI_MSI_FLAGS) & PCI_MSI_FLAGS_ENABLE))
		config_set32(fn, fn->msi + PCI_MSI_PENDING_64, 0);

	/* Disabling ATS makes all translations invalid. */
	if (!config_ats_enabled(fn))
		fn->ats_epoch++;
	vtdsim_pri_written(fn);

	/* PCIe 7.5.3.4: the bit starts a reset and always reads zero. */
	devctl = config_get16(fn, fn->express + PCI_EXP_DEVCTL);
	if (devctl & PCI_EXP_DEVCTL_BCR_FLR) {
		config_set16(fn, fn->express + PCI_EXP_DEVCTL,
			     devctl & ~PCI_EXP_DEVCTL_BCR_FLR);
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
	config_fill_endpoint(fn);
	fn->resetting = false;
	raw_spin_unlock_irqrestore(&fn->lock, irq);
}

/* Bus mastering, and with it MSI, needs D0: PCIe 5.3.1.4. */
static bool config_is_master(const struct vtdsim_function *fn)
{
	return !fn->resetting && config_power_state(fn) == POWER_D0 &&
	       config_get16(fn, PCI_COMMAND) & PCI_COMMAND_MASTER;
}

static bool config_has_message(const struct vtdsim_function *fn)
{
	return config_is_master(fn) && config_get32(fn, fn->msi + PCI_MSI_PENDING_64) &
	       ~config_get32(fn, fn->msi + PCI_MSI_MASK_64);
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
	pasid = config_get16(fn, fn->pasid + PCI_PASID_CTRL);
	*state = (struct vtdsim_function_state) {
		.resetting = fn->resetting,
		.answers = !fn->resetting &&
			   config_power_state(fn) == POWER_D0 &&
			   config_get16(fn, PCI_COMMAND) & PCI_COMMAND_MEMORY &&
			   config_get32(fn, PCI_BASE_ADDRESS_0) == fn->bar,
		.master = config_is_master(fn),
		.message = config_has_message(fn),
		.pasid = pasid & PCI_PASID_CTRL_ENABLE,
		.exec = pasid & PCI_PASID_CTRL_EXEC,
		.priv = pasid & PCI_PASID_CTRL_PRIV,
		.ats = !fn->resetting && config_ats_enabled(fn),
		.ats_epoch = fn->ats_epoch,
	};
	raw_spin_unlock_irqrestore(&fn->lock, irq);
}

/**
 * vtdsim_function_raise() - an interrupt condition has come up
 * @fn: the function, an endpoint
 *
 * The interrupt is pending until vtdsim_function_take_message() returns it, which
 * the mask bit delays. While MSI or bus mastering is disabled, the condition is lost.
 *
 * Context: Any; takes the function's lock.
 */
void vtdsim_function_raise(struct vtdsim_function *fn)
{
	unsigned long irq;

	raw_spin_lock_irqsave(&fn->lock, irq);
	if (config_is_master(fn) &&
	    config_get16(fn, fn->msi + PCI_MSI_FLAGS) & PCI_MSI_FLAGS_ENABLE)
		config_set32(fn, fn->msi + PCI_MSI_PENDING_64, BIT(0));
	raw_spin_unlock_irqrestore(&fn->lock, irq);
}

/**
 * vtdsim_function_take_message() - get the interrupt to send now, if any
 * @fn: the function, an endpoint
 * @msg: filled in
 *
 * Context: Any; takes the function's lock.
 * Return: true if @msg is to be sent; it is not pending any more.
 */
bool vtdsim_function_take_message(struct vtdsim_function *fn,
				  struct vtdsim_message *msg)
{
	unsigned long irq;
	bool ready;

	raw_spin_lock_irqsave(&fn->lock, irq);
	ready = config_has_message(fn);
	if (ready) {
		config_set32(fn, fn->msi + PCI_MSI_PENDING_64, 0);
		msg->addr = config_get32(fn, fn->msi + PCI_MSI_ADDRESS_LO) |
			    (u64)config_get32(fn, fn->msi + PCI_MSI_ADDRESS_HI) << 32;
		msg->data = config_get16(fn, fn->msi + PCI_MSI_DATA_64);
	}
	raw_spin_unlock_irqrestore(&fn->lock, irq);
	return ready;
}
