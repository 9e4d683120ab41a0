// SPDX-License-Identifier: GPL-2.0-only
/* Random programs: DMA, which must do one of the things that the model allows. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#define UNIT_FLAGS	(S1_ACCESSED | S1_DIRTY | BIT_ULL(10))
#define PATIENCE_MS	100000
#define ANSWERS_MAX	40	/* to one access; the endpoint gives up long before */

/**
 * struct access - an access of eight bytes
 * @dev: the device
 * @req: kind of request
 * @cmd: the command
 * @res: how it ended
 * @val: what is written, or added
 * @seen: what was read
 */
struct access {
	struct fuzz_device *dev;
	int req;
	struct endpoint_cmd cmd;
	struct endpoint_result res;
	__u64 val;
	__u64 seen;
};

static __u64 *buffer_of(struct access *a)
{
	return (__u64 *)((char *)a->dev->vfio.bar + VTDSIM_EP_BUFFER);
}

/* A value for memory, which may be an entry of a table */
static __u64 random_value(struct fuzz *f)
{
	if (fuzz_below(f, 4))
		return fuzz_word(f) & ~1ULL;
	return FUZZ_GPA(fuzz_below(f, FUZZ_PAGES)) | S1_RW;
}

static void choose_pasid(struct access *a)
{
	if (!a->req)
		return;
	a->cmd.flags |= VTDSIM_EP_F_PASID;
	a->cmd.pasid = fuzz_pasid(a->req);
}

/* Returns which of FUZZ_IOVAS it is. */
static int choose_access(struct fuzz *f, struct access *a)
{
	static const __u32 ops[] = {
		VTDSIM_EP_OP_READ, VTDSIM_EP_OP_READ, VTDSIM_EP_OP_WRITE, VTDSIM_EP_OP_FETCH_ADD
	};
	static const unsigned int offsets[] = { 0, 0, 8, 2048, 4088 };
	int iova = fuzz_below(f, fuzz_below(f, 3) ? 8 : FUZZ_IOVAS);

	/* A device without a first stage reaches guest physical addresses. */
	if (a->dev->at[a->req].where == FUZZ_ON_IOAS && fuzz_below(f, 2))
		iova = FUZZ_IOVAS - 10 + fuzz_below(f, 5);
	a->val = random_value(f);
	a->cmd = (struct endpoint_cmd) {
		.op = ops[fuzz_below(f, ARRAY_SIZE(ops))],
		.addr = fuzz_iova(iova) + offsets[fuzz_below(f, ARRAY_SIZE(offsets))],
		.len = 8,
		.operand = a->val,
	};
	choose_pasid(a);
	return iova;
}

static void start_access(struct access *a)
{
	*buffer_of(a) = a->cmd.op == VTDSIM_EP_OP_WRITE ? a->val : 0x5a5a5a5a5a5a5a5aULL;
	endpoint_start(&a->dev->vfio, &a->cmd);
}

static void finish_access(struct fuzz *f, struct access *a)
{
	fuzz_expect(f, "endpoint", endpoint_finish(&a->dev->vfio, &a->res), 0);
	a->seen = a->cmd.op == VTDSIM_EP_OP_READ ? *buffer_of(a) : a->res.old;
}

static bool is_visited(const struct fuzz_results *r, int word)
{
	int i;

	for (i = 0; i < r->visits; i++)
		if (r->visit[i] == word)
			return true;
	return false;
}

/* Could the access have gone to this word? */
static bool fits(struct fuzz_context *c, const struct access *a, const struct fuzz_results *r,
		 int word)
{
	__u64 before = c->shadow[word], now = stage1_get(fuzz_at(c, word));
	__u64 ignore = is_visited(r, word) ? UNIT_FLAGS : 0;

	switch (a->cmd.op) {
	case VTDSIM_EP_OP_READ:
		return !((a->seen ^ before) & ~ignore);
	case VTDSIM_EP_OP_WRITE:
		return now == a->val;
	default:
		return !((a->seen ^ before) & ~ignore) && now == a->seen + a->val;
	}
}

/*
 * Have all others of the words that it may have reached stayed as they were? What is
 * written may be what another one had before.
 */
static bool is_only_change(struct fuzz_context *c, const struct fuzz_results *r, int word)
{
	__u64 changed;
	int i;

	for (i = 0; i < r->words; i++) {
		changed = c->shadow[r->word[i]] ^ stage1_get(fuzz_at(c, r->word[i]));
		if (is_visited(r, r->word[i]))
			changed &= ~UNIT_FLAGS;
		if (changed && r->word[i] != word)
			return false;
	}
	return true;
}

static void check_moved(struct fuzz *f, struct access *a, const struct fuzz_results *r)
{
	struct fuzz_context *c = fuzz_context_of(f, a->dev);
	int i;

	for (i = 0; i < r->words; i++)
		if (fits(c, a, r, r->word[i]) && is_only_change(c, r, r->word[i]))
			break;
	if (i == r->words)
		fuzz_fail(f, "device %d, PASID %u, at %#llx: %s moved, reads %#llx; may %s%#llx",
			  (int)(a->dev - f->dev), a->cmd.pasid, a->cmd.addr,
			  a->cmd.op == VTDSIM_EP_OP_READ ? "read" : "write", a->seen,
			  r->words ? "be at word " : "only be blocked ",
			  r->words ? (__u64)r->word[0] : 0);
	f->verdict->moved++;
	f->verdict->pasids += a->req > 0;
	f->verdict->lent += !a->req && !a->dev->attached;
	if (a->cmd.op == VTDSIM_EP_OP_READ)
		return;
	if (r->words == 1)
		fuzz_note_written(f, a->dev, a->req, r->word[0]);
	if (c->shadow[r->word[i]] != stage1_get(fuzz_at(c, r->word[i])))
		fuzz_note_edit(f, c, r->word[i]);
	c->shadow[r->word[i]] = stage1_get(fuzz_at(c, r->word[i]));
}

/* A translation request for the interrupt range is no fault, and of no use. */
static bool was_blocked(const struct access *a)
{
	switch (a->res.status) {
	case VTDSIM_EP_S_FAULT:
	case VTDSIM_EP_S_PAGE_REQUEST_FAILED:
		return true;
	case VTDSIM_EP_S_UNSUPPORTED:
		return a->cmd.addr >> 20 == VTD_MSI_FIRST >> 20;
	default:
		return false;
	}
}

/* @before: what it could have led to when it began, if the device has been detached since */
static void check_access(struct fuzz *f, struct access *a, int iova,
			 const struct fuzz_results *before)
{
	struct fuzz_context *c = fuzz_context_of(f, a->dev);
	struct fuzz_results r;
	int i;

	fuzz_walk(f, a->dev, a->req, iova, a->cmd.addr, a->cmd.op != VTDSIM_EP_OP_READ, &r);
	for (i = 0; before && i < before->visits; i++)
		fuzz_add_visit(&r, before->visit[i]);
	if (r.anything)
		fuzz_fail(f, "the model has no room for all that may happen");
	if (a->res.status == VTDSIM_EP_S_OK)
		check_moved(f, a, &r);
	else if (was_blocked(a) && r.blocked)
		f->verdict->blocked++;
	else
		fuzz_fail(f, "device %d, PASID %u, at %#llx: status %u, reason %#x; must reach %d",
			  (int)(a->dev - f->dev), a->cmd.pasid, a->cmd.addr, a->res.status,
			  a->res.reason, r.words ? r.word[0] : -1);
	for (i = 0; i < FUZZ_CONTEXTS; i++)
		fuzz_memory_check(f, &f->ctx[i], &f->ctx[i] == c ? &r : NULL);
}

/**
 * fuzz_read_page() - a device reads from the beginning of a page
 * @f: program
 * @dev: the device
 * @req: kind of request
 * @iova: which of FUZZ_IOVAS
 */
void fuzz_read_page(struct fuzz *f, struct fuzz_device *dev, int req, int iova)
{
	struct access a = {
		.dev = dev,
		.req = req,
		.cmd = { .op = VTDSIM_EP_OP_READ, .addr = fuzz_iova(iova), .len = 8 },
	};

	choose_pasid(&a);
	start_access(&a);
	finish_access(f, &a);
	check_access(f, &a, iova, NULL);
}

/**
 * fuzz_dma() - a device reads, writes, or does an atomic operation
 * @f: program
 */
void fuzz_dma(struct fuzz *f)
{
	struct access a = {
		.dev = &f->dev[fuzz_below(f, FUZZ_DEVICES)],
		.req = fuzz_request(f),
	};
	int iova = choose_access(f, &a);

	if (!a.dev->open || a.dev->pulled)
		return;
	if (!fuzz_below(f, 4))
		a.cmd.flags |= VTDSIM_EP_F_UNTRANSLATED;
	fuzz_say(f, "device %d, PASID %u: operation %u at %#llx%s", (int)(a.dev - f->dev),
		 a.cmd.pasid, a.cmd.op, a.cmd.addr,
		 a.cmd.flags & VTDSIM_EP_F_UNTRANSLATED ? ", untranslated" : "");
	start_access(&a);
	finish_access(f, &a);
	check_access(f, &a, iova, NULL);
}

static void respond(struct fuzz *f, struct fuzz_context *c, __u32 cookie, __u32 code, int expected)
{
	const struct iommu_hwpt_page_response r = { .cookie = cookie, .code = code };
	int ret = write(c->queue_fd, &r, sizeof(r)) == sizeof(r) ? 0 : -errno;

	fuzz_expect(f, "response", ret, expected);
}

/* Answers one group: perhaps wrongly first, and perhaps twice. */
static void answer(struct fuzz *f, struct fuzz_context *c, struct access *a)
{
	struct iommu_hwpt_pgfault got;
	ssize_t n = read(c->queue_fd, &got, sizeof(got));

	if (n != sizeof(got))
		fuzz_fail(f, "page request: %zd bytes", n);
	if (got.dev_id != a->dev->vfio.id || got.addr != (a->cmd.addr & ~(PAGE - 1)) ||
	    !(got.flags & IOMMU_PGFAULT_FLAGS_PASID_VALID) != !a->req || got.pasid != a->cmd.pasid)
		fuzz_fail(f, "page request of device %u, PASID %u, for %#llx", got.dev_id,
			  got.pasid, got.addr);
	if (!fuzz_below(f, 4))
		respond(f, c, got.cookie + 1 + fuzz_below(f, 1000), IOMMUFD_PAGE_RESP_SUCCESS,
			-EINVAL);
	if (!fuzz_below(f, 4))
		respond(f, c, got.cookie, 2 + fuzz_below(f, 1000), -EINVAL);
	respond(f, c, got.cookie, fuzz_below(f, 3) ? IOMMUFD_PAGE_RESP_INVALID :
					       IOMMUFD_PAGE_RESP_SUCCESS, 0);
	if (!fuzz_below(f, 4))
		respond(f, c, got.cookie, IOMMUFD_PAGE_RESP_SUCCESS, -EINVAL);
	f->verdict->answers++;
}

/**
 * fuzz_dma_faulting() - an access that asks for the page if it is missing
 * @f: program
 *
 * The answer is right, wrong, or given twice. A device that is detached instead gets
 * an answer of the kernel, and one of user space is too late.
 */
void fuzz_dma_faulting(struct fuzz *f)
{
	struct access a = {
		.dev = &f->dev[fuzz_below(f, FUZZ_DEVICES)],
		.req = fuzz_request(f),
	};
	struct fuzz_context *c = fuzz_context_of(f, a.dev);
	struct fuzz_hwpt *hwpt = fuzz_hwpt_of(f, a.dev, a.req);
	struct pollfd p = { .fd = c->queue_fd, .events = POLLIN };
	int iova = choose_access(f, &a), times = 0, ms = 0;
	bool detach = !fuzz_below(f, 8);
	struct fuzz_results before;

	if (!hwpt || !hwpt->faults || c->queue_fd < 0)
		return;
	/* The interrupt range is blocked without a page request. */
	if (!a.req && a.cmd.addr >> 20 == VTD_MSI_FIRST >> 20)
		return;
	a.cmd.flags |= VTDSIM_EP_F_PAGE_REQUEST;
	a.cmd.group = fuzz_below(f, 512);
	fuzz_say(f, "device %d, PASID %u: operation %u at %#llx, with page requests%s",
		 (int)(a.dev - f->dev), a.cmd.pasid, a.cmd.op, a.cmd.addr,
		 detach ? ", and detach" : "");
	fuzz_walk(f, a.dev, a.req, iova, a.cmd.addr, a.cmd.op != VTDSIM_EP_OP_READ, &before);
	start_access(&a);
	while (endpoint_busy(&a.dev->vfio)) {
		if (poll(&p, 1, 1) != 1) {
			if (ms++ == PATIENCE_MS)
				fuzz_fail(f, "neither an end nor a page request");
			continue;
		}
		if (detach) {
			fuzz_expect(f, "detach", fuzz_detach_request(f, a.dev, a.req), 0);
			break;
		}
		if (times++ == ANSWERS_MAX)
			fuzz_fail(f, "page requests without end");
		answer(f, c, &a);
	}
	finish_access(f, &a);
	check_access(f, &a, iova, &before);
}
