// SPDX-License-Identifier: GPL-2.0-only
/* Random programs: address spaces and page tables, and what calls on them must return. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

/* An ID of an open device in a context, or one of no object */
static __u32 device_in(struct fuzz *f, int ctx)
{
	int i, first = fuzz_below(f, FUZZ_DEVICES);

	for (i = 0; i < FUZZ_DEVICES; i++) {
		struct fuzz_device *dev = &f->dev[(first + i) % FUZZ_DEVICES];

		if (dev->open && dev->ctx == ctx)
			return dev->vfio.id;
	}
	return FUZZ_NO_ID;
}

static int queue_alloc(struct fuzz_context *c)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };
	int ret = iommufd_ioctl(c->iommufd, IOMMU_FAULT_QUEUE_ALLOC, &cmd);

	c->queue = cmd.out_fault_id;
	c->queue_fd = ret ? -1 : (int)cmd.out_fault_fd;
	return ret;
}

static int map_frame(struct fuzz_context *c, int ioas, int frame, int page, bool write)
{
	return iommufd_ioas_map(c->iommufd, c->ioas[ioas].id, (char *)c->guest.va + page * PAGE,
				PAGE, FUZZ_GPA(frame),
				write ? IOMMUFD_MAP_RW : IOMMU_IOAS_MAP_READABLE);
}

/**
 * fuzz_context_open() - open a context, with a new guest
 * @f: program
 * @ctx: index of the context, which is closed
 *
 * All pages are mapped in both address spaces, each as a mapping of its own. In half
 * of the programs the last mapping of the second one is read-only.
 */
void fuzz_context_open(struct fuzz *f, int ctx)
{
	struct fuzz_context *c = &f->ctx[ctx];
	int i, frame;

	memset(c->hwpt, 0, sizeof(c->hwpt));
	fuzz_expect(f, "memory of a guest",
		    guest_create(&c->guest, NESTED_GPA, SIZE_2M), 0);
	fuzz_memory_init(f, c);
	c->iommufd = iommufd_open();
	if (c->iommufd < 0)
		fuzz_fail(f, "/dev/iommu: %d", c->iommufd);
	for (i = 0; i < FUZZ_IOAS; i++) {
		fuzz_expect(f, "address space", iommufd_ioas_alloc(c->iommufd, &c->ioas[i].id), 0);
		for (frame = 0; frame < FUZZ_PAGES; frame++) {
			bool write = i == 0 || frame < FUZZ_PAGES - 1 || f->seed & 1;

			fuzz_expect(f, "first mapping", map_frame(c, i, frame, frame, write), 0);
			c->ioas[i].frame[frame] = (struct fuzz_frame) { frame, write };
		}
	}
	c->queue_fd = -1;
	if (f->unit.ecap_reg & VTD_ECAP_PRS)
		fuzz_expect(f, "fault queue", queue_alloc(c), 0);
}

/**
 * fuzz_map_holes() - map all frames that are not mapped
 * @f: program
 * @c: context
 * @ioas: index of the address space
 */
void fuzz_map_holes(struct fuzz *f, struct fuzz_context *c, int ioas)
{
	struct fuzz_frame *frame = c->ioas[ioas].frame;
	int i;

	for (i = 0; i < FUZZ_PAGES; i++) {
		if (frame[i].page >= 0)
			continue;
		fuzz_expect(f, "map", map_frame(c, ioas, i, i, true), 0);
		frame[i] = (struct fuzz_frame) { i, true };
	}
}

/* Does a stage-1 domain of an affected unit forbid read-only mappings here? */
static bool exposed(struct fuzz *f, struct fuzz_context *c, int ioas)
{
	int i;

	if (!(f->unit.flags & IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17))
		return false;
	for (i = 0; i < FUZZ_HWPTS; i++)
		if (c->hwpt[i].kind == FUZZ_NESTED && c->hwpt[i].ioas == ioas)
			return true;
	return false;
}

static bool has_read_only(const struct fuzz_ioas *ioas)
{
	int i;

	for (i = 0; i < FUZZ_PAGES; i++)
		if (ioas->frame[i].page >= 0 && !ioas->frame[i].write)
			return true;
	return false;
}

static void unmap_frames(struct fuzz *f, struct fuzz_context *c, int ioas)
{
	int first = fuzz_below(f, FUZZ_PAGES), i, mapped = 0;
	int n = fuzz_below(f, 8) ? 1 : 1 + fuzz_below(f, FUZZ_PAGES - first);
	struct fuzz_frame *frame = c->ioas[ioas].frame;
	bool all = !fuzz_below(f, 64);

	if (all)
		first = 0, n = FUZZ_PAGES;
	for (i = first; i < first + n; i++)
		mapped += frame[i].page >= 0;
	fuzz_say(f, "guest %d: unmap %d frames from %d on in address space %d%s",
		 (int)(c - f->ctx), n, first, ioas, all ? ", all there is" : "");
	fuzz_expect(f, "unmap",
		    iommufd_ioas_unmap(c->iommufd, c->ioas[ioas].id, all ? 0 : FUZZ_GPA(first),
				       all ? UINT64_MAX : n * PAGE),
		    mapped || all ? 0 : -ENOENT);
	for (i = first; i < first + n; i++) {
		if (frame[i].page >= 0)
			fuzz_forget_written(c, ioas, frame[i].page);
		frame[i].page = -1;
	}
}

/**
 * fuzz_change_mapping() - map or unmap memory of a guest
 * @f: program
 */
void fuzz_change_mapping(struct fuzz *f)
{
	struct fuzz_context *c = &f->ctx[fuzz_any_context(f)];
	int ioas = fuzz_below(f, FUZZ_IOAS), frame = fuzz_below(f, FUZZ_PAGES);
	int other = fuzz_below(f, FUZZ_PAGES), page, i;
	struct fuzz_frame *fr = c->ioas[ioas].frame;
	bool write = fuzz_below(f, 4);
	int expected;

	if (!fuzz_below(f, 2)) {
		unmap_frames(f, c, ioas);
		return;
	}
	/* Most often where there is a hole, or holes would become more and more. */
	for (i = 0; i < FUZZ_PAGES && fr[frame].page >= 0 && fuzz_below(f, 8); i++)
		frame = (frame + 1) % FUZZ_PAGES;
	page = fuzz_below(f, 6) ? frame : other;
	expected = fr[frame].page >= 0 ? -EEXIST : !write && exposed(f, c, ioas) ? -EINVAL : 0;
	fuzz_say(f, "guest %d: map page %d at frame %d in address space %d%s",
		 (int)(c - f->ctx), page, frame, ioas, write ? "" : ", read-only");
	fuzz_expect(f, "map", map_frame(c, ioas, frame, page, write), expected);
	if (!expected)
		fr[frame] = (struct fuzz_frame) { page, write };
}

/**
 * fuzz_bad_mapping() - map what cannot be mapped
 * @f: program
 */
void fuzz_bad_mapping(struct fuzz *f)
{
	struct fuzz_context *c = &f->ctx[fuzz_any_context(f)];
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMUFD_MAP_RW,
		.ioas_id = c->ioas[fuzz_below(f, FUZZ_IOAS)].id,
		.user_va = (uintptr_t)c->guest.va,
		.length = PAGE,
		.iova = FUZZ_GPA(FUZZ_PAGES + fuzz_below(f, 100)),
	};
	int expected = -EINVAL, kind = fuzz_below(f, 6);

	switch (kind) {
	case 0:
		cmd.flags |= 8U << fuzz_below(f, 29);
		expected = -EOPNOTSUPP;
		break;
	case 1:
		cmd.__reserved = 1U << fuzz_below(f, 32);
		expected = -EOPNOTSUPP;
		break;
	case 2:
		cmd.flags &= ~(__u32)IOMMUFD_MAP_RW;
		break;
	case 3:
		cmd.length = 0;
		break;
	case 4:
		cmd.ioas_id = FUZZ_NO_ID;
		expected = -ENOENT;
		break;
	case 5:
		cmd.iova = UINT64_MAX;
		expected = -EOVERFLOW;
		break;
	}
	fuzz_say(f, "guest %d: bad mapping of kind %d", (int)(c - f->ctx), kind);
	fuzz_expect(f, "bad mapping", iommufd_ioctl(c->iommufd, IOMMU_IOAS_MAP, &cmd), expected);
}

/* A place for a new page table, NULL if there is none */
static struct fuzz_hwpt *free_place(struct fuzz *f, struct fuzz_context *c)
{
	int i = fuzz_below(f, FUZZ_HWPTS);

	return c->hwpt[i].kind == FUZZ_NONE ? &c->hwpt[i] : NULL;
}

/**
 * fuzz_alloc_paging() - allocate a page table of an address space
 * @f: program
 */
void fuzz_alloc_paging(struct fuzz *f)
{
	struct fuzz_context *c = &f->ctx[fuzz_any_context(f)];
	struct fuzz_hwpt *hwpt = free_place(f, c);
	int ioas = fuzz_below(f, FUZZ_IOAS), expected = 0;
	bool nest_parent = fuzz_below(f, 4), dirty = fuzz_below(f, 2);
	bool pasid = f->can_pasid && fuzz_below(f, 3);
	struct iommu_hwpt_alloc cmd = {
		.flags = (nest_parent ? IOMMU_HWPT_ALLOC_NEST_PARENT : 0) |
			 (dirty ? IOMMU_HWPT_ALLOC_DIRTY_TRACKING : 0) |
			 (pasid ? IOMMUFD_ALLOC_PASID : 0),
		.dev_id = device_in(f, c - f->ctx),
		.pt_id = c->ioas[ioas].id,
	};
	__u32 id = 0;

	if (!hwpt)
		return;
	if (cmd.dev_id == FUZZ_NO_ID) {
		expected = -ENOENT;
	} else if (dirty && !f->can_track) {
		expected = -EOPNOTSUPP;
	} else if (!fuzz_below(f, 10)) {
		cmd.flags |= 16U << fuzz_below(f, 28);
		expected = -EOPNOTSUPP;
	}
	fuzz_say(f, "guest %d: page table %d of address space %d, flags %#x",
		 (int)(c - f->ctx), (int)(hwpt - c->hwpt), ioas, cmd.flags);
	fuzz_expect(f, "page table", iommufd_hwpt_alloc(c->iommufd, &cmd, &id), expected);
	if (!expected)
		*hwpt = (struct fuzz_hwpt) {
			.kind = FUZZ_PAGING, .id = id, .ioas = ioas,
			.nest_parent = nest_parent, .dirty = dirty, .pasid = pasid,
		};
}

static int alloc_nested(struct fuzz_context *c, __u32 dev, __u32 parent,
			const struct fuzz_hwpt *h, __u32 *id)
{
	const struct iommu_hwpt_vtd_s1 cfg = {
		.flags = h->flags,
		.pgtbl_addr = h->root,
		.addr_width = h->levels == 5 ? 57 : 48,
	};
	struct iommu_hwpt_alloc cmd = {
		.flags = (h->faults ? IOMMU_HWPT_FAULT_ID_VALID : 0) |
			 (h->pasid ? IOMMUFD_ALLOC_PASID : 0),
		.dev_id = dev,
		.pt_id = parent,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
		.data_len = sizeof(cfg),
		.data_uptr = (uintptr_t)&cfg,
		.fault_id = h->faults ? c->queue : 0,
	};

	return iommufd_hwpt_alloc(c->iommufd, &cmd, id);
}

/**
 * fuzz_context_fill() - allocate a nest parent, and a nested page table for each tree
 * @f: program
 * @ctx: index of the context, which has a device and no page tables
 */
void fuzz_context_fill(struct fuzz *f, int ctx)
{
	struct fuzz_context *c = &f->ctx[ctx];
	struct iommu_hwpt_alloc cmd = {
		.flags = IOMMU_HWPT_ALLOC_NEST_PARENT |
			 (f->can_track ? IOMMU_HWPT_ALLOC_DIRTY_TRACKING : 0),
		.dev_id = device_in(f, ctx),
		.pt_id = c->ioas[0].id,
	};
	__u32 id = 0;
	int i;

	fuzz_expect(f, "first parent", iommufd_hwpt_alloc(c->iommufd, &cmd, &id), 0);
	c->hwpt[0] = (struct fuzz_hwpt) {
		.kind = FUZZ_PAGING, .id = id, .nest_parent = true, .dirty = f->can_track,
	};
	/* Some programs track from their beginning on. */
	if (f->can_track && f->seed & 2)
		fuzz_expect(f, "first tracking", fuzz_track(c, &c->hwpt[0], true), 0);
	for (i = 1; i <= 2; i++) {
		struct fuzz_hwpt h = {
			.kind = FUZZ_NESTED, .levels = 4, .root = FUZZ_GPA(6 * (i - 1) + 3),
			.faults = i == 2 && f->can_fault && c->queue_fd >= 0, .pasid = f->can_pasid,
		};

		fuzz_expect(f, "first nested page table",
			    alloc_nested(c, cmd.dev_id, c->hwpt[0].id, &h, &h.id), 0);
		c->hwpt[i] = h;
	}
}

static __u64 random_root(struct fuzz *f, int levels)
{
	switch (fuzz_below(f, 12)) {
	case 0:
		return FUZZ_GPA(fuzz_below(f, FUZZ_PAGES));
	case 1:
		return FUZZ_GPA(FUZZ_PAGES + fuzz_below(f, 1000));
	case 2:
		return VTD_MSI_FIRST;
	default:
		return FUZZ_GPA(6 * fuzz_below(f, 2) + levels - 1);
	}
}

/**
 * fuzz_alloc_nested() - allocate a page table that is nested on another one
 * @f: program
 */
void fuzz_alloc_nested(struct fuzz *f)
{
	struct fuzz_context *c = &f->ctx[fuzz_any_context(f)];
	struct fuzz_hwpt *place = free_place(f, c);
	int p = fuzz_below(f, FUZZ_HWPTS), i, expected = 0;
	__u32 dev = device_in(f, c - f->ctx), id = 0;
	struct fuzz_hwpt h = { .kind = FUZZ_NESTED };
	__u64 ecap = f->unit.ecap_reg;

	for (i = 0; i < FUZZ_HWPTS && !c->hwpt[p].nest_parent && fuzz_below(f, 10); i++)
		p = (p + 1) % FUZZ_HWPTS;
	if (!place || c->hwpt[p].kind == FUZZ_NONE)
		return;
	h.parent = p;
	h.ioas = c->hwpt[p].ioas;
	h.levels = fuzz_below(f, 4) ? 4 : 5;
	h.flags = fuzz_below(f, 3) ? 0 : fuzz_below(f, 8);
	h.root = random_root(f, h.levels);
	h.faults = f->can_fault && c->queue_fd >= 0 && fuzz_below(f, 2);
	h.pasid = f->can_pasid && fuzz_below(f, 4);

	if (dev == FUZZ_NO_ID)
		expected = -ENOENT;
	else if (!c->hwpt[p].nest_parent)
		expected = -EINVAL;
	else if ((h.levels == 5 && !(f->unit.cap_reg & VTD_CAP_FS5LP)) ||
		 (h.flags & IOMMU_VTD_S1_SRE && !(ecap & VTD_ECAP_SRS)) ||
		 (h.flags & IOMMU_VTD_S1_EAFE && !(ecap & VTD_ECAP_EAFS)))
		expected = -EOPNOTSUPP;
	else if (f->unit.flags & IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17 &&
		 has_read_only(&c->ioas[h.ioas]))
		expected = -EINVAL;
	fuzz_say(f, "guest %d: page table %d on %d, root %#llx, %d levels, flags %#llx%s",
		 (int)(c - f->ctx), (int)(place - c->hwpt), p, h.root, h.levels, h.flags,
		 h.faults ? ", with faults" : "");
	fuzz_expect(f, "nested page table",
		    alloc_nested(c, dev, c->hwpt[p].id, &h, &id), expected);
	h.id = id;
	if (!expected)
		*place = h;
}

/**
 * fuzz_bad_nested() - ask for a nested page table that makes no sense
 * @f: program
 */
void fuzz_bad_nested(struct fuzz *f)
{
	struct fuzz_context *c = &f->ctx[fuzz_any_context(f)];
	int p = fuzz_below(f, FUZZ_HWPTS), kind = fuzz_below(f, 6);
	struct iommu_hwpt_vtd_s1 cfg = { .pgtbl_addr = FUZZ_GPA(3), .addr_width = 48 };
	struct iommu_hwpt_alloc cmd = {
		.dev_id = device_in(f, c - f->ctx),
		.pt_id = c->hwpt[p].id,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
		.data_len = sizeof(cfg),
		.data_uptr = (uintptr_t)&cfg,
	};
	int expected = -EINVAL;
	__u32 id;

	if (!c->hwpt[p].nest_parent || cmd.dev_id == FUZZ_NO_ID)
		return;
	switch (kind) {
	case 0:
		cfg.addr_width = fuzz_below(f, 48);
		break;
	case 1:
		cfg.pgtbl_addr |= 1 + fuzz_below(f, PAGE - 1);
		break;
	case 2:
		cfg.pgtbl_addr |= BIT_ULL(57 + fuzz_below(f, 7));
		break;
	case 3:
		cfg.flags = BIT_ULL(3 + fuzz_below(f, 61));
		expected = -EOPNOTSUPP;
		break;
	case 4:
		cfg.__reserved = 1U << fuzz_below(f, 32);
		expected = -EOPNOTSUPP;
		break;
	case 5:
		cmd.data_type = 2 + fuzz_below(f, 1000);
		expected = -EOPNOTSUPP;
		break;
	}
	fuzz_say(f, "guest %d: senseless page table on %d, of kind %d",
		 (int)(c - f->ctx), p, kind);
	fuzz_expect(f, "senseless page table", iommufd_hwpt_alloc(c->iommufd, &cmd, &id), expected);
}

static bool hwpt_in_use(struct fuzz *f, struct fuzz_context *c, int index)
{
	int i;

	for (i = 0; i < FUZZ_DEVICES * FUZZ_REQUESTS; i++)
		if (fuzz_hwpt_of(f, &f->dev[i / FUZZ_REQUESTS], i % FUZZ_REQUESTS) ==
		    &c->hwpt[index])
			return true;
	for (i = 0; i < FUZZ_HWPTS; i++)
		if (c->hwpt[i].kind == FUZZ_NESTED && c->hwpt[i].parent == index)
			return true;
	return false;
}

/**
 * fuzz_destroy() - destroy an object
 * @f: program
 *
 * A page table, most often. Address spaces and the fault queue only if that must fail.
 */
void fuzz_destroy(struct fuzz *f)
{
	struct fuzz_context *c = &f->ctx[fuzz_any_context(f)];
	int i = fuzz_below(f, FUZZ_HWPTS), expected = 0;
	struct fuzz_hwpt *hwpt = &c->hwpt[i];
	__u32 id = hwpt->id;

	if (hwpt->kind == FUZZ_NONE) {
		id = FUZZ_NO_ID;
		expected = -ENOENT;
	} else if (!fuzz_below(f, 6)) {
		id = hwpt->faults && fuzz_below(f, 2) ? c->queue : c->ioas[hwpt->ioas].id;
		expected = -EBUSY;
	} else if (hwpt_in_use(f, c, i)) {
		expected = -EBUSY;
	}
	fuzz_say(f, "guest %d: destroy object %#x for page table %d", (int)(c - f->ctx), id, i);
	fuzz_expect(f, "destroy", iommufd_destroy(c->iommufd, id), expected);
	if (!expected)
		hwpt->kind = FUZZ_NONE;
	if (hwpt->kind == FUZZ_NONE)
		hwpt->nest_parent = false;
}
