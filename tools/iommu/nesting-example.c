// SPDX-License-Identifier: GPL-2.0-only
/*
 * The worked example of Documentation/userspace-api/iommufd-vtd-nesting.rst:
 * what a VMM does for a guest with one device behind a virtual VT-d unit, call
 * by call. The guide quotes it; tools/rig/check.sh compares them.
 *
 * The device is an endpoint of vtdsim, whose driver (endpoint.c) stands for
 * the guest's; the guest itself is a page table that this program writes.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/iommufd.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>

#include "endpoint.h"
#include "guest.h"
#include "stage1.h"
#include "vfio.h"
#include "vtd.h"

#define GUEST_GPA	0x140000000ULL
#define GUEST_SIZE	(16ULL << 20)
#define GUEST_IOVA	0x7f0000200000ULL

static void check_step(const char *what, bool ok)
{
	if (!ok) {
		fprintf(stderr, "nesting-example: %s: %s\n", what,
			strerror(errno));
		exit(1);
	}
	printf("%s\n", what);
	errno = 0;
}

static void check_unit(int iommufd, __u32 dev_id)
{
	struct iommu_hw_info_vtd vtd = {};
	struct iommu_hw_info info = {
		.size = sizeof(info),
		.dev_id = dev_id,
		.data_len = sizeof(vtd),
		.data_uptr = (uintptr_t)&vtd,
	};

	check_step("GET_HW_INFO", !ioctl(iommufd, IOMMU_GET_HW_INFO, &info));
	check_step("the unit nests",
		   info.out_data_type == IOMMU_HW_INFO_TYPE_INTEL_VTD &&
		   (vtd.ecap_reg & VTD_ECAP_SMTS) && (vtd.ecap_reg & VTD_ECAP_NEST));
}

/* Once for each guest: its memory, and the stage-2 table made of it. */
static __u32 make_stage2(int iommufd, __u32 dev_id, const struct guest *guest)
{
	struct iommu_ioas_alloc ioas = { .size = sizeof(ioas) };
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.user_va = (uintptr_t)guest->va,
		.length = guest->size,
		.iova = guest->gpa,
	};
	struct iommu_hwpt_alloc parent = {
		.size = sizeof(parent),
		.flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
		.dev_id = dev_id,
		.data_type = IOMMU_HWPT_DATA_NONE,
	};

	check_step("IOAS_ALLOC", !ioctl(iommufd, IOMMU_IOAS_ALLOC, &ioas));
	map.ioas_id = ioas.out_ioas_id;
	check_step("IOAS_MAP", !ioctl(iommufd, IOMMU_IOAS_MAP, &map));
	parent.pt_id = ioas.out_ioas_id;
	check_step("HWPT_ALLOC of a parent",
		   !ioctl(iommufd, IOMMU_HWPT_ALLOC, &parent));
	return parent.out_hwpt_id;
}

static __u32 make_fault_queue(int iommufd, int *fd)
{
	struct iommu_fault_alloc queue = { .size = sizeof(queue) };

	check_step("FAULT_QUEUE_ALLOC",
		   !ioctl(iommufd, IOMMU_FAULT_QUEUE_ALLOC, &queue));
	*fd = queue.out_fault_fd;
	return queue.out_fault_id;
}

/* When the guest has put a first-stage root into its PASID-table entry. */
static __u32 make_stage1(int iommufd, __u32 dev_id, __u32 parent, __u64 root,
			 __u32 queue)
{
	struct iommu_hwpt_vtd_s1 s1 = {
		.pgtbl_addr = root,
		.addr_width = 48,
	};
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_HWPT_FAULT_ID_VALID,
		.dev_id = dev_id,
		.pt_id = parent,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
		.data_len = sizeof(s1),
		.data_uptr = (uintptr_t)&s1,
		.fault_id = queue,
	};

	check_step("HWPT_ALLOC of a stage-1 domain",
		   !ioctl(iommufd, IOMMU_HWPT_ALLOC, &cmd));
	return cmd.out_hwpt_id;
}

static void attach_domain(int device, __u32 hwpt)
{
	struct vfio_device_attach_iommufd_pt cmd = {
		.argsz = sizeof(cmd),
		.pt_id = hwpt,
	};

	check_step("ATTACH", !ioctl(device, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &cmd));
}

/* When the guest's invalidation queue has come to a wait descriptor. */
static void invalidate_domain(int iommufd, __u32 hwpt,
			      struct iommu_hwpt_vtd_s1_invalidate *requests, __u32 n)
{
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = hwpt,
		.data_uptr = (uintptr_t)requests,
		.data_type = IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
		.entry_len = sizeof(*requests),
		.entry_num = n,
	};

	check_step("HWPT_INVALIDATE",
		   !ioctl(iommufd, IOMMU_HWPT_INVALIDATE, &cmd) &&
		   cmd.entry_num == n);
}

/* When the queue's file descriptor can be read. */
static void serve_page_request(int fd, struct stage1 *table, __u64 page)
{
	struct iommu_hwpt_pgfault fault;
	struct iommu_hwpt_page_response response = {
		.code = IOMMUFD_PAGE_RESP_SUCCESS,
	};

	check_step("a page request", read(fd, &fault, sizeof(fault)) == sizeof(fault));
	/* To the guest it goes through its virtual queue; it maps the page. */
	stage1_map(table, fault.addr, page, S1_4K, S1_RW);
	response.cookie = fault.cookie;
	check_step("the answer to it",
		   write(fd, &response, sizeof(response)) == sizeof(response));
}

/* The guest's driver has its device read eight bytes. */
static bool device_reads(struct vfio_dev *dev, __u64 iova, __u64 expected)
{
	struct endpoint_result res;
	__u64 val;

	return !endpoint_read(dev, iova, &val, sizeof(val), &res) &&
	       res.status == VTDSIM_EP_S_OK && val == expected;
}

static __u64 stamped_page(struct guest *guest)
{
	__u64 gpa = guest_alloc(guest, PAGE, PAGE);

	*(__u64 *)guest_va(guest, gpa) = gpa;
	return gpa;
}

static void nest_device(struct vfio_dev *dev, int iommufd, struct guest *guest)
{
	const struct endpoint_cmd missing = {
		.op = VTDSIM_EP_OP_READ,
		.flags = VTDSIM_EP_F_PAGE_REQUEST,
		.addr = GUEST_IOVA + PAGE,
		.len = 8,
	};
	struct iommu_hwpt_vtd_s1_invalidate inv[2] = {
		{ .addr = GUEST_IOVA, .npages = 1 },
		{ .addr = GUEST_IOVA + PAGE, .npages = 1 },
	};
	struct stage1 table[2];
	struct pollfd queue = { .events = POLLIN };
	struct endpoint_result res;
	__u32 parent, fault, s1[2];
	__u64 page[3];
	int i;

	check_unit(iommufd, dev->id);
	parent = make_stage2(iommufd, dev->id, guest);
	fault = make_fault_queue(iommufd, &queue.fd);

	/* The guest's part: two tables, each with one page at GUEST_IOVA. */
	for (i = 0; i < 3; i++)
		page[i] = stamped_page(guest);
	for (i = 0; i < 2; i++) {
		stage1_create(&table[i], guest, 4);
		stage1_map(&table[i], GUEST_IOVA, page[i], S1_4K, S1_RW);
		s1[i] = make_stage1(iommufd, dev->id, parent, table[i].root,
				    fault);
	}

	attach_domain(dev->fd, s1[0]);
	check_step("DMA through both stages", device_reads(dev, GUEST_IOVA, page[0]));

	/* The guest changes its table, and invalidates. */
	stage1_map(&table[0], GUEST_IOVA, page[2], S1_4K, S1_RW);
	invalidate_domain(iommufd, s1[0], inv, 2);
	check_step("DMA after the change", device_reads(dev, GUEST_IOVA, page[2]));

	/* The device needs a page that is not mapped. */
	endpoint_start(dev, &missing);
	check_step("the queue tells of it", poll(&queue, 1, 10000) == 1);
	serve_page_request(queue.fd, &table[0], page[1]);
	check_step("DMA that waited for the page",
		   !endpoint_finish(dev, &res) && res.status == VTDSIM_EP_S_OK);

	/* The guest gives the device its other table. */
	attach_domain(dev->fd, s1[1]);
	check_step("DMA through the other table", device_reads(dev, GUEST_IOVA, page[1]));
	close(queue.fd);
}

static void print_usage(FILE *out)
{
	fputs("usage: nesting-example [-h|--help]\n"
	      "Goes through the worked example of the guide for VMMs with the first vtdsim\n"
	      "endpoint, and prints each step. Exit status: 0 if all went as the guide says.\n",
	      out);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	char bdf[1][PCI_BDF_LEN];
	struct vfio_dev dev;
	struct guest guest;
	int c, iommufd;

	c = getopt_long(argc, argv, "h", options, NULL);
	if (c != -1 || optind < argc) {
		print_usage(c == 'h' ? stdout : stderr);
		return c == 'h' ? 0 : 2;
	}

	check_step("an endpoint of vtdsim",
		   endpoint_find(bdf, 1) == 1 &&
		   !vfio_bind_driver(bdf[0]));
	iommufd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	check_step("/dev/iommu", iommufd >= 0);
	check_step("the device's file, bound to it", !vfio_open(&dev, bdf[0], iommufd));
	check_step("the device itself",
		   !endpoint_check(&dev) && !vfio_bus_master(&dev, true));
	check_step("memory for the guest",
		   !guest_create(&guest, GUEST_GPA, GUEST_SIZE));

	nest_device(&dev, iommufd, &guest);

	vfio_close(&dev);
	close(iommufd);
	guest_destroy(&guest);
	return 0;
}
