// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps of the demonstration: the tables of both stages, and the device attached to them.
 */
#include <stdbool.h>

#include "demo.h"
#include "iommu.h"
#include "pattern.h"
#include "report.h"
#include "vtd.h"

/**
 * demo_show_unit() - say what the VT-d unit can do
 * @d: demonstration
 */
void demo_show_unit(struct demo *d)
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

/**
 * demo_build_stage2() - the VMM's part, which does not change while the guest runs
 * @d: demonstration
 *
 * Return: true if there is a nest parent.
 */
bool demo_build_stage2(struct demo *d)
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

/**
 * demo_build_stage1() - the guest's part: two tables that map different pages at IOVA_DATA
 * @d: demonstration
 */
void demo_build_stage1(struct demo *d)
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

/**
 * demo_attach_stage1() - what a VMM does when the guest writes a PASID entry
 * @d: demonstration
 * @which: which of the guest's tables
 *
 * Return: true if the device is attached.
 */
bool demo_attach_stage1(struct demo *d, int which)
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
