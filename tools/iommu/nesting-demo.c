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
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "counters.h"
#include "demo.h"
#include "endpoint.h"
#include "iommu.h"
#include "report.h"
#include "vtd.h"

#define EXIT_ENVIRONMENT 2
#define ENDPOINTS_MAX	64

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
	demo_show_unit(d);
	if (!demo_build_stage2(d))
		return;
	demo_build_stage1(d);
	if (!demo_attach_stage1(d, 0))
		return;
	if (!report_call(endpoint_enable(&d->dev), "bus master and AtomicOps enabled"))
		return;

	demo_show_dma(d);
	demo_show_invalidation(d);
	demo_show_faults(d);
	if (demo_attach_stage1(d, 1))
		demo_show_read(d, IOVA_DATA, d->page[4]);
	demo_show_msi(d);
	demo_show_detach(d);
	demo_show_pasid(d);
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
