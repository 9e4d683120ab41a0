// SPDX-License-Identifier: GPL-2.0-only
/*
 * A small VMM: nested translation from beginning to end.
 *
 * There is no virtual CPU here. This program plays both parts: the guest, who
 * owns a first-stage page table (gIOVA -> GPA) in its memory, and the VMM, who
 * maps that memory for devices (GPA -> HPA), hands the guest's table to the
 * VT-d unit, and passes the guest's invalidations on. A VMM does the same
 * ioctls in the same order, when its virtual VT-d unit sees the guest write a
 * PASID entry or submit an invalidation descriptor.
 *
 * The device is an endpoint of vtdsim; for any other, only endpoint.c differs.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/eventfd.h>

#include "counters.h"
#include "endpoint.h"
#include "guest.h"
#include "iommu.h"
#include "pattern.h"
#include "report.h"
#include "stage1.h"
#include "vfio.h"
#include "vtd.h"

#define EXIT_ENVIRONMENT 2
#define ENDPOINTS_MAX	64
#define GUEST_SIZE	(16ULL << 20)
/* Different, so that no address is mistaken for one of the other kind. */
#define GUEST_GPA	0x140000000ULL
#define GUEST_IOVA	0x7f0000200000ULL

#define GUEST_PASID	23U

#define IOVA_DATA	GUEST_IOVA			/* two pages, read-write */
#define IOVA_RO		(GUEST_IOVA + 4 * PAGE)		/* one page, read-only */
#define IOVA_HOLE	(GUEST_IOVA + 8 * PAGE)		/* never mapped */

/**
 * struct demo - the state of the program
 * @iommufd: iommufd context
 * @dev: the device that the guest drives
 * @unit: what the VT-d unit in front of it can do
 * @guest: the guest's memory
 * @table: the guest's first-stage tables
 * @ioas: IO address space: the guest's memory at its GPAs
 * @parent: stage 2, made from @ioas
 * @s1: stage 1, one for each of @table, and one for a PASID
 * @page: GPAs of the guest's buffers
 * @violations: rules of VT-d that the driver had broken before
 * @verbose: say more
 */
struct demo {
	int iommufd;
	struct vfio_dev dev;
	struct iommu_hw_info_vtd unit;
	struct guest guest;
	struct stage1 table[2];
	__u32 ioas;
	__u32 parent;
	__u32 s1[3];
	__u64 page[5];
	__u64 violations;
	bool verbose;
};

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

static void show_read(struct demo *d, __u64 iova, __u64 gpa)
{
	struct endpoint_result r;

	report_step(device_reads(d, iova, gpa, &r),
		    "device reads 4096 bytes, gIOVA %#llx -> GPA %#llx", iova,
		    gpa);
	note_dma_result(d, &r);
}

static void show_unit(struct demo *d)
{
	bool erratum = d->unit.flags & IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17;
	__u64 cap = d->unit.cap_reg, ecap = d->unit.ecap_reg;

	report_value("cap", "%#llx", cap);
	report_value("ecap", "%#llx", ecap);
	report_value("erratum_772415", erratum ? "yes" : "no");
	report_step(vtd_can_nest(ecap),
		    "VT-d unit can nest, with GPAs of %u bits",
		    vtd_stage2_width(cap));
	vtd_describe(report_note, cap, ecap);
	report_note("erratum 772415: %s", erratum ?
		    "yes, no read-only mappings in a nest parent" : "no");
}

/* The VMM's part, which does not change while the guest runs */
static bool build_stage2(struct demo *d)
{
	int ret;

	ret = guest_create(&d->guest, GUEST_GPA, GUEST_SIZE);
	if (!report_call(ret, "guest memory: %llu MiB in pages of %s",
			 GUEST_SIZE >> 20, d->guest.huge ? "2M" : "4K"))
		return false;
	if (!d->guest.huge)
		report_note("not enough 2M pages (/proc/sys/vm/nr_hugepages)");

	ret = iommufd_ioas_alloc(d->iommufd, &d->ioas);
	if (!ret)
		ret = iommufd_ioas_map(d->iommufd, d->ioas, d->guest.va,
				       d->guest.size, d->guest.gpa,
				       IOMMUFD_MAP_RW);
	if (!report_call(ret, "stage 2: GPA %#llx-%#llx mapped", d->guest.gpa,
			 d->guest.gpa + d->guest.size - 1))
		return false;

	ret = iommufd_hwpt_alloc_parent(d->iommufd, d->dev.id, d->ioas,
					&d->parent);
	return report_call(ret, "nest parent allocated");
}

/* The guest's part: two tables that map different pages at IOVA_DATA */
static void build_stage1(struct demo *d)
{
	unsigned int i;

	for (i = 0; i < 5; i++) {
		/* Not contiguous, though their gIOVAs are. */
		d->page[i] = guest_alloc(&d->guest, 2 * PAGE, 2 * PAGE);
		pattern_fill(guest_va(&d->guest, d->page[i]), PAGE, 0x11 * (i + 1));
	}
	for (i = 0; i < 2; i++)
		stage1_create(&d->table[i], &d->guest, 4);

	stage1_map(&d->table[0], IOVA_DATA, d->page[0], S1_4K, S1_RW);
	stage1_map(&d->table[0], IOVA_DATA + PAGE, d->page[1], S1_4K, S1_RW);
	stage1_map(&d->table[0], IOVA_RO, d->page[2], S1_4K, S1_RO);
	stage1_map(&d->table[1], IOVA_DATA, d->page[4], S1_4K, S1_RW);

	report_step(true, "stage 1: the guest built a 4-level table at GPA %#llx",
		    d->table[0].root);
	report_note("gIOVA %#llx -> GPA %#llx  rw", IOVA_DATA, d->page[0]);
	report_note("gIOVA %#llx -> GPA %#llx  rw", IOVA_DATA + PAGE,
		    d->page[1]);
	report_note("gIOVA %#llx -> GPA %#llx  r-", IOVA_RO, d->page[2]);
}

/* What a VMM does when the guest writes a PASID entry */
static bool attach_stage1(struct demo *d, int which)
{
	const struct iommu_hwpt_vtd_s1 s1 = {
		.pgtbl_addr = d->table[which].root,
		.addr_width = 48,
	};
	int ret;

	ret = iommufd_hwpt_alloc_s1(d->iommufd, d->dev.id, d->parent, &s1,
				    &d->s1[which]);
	if (!report_call(ret, "VTD_S1 page table allocated for root GPA %#llx",
			 s1.pgtbl_addr))
		return false;
	return report_call(vfio_attach(&d->dev, d->s1[which]),
			   "device %s to it", which ? "moved" : "attached");
}

static void show_dma(struct demo *d)
{
	__u64 across = IOVA_DATA + PAGE - 64;
	unsigned char data[PAGE];
	struct endpoint_result r;
	__u64 *number, old;
	bool ok;

	show_read(d, IOVA_DATA, d->page[0]);

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

static void show_invalidation(struct demo *d)
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
	show_read(d, IOVA_DATA, d->page[3]);
}

static void show_faults(struct demo *d)
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
	show_read(d, IOVA_RO, d->page[2]);
}

static void show_msi(struct demo *d)
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

static void show_detach(struct demo *d)
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

/*
 * What a VMM does when the guest writes the entry of another PASID. A kernel from which user
 * space cannot attach PASIDs says so, and there is nothing to show.
 */
static void show_pasid(struct demo *d)
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

/* An object cannot be destroyed before the objects that use it. */
static void tear_down_demo(struct demo *d)
{
	__u64 violations;
	bool ok = true;
	int i;

	for (i = 0; i < 3; i++)
		if (d->s1[i] && iommufd_destroy(d->iommufd, d->s1[i]))
			ok = false;
	if (d->parent && iommufd_destroy(d->iommufd, d->parent))
		ok = false;
	if (d->ioas && iommufd_destroy(d->iommufd, d->ioas))
		ok = false;
	vfio_close(&d->dev);
	close(d->iommufd);
	if (d->guest.va)
		guest_destroy(&d->guest);
	report_step(ok, "stage 1, stage 2 and the address space destroyed");

	if (!vtdsim_counter("violations", &violations))
		report_step(violations == d->violations,
			    "rules of VT-d that the kernel broke meanwhile: %llu",
			    violations - d->violations);
}

static void run_all_steps(struct demo *d)
{
	show_unit(d);
	if (!build_stage2(d))
		return;
	build_stage1(d);
	if (!attach_stage1(d, 0))
		return;
	if (!report_call(endpoint_enable(&d->dev), "bus master and AtomicOps enabled"))
		return;

	show_dma(d);
	show_invalidation(d);
	show_faults(d);
	if (attach_stage1(d, 1))
		show_read(d, IOVA_DATA, d->page[4]);
	show_msi(d);
	show_detach(d);
	show_pasid(d);
}

static int give_up(const char *what, int err)
{
	fprintf(stderr, "nesting-demo: %s%s%s\n", what, err ? ": " : "",
		err ? strerror(-err) : "");
	return EXIT_ENVIRONMENT;
}

/*
 * The endpoint asked for, or the first. A device that is no endpoint is left
 * alone: to bind it to vfio-pci would take it from its driver.
 */
static const char *choose_endpoint(const char *bdf, char found[][PCI_BDF_LEN],
				   int n)
{
	int i;

	if (!bdf)
		return n > 0 ? found[0] : NULL;
	for (i = 0; i < n; i++)
		if (!strcmp(found[i], bdf))
			return found[i];
	return NULL;
}

/* Everything that a machine may lack, which is not a failed check */
static int set_up_demo(struct demo *d, const char *bdf)
{
	char found[ENDPOINTS_MAX][PCI_BDF_LEN];
	struct iommu_hw_info info;
	int ret;

	ret = endpoint_find(found, ENDPOINTS_MAX);
	if (ret < 0)
		return give_up("looking for PCI devices", ret);
	if (!ret)
		return give_up("no vtdsim endpoint; the kernel needs CONFIG_VTDSIM=y and vtdsim=on",
			       0);
	bdf = choose_endpoint(bdf, found, ret);
	if (!bdf)
		return give_up("the device asked for is not a vtdsim endpoint", 0);

	ret = vfio_bind_driver(bdf);
	if (ret)
		return give_up("binding the device to vfio-pci", ret);
	d->iommufd = iommufd_open();
	if (d->iommufd < 0)
		return give_up("/dev/iommu", d->iommufd);
	ret = vfio_open(&d->dev, bdf, d->iommufd);
	if (ret == -EPERM)
		return give_up("no interrupt isolation; needs iommufd.allow_unsafe_interrupts=1",
			       0);
	if (ret)
		return give_up("opening the device", ret);
	if (endpoint_check(&d->dev))
		return give_up("this endpoint is of another version", 0);

	ret = iommufd_hw_info(d->iommufd, d->dev.id, &info, &d->unit);
	if (ret)
		return give_up("hardware information", ret);
	if (info.out_data_type != IOMMU_HW_INFO_TYPE_INTEL_VTD ||
	    !vtd_can_nest(d->unit.ecap_reg))
		return give_up("this IOMMU does not do nested translation", 0);
	return 0;
}

static void print_usage(FILE *out)
{
	fputs("usage: nesting-demo [OPTION]...\n"
	      "Shows nested DMA translation on a VT-d unit: builds a guest's page table, has\n"
	      "a device use it, changes it, invalidates, and checks every byte.\n"
	      "\n"
	      "  -d, --device DDDD:BB:DD.F  endpoint to use (default: the first there is)\n"
	      "  -j, --json                 print one JSON object\n"
	      "  -v, --verbose              say more about each step\n"
	      "  -h, --help                 show this text\n"
	      "\n"
	      "Exit status: 0 every check held, 1 one did not, 2 usage, or something needed\n"
	      "is missing.\n", out);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "device", required_argument, NULL, 'd' },
		{ "json", no_argument, NULL, 'j' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	struct demo d = {};
	const char *bdf = NULL;
	bool json = false;
	int c;

	while ((c = getopt_long(argc, argv, "d:jvh", options, NULL)) != -1) {
		switch (c) {
		case 'd':
			bdf = optarg;
			break;
		case 'j':
			json = true;
			break;
		case 'v':
			d.verbose = true;
			break;
		case 'h':
			print_usage(stdout);
			return 0;
		default:
			print_usage(stderr);
			return EXIT_ENVIRONMENT;
		}
	}
	if (optind < argc) {
		print_usage(stderr);
		return EXIT_ENVIRONMENT;
	}

	c = set_up_demo(&d, bdf);
	if (c)
		return c;
	if (vtdsim_counter("violations", &d.violations))
		fputs("nesting-demo: no counters of vtdsim (debugfs not mounted?)\n",
		      stderr);
	report_start(json);
	report_value("device", "%s", d.dev.bdf);
	report_step(true, "device %s: driver vfio-pci, bound to /dev/iommu",
		    d.dev.bdf);
	run_all_steps(&d);
	tear_down_demo(&d);
	return report_end();
}
