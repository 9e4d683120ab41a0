/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An endpoint of vtdsim, driven through VFIO (include/uapi/linux/vtdsim.h).
 */
#ifndef _TOOLS_IOMMU_ENDPOINT_H
#define _TOOLS_IOMMU_ENDPOINT_H

#include <stdbool.h>
#include <linux/types.h>
#include <linux/vtdsim.h>

#include "vfio.h"

/**
 * struct endpoint_cmd - one command
 * @op: VTDSIM_EP_OP_*
 * @flags: VTDSIM_EP_F_*
 * @pasid: PASID, with VTDSIM_EP_F_PASID
 * @buf: offset into the endpoint's buffer
 * @len: bytes
 * @addr: address that the device puts on the bus
 * @operand: addend of fetch-add
 * @group: index of the group that page requests are in
 */
struct endpoint_cmd {
	__u32 op;
	__u32 flags;
	__u32 pasid;
	__u32 buf;
	__u32 len;
	__u64 addr;
	__u64 operand;
	__u32 group;
};

/**
 * struct endpoint_result - how it went
 * @status: VTDSIM_EP_S_*
 * @reason: fault reason of the VT-d unit, if @status is VTDSIM_EP_S_FAULT
 * @count: bytes moved
 * @fault_addr: page of the fault
 * @old: value before fetch-add
 * @response: code of the response to the last page request
 */
struct endpoint_result {
	__u32 status;
	__u32 reason;
	__u32 count;
	__u64 fault_addr;
	__u64 old;
	__u32 response;
};

int endpoint_find(char bdf[][PCI_BDF_LEN], int max);
int endpoint_check(struct vfio_dev *dev);
int endpoint_enable(struct vfio_dev *dev);
int endpoint_open(struct vfio_dev *dev, const char *bdf, int iommufd);
int endpoint_open_sysfs(struct vfio_dev *dev, const char *bdf);
int endpoint_reset(struct vfio_dev *dev);

void endpoint_start(struct vfio_dev *dev, const struct endpoint_cmd *cmd);
bool endpoint_busy(struct vfio_dev *dev);
int endpoint_finish(struct vfio_dev *dev, struct endpoint_result *res);
int endpoint_run(struct vfio_dev *dev, const struct endpoint_cmd *cmd,
		 struct endpoint_result *res);

int endpoint_read(struct vfio_dev *dev, __u64 addr, void *data, __u32 len,
		  struct endpoint_result *res);
int endpoint_write(struct vfio_dev *dev, __u64 addr, const void *data,
		   __u32 len, struct endpoint_result *res);
int endpoint_fetch_add(struct vfio_dev *dev, __u64 addr, __u64 operand,
		       __u32 len, struct endpoint_result *res);

bool endpoint_reads(struct vfio_dev *dev, __u64 addr, const void *expected,
		    __u32 len);
bool endpoint_writes(struct vfio_dev *dev, __u64 addr, const void *data,
		     __u32 len);
bool endpoint_blocked(struct vfio_dev *dev, __u64 addr);

const char *endpoint_status_text(__u32 status);

#endif /* _TOOLS_IOMMU_ENDPOINT_H */
