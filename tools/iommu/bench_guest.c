// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest of all measurements: its memory, its tables, and its devices.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/pci_regs.h>

#include "bench.h"
#include "endpoint.h"
#include "iommu.h"

#define GUEST_SIZE	(16ULL << 20)

/**
 * bench_find_devices() - look for the endpoints of the model
 * @b: bench; @b->found and @b->ndev are filled
 */
void bench_find_devices(struct bench *b)
{
	b->ndev = endpoint_find(b->found, BENCH_DEVICES);
	if (b->ndev <= 0)
		bench_die("no vtdsim endpoint; boot a kernel with CONFIG_VTDSIM=y and vtdsim=on",
			  b->ndev);
}

/* VFIO does not show the ATS capability; it is enabled while the device is attached. */
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

static void open_devices(struct bench *b)
{
	int i, ret;

	for (i = 0; i < b->ndev; i++) {
		ret = endpoint_open(&b->dev[i], b->found[i], b->iommufd);
		if (ret)
			bench_die(b->found[i], ret);
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

/**
 * bench_alloc_s1() - allocate a stage-1 domain
 * @b: bench
 * @table: index of its table
 *
 * Return: the domain's ID.
 */
__u32 bench_alloc_s1(struct bench *b, unsigned int table)
{
	const struct iommu_hwpt_vtd_s1 s1 = {
		.pgtbl_addr = b->table[table].root,
		.addr_width = 48,
	};
	__u32 id;
	int ret;

	ret = iommufd_hwpt_alloc_s1(b->iommufd, b->dev[0].id, b->parent, &s1, &id);
	if (ret)
		bench_die("a stage-1 domain", ret);
	return id;
}

/**
 * bench_set_up() - create the guest; its first device is attached
 * @b: bench, after bench_find_devices()
 */
void bench_set_up(struct bench *b)
{
	int ret;

	b->iommufd = iommufd_open();
	if (b->iommufd < 0)
		bench_die("/dev/iommu", b->iommufd);
	open_devices(b);

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
	b->s1[0] = bench_alloc_s1(b, 0);
	b->s1[1] = bench_alloc_s1(b, 1);
	bench_attach_first(b, 1, b->s1[0]);
	b->ats = ats_enabled(b->dev[0].bdf);
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
