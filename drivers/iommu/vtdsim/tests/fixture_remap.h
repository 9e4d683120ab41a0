/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test fixture: interrupt remapping. A unit with a table, whose interrupts reach the test
 * and no CPU.
 */
#ifndef _VTDSIM_TEST_FIXTURE_REMAP_H
#define _VTDSIM_TEST_FIXTURE_REMAP_H

#include "fixture_unit.h"
#include "remap/irte.h"
#include "unit/interrupts.h"

#define REMAP_SID	0x0108
#define REMAP_OTHER	0x0110
#define REMAP_ENTRIES	256
#define REMAP_SIZE	7	/* 2 ^ (7 + 1) entries */

/* A remappable request with a handle; with SHV its data counts */
#define HANDLE(index)	(0xfee00010ULL | (index) << 5)
#define SHV		0x8ULL
/* What the request has in compatibility format: CPU 0 */
#define COMPATIBILITY	0xfee00000ULL

/* P, vector, and an APIC id of 8 bits; only REMAP_SID may use it, by SVT and SID */
#define ENTRY(vector)	(1ULL | (vector) << 16 | 3ULL << 40)
#define ENTRY_FPD	2ULL
#define SOURCE(sid)	(1ULL << 18 | (sid))

/**
 * struct remap_test - a unit with an interrupt remapping table
 * @unit: the unit
 * @table: its table of REMAP_ENTRIES
 * @out: how the last request ended
 * @irq: the last interrupt that was delivered
 * @count: interrupts that were delivered
 */
struct remap_test {
	struct vtdsim_unit *unit;
	struct vtdsim_irte *table;
	struct vtdsim_outcome out;
	struct vtdsim_interrupt irq;
	unsigned int count;
};

struct remap_test *vtdsim_test_remap_new(struct kunit *test, u64 cap, u64 ecap);
struct remap_test *vtdsim_test_remap_enabled(struct kunit *test, u64 cap, u64 ecap, u64 mode);
void vtdsim_test_remap_command(struct vtdsim_unit *unit, u32 on, u32 off);
void vtdsim_test_remap_set_table(struct remap_test *t, u64 irta);
void vtdsim_test_remap_send_from(struct remap_test *t, u16 sid, u64 addr, u32 data);
u8 vtdsim_test_remap_send(struct remap_test *t, u64 addr, u32 data);
void vtdsim_test_remap_blocked(struct kunit *test, u64 addr, u32 data, u8 reason);

#endif /* _VTDSIM_TEST_FIXTURE_REMAP_H */
