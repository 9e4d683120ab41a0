// SPDX-License-Identifier: GPL-2.0-only
/*
 * An endpoint of vtdsim (include/uapi/linux/vtdsim.h). It copies by way of a buffer of its own: one
 * command reads memory into the buffer, another one writes memory from it.
 */
#include <stdint.h>
#include <unistd.h>

#include <linux/errno.h>
#include <linux/io.h>
#include <linux/vtdsim.h>

#include <libvfio.h>

#include "vtdsim.h"

/* Each of them is two commands, between which the CPU does something. */
#define VTDSIM_COPIES_MAX	256

struct vtdsim_state {
	iova_t src;
	iova_t dst;
	u64 size;
	/* Copies that are not complete, that in progress included */
	u64 left;
};

static struct vtdsim_state *to_vtdsim_state(struct vfio_pci_device *device)
{
	return device->driver.region.vaddr;
}

static u32 vtdsim_read_reg(struct vfio_pci_device *device, unsigned int reg)
{
	return readl(device->bars[0].vaddr + reg);
}

static void vtdsim_write_reg(struct vfio_pci_device *device, unsigned int reg, u32 value)
{
	writel(value, device->bars[0].vaddr + reg);
}

static int vtdsim_probe(struct vfio_pci_device *device)
{
	if (!vfio_pci_device_match(device, VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID))
		return -EINVAL;

	VFIO_ASSERT_NOT_NULL(device->bars[0].vaddr);

	/* Registers answer only then. */
	vfio_pci_cmd_set(device, PCI_COMMAND_MEMORY);
	if (vtdsim_read_reg(device, VTDSIM_EP_VERSION) != VTDSIM_EP_VERSION_VALUE) {
		dev_err(device, "vtdsim: Unsupported version\n");
		return -EINVAL;
	}
	return 0;
}

static void vtdsim_start_command(struct vfio_pci_device *device, u32 op, iova_t addr, u64 size,
				 u32 flags)
{
	/* Its previous user may have left any number behind; 0 is none. */
	u32 number = vtdsim_read_reg(device, VTDSIM_EP_DONE) + 1 ?: 1;

	writeq(addr, device->bars[0].vaddr + VTDSIM_EP_ADDR);
	vtdsim_write_reg(device, VTDSIM_EP_LEN, size);
	vtdsim_write_reg(device, VTDSIM_EP_BUF, 0);
	vtdsim_write_reg(device, VTDSIM_EP_FLAGS, flags);
	vtdsim_write_reg(device, VTDSIM_EP_OP, op);
	vtdsim_write_reg(device, VTDSIM_EP_DOORBELL, number);
}

/* Returns VTDSIM_EP_S_*. */
static u32 vtdsim_wait_for_command(struct vfio_pci_device *device)
{
	u32 number = vtdsim_read_reg(device, VTDSIM_EP_DOORBELL);

	while (vtdsim_read_reg(device, VTDSIM_EP_DONE) != number)
		usleep(20);
	return vtdsim_read_reg(device, VTDSIM_EP_STATUS);
}

static void vtdsim_init(struct vfio_pci_device *device)
{
	VFIO_ASSERT_GE(device->driver.region.size, sizeof(struct vtdsim_state));

	vfio_pci_cmd_set(device, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	if (device->msi_info.count)
		vfio_pci_msi_enable(device, 0, 1);
	else
		vfio_pci_msix_enable(device, 0, 1);

	device->driver.msi = 0;
	device->driver.max_memcpy_size = VTDSIM_EP_BUFFER_SIZE;
	device->driver.max_memcpy_count = VTDSIM_COPIES_MAX;
}

static void vtdsim_remove(struct vfio_pci_device *device)
{
	if (device->msi_info.count)
		vfio_pci_msi_disable(device);
	else
		vfio_pci_msix_disable(device);
	vfio_pci_cmd_clear(device, PCI_COMMAND_MASTER);
}

static void vtdsim_memcpy_start(struct vfio_pci_device *device, iova_t src, iova_t dst, u64 size,
				u64 count)
{
	struct vtdsim_state *vtdsim = to_vtdsim_state(device);

	*vtdsim = (struct vtdsim_state) { .src = src, .dst = dst, .size = size, .left = count };
	vtdsim_start_command(device, VTDSIM_EP_OP_READ, src, size, 0);
}

/* A write is attempted even if the read was blocked: the test may wait for either. */
static int vtdsim_memcpy_wait(struct vfio_pci_device *device)
{
	struct vtdsim_state *vtdsim = to_vtdsim_state(device);
	u32 status;

	for (;;) {
		status = vtdsim_wait_for_command(device);
		vtdsim_start_command(device, VTDSIM_EP_OP_WRITE, vtdsim->dst, vtdsim->size, 0);
		status = vtdsim_wait_for_command(device) ?: status;
		if (status != VTDSIM_EP_S_OK)
			return -1;
		if (!--vtdsim->left)
			return 0;
		vtdsim_start_command(device, VTDSIM_EP_OP_READ, vtdsim->src, vtdsim->size, 0);
	}
}

static void vtdsim_send_msi(struct vfio_pci_device *device)
{
	vtdsim_start_command(device, VTDSIM_EP_OP_NOP, 0, 0, VTDSIM_EP_F_MSI);
	VFIO_ASSERT_EQ(vtdsim_wait_for_command(device), VTDSIM_EP_S_OK);
}

struct vfio_pci_driver_ops vtdsim_ops = {
	.name = "vtdsim",
	.probe = vtdsim_probe,
	.init = vtdsim_init,
	.remove = vtdsim_remove,
	.memcpy_start = vtdsim_memcpy_start,
	.memcpy_wait = vtdsim_memcpy_wait,
	.send_msi = vtdsim_send_msi,
};
