// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two guests, of which one attacks the other: their memory and tables, and what of it
 * has been changed or has become known.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nested_party.h"

#define WORDS		(PARTY_SIZE / 8)
#define HIDDEN		0x08	/* in the tag of the half that is not mapped */
#define BUFFER_WORDS	(VTDSIM_EP_BUFFER_SIZE / 8)
/* In a device's buffer before what must be blocked */
#define UNTOUCHED	0xeeeeeeeeeeeeeeeeULL

static int word_of(const struct party *p, __u64 gpa)
{
	return (gpa - p->guest.gpa) / 8;
}

/**
 * party_expected() - what must be in memory
 * @p: guest
 * @gpa: address of the word
 *
 * Return: the word.
 */
__u64 party_expected(const struct party *p, __u64 gpa)
{
	return p->expected[word_of(p, gpa)];
}

/**
 * party_expect() - something else must be in memory from now on
 * @p: guest
 * @gpa: address of the word
 * @val: what the guest's device has written there
 */
void party_expect(struct party *p, __u64 gpa, __u64 val)
{
	p->expected[word_of(p, gpa)] = val;
}

/**
 * party_set() - the guest changes its memory, so that this is what must be there
 * @p: guest
 * @gpa: address of the word
 * @val: the word
 */
void party_set(struct party *p, __u64 gpa, __u64 val)
{
	party_expect(p, gpa, val);
	stage1_set(guest_va(&p->guest, gpa), val);
}

/**
 * party_set_entry() - the guest changes its table
 * @p: guest
 * @iova: address that the entry is for
 * @level: of the table that the entry is in
 * @val: the entry
 */
void party_set_entry(struct party *p, __u64 iova, int level, __u64 val)
{
	__u64 *entry = stage1_entry(&p->t, iova, level);

	p->expected[entry - (__u64 *)p->guest.va] = val;
	stage1_set(entry, val);
}

/* Flags are set in advance, so that the unit writes nothing to tables. */
static void party_fill(struct party *p, __u64 tag)
{
	__u64 *words = p->guest.va, i;

	for (i = 0; i < WORDS; i++)
		words[i] = (tag | (i >= WORDS / 2 ? HIDDEN : 0)) << 56 | i << 4;
	p->guest.preset = S1_ACCESSED | S1_DIRTY;
}

static void clear_table(struct party *p, __u64 gpa)
{
	memset(guest_va(&p->guest, gpa), 0, PAGE);
}

/* A root, and empty tables of the next levels for @iova down to that of @level */
static void party_tables(struct party *p, struct stage1 *t, __u64 iova, int level)
{
	int above;
	__u64 gpa;

	for (above = 4; above > level; above--) {
		__u64 *entry = stage1_entry(t, iova, above);

		if (*entry)
			continue;
		gpa = guest_alloc(&p->guest, PAGE, PAGE);
		clear_table(p, gpa);
		stage1_set(entry, gpa | S1_RW | p->guest.preset);
	}
}

static void party_root(struct party *p, struct stage1 *t)
{
	*t = (struct stage1) { .guest = &p->guest, .levels = 4 };
	t->root = guest_alloc(&p->guest, PAGE, PAGE);
	clear_table(p, t->root);
	party_tables(p, t, PARTY_OWN, 1);
}

static __u64 party_page(struct party *p)
{
	return guest_alloc(&p->guest, 3 * PAGE, PAGE) + PAGE;
}

static void remember(struct party *p)
{
	memcpy(p->expected, p->guest.va, PARTY_SIZE);
}

/**
 * party_second_table() - make one more table
 * @p: guest
 * @t: filled; PARTY_OWN leads to a page of its own, between two that nobody may touch
 *
 * Return: the page.
 */
__u64 party_second_table(struct party *p, struct stage1 *t)
{
	__u64 page;

	party_root(p, t);
	page = party_page(p);
	stage1_map(t, PARTY_OWN, page, S1_4K, S1_RW);
	remember(p);
	return page;
}

/**
 * party_s1_alloc() - allocate the object of a table
 * @p: guest
 * @t: table
 * @flags: IOMMU_HWPT_ALLOC_*
 * @hwpt: ID of the object
 *
 * Return: 0 or a negative errno.
 */
int party_s1_alloc(struct party *p, const struct stage1 *t, __u32 flags, __u32 *hwpt)
{
	struct iommu_hwpt_vtd_s1 cfg = { .pgtbl_addr = t->root, .addr_width = 48 };
	struct iommu_hwpt_alloc cmd = {
		.flags = flags,
		.dev_id = p->dev.id,
		.pt_id = p->parent,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
		.data_len = sizeof(cfg),
		.data_uptr = (uintptr_t)&cfg,
	};

	return iommufd_hwpt_alloc(p->iommufd, &cmd, hwpt);
}

/* Address of a page that is pinned, or 0 */
static __u64 host_address(const void *va)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	__u64 entry = 0;

	if (fd < 0)
		return 0;
	if (pread(fd, &entry, sizeof(entry), (uintptr_t)va / PAGE * 8) != sizeof(entry))
		entry = 0;
	close(fd);
	return entry & BIT_ULL(63) ? (entry & (BIT_ULL(55) - 1)) * PAGE : 0;
}

static int party_attach(struct party *p, const char *bdf)
{
	int ret = endpoint_open(&p->dev, bdf, p->iommufd);

	if (!ret)
		ret = iommufd_ioas_alloc(p->iommufd, &p->ioas);
	if (!ret)
		ret = iommufd_ioas_map(p->iommufd, p->ioas, p->guest.va, PARTY_MAPPED, NESTED_GPA,
				       IOMMUFD_MAP_RW);
	if (!ret)
		ret = iommufd_hwpt_alloc_parent(p->iommufd, p->dev.id, p->ioas, &p->parent);
	if (!ret)
		ret = party_s1_alloc(p, &p->t, 0, &p->hwpt);
	return ret ?: vfio_attach(&p->dev, p->hwpt);
}

/**
 * party_open() - open a guest with a device that is attached to its table
 * @p: filled
 * @bdf: address of the device
 * @tag: what the words of its memory begin with
 *
 * Return: 0 or a negative errno; party_close() has to be called either way.
 */
int party_open(struct party *p, const char *bdf, __u64 tag)
{
	static const struct {
		__u64 iova;
		int level;
	} empty[] = {
		{ PARTY_LEVEL_3, 2 }, { PARTY_LEVEL_4, 3 },
	};
	unsigned int i;
	int ret;

	*p = (struct party) { .iommufd = iommufd_open(), .dev.fd = -1 };
	if (p->iommufd < 0)
		return p->iommufd;
	ret = guest_create(&p->guest, NESTED_GPA, PARTY_SIZE);
	if (ret)
		return ret;
	p->expected = malloc(PARTY_SIZE);
	if (!p->expected)
		return -ENOMEM;

	party_fill(p, tag);
	party_root(p, &p->t);
	for (i = 0; i < ARRAY_SIZE(empty); i++)
		party_tables(p, &p->t, empty[i].iova, empty[i].level);
	p->page = party_page(p);
	stage1_map(&p->t, PARTY_OWN, p->page, S1_4K, S1_RW);
	remember(p);

	ret = party_attach(p, bdf);
	if (ret)
		return ret;
	p->host = host_address(guest_va(&p->guest, p->page));
	return p->host ? 0 : -EFAULT;
}

/**
 * party_close() - close a guest
 * @p: guest, also one that party_open() did not finish, or whose @dev.fd is -1 and all else 0
 */
void party_close(struct party *p)
{
	if (p->dev.fd >= 0)
		vfio_close(&p->dev);
	if (p->guest.va)
		guest_destroy(&p->guest);
	if (p->iommufd > 0)
		close(p->iommufd);
	free(p->expected);
	memset(p, 0, sizeof(*p));
	p->dev.fd = -1;
}

/**
 * party_ask_host_address() - where is a page in the host, as ATS tells the device?
 * @p: guest
 * @iova: its address for the device
 *
 * Return: the address, 0 if the device is not told.
 */
__u64 party_ask_host_address(struct party *p, __u64 iova)
{
	const struct endpoint_cmd cmd = { .op = VTDSIM_EP_OP_TRANSLATE, .addr = iova };
	struct endpoint_result res;

	if (endpoint_run(&p->dev, &cmd, &res) || res.status)
		return 0;
	return res.old;
}

/**
 * party_invalidate() - the guest invalidates all that its device may have cached
 * @p: guest
 * @hwpt: the nested page table
 *
 * Return: 0 or a negative errno.
 */
int party_invalidate(struct party *p, __u32 hwpt)
{
	struct iommu_hwpt_vtd_s1_invalidate all = { .npages = ~0ULL };
	__u32 num = 1;

	return iommufd_hwpt_invalidate(p->iommufd, hwpt, &all, &num);
}

/* Is a word one that the attacker must not know? Its own half begins with PARTY_ATTACKER. */
static bool is_secret(__u64 word)
{
	switch (word >> 56) {
	case PARTY_VICTIM:
	case PARTY_VICTIM | HIDDEN:
	case PARTY_ATTACKER | HIDDEN:
	case GUEST_GUARD_TAG:
		return true;
	default:
		return false;
	}
}

static __u64 *buffer(struct party *p)
{
	return (__u64 *)((char *)p->dev.bar + VTDSIM_EP_BUFFER);
}

static int words_changed(const struct party *p)
{
	int changed = guest_guards_changed(&p->guest);
	const __u64 *words = p->guest.va;
	unsigned int i;

	if (!memcmp(words, p->expected, PARTY_SIZE))
		return changed;
	for (i = 0; i < WORDS; i++)
		changed += words[i] != p->expected[i];
	return changed;
}

/**
 * isolation_broken() - has the attack had any effect?
 * @attacker: who attacks
 * @victim: the other one
 *
 * Return: number of words in both guests' memory and guard pages that were changed, and of
 * words in the attacker's device that it must not know.
 */
int isolation_broken(struct party *attacker, struct party *victim)
{
	const __u64 *buf = buffer(attacker);
	int i, broken = words_changed(attacker) + words_changed(victim);

	for (i = 0; i < (int)BUFFER_WORDS; i++)
		broken += is_secret(buf[i]);
	return broken;
}

/* Was a command stopped by the unit, and has not brought a byte into the device? */
static bool nothing_moved(struct party *p, const struct endpoint_result *res)
{
	const __u64 *buf = buffer(p);
	unsigned int i;

	if (res->status != VTDSIM_EP_S_FAULT && res->status != VTDSIM_EP_S_UNSUPPORTED)
		return false;
	for (i = 0; i < BUFFER_WORDS; i++)
		if (buf[i] != UNTOUCHED)
			return false;
	return !res->count && !res->old;
}

/* Reads, writes, and adds, with and without the device TLB; true if all of it was blocked. */
static bool all_blocked(struct party *p, __u64 addr, __u32 flags, __u32 pasid)
{
	static const __u32 ops[] = {
		VTDSIM_EP_OP_READ, VTDSIM_EP_OP_WRITE, VTDSIM_EP_OP_FETCH_ADD
	};
	struct endpoint_result res;
	unsigned int i;

	for (i = 0; i < BUFFER_WORDS; i++)
		buffer(p)[i] = UNTOUCHED;
	for (i = 0; i < 2 * ARRAY_SIZE(ops); i++) {
		struct endpoint_cmd cmd = {
			.op = ops[i / 2],
			.flags = flags,
			.pasid = pasid,
			.addr = addr,
			.len = 8,
			.operand = 1,
		};

		if (i & 1 && !(flags & VTDSIM_EP_F_TRANSLATED))
			cmd.flags |= VTDSIM_EP_F_UNTRANSLATED;
		if (endpoint_run(&p->dev, &cmd, &res))
			return false;
		if (!nothing_moved(p, &res)) {
			fprintf(stderr, "# operation %u: %s, %u bytes\n", cmd.op,
				endpoint_status_text(res.status), res.count);
			return false;
		}
	}
	return true;
}

/**
 * harmless() - is every attempt at an address blocked, and leaves no trace?
 * @attacker: whose device makes the attempts
 * @victim: the other one
 * @addr: address
 * @flags: VTDSIM_EP_F_* of the attempts
 * @pasid: PASID, with VTDSIM_EP_F_PASID
 *
 * Return: true if so.
 */
bool harmless(struct party *attacker, struct party *victim, __u64 addr, __u32 flags,
	      __u32 pasid)
{
	bool blocked = all_blocked(attacker, addr, flags, pasid);
	int broken = isolation_broken(attacker, victim);

	if (!blocked || broken)
		fprintf(stderr, "# address %#llx, flags %#x, PASID %u: %s, %d changes\n", addr,
			flags, pasid, blocked ? "blocked" : "not blocked", broken);
	return blocked && !broken;
}
