// SPDX-License-Identifier: GPL-2.0-only
/*
 * PASIDs of a device, as VMMs attach page tables to them. The calls are those of
 * Linux 6.15 and later.
 */
#include <stdint.h>
#include <string.h>

#include "nested_pasid.h"

/**
 * pasids_can_be_attached() - can user space attach page tables to PASIDs?
 * @n: guest
 *
 * Return: true if iommufd allocates page tables for them.
 */
bool pasids_can_be_attached(struct nested *n)
{
	__u32 hwpt;

	return !nested_hwpt_alloc(n, 0, IOMMUFD_ALLOC_PASID, &hwpt) &&
	       !iommufd_destroy(n->iommufd, hwpt);
}

/**
 * pasid_hwpt_alloc() - allocate the object of a stage-1 table for PASIDs
 * @n: guest
 * @t: table
 * @fault: its fault queue, or 0 for none
 * @hwpt: ID of the object
 *
 * Return: 0 or a negative errno.
 */
int pasid_hwpt_alloc(struct nested *n, const struct stage1 *t, __u32 fault, __u32 *hwpt)
{
	struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = t->root,
		.addr_width = 48,
	};
	struct iommu_hwpt_alloc cmd = {
		.flags = IOMMUFD_ALLOC_PASID | (fault ? IOMMU_HWPT_FAULT_ID_VALID : 0),
		.dev_id = n->dev[0].id,
		.pt_id = n->parent,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
		.data_len = sizeof(cfg),
		.data_uptr = (uintptr_t)&cfg,
		.fault_id = fault,
	};

	return iommufd_hwpt_alloc(n->iommufd, &cmd, hwpt);
}

/**
 * pasid_s1_create() - make a stage-1 table for PASIDs
 * @n: guest
 * @s1: filled
 * @page: a new page, which the table maps at NESTED_IOVA
 *
 * Return: 0 or a negative errno.
 */
int pasid_s1_create(struct nested *n, struct nested_s1 *s1, __u64 *page)
{
	stage1_create(&s1->t, &n->guest, 4);
	*page = nested_page(n);
	stage1_map(&s1->t, NESTED_IOVA, *page, S1_4K, S1_RW);
	return pasid_hwpt_alloc(n, &s1->t, 0, &s1->hwpt);
}

/* Moves eight bytes of the first device's buffer. Returns 0 if it answered, however that went. */
static int pasid_move(struct nested *n, __u32 op, __u32 pasid, __u64 iova)
{
	const struct endpoint_cmd cmd = {
		.op = op,
		.flags = VTDSIM_EP_F_PASID,
		.pasid = pasid,
		.addr = iova,
		.len = sizeof(__u64),
	};

	return endpoint_run(&n->dev[0], &cmd, &n->last);
}

/**
 * pasid_see() - have the first device read eight bytes with a PASID
 * @n: guest
 * @pasid: PASID
 * @iova: address
 *
 * Return: as nested_see().
 */
__u64 pasid_see(struct nested *n, __u32 pasid, __u64 iova)
{
	char *buf = (char *)n->dev[0].bar + VTDSIM_EP_BUFFER;
	__u64 val;
	int ret;

	memset(buf, 0x5a, sizeof(val));
	ret = pasid_move(n, VTDSIM_EP_OP_READ, pasid, iova);
	memcpy(&val, buf, sizeof(val));
	return nested_answer(n, ret, val);
}

/**
 * pasid_poke() - have the first device write eight bytes with a PASID
 * @n: guest
 * @pasid: PASID
 * @iova: address
 *
 * Return: VTDSIM_EP_S_OK, or what became of the write.
 */
__u32 pasid_poke(struct nested *n, __u32 pasid, __u64 iova)
{
	return pasid_move(n, VTDSIM_EP_OP_WRITE, pasid, iova) ? VTDSIM_EP_S_FAULT : n->last.status;
}

/**
 * pasid_blocked() - is a read of the first device with a PASID blocked?
 * @n: guest
 * @pasid: PASID
 * @iova: address
 *
 * Return: true if it ended with a fault.
 */
bool pasid_blocked(struct nested *n, __u32 pasid, __u64 iova)
{
	__u64 seen = pasid_see(n, pasid, iova);

	return seen != NESTED_NO_ANSWER && n->last.status == VTDSIM_EP_S_FAULT;
}
