/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VT-d unit for guests, whose devices are assigned from the host.
 *
 * The guest sees registers, tables and queues of the VT-d specification. What it does
 * becomes calls to the host (host.h), in one of two ways:
 *
 * nested: the guest has first-stage tables, which the host's unit walks. The unit gives
 *	their roots to the host, and forwards invalidations.
 * shadow: the guest has second-stage tables, legacy or scalable. The unit maps in the host
 *	what they map, for each device in an IO address space of its own.
 *
 * All functions may be called by several threads at once. One mutex serialises them; it is
 * held during calls to the VMM and to the host, which must not call the unit.
 */
#ifndef _VUNIT_H
#define _VUNIT_H

#include <stdbool.h>
#include <linux/types.h>

#include "host.h"
#include "registers.h"

struct vunit;

enum vunit_mode {
	VUNIT_NESTED,
	VUNIT_SHADOW,
};

/**
 * struct vunit_memory - what is at a guest physical address
 * @va: address in this process, NULL if there is no memory
 * @len: bytes from there to the end of the memory, or of the hole; at least up to the
 *	next multiple of 4 KiB
 * @writable: the guest may write it
 */
struct vunit_memory {
	void *va;
	__u64 len;
	bool writable;
};

/**
 * struct vunit_page_response - the guest answers a group of page requests
 * @sid: source-id of the device
 * @group: index of the group
 * @code: response code, VT-d section 7.6.1
 */
struct vunit_page_response {
	__u16 sid;
	__u16 group;
	__u8 code;
};

/**
 * struct vunit_vmm_ops - what the unit asks of the VMM
 * @read: read guest memory. A multiple of 8 bytes; each of them is read in one access.
 *	Returns false, and whatever data, if not all of it is memory
 * @write: write guest memory, at most 8 bytes, in one access. Returns false if it is not
 *	memory that the guest may write
 * @find: what is at a guest physical address
 * @interrupt: send a message signalled interrupt to the guest
 * @respond: pass a response to the device; may be NULL without page requests
 */
struct vunit_vmm_ops {
	bool (*read)(void *vmm, __u64 gpa, void *data, __u32 len);
	bool (*write)(void *vmm, __u64 gpa, const void *data, __u32 len);
	void (*find)(void *vmm, __u64 gpa, struct vunit_memory *mem);
	void (*interrupt)(void *vmm, __u64 addr, __u32 data);
	void (*respond)(void *vmm, const struct vunit_page_response *resp);
};

/**
 * struct vunit_config - what a unit is made of
 * @mode: nested or shadow
 * @hw: answer of IOMMU_GET_HW_INFO for the devices
 * @page_requests: the VMM will call vunit_page_request()
 * @ops: calls to the VMM
 * @vmm: first argument of these
 * @host_ops: calls to the host
 * @host: first argument of these
 * @ioas: IO address space with guest memory at its guest physical addresses
 * @parent: nest parent made from @ioas; not used when shadowing
 * @max_mappings: mappings that a device may have when shadowing. Tables that would need
 *	more, or whose walk meets more than twice as many tables, block the device
 */
struct vunit_config {
	enum vunit_mode mode;
	struct iommu_hw_info_vtd hw;
	bool page_requests;
	const struct vunit_vmm_ops *ops;
	void *vmm;
	const struct vunit_host_ops *host_ops;
	void *host;
	__u32 ioas;
	__u32 parent;
	__u32 max_mappings;
};

/**
 * struct vunit_page_request - a device asks for a page
 * @sid: source-id of the device
 * @group: index of the group
 * @addr: page
 * @read: it wants to read
 * @write: it wants to write
 * @last: last of its group
 */
struct vunit_page_request {
	__u16 sid;
	__u16 group;
	__u64 addr;
	bool read;
	bool write;
	bool last;
};

#define VUNIT_STATE_VERSION	1

/**
 * struct vunit_state - a unit's state, to be saved and loaded
 * @version: VUNIT_STATE_VERSION
 * @fault_next: fault recording register that the next fault goes into
 * @root: root table address in force
 * @regs: registers
 */
struct vunit_state {
	__u32 version;
	__u32 fault_next;
	__u64 root;
	__u8 regs[VUNIT_REGS_SIZE];
};

void vunit_capabilities(const struct vunit_config *config, __u64 *cap, __u64 *ecap);

struct vunit *vunit_create(const struct vunit_config *config);
void vunit_destroy(struct vunit *unit);
void vunit_reset(struct vunit *unit);
void vunit_save(struct vunit *unit, struct vunit_state *state);
int vunit_load(struct vunit *unit, const struct vunit_state *state);

__u64 vunit_read(struct vunit *unit, __u32 offset, unsigned int size);
void vunit_write(struct vunit *unit, __u32 offset, __u64 val, unsigned int size);

int vunit_device_add(struct vunit *unit, __u16 sid, void *dev);
void vunit_device_remove(struct vunit *unit, __u16 sid);
int vunit_memory_add(struct vunit *unit, __u64 gpa, __u64 len, void *va, bool writable);
int vunit_memory_remove(struct vunit *unit, __u64 gpa, __u64 len);

void vunit_fault(struct vunit *unit, __u16 sid, __u64 addr, bool read, __u8 reason);
bool vunit_page_request(struct vunit *unit, const struct vunit_page_request *req);

#endif /* _VUNIT_H */
