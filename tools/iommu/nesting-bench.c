// SPDX-License-Identifier: GPL-2.0-only
/*
 * What nested translation costs: invalidations, attaching, mapping, memory.
 *
 * The unit is vtdsim's, which counts what it is told. Whose nesting the kernel
 * uses, this project's or the base's, is decided at boot; so the program runs
 * once on each, and tools/rig/bench.sh puts the two side by side.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "bench.h"
#include "endpoint.h"
#include "iommu.h"
#include "util.h"
#include "vtd.h"

#define EXIT_ENVIRONMENT	2
#define GUEST_SIZE		(16ULL << 20)

/**
 * bench_die() - something that must work did not
 * @what: what
 * @err: a negative errno, or 0
 */
void bench_die(const char *what, int err)
{
	fprintf(stderr, "nesting-bench: %s%s%s\n", what, err ? ": " : "",
		err ? strerror(-err) : "");
	exit(EXIT_ENVIRONMENT);
}

/**
 * bench_attach_first() - attach some devices, and no other
 * @b: bench
 * @n: how many
 * @pt_id: what to attach them to
 */
void bench_attach_first(struct bench *b, int n, __u32 pt_id)
{
	int i, ret;

	for (i = 0; i < b->ndev; i++) {
		ret = i < n ? vfio_attach(&b->dev[i], pt_id) :
			      vfio_detach(&b->dev[i]);
		if (ret)
			bench_die(b->dev[i].bdf, ret);
	}
}

/* ATS is enabled while the device is attached; VFIO does not show it. */
static bool ats_enabled(const char *bdf)
{
	unsigned char config[4096];
	unsigned int at = 0x100;
	char path[128];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", bdf);
	f = fopen(path, "re");
	if (!f)
		bench_die(path, -errno);
	n = fread(config, 1, sizeof(config), f);
	fclose(f);
	while (at >= 0x100 && at + 8 <= n) {
		unsigned int header;

		memcpy(&header, config + at, sizeof(header));
		if (PCI_EXT_CAP_ID(header) == PCI_EXT_CAP_ID_ATS)
			return config[at + PCI_ATS_CTRL + 1] & (PCI_ATS_CTRL_ENABLE >> 8);
		at = PCI_EXT_CAP_NEXT(header);
	}
	return false;
}

static int find_devices(char found[][PCI_BDF_LEN])
{
	int ret = endpoint_find(found, BENCH_DEVICES);

	if (ret <= 0)
		bench_die("no vtdsim endpoint; boot a kernel with CONFIG_VTDSIM=y and vtdsim=on",
			  ret);
	return ret;
}

static void open_devices(struct bench *b, char found[][PCI_BDF_LEN])
{
	int i, ret;

	for (i = 0; i < b->ndev; i++) {
		ret = endpoint_open(&b->dev[i], found[i], b->iommufd);
		if (ret)
			bench_die(found[i], ret);
	}
}

static void build_tables(struct bench *b)
{
	unsigned int i, page;

	for (i = 0; i < 2; i++) {
		stage1_create(&b->table[i], &b->guest, 4);
		for (page = 0; page < BENCH_PAGES; page++) {
			__u64 gpa = guest_alloc(&b->guest, BENCH_PAGE, BENCH_PAGE);

			memset(guest_va(&b->guest, gpa), 1 + 2 * page + i, BENCH_PAGE);
			stage1_map(&b->table[i], BENCH_IOVA + page * BENCH_PAGE, gpa,
				   S1_4K, S1_RW);
		}
	}
}

static void set_up(struct bench *b, char found[][PCI_BDF_LEN])
{
	unsigned int i;
	int ret;

	b->iommufd = iommufd_open();
	if (b->iommufd < 0)
		bench_die("/dev/iommu", b->iommufd);
	open_devices(b, found);

	ret = guest_create(&b->guest, BENCH_GPA, GUEST_SIZE);
	if (!ret)
		ret = iommufd_ioas_alloc(b->iommufd, &b->ioas);
	if (!ret)
		ret = iommufd_ioas_map(b->iommufd, b->ioas, b->guest.va, b->guest.size,
				       b->guest.gpa, IOMMUFD_MAP_RW);
	if (!ret)
		ret = iommufd_hwpt_alloc_parent(b->iommufd, b->dev[0].id, b->ioas,
						&b->parent);
	if (ret)
		bench_die("guest memory", ret);

	build_tables(b);
	for (i = 0; i < 2; i++) {
		const struct iommu_hwpt_vtd_s1 s1 = {
			.pgtbl_addr = b->table[i].root,
			.addr_width = 48,
		};

		ret = iommufd_hwpt_alloc_s1(b->iommufd, b->dev[0].id, b->parent, &s1,
					    &b->s1[i]);
		if (ret)
			bench_die("a stage-1 page table", ret);
	}
	bench_attach_first(b, 1, b->s1[0]);
	b->ats = ats_enabled(b->dev[0].bdf);
}

static void all_invalidations(struct bench *b, bool delays)
{
	static const unsigned int delay[] = { 0, 500, 2000 };
	static const int devices[] = { 1, 4, 16 };
	unsigned int i, j;

	for (i = 0; i < (delays ? ARRAY_SIZE(delay) : 1); i++)
		for (j = 0; j < (b->quick ? 1 : ARRAY_SIZE(devices)); j++)
			bench_invalidate(b, delay[i], 0, devices[j]);
	/* Descriptors that are not free either. */
	if (delays && !b->quick)
		bench_invalidate(b, 2000, 100, 1);
}

static void print_usage(FILE *out)
{
	fputs("usage: nesting-bench [OPTION]...\n"
	      "Measures nested translation on the endpoints of vtdsim.\n"
	      "\n"
	      "  -j, --json     print one JSON object\n"
	      "  -n, --no-delay only a queue that takes no time (for QEMU's -icount)\n"
	      "  -q, --quick    few measurements\n"
	      "  -h, --help     show this text\n"
	      "\n"
	      "Exit status: 0, or 2 if something needed is missing or did not work.\n", out);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "no-delay", no_argument, NULL, 'n' },
		{ "quick", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	char found[BENCH_DEVICES][PCI_BDF_LEN];
	bool json = false, delays = true;
	struct bench b = {};
	int c;

	while ((c = getopt_long(argc, argv, "jnqh", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 'n':
			delays = false;
			break;
		case 'q':
			b.quick = true;
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

	b.ndev = find_devices(found);
	rows_start(json);
	bench_dma(found[0]);
	set_up(&b, found);
	bench_attach(&b);
	bench_replace_dma(&b);
	bench_memory(&b);
	bench_unmap(&b);
	all_invalidations(&b, delays);
	bench_map(&b);
	row_begin("rules");
	row_number("violations", meter_violations());
	row_end();
	rows_end();
	return 0;
}
