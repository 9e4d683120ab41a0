/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The unit inside: what its files share.
 *
 * Locking: vunit.lock protects everything here. The functions of vunit.h take it, all
 * others are called with it held.
 */
#ifndef _VUNIT_UNIT_H
#define _VUNIT_UNIT_H

#include <pthread.h>
#include <stdbool.h>
#include <linux/types.h>

#include "mappings.h"
#include "vunit.h"
#include "walk.h"

enum vunit_kind {
	VUNIT_BLOCKED,
	VUNIT_PASS,
	VUNIT_FIRST,
	VUNIT_SECOND,
};

/**
 * struct vunit_translation - what the guest's tables say of a device
 * @kind: kind of translation
 * @levels: levels of the page table
 * @reason: fault reason, if @kind is VUNIT_BLOCKED
 * @quiet: faults are not to be recorded (FPD)
 * @pages: the device may request pages (PRE)
 * @did: domain-id
 * @root: address of the page table
 * @flags: IOMMU_VTD_S1_*, of a first stage
 */
struct vunit_translation {
	enum vunit_kind kind;
	__u8 levels;
	__u8 reason;
	bool quiet;
	bool pages;
	__u16 did;
	__u64 root;
	__u64 flags;
};

/**
 * struct vunit_batch - requests that are collected, and carried out together
 * @entries: the requests
 * @num: how many
 * @room: how many there is memory for
 * @all: everything is to be invalidated; @entries does not count
 */
struct vunit_batch {
	struct iommu_hwpt_vtd_s1_invalidate *entries;
	__u32 num;
	__u32 room;
	bool all;
};

/**
 * struct vunit_domain - a stage-1 domain of the host, made of a table of the guest
 * @next: next domain of the unit
 * @root: address of the table
 * @flags: IOMMU_VTD_S1_*
 * @levels: levels of the table
 * @hwpt: the domain's object
 * @users: devices that are attached to it
 * @batch: invalidations to be sent
 */
struct vunit_domain {
	struct vunit_domain *next;
	__u64 root;
	__u64 flags;
	__u8 levels;
	__u32 hwpt;
	unsigned int users;
	struct vunit_batch batch;
};

/**
 * struct vunit_device - a device behind the unit
 * @next: next device of the unit
 * @sid: source-id
 * @host_dev: the host's name for it
 * @now: the translation in force
 * @stale: the guest says that its tables may have changed
 * @failed: the host could not do what the tables say; the device is detached
 * @domain: nested: the domain that it is attached to, or NULL
 * @ioas: shadow: IO address space of its own
 * @mappings: shadow: what is mapped there
 * @batch: shadow: ranges to be compared with the guest's table
 */
struct vunit_device {
	struct vunit_device *next;
	__u16 sid;
	void *host_dev;
	struct vunit_translation now;
	bool stale;
	bool failed;
	struct vunit_domain *domain;
	__u32 ioas;
	struct vunit_mappings mappings;
	struct vunit_batch batch;
};

/**
 * struct vunit_invalidation - an invalidation of the IOTLB
 * @global: of all domains; else of the domain-id @did
 * @pages: of the range below; else of all addresses
 * @did: domain-id
 * @addr: first address
 * @npages: pages of 4 KiB
 * @leaf: only leaf entries have changed (IH)
 */
struct vunit_invalidation {
	bool global;
	bool pages;
	__u16 did;
	__u64 addr;
	__u64 npages;
	bool leaf;
};

/**
 * struct vunit_backend - how page tables of the guest get to the host
 * @device_init: a device is new; it is attached to nothing
 * @device_exit: a device goes; it is attached to nothing
 * @table_attach: have the device translated by a page table of the guest. Returns 0, or a
 *	negative errno: the device may then have the old translation
 * @table_leave: the device is attached to something that is no page table of the guest; the
 *	host need not know the one that it had. Returns 0 or a negative errno
 * @invalidate: take note of an invalidation
 * @flush: carry out what was noted. Returns 0, or a negative errno and the device concerned
 */
struct vunit_backend {
	int (*device_init)(struct vunit *unit, struct vunit_device *dev);
	void (*device_exit)(struct vunit *unit, struct vunit_device *dev);
	int (*table_attach)(struct vunit *unit, struct vunit_device *dev,
			    const struct vunit_translation *to);
	int (*table_leave)(struct vunit *unit, struct vunit_device *dev);
	void (*invalidate)(struct vunit *unit, const struct vunit_invalidation *inv);
	int (*flush)(struct vunit *unit, __u16 *sid);
};

/**
 * struct vunit_wait - a wait descriptor that was fetched
 * @desc: its quadwords 0 and 1
 */
struct vunit_wait {
	__u64 desc[2];
};

/**
 * struct vunit - a unit
 * @lock: protects all of it
 * @config: what it was made of
 * @backend: nested or shadow
 * @cap: Capability Register
 * @ecap: Extended Capability Register
 * @regs: registers as they are stored
 * @root: root table address in force
 * @fault_next: fault recording register that the next fault goes into
 * @devices: devices
 * @domains: stage-1 domains
 * @waits: wait descriptors of the part of the queue being processed
 * @nwaits: how many
 * @waits_room: how many there is memory for
 * @walk: tables of the walk under way
 */
struct vunit {
	pthread_mutex_t lock;
	struct vunit_config config;
	const struct vunit_backend *backend;
	__u64 cap;
	__u64 ecap;
	__u8 regs[VUNIT_REGS_SIZE];
	__u64 root;
	__u32 fault_next;
	struct vunit_device *devices;
	struct vunit_domain *domains;
	struct vunit_wait *waits;
	__u32 nwaits;
	__u32 waits_room;
	struct vunit_walk walk;
};

extern const struct vunit_backend vunit_nested;
extern const struct vunit_backend vunit_shadow;

/* stored_registers.c */
__u64 vunit_reg_get(const struct vunit *unit, __u32 offset, unsigned int size);
void vunit_reg_set(struct vunit *unit, __u32 offset, __u64 val, unsigned int size);
void vunit_regs_reset(struct vunit *unit);

/* events.c */
void vunit_event_raise(struct vunit *unit, __u32 ctl);
void vunit_event_unmask(struct vunit *unit, __u32 ctl);
void vunit_event_serviced(struct vunit *unit, __u32 ctl);

/* faults.c */
void vunit_fault_record(struct vunit *unit, __u16 sid, __u64 addr, bool read, __u8 reason);
void vunit_fault_status_set(struct vunit *unit, __u64 bits);
void vunit_fault_status_update(struct vunit *unit);

/* queue.c, descriptors.c */
void vunit_queue_run(struct vunit *unit);
enum vunit_iqei vunit_descriptor_run(struct vunit *unit, const __u64 *desc, bool wide);

/* page_requests.c */
void vunit_page_status_update(struct vunit *unit);

/* entries.c */
void vunit_entries_read(struct vunit *unit, __u16 sid, struct vunit_translation *t);

/* devices.c */
struct vunit_device *vunit_device_find(struct vunit *unit, __u16 sid);
void vunit_devices_stale(struct vunit *unit, __u16 sid, __u16 ignored);
void vunit_devices_settle(struct vunit *unit);
int vunit_settle_all(struct vunit *unit);
__u8 vunit_refusal(const struct vunit *unit, const struct vunit_translation *to);
void vunit_device_block(struct vunit *unit, struct vunit_device *dev, __u8 reason);

/* batch.c */
void vunit_batch_add(struct vunit_batch *batch, const struct vunit_invalidation *inv);
void vunit_batch_clear(struct vunit_batch *batch);
void vunit_batch_free(struct vunit_batch *batch);

/* sync.c */
int vunit_sync(struct vunit *unit, struct vunit_device *dev, const struct vunit_translation *t,
	       __u64 start, __u64 last);
int vunit_unmap_all(struct vunit *unit, struct vunit_device *dev);

#endif /* _VUNIT_UNIT_H */
