// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest with endpoints behind a VT-d unit, for the tests of nested
 * translation.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../../../iommu/counters.h"
#include "vtd_nested.h"

static __u64 half_gpa(int half)
{
	return half == RAM_LOW ? RAM_GPA : HIGH_GPA;
}

/**
 * nested_map_half() - map half of the guest's memory at its GPA
 * @n: guest
 * @half: RAM_LOW or RAM_HIGH
 *
 * Return: 0 or a negative errno.
 */
int nested_map_half(struct nested *n, int half)
{
	__u64 gpa = half_gpa(half);

	return iommufd_ioas_map(n->iommufd, n->ioas, guest_va(&n->guest, gpa),
				RAM_HALF, gpa, IOMMUFD_MAP_RW);
}

/**
 * nested_unmap_half() - take half of the guest's memory from its devices
 * @n: guest
 * @half: RAM_LOW or RAM_HIGH
 *
 * Return: 0 or a negative errno.
 */
int nested_unmap_half(struct nested *n, int half)
{
	return iommufd_ioas_unmap(n->iommufd, n->ioas, half_gpa(half),
				  RAM_HALF);
}

/**
 * nested_stamp() - write a page's own GPA into it
 * @n: guest
 * @gpa: the page
 */
void nested_stamp(struct nested *n, __u64 gpa)
{
	*(__u64 *)guest_va(&n->guest, gpa) = gpa;
}

/**
 * nested_page() - a page of data, stamped
 * @n: guest
 *
 * Return: its GPA.
 */
__u64 nested_page(struct nested *n)
{
	__u64 gpa = guest_alloc(&n->guest, PAGE, PAGE);

	nested_stamp(n, gpa);
	return gpa;
}

static int open_device(struct nested *n, struct vfio_dev *dev, const char *bdf)
{
	int ret;

	ret = vfio_bind_driver(bdf);
	if (!ret)
		ret = vfio_open(dev, bdf, n->iommufd);
	if (!ret) {
		n->ndev++;
		ret = endpoint_check(dev);
	}
	if (!ret)
		ret = vfio_bus_master(dev, true);
	if (ret)
		fprintf(stderr, "# %s: %s\n", bdf, strerror(-ret));
	return ret;
}

/**
 * nested_open_flat() - a guest with memory and devices, on any VT-d unit
 * @n: filled; there is no nest parent
 * @ndev: devices wanted, up to DEVICES_MAX; none is attached to anything yet
 * @skip: set to a reason if this machine cannot have such a guest, else NULL
 *
 * Return: 0 or a negative errno.
 */
int nested_open_flat(struct nested *n, int ndev, const char **skip)
{
	char bdf[DEVICES_MAX][PCI_BDF_LEN];
	struct iommu_hw_info info;
	int i, ret;

	memset(n, 0, sizeof(*n));
	*skip = NULL;
	vtdsim_counter("violations", &n->violations);
	ret = pci_find(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, bdf,
			DEVICES_MAX);
	if (ret < ndev) {
		*skip = "not enough vtdsim endpoints (boot with vtdsim=on)";
		return -ENODEV;
	}
	n->iommufd = iommufd_open();
	if (n->iommufd < 0) {
		*skip = "no /dev/iommu";
		return n->iommufd;
	}
	for (i = 0; i < ndev; i++) {
		ret = open_device(n, &n->dev[i], bdf[i]);
		if (ret)
			return ret;
	}

	ret = iommufd_hw_info(n->iommufd, n->dev[0].id, &info, &n->unit);
	if (ret)
		return ret;
	if (info.out_data_type != IOMMU_HW_INFO_TYPE_INTEL_VTD) {
		*skip = "the IOMMU is not a VT-d unit";
		return -ENODEV;
	}

	ret = guest_create(&n->guest, RAM_GPA, 2 * RAM_HALF);
	if (ret)
		return ret;
	if (!(n->unit.ecap_reg & VTD_ECAP_SMPWC))
		n->guest.preset = S1_ACCESSED | S1_DIRTY;
	ret = iommufd_ioas_alloc(n->iommufd, &n->ioas);
	if (!ret)
		ret = nested_map_half(n, RAM_LOW);
	return ret ?: nested_map_half(n, RAM_HIGH);
}

/**
 * nested_open() - a guest with memory, devices and a nest parent
 * @n: filled
 * @ndev: devices wanted, up to DEVICES_MAX; none is attached to anything yet
 * @skip: set to a reason if this machine cannot have such a guest, else NULL
 *
 * Return: 0 or a negative errno.
 */
int nested_open(struct nested *n, int ndev, const char **skip)
{
	int ret = nested_open_flat(n, ndev, skip);

	if (ret)
		return ret;
	if (!vtd_can_nest(n->unit.ecap_reg)) {
		*skip = "the IOMMU does not do nested translation";
		return -ENODEV;
	}
	return iommufd_hwpt_alloc_parent(n->iommufd, n->dev[0].id, n->ioas,
					 &n->parent);
}

/**
 * nested_close() - give everything back, attached or not
 * @n: guest, also one that nested_open() did not finish
 *
 * Return: how many rules of VT-d the kernel has broken since nested_open(),
 * up to now, when nothing is attached any more.
 */
__u64 nested_close(struct nested *n)
{
	__u64 violations = n->violations;

	while (n->ndev)
		vfio_close(&n->dev[--n->ndev]);
	if (n->iommufd > 0)
		close(n->iommufd);
	if (n->guest.va)
		guest_destroy(&n->guest);
	vtdsim_counter("violations", &violations);
	violations -= n->violations;
	memset(n, 0, sizeof(*n));
	return violations;
}

/**
 * nested_finish() - nested_close(), and let nothing stale be left behind
 * @n: guest
 *
 * Whatever the guest has changed it must have invalidated, and nothing may be
 * under way anywhere else behind the unit: the model compares all that is cached
 * with the tables, with everything still attached, and again when it is not.
 *
 * Return: how many rules of VT-d have been broken since nested_open().
 */
__u64 nested_finish(struct nested *n)
{
	__u64 before = n->violations, after = before;

	if (vtdsim_audit())
		perror("# vtdsim: audit");
	nested_close(n);
	if (vtdsim_audit())
		perror("# vtdsim: audit");
	vtdsim_counter("violations", &after);
	return after - before;
}

/**
 * nested_s1_alloc() - a nested page table for the first device
 * @n: guest
 * @cfg: table and format
 * @hwpt: ID of the object
 *
 * Return: 0 or a negative errno.
 */
int nested_s1_alloc(struct nested *n, const struct iommu_hwpt_vtd_s1 *cfg,
		    __u32 *hwpt)
{
	return iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id, n->parent, cfg,
				     hwpt);
}

/**
 * nested_s1_create() - an empty stage-1 table, and a nested page table for it
 * @n: guest
 * @s1: filled
 * @levels: 4 or 5
 *
 * Return: 0 or a negative errno.
 */
int nested_s1_create(struct nested *n, struct s1 *s1, int levels)
{
	struct iommu_hwpt_vtd_s1 cfg = {
		.addr_width = levels == 5 ? 57 : 48,
	};

	stage1_create(&s1->t, &n->guest, levels);
	cfg.pgtbl_addr = s1->t.root;
	return nested_s1_alloc(n, &cfg, &s1->hwpt);
}

/**
 * nested_invalidate() - one invalidation request
 * @n: guest
 * @hwpt: nested page table
 * @addr: first gIOVA
 * @npages: pages of 4 KiB
 * @flags: IOMMU_VTD_INV_FLAGS_*
 *
 * Return: 0 or a negative errno, -EIO if success came without the request
 * having been counted, or an error with it.
 */
int nested_invalidate(struct nested *n, __u32 hwpt, __u64 addr, __u64 npages,
		      __u32 flags)
{
	struct iommu_hwpt_vtd_s1_invalidate inv = {
		.addr = addr,
		.npages = npages,
		.flags = flags,
	};
	__u32 num = 1;
	int ret;

	ret = iommufd_hwpt_invalidate(n->iommufd, hwpt, &inv, &num);
	return num == !ret ? ret : -EIO;
}

static __u64 answer(const struct nested *n, int ret, __u64 val)
{
	if (ret)
		return NO_ANSWER;
	if (n->last.status == VTDSIM_EP_S_FAULT)
		return FAULT(n->last.reason);
	return n->last.status == VTDSIM_EP_S_OK ? val : STATUS(n->last.status);
}

/**
 * nested_see() - what eight bytes does a device read?
 * @n: guest
 * @dev: index of the device
 * @iova: gIOVA
 *
 * Return: the bytes, FAULT(), STATUS() or NO_ANSWER. More is in @n->last.
 */
__u64 nested_see(struct nested *n, int dev, __u64 iova)
{
	__u64 val = 0;
	int ret;

	ret = endpoint_read(&n->dev[dev], iova, &val, sizeof(val), &n->last);
	return answer(n, ret, val);
}

/**
 * nested_poke() - have a device write eight bytes
 * @n: guest
 * @dev: index of the device
 * @iova: gIOVA
 * @val: the bytes
 *
 * Return: 0, FAULT(), STATUS() or NO_ANSWER. More is in @n->last.
 */
__u64 nested_poke(struct nested *n, int dev, __u64 iova, __u64 val)
{
	int ret;

	ret = endpoint_write(&n->dev[dev], iova, &val, sizeof(val), &n->last);
	return answer(n, ret, 0);
}
