/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random programs of ioctls, changes of guests' tables and DMA, with a model of
 * the objects that knows how each step must end.
 *
 * Step N of the program with seed S depends on S, N and the state of the objects
 * alone, so steps can be left out. Two devices may be in one IOMMU group (fuzz_group.c).
 */
#ifndef _SELFTESTS_IOMMU_VTD_FUZZ_H
#define _SELFTESTS_IOMMU_VTD_FUZZ_H

#include <stdbool.h>
#include <linux/types.h>

#include "nested.h"

#ifndef __noreturn
#define __noreturn __attribute__((__noreturn__))
#endif

#define FUZZ_DEVICES	2
#define FUZZ_CONTEXTS	2
#define FUZZ_REQUESTS	3	/* kinds of requests: without PASID, and two PASIDs */
#define FUZZ_IOAS	2
#define FUZZ_HWPTS	8
#define FUZZ_TABLES	12	/* pages that begin as tables of the guest */
#define FUZZ_PAGES	32	/* pages of memory, tables among them */
#define FUZZ_WORDS	(FUZZ_PAGES * (int)(PAGE / 8))
#define FUZZ_EDITS	2048	/* old values of entries that are kept */
#define FUZZ_IOVAS	24
#define FUZZ_NO_ID	0x7fffff00U	/* no object has such an ID */

/* Guest physical address of frame @i, which is where page @i is mapped at first */
#define FUZZ_GPA(i)	(NESTED_GPA + (i) * PAGE)

/**
 * struct fuzz_frame - 4 KiB of an IO address space, from FUZZ_GPA(0) on
 * @page: page of memory that is mapped, negative if there is none
 * @write: the mapping can be written
 */
struct fuzz_frame {
	int page;
	bool write;
};

/**
 * struct fuzz_ioas - an IO address space
 * @id: its ID
 * @frame: what is mapped
 */
struct fuzz_ioas {
	__u32 id;
	struct fuzz_frame frame[FUZZ_PAGES];
};

enum fuzz_kind {
	FUZZ_NONE,
	FUZZ_PAGING,
	FUZZ_NESTED,
};

/**
 * struct fuzz_hwpt - a page table
 * @kind: FUZZ_NONE if the place is free
 * @id: its ID
 * @ioas: index of its address space
 * @nest_parent: it can be nested on
 * @dirty: it can track dirty pages
 * @pasid: it can be attached to PASIDs
 * @tracking: it tracks them
 * @written: pages of memory that must be dirty
 * @parent: index of the parent, if nested
 * @levels: levels of the guest's table, if nested
 * @root: guest physical address of the guest's table
 * @flags: IOMMU_VTD_S1_*
 * @faults: it has the fault queue of the context
 */
struct fuzz_hwpt {
	enum fuzz_kind kind;
	__u32 id;
	int ioas;
	bool nest_parent;
	bool dirty;
	bool pasid;
	bool tracking;
	__u32 written;
	int parent;
	int levels;
	__u64 root;
	__u64 flags;
	bool faults;
};

/**
 * struct fuzz_edit - an entry of a guest's table that was changed
 * @word: which word of the guest's memory
 * @old: its value before
 * @time: when it was changed
 */
struct fuzz_edit {
	int word;
	__u64 old;
	__u64 time;
};

/**
 * struct fuzz_context - an iommufd context, with a guest
 * @iommufd: the context
 * @guest: memory; the first FUZZ_PAGES pages are used
 * @shadow: what must be in these pages
 * @ioas: address spaces
 * @hwpt: page tables
 * @queue: ID of the fault queue, 0 if there is none
 * @queue_fd: its file
 * @edit: what was changed, the oldest first
 * @edits: number of changes
 */
struct fuzz_context {
	int iommufd;
	struct guest guest;
	__u64 *shadow;
	struct fuzz_ioas ioas[FUZZ_IOAS];
	struct fuzz_hwpt hwpt[FUZZ_HWPTS];
	__u32 queue;
	int queue_fd;
	struct fuzz_edit edit[FUZZ_EDITS];
	int edits;
};

enum fuzz_where {
	FUZZ_DETACHED,
	FUZZ_ON_IOAS,
	FUZZ_ON_HWPT,
};

/**
 * struct fuzz_attachment - what one kind of a device's requests goes through
 * @where: what kind of object
 * @index: index of the object
 * @leaf_time: for each IOVA, when its cached leaf was invalidated last
 * @table_time: the same for what is cached of the levels above the leaf
 */
struct fuzz_attachment {
	enum fuzz_where where;
	int index;
	__u64 leaf_time[FUZZ_IOVAS];
	__u64 table_time[FUZZ_IOVAS];
};

/**
 * struct fuzz_device - an endpoint
 * @vfio: the endpoint
 * @bdf: its address
 * @open: it is open
 * @pulled: it is not there any more
 * @attached: a call has attached it; if not, its group may have a page table yet
 * @ctx: index of its context
 * @at: attachments, that of requests without PASID first
 */
struct fuzz_device {
	struct vfio_dev vfio;
	char bdf[PCI_BDF_LEN];
	bool open;
	bool pulled;
	bool attached;
	int ctx;
	struct fuzz_attachment at[FUZZ_REQUESTS];
};

/**
 * struct fuzz_verdict - what a program tells the process that started it
 * @failed: something was not as it must be
 * @step: the step at which that was
 * @why: what it was
 * @moved: DMA requests that moved data
 * @blocked: DMA requests that were blocked
 * @answers: page requests that were answered
 * @dirty: pages that were written, and found dirty
 * @pasids: DMA requests with PASID that moved data
 * @pulls: devices that were pulled out while in use
 * @unbinds: devices whose driver was unbound while in use
 * @wild: calls that could not be valid
 * @kills: owners of devices that were killed
 * @together: attachments that changed the page table of the other device in the group
 * @refused: attachments that the group's page table forbids
 * @foreign: openings in another context than the one that owns the group
 * @lent: DMA requests that moved data, of devices that only their group has attached
 */
struct fuzz_verdict {
	bool failed;
	unsigned int step;
	char why[256];
	unsigned long moved;
	unsigned long blocked;
	unsigned long answers;
	unsigned long dirty;
	unsigned long pasids;
	unsigned long pulls;
	unsigned long unbinds;
	unsigned long wild;
	unsigned long kills;
	unsigned long together;
	unsigned long refused;
	unsigned long foreign;
	unsigned long lent;
};

/**
 * struct fuzz - a program that runs
 * @seed: seed
 * @step: step that runs
 * @random: random numbers of this step
 * @now: goes up with each change and each invalidation
 * @listing: print the steps
 * @haw: host address width in bits
 * @unit: capabilities of the unit
 * @can_track: the unit tracks dirty pages
 * @can_pasid: page tables can be attached to PASIDs
 * @can_fault: page tables can have a fault queue
 * @can_pull: a device can be pulled out
 * @knows_viommus: the kernel has vIOMMUs, as all have that attach PASIDs
 * @group: the devices are in one IOMMU group
 * @verdict: shared with the process that started the program
 * @ctx: contexts
 * @dev: devices
 */
struct fuzz {
	unsigned long seed;
	unsigned int step;
	__u64 random;
	__u64 now;
	bool listing;
	unsigned int haw;
	struct iommu_hw_info_vtd unit;
	bool can_track;
	bool can_pasid;
	bool can_fault;
	bool can_pull;
	bool knows_viommus;
	bool group;
	struct fuzz_verdict *verdict;
	struct fuzz_context ctx[FUZZ_CONTEXTS];
	struct fuzz_device dev[FUZZ_DEVICES];
};

#define FUZZ_RESULTS	16
#define FUZZ_VISITS	128

/**
 * struct fuzz_results - all that an access may lead to
 * @blocked: it may be blocked
 * @word: words of memory that it may reach
 * @words: number of @word
 * @visit: entries of tables that it may set accessed and dirty flags in
 * @visits: number of @visit
 * @anything: there are more results than have room here
 */
struct fuzz_results {
	bool blocked;
	int word[FUZZ_RESULTS];
	int words;
	int visit[FUZZ_VISITS];
	int visits;
	bool anything;
};

/* fuzz_random.c */
void fuzz_step_begin(struct fuzz *f, unsigned int step);
unsigned int fuzz_below(struct fuzz *f, unsigned int below);
__u64 fuzz_word(struct fuzz *f);
void fuzz_say(struct fuzz *f, const char *fmt, ...) __printf(2, 3);
void __printf(2, 3) __noreturn fuzz_fail(struct fuzz *f, const char *fmt, ...);
void fuzz_expect(struct fuzz *f, const char *what, int ret, int expected);

/* fuzz_walk.c */
__u64 fuzz_iova(int i);
void fuzz_add_visit(struct fuzz_results *r, int word);
void fuzz_walk(struct fuzz *f, const struct fuzz_device *dev, int req, int iova, __u64 addr,
	       bool write, struct fuzz_results *r);

/* fuzz_memory.c */
__u64 *fuzz_at(struct fuzz_context *c, int word);
void fuzz_edit_word(struct fuzz *f, struct fuzz_context *c, int word, __u64 val);
void fuzz_note_edit(struct fuzz *f, struct fuzz_context *c, int word);
void fuzz_memory_init(struct fuzz *f, struct fuzz_context *c);
void fuzz_memory_check(struct fuzz *f, struct fuzz_context *c, const struct fuzz_results *r);
void fuzz_memory_check_rest(struct fuzz *f, struct fuzz_context *c);
void fuzz_edit_table(struct fuzz *f);
void fuzz_edit_leaf(struct fuzz *f, struct fuzz_context *c, int tree, __u64 iova);
void fuzz_repair(struct fuzz *f);

/* fuzz_objects.c */
void fuzz_context_open(struct fuzz *f, int ctx);
void fuzz_context_fill(struct fuzz *f, int ctx);
void fuzz_map_holes(struct fuzz *f, struct fuzz_context *c, int ioas);
void fuzz_change_mapping(struct fuzz *f);
void fuzz_bad_mapping(struct fuzz *f);
void fuzz_alloc_paging(struct fuzz *f);
void fuzz_alloc_nested(struct fuzz *f);
void fuzz_bad_nested(struct fuzz *f);
void fuzz_destroy(struct fuzz *f);

/* fuzz_dirty.c */
int fuzz_track(struct fuzz_context *c, struct fuzz_hwpt *hwpt, bool on);
void fuzz_tracking(struct fuzz *f);
void fuzz_note_written(struct fuzz *f, const struct fuzz_device *dev, int req, int word);
void fuzz_forget_written(struct fuzz_context *c, int ioas, int page);
void fuzz_read_dirty(struct fuzz *f);

/* fuzz_devices.c */
void fuzz_device_open(struct fuzz *f, int dev, int ctx);
void fuzz_device_close(struct fuzz *f, struct fuzz_device *d);
int fuzz_request(struct fuzz *f);
__u32 fuzz_pasid(int req);
bool fuzz_attachment_moved(struct fuzz *f, struct fuzz_attachment *at, enum fuzz_where where,
			   int index);
int fuzz_detach_request(struct fuzz *f, struct fuzz_device *d, int req);
void fuzz_attach(struct fuzz *f);
void fuzz_invalidated(struct fuzz *f, struct fuzz_hwpt *hwpt,
		      const struct iommu_hwpt_vtd_s1_invalidate *inv, __u32 done);
void fuzz_invalidate(struct fuzz *f);
void fuzz_remap(struct fuzz *f);
void fuzz_reopen_device(struct fuzz *f);
void fuzz_context_renew(struct fuzz *f, int ctx, int other);
void fuzz_reopen_context(struct fuzz *f);

/* fuzz_group.c */
int fuzz_any_context(struct fuzz *f);
int fuzz_group_context(struct fuzz *f, struct fuzz_device *d, int ctx);
void fuzz_group_opened(struct fuzz *f, struct fuzz_device *d);
bool fuzz_group_refuses(struct fuzz *f, const struct fuzz_device *d, enum fuzz_where where,
			int index);
void fuzz_group_attached(struct fuzz *f, const struct fuzz_device *d);
bool fuzz_group_detached(struct fuzz *f, const struct fuzz_device *d);
bool fuzz_group_pulled(struct fuzz *f, const struct fuzz_device *d);

/* fuzz_removal.c */
bool fuzz_can_pull(const struct fuzz *f);
void fuzz_bring_back(struct fuzz *f);
void fuzz_remove(struct fuzz *f);

/* fuzz_wild.c */
void fuzz_wild(struct fuzz *f);

/* fuzz_kill.c */
void fuzz_kill(struct fuzz *f);

/* fuzz_dma.c */
void fuzz_read_page(struct fuzz *f, struct fuzz_device *dev, int req, int iova);
void fuzz_dma(struct fuzz *f);
void fuzz_dma_faulting(struct fuzz *f);

/* fuzz_verdict.c */
void fuzz_print_verdict(const struct fuzz *f, unsigned long steps);
const char *fuzz_lacking(const struct fuzz *f, unsigned long steps);

static inline struct fuzz_context *fuzz_context_of(struct fuzz *f, const struct fuzz_device *dev)
{
	return &f->ctx[dev->ctx];
}

/* What requests of a device go through, if that is a page table that was allocated, else NULL */
static inline struct fuzz_hwpt *fuzz_hwpt_of(struct fuzz *f, const struct fuzz_device *dev, int req)
{
	const struct fuzz_attachment *at = &dev->at[req];

	return dev->open && at->where == FUZZ_ON_HWPT ? &f->ctx[dev->ctx].hwpt[at->index] : NULL;
}

#endif /* _SELFTESTS_IOMMU_VTD_FUZZ_H */
