/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit for tests with a host, a guest with memory, and a driver in the guest.
 */
#ifndef _VUNIT_TEST_FIXTURE_H
#define _VUNIT_TEST_FIXTURE_H

#include "../fault_reasons.h"
#include "../formats.h"
#include "../guest/driver.h"
#include "../unit.h"
#include "fake_host.h"
#include "harness.h"

/* Memory of the guest: tables and data, more data, and a ROM */
#define LOW_GPA		0x0ULL
#define HIGH_GPA	0x100000000ULL
#define RAM_SIZE	0x400000ULL
#define ROM_GPA		0x80000000ULL
#define ROM_SIZE	0x10000ULL

#define SID		0x0010	/* 00:02.0 */
#define SID_2		0x01f9	/* 01:1f.1, in the upper half of a root entry */
#define DID		5

/**
 * struct fixture - what a test needs
 * @host: host
 * @unit: unit
 * @config: what it is made of
 * @d: the guest's driver
 * @low: memory at LOW_GPA
 * @high: memory at HIGH_GPA; unplugged if @no_high
 * @rom: memory at ROM_GPA
 * @no_high: the memory at HIGH_GPA is gone
 * @interrupts: how many there were
 * @irq_addr: address of the last one
 * @irq_data: its data
 * @responses: how many there were
 * @response: the last one
 * @reads: reads of guest memory so far
 * @on_read: called before each of them, or NULL
 */
struct fixture {
	struct fake_host host;
	struct vunit *unit;
	struct vunit_config config;
	struct driver d;
	char *low, *high, *rom;
	bool no_high;
	unsigned int interrupts;
	__u64 irq_addr;
	__u32 irq_data;
	unsigned int responses;
	struct vunit_page_response response;
	unsigned int reads;
	void (*on_read)(struct fixture *f);
};

/* Units of hosts: one that has everything, and one with erratum 772415 */
#define HOST_CAP	(vunit_put(VUNIT_CAP_SAGAW, 0xe) | vunit_put(VUNIT_CAP_MGAW, 56) | \
			 VUNIT_CAP_ZLR | VUNIT_CAP_FS1GP | VUNIT_CAP_FS5LP | \
			 vunit_put(VUNIT_CAP_NFR, 200) | VUNIT_CAP_PSI)
#define HOST_ECAP	(~(VUNIT_BITS(23, 8)))

void fixture_open(struct fixture *f, enum driver_mode mode);
void fixture_open_config(struct fixture *f, enum driver_mode mode);
void fixture_close(struct fixture *f);
void *fixture_va(struct fixture *f, __u64 gpa);
void fixture_nest(struct fixture *f, __u64 *table);
bool fixture_reaches(struct fixture *f, __u64 iova, __u64 gpa);
bool fixture_blocked(struct fixture *f, __u64 iova);
__u8 fixture_fault(struct fixture *f, unsigned int index);

#endif /* _VUNIT_TEST_FIXTURE_H */
