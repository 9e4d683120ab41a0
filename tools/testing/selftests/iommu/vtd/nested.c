// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest with endpoints behind a VT-d unit, for the tests of nested
 * translation.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "counters.h"
#include "nested.h"
#include "sysfs.h"

/**
 * nested_map() - map memory of the guest in its address space
 * @n: guest
 * @iova: address of the mapping; a GPA for a nest parent
 * @gpa: the memory, by its GPA in the guest's own map
 * @len: bytes
 * @access: IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE
 *
 * Return: 0 or a negative errno.
 */
int nested_map(struct nested *n, __u64 iova, __u64 gpa, __u64 len,
	       __u32 access)
{
	return iommufd_ioas_map(n->iommufd, n->ioas, guest_va(&n->guest, gpa),
				len, iova, access);
}

/**
 * nested_unmap() - remove mappings from the guest's address space
 * @n: guest
 * @iova: address of the first mapping
 * @len: bytes
 *
 * Return: 0 or a negative errno.
 */
int nested_unmap(struct nested *n, __u64 iova, __u64 len)
{
	return iommufd_ioas_unmap(n->iommufd, n->ioas, iova, len);
}

static __u64 half_gpa(int half)
{
	return half == NESTED_LOW_HALF ? NESTED_GPA : NESTED_HIGH_GPA;
}

/**
 * nested_map_half() - map half of the guest's memory at its GPA
 * @n: guest
 * @half: NESTED_LOW_HALF or NESTED_HIGH_HALF
 *
 * Return: 0 or a negative errno.
 */
int nested_map_half(struct nested *n, int half)
{
	__u64 gpa = half_gpa(half);

	return nested_map(n, gpa, gpa, NESTED_HALF_SIZE, IOMMUFD_MAP_RW);
}

/**
 * nested_unmap_half() - unmap half of the guest's memory
 * @n: guest
 * @half: NESTED_LOW_HALF or NESTED_HIGH_HALF
 *
 * Return: 0 or a negative errno.
 */
int nested_unmap_half(struct nested *n, int half)
{
	return nested_unmap(n, half_gpa(half), NESTED_HALF_SIZE);
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
 * nested_page() - allocate a page of data, and stamp it
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

/**
 * nested_huge_create() - get memory in pages of 2 MiB
 * @huge: filled; its GPA is 0, and each 4 KiB begins with its GPA plus one
 * @size: bytes, a multiple of 2 MiB
 *
 * Return: 0 or a negative errno, -ENOMEM if there are no such pages.
 */
int nested_huge_create(struct guest *huge, __u64 size)
{
	__u64 at;
	int ret;

	ret = sysfs_write("/proc/sys/vm/nr_hugepages", "8");
	if (!ret)
		ret = guest_create(huge, 0, size);
	if (ret)
		return ret;
	if (!huge->huge) {
		guest_destroy(huge);
		return -ENOMEM;
	}
	for (at = 0; at < size; at += PAGE)
		*(__u64 *)guest_va(huge, at) = at + 1;
	return 0;
}

/* As endpoint_find(), in one PCI segment: the beginning of the addresses there */
static int find_endpoints_in(const char *segment, char bdf[][PCI_BDF_LEN], int max)
{
	char all[NESTED_DEVICES_MAX][PCI_BDF_LEN];
	int found = endpoint_find(all, NESTED_DEVICES_MAX);
	int i, n = 0;

	for (i = 0; i < found && n < max; i++)
		if (!strncmp(all[i], segment, strlen(segment)))
			memcpy(bdf[n++], all[i], PCI_BDF_LEN);
	return n;
}

static int open_endpoints(struct nested *n, const char *segment, int ndev, const char **skip)
{
	char bdf[NESTED_DEVICES_MAX][PCI_BDF_LEN];
	int ret;

	ret = find_endpoints_in(segment, bdf, NESTED_DEVICES_MAX);
	if (ret < ndev) {
		*skip = "not enough vtdsim endpoints (boot with vtdsim=on)";
		return -ENODEV;
	}
	n->iommufd = iommufd_open();
	if (n->iommufd < 0) {
		*skip = "no /dev/iommu";
		return n->iommufd;
	}
	for (; n->ndev < ndev; n->ndev++) {
		ret = endpoint_open(&n->dev[n->ndev], bdf[n->ndev], n->iommufd);
		if (ret) {
			fprintf(stderr, "# %s: %s\n", bdf[n->ndev],
				strerror(-ret));
			return ret;
		}
	}
	return 0;
}

static int open_flat(struct nested *n, const char *segment, int ndev, const char **skip)
{
	struct iommu_hw_info info;
	int ret;

	*n = (struct nested) { .open = true, .iommufd = -1 };
	*skip = NULL;
	ret = vtdsim_violations(&n->violations);
	if (ret)
		return ret;
	ret = open_endpoints(n, segment, ndev, skip);
	if (ret)
		return ret;

	ret = iommufd_hw_info(n->iommufd, n->dev[0].id, &info, &n->unit);
	if (ret)
		return ret;
	if (info.out_data_type != IOMMU_HW_INFO_TYPE_INTEL_VTD) {
		*skip = "the IOMMU is not a VT-d unit";
		return -ENODEV;
	}

	ret = guest_create(&n->guest, NESTED_GPA, NESTED_SIZE);
	if (ret)
		return ret;
	if (!(n->unit.ecap_reg & VTD_ECAP_SMPWC))
		n->guest.preset = S1_ACCESSED | S1_DIRTY;
	ret = iommufd_ioas_alloc(n->iommufd, &n->ioas);
	if (!ret)
		ret = nested_map_half(n, NESTED_LOW_HALF);
	return ret ?: nested_map_half(n, NESTED_HIGH_HALF);
}

/**
 * nested_open_flat() - open a guest with memory and devices, on any VT-d unit
 * @n: filled; there is no nest parent
 * @ndev: devices wanted, up to NESTED_DEVICES_MAX; none is attached yet
 * @skip: set to a reason if this machine cannot have such a guest, else NULL
 *
 * Return: 0 or a negative errno; nested_close() has to be called either way.
 */
int nested_open_flat(struct nested *n, int ndev, const char **skip)
{
	return open_flat(n, "", ndev, skip);
}

/**
 * nested_open_in() - open a guest like nested_open(), with endpoints of one PCI segment
 * @n: filled
 * @segment: what the endpoints' addresses begin with, such as "1001:"
 * @ndev: devices wanted, up to NESTED_DEVICES_MAX; none is attached yet
 * @skip: set to a reason if this machine cannot have such a guest, else NULL
 *
 * Return: 0 or a negative errno; nested_close() has to be called either way.
 */
int nested_open_in(struct nested *n, const char *segment, int ndev, const char **skip)
{
	int ret = open_flat(n, segment, ndev, skip);

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
 * nested_open() - open a guest with memory, devices and a nest parent
 * @n: filled
 * @ndev: devices wanted, up to NESTED_DEVICES_MAX; none is attached yet
 * @skip: set to a reason if this machine cannot have such a guest, else NULL
 *
 * Return: 0 or a negative errno; nested_close() has to be called either way.
 */
int nested_open(struct nested *n, int ndev, const char **skip)
{
	return nested_open_in(n, "", ndev, skip);
}

/* Violations of VT-d rules since @before; NESTED_NO_ANSWER if nobody knows. */
static __u64 violations_since(__u64 before)
{
	__u64 now;

	return vtdsim_violations(&now) ? NESTED_NO_ANSWER : now - before;
}

/**
 * nested_close() - detach and close everything
 * @n: guest, also one that nested_open() did not finish, or that is closed
 *
 * Return: number of violations of VT-d rules by the kernel since nested_open(),
 * after everything is detached.
 */
__u64 nested_close(struct nested *n)
{
	__u64 before = n->violations;

	if (!n->open)
		return 0;
	while (n->ndev)
		vfio_close(&n->dev[--n->ndev]);
	if (n->iommufd >= 0)
		close(n->iommufd);
	if (n->guest.va)
		guest_destroy(&n->guest);
	memset(n, 0, sizeof(*n));
	return violations_since(before);
}

static bool audit_caches(void)
{
	int ret = vtdsim_audit();

	if (ret)
		fprintf(stderr, "# vtdsim/audit: %s\n", strerror(-ret));
	return !ret;
}

/**
 * nested_finish() - close a guest, and check that no stale entry is cached
 * @n: guest
 *
 * The audit of vtdsim compares all caches with the tables, before and after the
 * devices are detached. So the guest must have invalidated all its changes, and
 * the unit must be idle.
 *
 * Return: number of violations of VT-d rules since nested_open(), or
 * NESTED_NO_ANSWER if the audit did not work.
 */
__u64 nested_finish(struct nested *n)
{
	__u64 before = n->violations;
	bool audited;

	audited = audit_caches();
	nested_close(n);
	audited &= audit_caches();
	return audited ? violations_since(before) : NESTED_NO_ANSWER;
}

/**
 * nested_hwpt_alloc() - allocate a page table from the guest's address space
 * @n: guest
 * @dev: index of the device that is to use it
 * @flags: IOMMU_HWPT_ALLOC_*
 * @hwpt: ID of the object
 *
 * Return: 0 or a negative errno.
 */
int nested_hwpt_alloc(struct nested *n, int dev, __u32 flags, __u32 *hwpt)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = flags,
		.dev_id = n->dev[dev].id,
		.pt_id = n->ioas,
	};

	return iommufd_hwpt_alloc(n->iommufd, &cmd, hwpt);
}

/**
 * nested_s1_alloc() - allocate a nested page table for the first device
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

static int create_s1(struct nested *n, __u32 parent, struct nested_s1 *s1,
		     int levels)
{
	struct iommu_hwpt_vtd_s1 cfg = {
		.addr_width = levels == 5 ? 57 : 48,
	};

	stage1_create(&s1->t, &n->guest, levels);
	cfg.pgtbl_addr = s1->t.root;
	return iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id, parent, &cfg,
				     &s1->hwpt);
}

/**
 * nested_s1_create() - create an empty stage-1 table, and its object
 * @n: guest
 * @s1: filled
 * @levels: 4 or 5
 *
 * Return: 0 or a negative errno.
 */
int nested_s1_create(struct nested *n, struct nested_s1 *s1, int levels)
{
	return create_s1(n, n->parent, s1, levels);
}

/**
 * nested_s1_create_on() - create a stage-1 table on another nest parent
 * @n: guest
 * @parent: the nest parent
 * @s1: filled; the table has four levels and is empty
 *
 * Return: 0 or a negative errno.
 */
int nested_s1_create_on(struct nested *n, __u32 parent, struct nested_s1 *s1)
{
	return create_s1(n, parent, s1, 4);
}

/**
 * nested_s1_create_mapped() - create a stage-1 table that maps a new page
 * @n: guest
 * @s1: filled; the table has four levels
 * @page: the page, mapped at NESTED_IOVA
 *
 * Return: 0 or a negative errno.
 */
int nested_s1_create_mapped(struct nested *n, struct nested_s1 *s1,
			    __u64 *page)
{
	int ret = nested_s1_create(n, s1, 4);

	*page = nested_page(n);
	stage1_map(&s1->t, NESTED_IOVA, *page, S1_4K, S1_RW);
	return ret;
}

/**
 * nested_invalidate() - invalidate one range
 * @n: guest
 * @hwpt: nested page table
 * @addr: first gIOVA
 * @npages: pages of 4 KiB
 * @flags: IOMMU_VTD_INV_FLAGS_*
 *
 * Return: 0 or a negative errno, -EIO if the kernel's count of requests done
 * does not agree with its error.
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

/**
 * nested_answer() - what came of a command, in one number
 * @n: guest, with the endpoint's answer in @n->last
 * @ret: error of the command, if there was no answer
 * @val: data, if the command succeeded
 *
 * Return: @val, NESTED_FAULT(), NESTED_STATUS() or NESTED_NO_ANSWER.
 */
__u64 nested_answer(const struct nested *n, int ret, __u64 val)
{
	if (ret)
		return NESTED_NO_ANSWER;
	if (n->last.status == VTDSIM_EP_S_FAULT)
		return NESTED_FAULT(n->last.reason);
	if (n->last.status != VTDSIM_EP_S_OK)
		return NESTED_STATUS(n->last.status);
	return val;
}

/**
 * nested_see() - have a device read eight bytes
 * @n: guest
 * @dev: index of the device
 * @iova: gIOVA
 *
 * Return: the bytes, or as nested_answer(). @n->last has the whole answer.
 */
__u64 nested_see(struct nested *n, int dev, __u64 iova)
{
	__u64 val = 0;
	int ret;

	ret = endpoint_read(&n->dev[dev], iova, &val, sizeof(val), &n->last);
	return nested_answer(n, ret, val);
}

/**
 * nested_poke() - have a device write eight bytes
 * @n: guest
 * @dev: index of the device
 * @iova: gIOVA
 * @val: the bytes
 *
 * Return: 0, or as nested_answer(). @n->last has the whole answer.
 */
__u64 nested_poke(struct nested *n, int dev, __u64 iova, __u64 val)
{
	int ret;

	ret = endpoint_write(&n->dev[dev], iova, &val, sizeof(val), &n->last);
	return nested_answer(n, ret, 0);
}

/**
 * nested_blocked() - does a read of a device fault, whatever the reason?
 * @n: guest
 * @dev: index of the device
 * @iova: gIOVA
 *
 * Return: true if it faults. @n->last has the whole answer.
 */
bool nested_blocked(struct nested *n, int dev, __u64 iova)
{
	__u64 seen = nested_see(n, dev, iova);

	return seen != NESTED_NO_ANSWER && n->last.status == VTDSIM_EP_S_FAULT;
}
