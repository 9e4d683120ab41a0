// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs: calls made of random bytes, and calls of which one thing is wrong.
 *
 * Each has something that no kernel accepts, and so cannot be valid by chance. It must
 * fail and leave all as it was: no object may be left over, which shows in the ID of
 * the next one, as iommufd gives the lowest that is free. What was mapped, attached or
 * cached is seen by the steps that follow.
 *
 * A few calls are left out, as the kernel may find out too late that they are wrong:
 * a bad pointer to a bitmap matters only if a page is dirty, and an answer to a mapping
 * or an attachment that cannot be written comes when the mapping is there.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "fuzz.h"

#define CALLS		6	/* of a step */
#define COOKIES		0x40000000U	/* no page request has such a cookie */
#define RESERVED_FLAGS	0xffffff00U	/* of all fields of flags here */

#define CALL(number, type, id_field, zero_field, zero_bits)				\
	{										\
		#number, number, sizeof(struct type), offsetof(struct type, id_field),	\
		offsetof(struct type, zero_field), zero_bits				\
	}

/*
 * Calls on iommufd: where is the ID of an object, and which bits must be zero?
 * An offset of 0, which is that of the size, is for a call that has no such field.
 */
static const struct call {
	const char *name;
	unsigned long number;
	unsigned int size;
	unsigned int id;
	unsigned int zero;
	__u32 bits;
} calls[] = {
	CALL(IOMMU_DESTROY, iommu_destroy, id, size, 0),
	CALL(IOMMU_IOAS_ALLOC, iommu_ioas_alloc, size, flags, RESERVED_FLAGS),
	CALL(IOMMU_IOAS_MAP, iommu_ioas_map, ioas_id, flags, RESERVED_FLAGS),
	CALL(IOMMU_IOAS_UNMAP, iommu_ioas_unmap, ioas_id, size, 0),
	CALL(IOMMU_GET_HW_INFO, iommu_hw_info, dev_id, flags, RESERVED_FLAGS),
	CALL(IOMMU_HWPT_ALLOC, iommu_hwpt_alloc, dev_id, __reserved, ~0U),
	CALL(IOMMU_HWPT_INVALIDATE, iommu_hwpt_invalidate, hwpt_id, __reserved, ~0U),
	CALL(IOMMU_HWPT_SET_DIRTY_TRACKING, iommu_hwpt_set_dirty_tracking, hwpt_id, flags,
	     RESERVED_FLAGS),
	CALL(IOMMU_HWPT_GET_DIRTY_BITMAP, iommu_hwpt_get_dirty_bitmap, hwpt_id, flags,
	     RESERVED_FLAGS),
	CALL(IOMMU_FAULT_QUEUE_ALLOC, iommu_fault_alloc, size, flags, RESERVED_FLAGS),
};

/* Two pages of this process; the second one cannot be accessed. */
static unsigned char *room(struct fuzz *f)
{
	static unsigned char *pages;

	if (pages)
		return pages;
	pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED || mprotect(pages + PAGE, PAGE, PROT_NONE))
		fuzz_fail(f, "no memory");
	return pages;
}

/* An address that no call can read from */
static __u64 bad_pointer(struct fuzz *f)
{
	switch (fuzz_below(f, 4)) {
	case 0:
		return 1 + fuzz_below(f, PAGE - 1);
	case 1:		/* of the kernel */
		return 0xffff800000000000ULL | fuzz_word(f) >> 20;
	case 2:		/* of nobody */
		return 0x8000000000000000ULL | fuzz_word(f) >> 20;
	default:
		return (uintptr_t)room(f) + PAGE + fuzz_below(f, PAGE);
	}
}

/* An ID that no object has, as they are given from 1 on */
static __u32 wild_id(struct fuzz *f)
{
	switch (fuzz_below(f, 4)) {
	case 0:
		return 0;
	case 1:
		return 100000 + fuzz_below(f, 1000000);
	case 2:
		return FUZZ_NO_ID + fuzz_below(f, 256);
	default:
		return fuzz_word(f) | 0x80000000U;
	}
}

/* An ID of an object that is neither an address space nor a page table, or a wild one */
static __u32 other_id(struct fuzz *f, const struct fuzz_context *c)
{
	const struct fuzz_device *d = &f->dev[fuzz_below(f, FUZZ_DEVICES)];

	if (d->open && fuzz_context_of(f, d) == c && fuzz_below(f, 2))
		return d->vfio.id;
	return c->queue_fd >= 0 && fuzz_below(f, 2) ? c->queue : wild_id(f);
}

static void must_fail(struct fuzz *f, const char *what, int ret)
{
	if (ret >= 0)
		fuzz_fail(f, "%s: %d instead of an error", what, ret);
	f->verdict->wild++;
}

static void set_word(unsigned char *bytes, unsigned int at, __u32 val)
{
	memcpy(bytes + at, &val, sizeof(val));
}

static void random_bytes(struct fuzz *f, unsigned char *bytes, unsigned int size)
{
	__u64 word;
	unsigned int i;

	for (i = 0; i < size; i += sizeof(word)) {
		word = fuzz_word(f);
		memcpy(bytes + i, &word, sizeof(word));
	}
}

/* A call of random bytes, in which the size, a pointer, an ID or a flag is wrong */
static void random_call(struct fuzz *f, struct fuzz_context *c)
{
	const struct call *call = &calls[fuzz_below(f, ARRAY_SIZE(calls))];
	unsigned int kind = fuzz_below(f, 6);
	unsigned long number = call->number;
	unsigned char *bytes = room(f);
	__u32 word;

	memset(bytes, 0xff, PAGE);
	random_bytes(f, bytes, call->size);
	set_word(bytes, 0, call->size);
	switch (kind) {
	case 0:
		bytes = (unsigned char *)(uintptr_t)bad_pointer(f);
		break;
	case 1:		/* Nothing but the size can be read. */
		bytes += PAGE - sizeof(__u32);
		set_word(bytes, 0, call->size);
		break;
	case 2:		/* All calls have more than the size. */
		set_word(bytes, 0, fuzz_below(f, 8));
		break;
	case 3:		/* more than the kernel knows, and not zero */
		set_word(bytes, 0, 256 + (fuzz_below(f, 2) ? fuzz_below(f, PAGE - 256) :
							     fuzz_below(f, 0xfffffe00U)));
		break;
	case 4:
		number ^= (1UL + fuzz_below(f, 0xffff)) << 16;
		break;
	default:
		if (call->bits && (!call->id || fuzz_below(f, 2))) {
			memcpy(&word, bytes + call->zero, sizeof(word));
			word |= 1U << (31 - fuzz_below(f, __builtin_popcount(call->bits)));
			set_word(bytes, call->zero, word);
		} else {
			set_word(bytes, call->id, wild_id(f));
		}
	}
	fuzz_say(f, "\t%s of random bytes, kind %u", call->name, kind);
	must_fail(f, call->name, iommufd_ioctl(c->iommufd, number, bytes));
}

static bool has_domain(const struct fuzz_context *c, int ioas)
{
	int i;

	for (i = 0; i < FUZZ_HWPTS; i++)
		if (c->hwpt[i].kind == FUZZ_PAGING && c->hwpt[i].ioas == ioas)
			return true;
	return false;
}

/* Without a domain, memory is not looked at, and addresses need no alignment. */
static void wild_map(struct fuzz *f, struct fuzz_context *c)
{
	int ioas = fuzz_below(f, FUZZ_IOAS), kind = fuzz_below(f, has_domain(c, ioas) ? 5 : 3);
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMUFD_MAP_RW,
		.ioas_id = c->ioas[ioas].id,
		.user_va = (uintptr_t)c->guest.va,
		.length = PAGE,
		.iova = FUZZ_GPA(FUZZ_PAGES + fuzz_below(f, 100)),
	};

	switch (kind) {
	case 0:
		cmd.length = UINT64_MAX - fuzz_below(f, SIZE_1G);
		break;
	case 1:
		cmd.iova = UINT64_MAX - fuzz_below(f, PAGE - 1);
		break;
	case 2:
		cmd.ioas_id = other_id(f, c);
		break;
	case 3:
		cmd.user_va = bad_pointer(f) & ~(PAGE - 1);
		break;
	default:
		cmd.iova += 1 + fuzz_below(f, PAGE - 1);
	}
	fuzz_say(f, "\twild mapping in address space %d, kind %d", ioas, kind);
	must_fail(f, "wild mapping", iommufd_ioctl(c->iommufd, IOMMU_IOAS_MAP, &cmd));
}

/* Each frame is a mapping of its own, and less than that cannot be unmapped. */
static void wild_unmap(struct fuzz *f, struct fuzz_context *c)
{
	__u64 iova = FUZZ_GPA(fuzz_below(f, FUZZ_PAGES)) + fuzz_below(f, PAGE);
	__u64 length = 1 + fuzz_below(f, PAGE - 1);
	int ioas = fuzz_below(f, FUZZ_IOAS), kind = fuzz_below(f, 4);
	__u32 id = c->ioas[ioas].id;

	switch (kind) {
	case 0:
		length = 0;
		break;
	case 1:
		length = UINT64_MAX - fuzz_below(f, SIZE_1G);
		break;
	case 2:
		id = other_id(f, c);
		break;
	}
	fuzz_say(f, "\tunmap %#llx bytes at %#llx in object %#x", length, iova, id);
	must_fail(f, "wild unmap", iommufd_ioas_unmap(c->iommufd, id, iova, length));
}

static void wild_nested(struct fuzz *f, struct fuzz_context *c)
{
	struct iommu_hwpt_vtd_s1 cfg = { .pgtbl_addr = FUZZ_GPA(3), .addr_width = 48 };
	const struct fuzz_device *d = &f->dev[fuzz_below(f, FUZZ_DEVICES)];
	int p = fuzz_below(f, FUZZ_HWPTS), kind = fuzz_below(f, 6);
	struct iommu_hwpt_alloc cmd = {
		.pt_id = c->hwpt[p].id,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
		.data_len = sizeof(cfg),
		.data_uptr = (uintptr_t)&cfg,
	};
	__u32 id;

	if (!d->open || fuzz_context_of(f, d) != c || !c->hwpt[p].nest_parent)
		return;
	cmd.dev_id = d->vfio.id;
	switch (kind) {
	case 0:
		cmd.data_len = fuzz_below(f, sizeof(cfg));
		break;
	case 1:
		memset(room(f), 0xff, PAGE);
		cmd.data_uptr = (uintptr_t)room(f);
		cmd.data_len = sizeof(cfg) + 1 + fuzz_below(f, PAGE);
		break;
	case 2:
		cmd.data_uptr = bad_pointer(f);
		break;
	case 3:
		cmd.pt_id = other_id(f, c);
		break;
	case 4:
		cmd.flags = IOMMU_HWPT_FAULT_ID_VALID;
		cmd.fault_id = fuzz_below(f, 2) ? wild_id(f) : c->ioas[0].id;
		break;
	default:
		cmd.dev_id = fuzz_below(f, 2) ? wild_id(f) : c->ioas[0].id;
	}
	fuzz_say(f, "\twild page table on %d, kind %d", p, kind);
	must_fail(f, "wild page table", iommufd_hwpt_alloc(c->iommufd, &cmd, &id));
}

static void wild_invalidation(struct fuzz *f, struct fuzz_context *c)
{
	struct iommu_hwpt_vtd_s1_invalidate inv[4] = {};
	int p = fuzz_below(f, FUZZ_HWPTS), kind = fuzz_below(f, 5), i;
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = c->hwpt[p].id,
		.data_uptr = (uintptr_t)inv,
		.data_type = IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
		.entry_len = sizeof(inv[0]),
		.entry_num = 1 + fuzz_below(f, ARRAY_SIZE(inv)),
	};

	if (c->hwpt[p].kind != FUZZ_NESTED)
		return;
	for (i = 0; i < (int)ARRAY_SIZE(inv); i++)
		inv[i].npages = UINT64_MAX;
	switch (kind) {
	case 0:
		cmd.entry_len = fuzz_below(f, sizeof(inv[0]));
		break;
	case 1:		/* The bytes behind the first entry are not zero. */
		memset(room(f), 0xff, PAGE);
		memcpy(room(f), inv, sizeof(inv[0]));
		cmd.data_uptr = (uintptr_t)room(f);
		cmd.entry_num = 1;
		cmd.entry_len += 1 + fuzz_below(f, PAGE / 2);
		break;
	case 2:
		cmd.data_uptr = fuzz_below(f, 4) ? bad_pointer(f) : 0;
		break;
	case 3:
		cmd.data_type |= 0x100U | fuzz_word(f);
		break;
	default:
		cmd.hwpt_id = fuzz_below(f, 2) ? c->ioas[0].id : other_id(f, c);
	}
	fuzz_say(f, "\twild invalidation of page table %d, kind %d", p, kind);
	must_fail(f, "wild invalidation", iommufd_ioctl(c->iommufd, IOMMU_HWPT_INVALIDATE, &cmd));
	if (cmd.entry_num)
		fuzz_fail(f, "wild invalidation: %u are done", cmd.entry_num);
}

static void wild_bitmap(struct fuzz *f, struct fuzz_context *c)
{
	int p = fuzz_below(f, FUZZ_HWPTS), kind = fuzz_below(f, 5);
	__u64 bits = 0;
	struct iommu_hwpt_get_dirty_bitmap cmd = {
		.size = sizeof(cmd),
		.hwpt_id = c->hwpt[p].id,
		.iova = FUZZ_GPA(fuzz_below(f, FUZZ_PAGES)),
		.length = PAGE,
		.page_size = PAGE,
		.data = (uintptr_t)&bits,
	};

	if (c->hwpt[p].kind == FUZZ_NONE)
		return;
	switch (kind) {
	case 0:
		cmd.page_size = 0;
		break;
	case 1:
		cmd.page_size <<= 1 + fuzz_below(f, 40);
		break;
	case 2:
		cmd.iova += 1 + fuzz_below(f, PAGE - 1);
		break;
	case 3:
		cmd.length = fuzz_below(f, PAGE);
		break;
	default:
		cmd.hwpt_id = fuzz_below(f, 2) ? c->ioas[0].id : other_id(f, c);
	}
	fuzz_say(f, "\twild bitmap of page table %d, kind %d", p, kind);
	must_fail(f, "wild bitmap",
		  iommufd_ioctl(c->iommufd, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd));
}

static void wild_response(struct fuzz *f, struct fuzz_context *c)
{
	struct iommu_hwpt_page_response r[2] = {};
	size_t size = sizeof(r[0]) * (1 + fuzz_below(f, 2));
	int kind = fuzz_below(f, 3), i;
	const void *data = r;

	if (c->queue_fd < 0)
		return;
	for (i = 0; i < 2; i++) {
		r[i].cookie = COOKIES | fuzz_word(f);
		r[i].code = fuzz_below(f, 2) ? fuzz_below(f, 2) : fuzz_word(f);
	}
	if (kind == 0)
		size -= 1 + fuzz_below(f, sizeof(r[0]) - 1);
	else if (kind == 1)
		data = (void *)(uintptr_t)bad_pointer(f);
	fuzz_say(f, "\twild response, kind %d", kind);
	must_fail(f, "wild response", write(c->queue_fd, data, size) < 0 ? -errno : 1);
}

static void wild_attachment(struct fuzz *f, struct fuzz_context *c)
{
	struct fuzz_device *d = &f->dev[fuzz_below(f, FUZZ_DEVICES)];
	int kind = fuzz_below(f, 4);
	bool attach = fuzz_below(f, 2);
	struct vfio_device_attach_iommufd_pt at = {
		.argsz = sizeof(at),
		.pt_id = c->ioas[0].id,
	};
	void *arg = &at;

	if (!d->open || fuzz_context_of(f, d) != c)
		return;
	switch (kind) {
	case 0:
		/* Newer kernels have more after the flags, which a call need not have. */
		at.argsz = fuzz_below(f, sizeof(at.argsz) + sizeof(at.flags));
		break;
	case 1:
		at.flags = RESERVED_FLAGS & fuzz_word(f);
		at.flags |= 0x100;
		break;
	case 2:
		arg = (void *)(uintptr_t)bad_pointer(f);
		break;
	default:
		attach = true;
		at.pt_id = other_id(f, c);
	}
	fuzz_say(f, "\twild %s of device %d, kind %d", attach ? "attachment" : "detachment",
		 (int)(d - f->dev), kind);
	must_fail(f, "wild attachment",
		  iommufd_ioctl(d->vfio.fd, attach ? VFIO_DEVICE_ATTACH_IOMMUFD_PT :
						     VFIO_DEVICE_DETACH_IOMMUFD_PT, arg));
}

/* A new object whose ID cannot be told must not be left. */
static void unheard(struct fuzz *f, struct fuzz_context *c)
{
	const struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	unsigned char *bytes = room(f);
	int ret;

	fuzz_say(f, "\taddress space whose ID cannot be written");
	memcpy(bytes, &cmd, sizeof(cmd));
	if (mprotect(bytes, PAGE, PROT_READ))
		fuzz_fail(f, "mprotect: %d", errno);
	ret = iommufd_ioctl(c->iommufd, IOMMU_IOAS_ALLOC, bytes);
	if (mprotect(bytes, PAGE, PROT_READ | PROT_WRITE))
		fuzz_fail(f, "mprotect: %d", errno);
	must_fail(f, "address space", ret);
}

static __u32 next_id(struct fuzz *f, struct fuzz_context *c)
{
	__u32 id = 0;

	fuzz_expect(f, "address space", iommufd_ioas_alloc(c->iommufd, &id), 0);
	fuzz_expect(f, "destroy", iommufd_destroy(c->iommufd, id), 0);
	return id;
}

/**
 * fuzz_wild() - calls that cannot be valid, whatever else they are
 * @f: program
 */
void fuzz_wild(struct fuzz *f)
{
	static void (*const wrong[])(struct fuzz *f, struct fuzz_context *c) = {
		wild_map, wild_unmap, wild_nested, wild_invalidation, wild_bitmap,
		wild_response, wild_attachment, unheard,
	};
	struct fuzz_context *c = &f->ctx[fuzz_any_context(f)];
	__u32 id = next_id(f, c), now;
	int i;

	fuzz_say(f, "guest %d: wild calls", (int)(c - f->ctx));
	for (i = 0; i < CALLS; i++) {
		if (fuzz_below(f, 2))
			random_call(f, c);
		else
			wrong[fuzz_below(f, ARRAY_SIZE(wrong))](f, c);
		now = next_id(f, c);
		if (now != id)
			fuzz_fail(f, "wild call: the next object is %u instead of %u", now, id);
	}
	for (i = 0; i < FUZZ_CONTEXTS; i++)
		fuzz_memory_check(f, &f->ctx[i], NULL);
}
