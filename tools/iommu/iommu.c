// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls of /dev/iommu that nested translation needs, one function each.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include "iommu.h"

/**
 * iommufd_open() - open a new iommufd context
 *
 * Closing the descriptor destroys every object of the context.
 *
 * Return: a file descriptor, or a negative errno.
 */
int iommufd_open(void)
{
	int fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/**
 * iommufd_ioctl() - an ioctl that reports errors by its return value
 * @fd: iommufd context
 * @request: ioctl number
 * @cmd: the ioctl's structure, its size field filled in
 *
 * Return: 0 or a negative errno.
 */
int iommufd_ioctl(int fd, unsigned long request, void *cmd)
{
	return ioctl(fd, request, cmd) ? -errno : 0;
}

/**
 * iommufd_ioas_alloc() - make an empty IO address space
 * @fd: iommufd context
 * @ioas: ID of the new address space
 *
 * Return: 0 or a negative errno.
 */
int iommufd_ioas_alloc(int fd, __u32 *ioas)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	int ret = iommufd_ioctl(fd, IOMMU_IOAS_ALLOC, &cmd);

	if (!ret)
		*ioas = cmd.out_ioas_id;
	return ret;
}

/**
 * iommufd_ioas_iova_ranges() - which addresses can be mapped?
 * @fd: iommufd context
 * @ioas: IO address space; its devices limit the ranges
 * @range: filled, in ascending order
 * @num: places in @range; on return the number of ranges
 *
 * Return: 0 or a negative errno, -EMSGSIZE if there are more than @num.
 */
int iommufd_ioas_iova_ranges(int fd, __u32 ioas, struct iommu_iova_range *range,
			     __u32 *num)
{
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.num_iovas = *num,
		.allowed_iovas = (uintptr_t)range,
	};
	int ret = iommufd_ioctl(fd, IOMMU_IOAS_IOVA_RANGES, &cmd);

	*num = cmd.num_iovas;
	return ret;
}

/**
 * iommufd_ioas_map() - map memory of this process at a chosen address
 * @fd: iommufd context
 * @ioas: IO address space
 * @va: memory, page aligned
 * @length: bytes
 * @iova: address in the IO address space; a GPA if it backs a nest parent
 * @access: IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE
 *
 * Return: 0 or a negative errno.
 */
int iommufd_ioas_map(int fd, __u32 ioas, void *va, __u64 length, __u64 iova,
		     __u32 access)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = access | IOMMU_IOAS_MAP_FIXED_IOVA,
		.ioas_id = ioas,
		.user_va = (uintptr_t)va,
		.length = length,
		.iova = iova,
	};

	return iommufd_ioctl(fd, IOMMU_IOAS_MAP, &cmd);
}

/**
 * iommufd_ioas_unmap() - take a mapping away
 * @fd: iommufd context
 * @ioas: IO address space
 * @iova: address the mapping begins at
 * @length: its length in bytes
 *
 * When it returns, no device reaches the memory any more.
 *
 * Return: 0 or a negative errno.
 */
int iommufd_ioas_unmap(int fd, __u32 ioas, __u64 iova, __u64 length)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.iova = iova,
		.length = length,
	};

	return iommufd_ioctl(fd, IOMMU_IOAS_UNMAP, &cmd);
}

/**
 * iommufd_destroy() - destroy an object
 * @fd: iommufd context
 * @id: the object; nothing may use it any more
 *
 * Return: 0 or a negative errno, -EBUSY while the object is in use.
 */
int iommufd_destroy(int fd, __u32 id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return iommufd_ioctl(fd, IOMMU_DESTROY, &cmd);
}

/**
 * iommufd_hw_info() - what the IOMMU in front of a device can do
 * @fd: iommufd context
 * @dev_id: the device's object, from vfio_open()
 * @cmd: filled with the generic answer; check its out_data_type
 * @vtd: filled with the registers, if the IOMMU is a VT-d unit
 *
 * Return: 0 or a negative errno.
 */
int iommufd_hw_info(int fd, __u32 dev_id, struct iommu_hw_info *cmd,
		    struct iommu_hw_info_vtd *vtd)
{
	*cmd = (struct iommu_hw_info) {
		.size = sizeof(*cmd),
		.dev_id = dev_id,
		.data_len = sizeof(*vtd),
		.data_uptr = (uintptr_t)vtd,
	};
	return iommufd_ioctl(fd, IOMMU_GET_HW_INFO, cmd);
}

/**
 * iommufd_hwpt_alloc() - allocate a page table
 * @fd: iommufd context
 * @cmd: what kind of page table, but for its size field
 * @hwpt: ID of the new page table
 *
 * Return: 0 or a negative errno.
 */
int iommufd_hwpt_alloc(int fd, struct iommu_hwpt_alloc *cmd, __u32 *hwpt)
{
	int ret;

	cmd->size = sizeof(*cmd);
	ret = iommufd_ioctl(fd, IOMMU_HWPT_ALLOC, cmd);
	if (!ret)
		*hwpt = cmd->out_hwpt_id;
	return ret;
}

/**
 * iommufd_hwpt_alloc_parent() - allocate a stage-2 table to nest on
 * @fd: iommufd context
 * @dev_id: a device that shall use it
 * @ioas: the guest's memory, mapped at guest physical addresses
 * @hwpt: ID of the new page table
 *
 * Return: 0 or a negative errno.
 */
int iommufd_hwpt_alloc_parent(int fd, __u32 dev_id, __u32 ioas, __u32 *hwpt)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
		.dev_id = dev_id,
		.pt_id = ioas,
		.data_type = IOMMU_HWPT_DATA_NONE,
	};

	return iommufd_hwpt_alloc(fd, &cmd, hwpt);
}

/**
 * iommufd_hwpt_alloc_s1() - allocate a nested page table for a guest's table
 * @fd: iommufd context
 * @dev_id: a device that shall use it
 * @parent: stage-2 table from iommufd_hwpt_alloc_parent()
 * @s1: where the table is (a guest physical address), and its format
 * @hwpt: ID of the new nested page table
 *
 * Return: 0 or a negative errno.
 */
int iommufd_hwpt_alloc_s1(int fd, __u32 dev_id, __u32 parent,
			  const struct iommu_hwpt_vtd_s1 *s1, __u32 *hwpt)
{
	struct iommu_hwpt_alloc cmd = {
		.dev_id = dev_id,
		.pt_id = parent,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
		.data_len = sizeof(*s1),
		.data_uptr = (uintptr_t)s1,
	};

	return iommufd_hwpt_alloc(fd, &cmd, hwpt);
}

/**
 * iommufd_hwpt_invalidate() - invalidate cached translations of a guest's table
 * @fd: iommufd context
 * @hwpt: nested page table
 * @entries: ranges of guest IO virtual addresses
 * @num: number of @entries; on return the number that were carried out
 *
 * When it returns 0, no device uses what the guest's table said before.
 *
 * Return: 0 or a negative errno, that of the entry at @num.
 */
int iommufd_hwpt_invalidate(int fd, __u32 hwpt,
			    const struct iommu_hwpt_vtd_s1_invalidate *entries,
			    __u32 *num)
{
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = hwpt,
		.data_uptr = (uintptr_t)entries,
		.data_type = IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
		.entry_len = sizeof(*entries),
		.entry_num = *num,
	};
	int ret = iommufd_ioctl(fd, IOMMU_HWPT_INVALIDATE, &cmd);

	*num = cmd.entry_num;
	return ret;
}
