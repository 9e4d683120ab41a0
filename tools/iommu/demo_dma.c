// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps of the demonstration: what the device can reach, and what it cannot.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <sys/eventfd.h>

#include "demo.h"
#include "endpoint.h"
#include "iommu.h"
#include "pattern.h"
#include "report.h"
#include "vtd.h"

static void note_dma_result(const struct demo *d,
			    const struct endpoint_result *r)
{
	if (r->status == VTDSIM_EP_S_FAULT)
		report_note("fault reason %#x (%s) at %#llx", r->reason,
			    vtd_fault_text(r->reason), r->fault_addr);
	else if (d->verbose || r->status != VTDSIM_EP_S_OK)
		report_note("%u bytes moved, %s", r->count,
			    endpoint_status_text(r->status));
}

/* Does the device read at @iova what the guest has at @gpa? */
static bool device_reads(struct demo *d, __u64 iova, __u64 gpa,
			 struct endpoint_result *r)
{
	unsigned char got[PAGE];

	return !endpoint_read(&d->dev, iova, got, PAGE, r) &&
	       r->status == VTDSIM_EP_S_OK &&
	       !memcmp(got, guest_va(&d->guest, gpa), PAGE);
}

/**
 * demo_show_read() - the device reads a page, and gets what the guest has there
 * @d: demonstration
 * @iova: gIOVA
 * @gpa: the guest's address of the same page
 */
void demo_show_read(struct demo *d, __u64 iova, __u64 gpa)
{
	struct endpoint_result r;

	report_step(device_reads(d, iova, gpa, &r),
		    "device reads 4096 bytes, gIOVA %#llx -> GPA %#llx", iova,
		    gpa);
	note_dma_result(d, &r);
}

/**
 * demo_show_dma() - reads, writes, writes across pages, an atomic operation
 * @d: demonstration
 */
void demo_show_dma(struct demo *d)
{
	__u64 across = IOVA_DATA + PAGE - 64;
	unsigned char data[PAGE];
	struct endpoint_result r;
	__u64 *number, old;
	bool ok;

	demo_show_read(d, IOVA_DATA, d->page[0]);

	pattern_fill(data, PAGE, 0x80);
	ok = !endpoint_write(&d->dev, IOVA_DATA, data, PAGE, &r) &&
	     r.status == VTDSIM_EP_S_OK &&
	     !memcmp(data, guest_va(&d->guest, d->page[0]), PAGE);
	report_step(ok, "device writes 4096 bytes, gIOVA %#llx -> GPA %#llx",
		    IOVA_DATA, d->page[0]);
	note_dma_result(d, &r);

	pattern_fill(data, 128, 0xc3);
	ok = !endpoint_write(&d->dev, across, data, 128, &r) &&
	     r.status == VTDSIM_EP_S_OK &&
	     !memcmp(data, guest_va(&d->guest, d->page[0] + PAGE - 64), 64) &&
	     !memcmp(data + 64, guest_va(&d->guest, d->page[1]), 64);
	report_step(ok, "device writes across pages, gIOVA %#llx -> GPA %#llx",
		    across, d->page[0] + PAGE - 64);
	report_note("and on to GPA %#llx", d->page[1]);
	note_dma_result(d, &r);

	number = guest_va(&d->guest, d->page[1] + 0x100);
	old = 0xffffffffULL;
	*number = old;
	ok = !endpoint_fetch_add(&d->dev, IOVA_DATA + PAGE + 0x100, 2, 8, &r) &&
	     r.status == VTDSIM_EP_S_OK && r.old == old && *number == old + 2;
	report_step(ok, "device adds 2 to %#llx atomically: %#llx", old,
		    *number);
	note_dma_result(d, &r);

	old = stage1_get(stage1_entry(&d->table[0], IOVA_DATA, 1));
	report_step((old & S1_ACCESSED) && (old & S1_DIRTY),
		    "the guest's entry is accessed and dirty: %#llx", old);
}

/**
 * demo_show_invalidation() - the guest remaps a page, and has the old mapping invalidated
 * @d: demonstration
 */
void demo_show_invalidation(struct demo *d)
{
	const struct iommu_hwpt_vtd_s1_invalidate inv = {
		.addr = IOVA_DATA,
		.npages = 1,
	};
	struct endpoint_result r;
	__u32 num = 1;
	int ret;

	stage1_map(&d->table[0], IOVA_DATA, d->page[3], S1_4K, S1_RW);
	report_step(device_reads(d, IOVA_DATA, d->page[0], &r),
		    "guest remaps gIOVA %#llx; device still uses GPA %#llx",
		    IOVA_DATA, d->page[0]);
	note_dma_result(d, &r);

	ret = iommufd_hwpt_invalidate(d->iommufd, d->s1[0], &inv, &num);
	if (!ret && num != 1)
		ret = -EIO;
	report_call(ret, "IOMMU_HWPT_INVALIDATE of that page");
	demo_show_read(d, IOVA_DATA, d->page[3]);
}

/**
 * demo_show_faults() - what the guest does not map, or maps read-only
 * @d: demonstration
 */
void demo_show_faults(struct demo *d)
{
	unsigned char data[64] = {};
	struct endpoint_result r;
	bool ok;

	ok = !endpoint_read(&d->dev, IOVA_HOLE + 0x40, data, sizeof(data),
			    &r) &&
	     r.status == VTDSIM_EP_S_FAULT && r.reason == VTD_FR_FS_PRESENT &&
	     r.fault_addr == IOVA_HOLE && !r.count;
	report_step(ok, "device may not read gIOVA %#llx, which is not mapped",
		    IOVA_HOLE + 0x40);
	note_dma_result(d, &r);

	ok = !endpoint_write(&d->dev, IOVA_RO, data, sizeof(data), &r) &&
	     r.status == VTDSIM_EP_S_FAULT && r.reason == VTD_FR_WRITE &&
	     r.fault_addr == IOVA_RO && !r.count;
	report_step(ok, "device may not write gIOVA %#llx, which is read-only",
		    IOVA_RO);
	note_dma_result(d, &r);
	demo_show_read(d, IOVA_RO, d->page[2]);
}

/**
 * demo_show_msi() - an interrupt of the device
 * @d: demonstration
 */
void demo_show_msi(struct demo *d)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_READ,
		.flags = VTDSIM_EP_F_MSI,
		.addr = IOVA_DATA,
		.len = 64,
	};
	struct pollfd p = { .events = POLLIN };
	struct endpoint_result r = {};
	bool ok = false;

	p.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p.fd >= 0 && !vfio_msi_enable(&d->dev, p.fd))
		ok = !endpoint_run(&d->dev, &cmd, &r) &&
		     r.status == VTDSIM_EP_S_OK && poll(&p, 1, 5000) == 1 &&
		     !vfio_msi_disable(&d->dev);
	report_step(ok, "device signals the end of a read by MSI");
	note_dma_result(d, &r);
	if (p.fd >= 0)
		close(p.fd);
}

/**
 * demo_show_detach() - without an attachment there is no translation
 * @d: demonstration
 */
void demo_show_detach(struct demo *d)
{
	unsigned char data[64];
	struct endpoint_result r;
	int ret;

	report_call(vfio_detach(&d->dev), "device detached");
	ret = endpoint_read(&d->dev, IOVA_DATA, data, sizeof(data), &r);
	report_step(!ret && r.status == VTDSIM_EP_S_FAULT,
		    "device may not read gIOVA %#llx any more", IOVA_DATA);
	note_dma_result(d, &r);
}

static bool device_reads_with_pasid(struct demo *d, __u64 iova, struct endpoint_result *r)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_READ,
		.flags = VTDSIM_EP_F_PASID,
		.pasid = GUEST_PASID,
		.addr = iova,
		.len = PAGE,
	};

	return !endpoint_run(&d->dev, &cmd, r) && r->status == VTDSIM_EP_S_OK;
}

/**
 * demo_show_pasid() - what a VMM does when the guest writes the entry of another PASID
 * @d: demonstration
 *
 * A kernel from which user space cannot attach PASIDs says so, and there is nothing to show.
 */
void demo_show_pasid(struct demo *d)
{
	const struct iommu_hwpt_vtd_s1 s1 = {
		.pgtbl_addr = d->table[0].root,
		.addr_width = 48,
	};
	struct iommu_hwpt_alloc cmd = {
		.flags = IOMMUFD_ALLOC_PASID,
		.dev_id = d->dev.id,
		.pt_id = d->parent,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
		.data_len = sizeof(s1),
		.data_uptr = (uintptr_t)&s1,
	};
	const void *buf = (const char *)d->dev.bar + VTDSIM_EP_BUFFER;
	struct endpoint_result r;
	int ret;

	ret = iommufd_hwpt_alloc(d->iommufd, &cmd, &d->s1[2]);
	if (ret == -EOPNOTSUPP)
		return;
	if (!report_call(ret, "VTD_S1 page table allocated for PASIDs, root GPA %#llx",
			 s1.pgtbl_addr))
		return;
	report_call(vfio_attach_pasid(&d->dev, GUEST_PASID, d->s1[2]),
		    "PASID %u of the device attached to it", GUEST_PASID);
	report_step(device_reads_with_pasid(d, IOVA_RO, &r) &&
		    !memcmp(buf, guest_va(&d->guest, d->page[2]), PAGE),
		    "device reads 4096 bytes with PASID %u, gIOVA %#llx -> GPA %#llx",
		    GUEST_PASID, IOVA_RO, d->page[2]);
	note_dma_result(d, &r);
	report_step(endpoint_blocked(&d->dev, IOVA_RO),
		    "device may not read gIOVA %#llx without PASID", IOVA_RO);
	report_call(vfio_detach_pasid(&d->dev, GUEST_PASID), "PASID %u detached", GUEST_PASID);
	report_step(!device_reads_with_pasid(d, IOVA_RO, &r) &&
		    r.status == VTDSIM_EP_S_FAULT,
		    "device may not read gIOVA %#llx with PASID %u any more", IOVA_RO, GUEST_PASID);
	note_dma_result(d, &r);
}
