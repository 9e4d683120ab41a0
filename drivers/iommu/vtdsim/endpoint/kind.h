/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kinds of endpoints.
 *
 * An endpoint is two things. The function is what every PCI function has:
 * configuration space, a BAR, reset, power states, interrupts, and a requester-id
 * with which requests reach the unit. The kind says what the registers in the BAR
 * mean, and what the engine behind them does.
 */
#ifndef _VTDSIM_KIND_H
#define _VTDSIM_KIND_H

#include <linux/types.h>

struct vtdsim_endpoint;

/* What a function's configuration space has beside power management */
#define VTDSIM_HAS_MSI		0x1
#define VTDSIM_HAS_MSIX		0x2
#define VTDSIM_HAS_PASID	0x4	/* but not without ACS among other functions */
#define VTDSIM_HAS_ATS		0x8	/* and PRI */
/* Of the place and not of the kind */
#define VTDSIM_HAS_ACS		0x10
#define VTDSIM_HAS_EXPRESS	0x20
#define VTDSIM_HAS_AF		0x40

/**
 * struct vtdsim_layout - configuration space of a function as it comes from the factory
 * @vendor: vendor ID
 * @device: device ID
 * @revision: revision ID
 * @class: class code, 24 bits
 * @bar_size: bytes of its registers, a power of two; 0 for a function without
 * @has: VTDSIM_HAS_*
 * @msix_table: with VTDSIM_HAS_MSIX, offset of the table of one vector in the BAR
 * @msix_pba: ... and of its Pending Bit Array
 */
struct vtdsim_layout {
	u16 vendor;
	u16 device;
	u8 revision;
	u32 class;
	u32 bar_size;
	u32 has;
	u32 msix_table;
	u32 msix_pba;
};

/**
 * struct vtdsim_endpoint_kind - a kind of endpoint
 * @name: its name in the boot parameter
 * @layout: its configuration space
 * @state_bytes: size of what @vtdsim_endpoint.state points to
 * @reset: set the registers, which are all zero, and @vtdsim_endpoint.state to what
 *	they are after power-on
 * @work: look at the registers, and do what they ask for. Returns false if that was
 *	nothing
 * @abandon: the function does not decode its BAR any more: drop work that is under
 *	way. Returns false if there was none. May be NULL
 * @publish: write those registers again that a program cannot change
 *
 * All are called by the endpoint's thread, may sleep, and are called without a lock.
 * The BAR is plain memory, so no operation is told of an access: a store is noticed
 * because the value is another one than before.
 */
struct vtdsim_endpoint_kind {
	const char *name;
	struct vtdsim_layout layout;
	size_t state_bytes;
	void (*reset)(struct vtdsim_endpoint *ep);
	bool (*work)(struct vtdsim_endpoint *ep);
	bool (*abandon)(struct vtdsim_endpoint *ep);
	void (*publish)(struct vtdsim_endpoint *ep);
};

extern const struct vtdsim_endpoint_kind vtdsim_endpoint_own;
extern const struct vtdsim_endpoint_kind vtdsim_endpoint_own_msix;
extern const struct vtdsim_endpoint_kind vtdsim_endpoint_edu;
extern const struct vtdsim_endpoint_kind vtdsim_endpoint_ioat;

const struct vtdsim_endpoint_kind *vtdsim_endpoint_kind_find(const char *name);

#endif /* _VTDSIM_KIND_H */
