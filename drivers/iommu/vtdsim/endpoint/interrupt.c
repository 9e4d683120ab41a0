// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt of a function: one vector, by MSI or by MSI-X (PCI Express sections
 * 6.1.4 and 7.7).
 *
 * MSI keeps everything in configuration space. MSI-X has its table, and the bit that
 * says that the vector is pending, in the function's BAR, which is plain memory: what
 * counts is what is there when the message is sent.
 */
#include <linux/bits.h>
#include <linux/io.h>

#include "endpoint/function.h"

/**
 * vtdsim_msix_fill() - lay out the MSI-X capability
 * @fn: function that is being reset
 * @at: its offset
 *
 * Context: Caller holds the function's lock, or nobody else uses it.
 */
void vtdsim_msix_fill(struct vtdsim_function *fn, u16 at)
{
	fn->msix = at;
	fn->msix_pending = false;
	/* The field is the size less one; the table is in BAR 0. */
	config_set16(fn, at + PCI_MSIX_FLAGS, 0);
	config_set32(fn, at + PCI_MSIX_TABLE, fn->layout->msix_table);
	config_set32(fn, at + PCI_MSIX_PBA, fn->layout->msix_pba);
	config_allow16(fn, at + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
}

static bool interrupt_is_enabled(const struct vtdsim_function *fn)
{
	if (fn->msix)
		return config_get16(fn, fn->msix + PCI_MSIX_FLAGS) & PCI_MSIX_FLAGS_ENABLE;
	return config_get16(fn, fn->msi + PCI_MSI_FLAGS) & PCI_MSI_FLAGS_ENABLE;
}

static void interrupt_set_pending(struct vtdsim_function *fn, bool pending)
{
	if (fn->msix)
		fn->msix_pending = pending;
	else
		config_set32(fn, fn->msi + PCI_MSI_PENDING_64, pending);
}

static bool interrupt_is_pending(const struct vtdsim_function *fn)
{
	if (fn->msix)
		return fn->msix_pending;
	return config_get32(fn, fn->msi + PCI_MSI_PENDING_64);
}

static bool interrupt_is_masked(const struct vtdsim_function *fn)
{
	if (!fn->msix)
		return config_get32(fn, fn->msi + PCI_MSI_MASK_64) & BIT(0);
	if (config_get16(fn, fn->msix + PCI_MSIX_FLAGS) & PCI_MSIX_FLAGS_MASKALL)
		return true;
	return readl(fn->msix_entry + PCI_MSIX_ENTRY_VECTOR_CTRL) &
	       PCI_MSIX_ENTRY_CTRL_MASKBIT;
}

/**
 * vtdsim_msix_reset() - set the table in the BAR to what it is after a reset
 * @fn: a function with MSI-X and a BAR that is all zero
 *
 * All vectors are masked (PCIe 7.7.2.5).
 *
 * Context: The endpoint's thread.
 */
void vtdsim_msix_reset(struct vtdsim_function *fn)
{
	writel(PCI_MSIX_ENTRY_CTRL_MASKBIT, fn->msix_entry + PCI_MSIX_ENTRY_VECTOR_CTRL);
}

/**
 * vtdsim_interrupt_written() - configuration space has been written
 * @fn: the function, an endpoint
 *
 * Disabling interrupts drops one that is pending.
 *
 * Context: Caller holds the function's lock.
 */
void vtdsim_interrupt_written(struct vtdsim_function *fn)
{
	if (!interrupt_is_enabled(fn))
		interrupt_set_pending(fn, false);
}

/**
 * vtdsim_interrupt_is_ready() - is an interrupt to be sent now?
 * @fn: the function, an endpoint
 *
 * Context: Caller holds the function's lock.
 * Return: true if one is pending, not masked, and the function may send.
 */
bool vtdsim_interrupt_is_ready(const struct vtdsim_function *fn)
{
	return config_is_master(fn) && interrupt_is_pending(fn) &&
	       !interrupt_is_masked(fn);
}

/**
 * vtdsim_function_raise() - an interrupt condition has come up
 * @fn: the function, an endpoint
 *
 * The interrupt is pending until vtdsim_function_take_message() returns it, which
 * a mask bit delays. While interrupts or bus mastering are disabled, the condition is
 * lost.
 *
 * Context: Any; takes the function's lock.
 */
void vtdsim_function_raise(struct vtdsim_function *fn)
{
	unsigned long irq;

	raw_spin_lock_irqsave(&fn->lock, irq);
	if (config_is_master(fn) && interrupt_is_enabled(fn))
		interrupt_set_pending(fn, true);
	raw_spin_unlock_irqrestore(&fn->lock, irq);
}

/* PCIe 7.7.2.4: software changes address and data while the vector is masked. */
static void interrupt_read_message(const struct vtdsim_function *fn, struct vtdsim_message *msg)
{
	if (fn->msix) {
		msg->addr = readl(fn->msix_entry + PCI_MSIX_ENTRY_LOWER_ADDR) |
			    (u64)readl(fn->msix_entry + PCI_MSIX_ENTRY_UPPER_ADDR) << 32;
		msg->data = readl(fn->msix_entry + PCI_MSIX_ENTRY_DATA);
	} else {
		msg->addr = config_get32(fn, fn->msi + PCI_MSI_ADDRESS_LO) |
			    (u64)config_get32(fn, fn->msi + PCI_MSI_ADDRESS_HI) << 32;
		msg->data = config_get16(fn, fn->msi + PCI_MSI_DATA_64);
	}
}

/**
 * vtdsim_function_take_message() - get the interrupt to send now, if any
 * @fn: the function, an endpoint
 * @msg: filled in
 *
 * A vector of MSI-X may be masked and given another message at any time, as its table
 * is memory. It is looked at once more after the message has been read.
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
	ready = vtdsim_interrupt_is_ready(fn);
	if (ready) {
		interrupt_read_message(fn, msg);
		ready = !interrupt_is_masked(fn);
	}
	if (ready)
		interrupt_set_pending(fn, false);
	raw_spin_unlock_irqrestore(&fn->lock, irq);
	return ready;
}

/**
 * vtdsim_msix_publish() - show in the Pending Bit Array whether the vector is pending
 * @fn: a function with MSI-X
 * @pba: the array
 *
 * Context: The endpoint's thread; takes the function's lock.
 */
void vtdsim_msix_publish(struct vtdsim_function *fn, void __iomem *pba)
{
	unsigned long irq;
	bool pending;

	raw_spin_lock_irqsave(&fn->lock, irq);
	pending = fn->msix_pending;
	raw_spin_unlock_irqrestore(&fn->lock, irq);
	writeq(pending, pba);
}
