// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest programs.
 */
#include "../../util.h"
#include "program.h"

/* An operand that a step does not have is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define IOVA	0x7000000000ULL
#define RW	(DRIVER_R | DRIVER_W)

/* A page is mapped, changed, made read-only and unmapped, each with its invalidation. */
static const struct program_step steps_page[] = {
	{ PROGRAM_MEMORY, 0x1000, 1 }, { PROGRAM_MEMORY, 0x2000, 2 },
	{ PROGRAM_BEGIN },
	{ PROGRAM_DMA_BLOCKED, IOVA },
	{ PROGRAM_MAP, IOVA, 0x1000, RW }, { PROGRAM_QUEUE_PAGES, IOVA, 0 }, { PROGRAM_WAIT },
	{ PROGRAM_DMA_READ, IOVA, 0x1000 }, { PROGRAM_DMA_WRITE, IOVA + 0x100, 3 },
	{ PROGRAM_MAP, IOVA, 0x2000, RW }, { PROGRAM_QUEUE_PAGES, IOVA, 0 }, { PROGRAM_WAIT },
	{ PROGRAM_DMA_READ, IOVA, 0x2000 }, { PROGRAM_DMA_WRITE, IOVA + 0x100, 4 },
	{ PROGRAM_MAP, IOVA, 0x2000, DRIVER_R }, { PROGRAM_QUEUE_PAGES, IOVA, 0 },
	{ PROGRAM_WAIT },
	{ PROGRAM_DMA_READ_ONLY, IOVA, 0x2000 },
	{ PROGRAM_UNMAP, IOVA }, { PROGRAM_QUEUE_PAGES, IOVA, 0 }, { PROGRAM_WAIT },
	{ PROGRAM_DMA_BLOCKED, IOVA },
	{ PROGRAM_EXPECT, 0x1000, 1 }, { PROGRAM_EXPECT, 0x1100, 3 },
	{ PROGRAM_EXPECT, 0x2000, 2 }, { PROGRAM_EXPECT, 0x2100, 4 },
	{}
};

/* Invalidations of as many pages as every unit takes at once, and of the domain */
static const struct program_step steps_ranges[] = {
	{ PROGRAM_BEGIN },
	{ PROGRAM_MAP, IOVA + SIZE_1G - PAGE, 0x10000, RW },
	{ PROGRAM_MAP, IOVA + SIZE_1G, 0x11000, RW },
	{ PROGRAM_MAP, IOVA + SIZE_1G + SIZE_2M, 0x12000, RW },
	{ PROGRAM_QUEUE_PAGES, IOVA, 18 }, { PROGRAM_QUEUE_PAGES, IOVA + SIZE_1G, 18 },
	{ PROGRAM_WAIT },
	{ PROGRAM_DMA_WRITE, IOVA + SIZE_1G, 10 },
	{ PROGRAM_DMA_WRITE, IOVA + SIZE_1G + SIZE_2M, 11 },
	{ PROGRAM_DMA_WRITE, IOVA + SIZE_1G - PAGE, 12 },
	{ PROGRAM_UNMAP, IOVA + SIZE_1G - PAGE }, { PROGRAM_UNMAP, IOVA + SIZE_1G },
	{ PROGRAM_MAP, IOVA + SIZE_1G + SIZE_2M, 0x13000, RW },
	{ PROGRAM_QUEUE_DOMAIN }, { PROGRAM_WAIT },
	{ PROGRAM_DMA_BLOCKED, IOVA + SIZE_1G - PAGE }, { PROGRAM_DMA_BLOCKED, IOVA + SIZE_1G },
	{ PROGRAM_DMA_WRITE, IOVA + SIZE_1G + SIZE_2M, 13 },
	{ PROGRAM_EXPECT, 0x10000, 12 }, { PROGRAM_EXPECT, 0x11000, 10 },
	{ PROGRAM_EXPECT, 0x12000, 11 }, { PROGRAM_EXPECT, 0x13000, 13 },
	{}
};

/* Many pages far apart with one wait, twice: once when they come, once when they go */
static const struct program_step steps_many[] = {
	{ PROGRAM_BEGIN },
	{ PROGRAM_MAP, IOVA, 0x60000, RW }, { PROGRAM_QUEUE_PAGES, IOVA, 0 },
	{ PROGRAM_MAP, IOVA + SIZE_1G, 0x61000, RW }, { PROGRAM_QUEUE_PAGES, IOVA + SIZE_1G, 0 },
	{ PROGRAM_MAP, IOVA + 2 * SIZE_1G, 0x62000, RW },
	{ PROGRAM_QUEUE_PAGES, IOVA + 2 * SIZE_1G, 0 },
	{ PROGRAM_MAP, IOVA + 3 * SIZE_1G, 0x63000, RW },
	{ PROGRAM_QUEUE_PAGES, IOVA + 3 * SIZE_1G, 0 },
	{ PROGRAM_WAIT },
	{ PROGRAM_DMA_WRITE, IOVA, 60 }, { PROGRAM_DMA_WRITE, IOVA + SIZE_1G, 61 },
	{ PROGRAM_DMA_WRITE, IOVA + 2 * SIZE_1G, 62 },
	{ PROGRAM_DMA_WRITE, IOVA + 3 * SIZE_1G, 63 },
	{ PROGRAM_UNMAP, IOVA }, { PROGRAM_QUEUE_PAGES, IOVA, 0 },
	{ PROGRAM_UNMAP, IOVA + SIZE_1G }, { PROGRAM_QUEUE_PAGES, IOVA + SIZE_1G, 0 },
	{ PROGRAM_UNMAP, IOVA + 2 * SIZE_1G }, { PROGRAM_QUEUE_PAGES, IOVA + 2 * SIZE_1G, 0 },
	{ PROGRAM_WAIT },
	{ PROGRAM_DMA_BLOCKED, IOVA }, { PROGRAM_DMA_BLOCKED, IOVA + SIZE_1G },
	{ PROGRAM_DMA_BLOCKED, IOVA + 2 * SIZE_1G },
	{ PROGRAM_DMA_READ, IOVA + 3 * SIZE_1G, 0x63000 },
	{ PROGRAM_EXPECT, 0x60000, 60 }, { PROGRAM_EXPECT, 0x61000, 61 },
	{ PROGRAM_EXPECT, 0x62000, 62 }, { PROGRAM_EXPECT, 0x63000, 63 },
	{}
};

/* A large page, split and joined again */
static const struct program_step steps_large[] = {
	{ PROGRAM_BEGIN },
	{ PROGRAM_MAP_2M, IOVA, SIZE_2M, RW }, { PROGRAM_QUEUE_PAGES, IOVA, 9 },
	{ PROGRAM_WAIT },
	{ PROGRAM_DMA_WRITE, IOVA + SIZE_2M - 0x40, 20 }, { PROGRAM_DMA_WRITE, IOVA, 21 },
	{ PROGRAM_UNMAP_2M, IOVA }, { PROGRAM_QUEUE_PAGES, IOVA, 9 }, { PROGRAM_WAIT },
	{ PROGRAM_DMA_BLOCKED, IOVA },
	{ PROGRAM_MAP, IOVA + 7 * PAGE, 0x20000, RW },
	{ PROGRAM_QUEUE_PAGES, IOVA, 9 }, { PROGRAM_WAIT },
	{ PROGRAM_DMA_WRITE, IOVA + 7 * PAGE, 22 }, { PROGRAM_DMA_BLOCKED, IOVA + 8 * PAGE },
	{ PROGRAM_MAP_2M, IOVA, SIZE_2M, RW }, { PROGRAM_QUEUE_DOMAIN }, { PROGRAM_WAIT },
	{ PROGRAM_DMA_READ, IOVA, SIZE_2M }, { PROGRAM_DMA_WRITE, IOVA + 7 * PAGE, 23 },
	{ PROGRAM_EXPECT, 2 * SIZE_2M - 0x40, 20 }, { PROGRAM_EXPECT, SIZE_2M, 21 },
	{ PROGRAM_EXPECT, 0x20000, 22 }, { PROGRAM_EXPECT, SIZE_2M + 7 * PAGE, 23 },
	{}
};

/* Tables are exchanged, the device passes through, and has nothing. */
static const struct program_step steps_tables[] = {
	{ PROGRAM_MAP, IOVA, 0x30000, RW },
	{ PROGRAM_EDIT, 1 }, { PROGRAM_MAP, IOVA, 0x31000, RW },
	{ PROGRAM_MAP, IOVA + PAGE, 0x32000, RW },
	{ PROGRAM_BEGIN },
	{ PROGRAM_DMA_WRITE, IOVA, 30 }, { PROGRAM_DMA_BLOCKED, IOVA + PAGE },
	{ PROGRAM_USE, 1 }, { PROGRAM_QUEUE_CONTEXT }, { PROGRAM_QUEUE_DOMAIN },
	{ PROGRAM_WAIT },
	{ PROGRAM_DMA_WRITE, IOVA, 31 }, { PROGRAM_DMA_WRITE, IOVA + PAGE, 32 },
	{ PROGRAM_PASS }, { PROGRAM_QUEUE_CONTEXT }, { PROGRAM_QUEUE_DOMAIN }, { PROGRAM_WAIT },
	{ PROGRAM_DMA_BLOCKED, IOVA }, { PROGRAM_DMA_WRITE, MACHINE_DATA_GPA + 0x33000, 33 },
	{ PROGRAM_NOTHING }, { PROGRAM_QUEUE_CONTEXT }, { PROGRAM_WAIT },
	{ PROGRAM_DMA_BLOCKED, IOVA }, { PROGRAM_DMA_BLOCKED, MACHINE_DATA_GPA },
	{ PROGRAM_USE, 0 }, { PROGRAM_QUEUE_CONTEXT }, { PROGRAM_WAIT },
	{ PROGRAM_DMA_WRITE, IOVA + 0x40, 34 },
	{ PROGRAM_EXPECT, 0x30000, 30 }, { PROGRAM_EXPECT, 0x31000, 31 },
	{ PROGRAM_EXPECT, 0x32000, 32 }, { PROGRAM_EXPECT, 0x33000, 33 },
	{ PROGRAM_EXPECT, 0x30040, 34 },
	{}
};

/* Translation goes off, and on again. */
#define STEP_OFF_PASSES	4
static const struct program_step steps_off[] = {
	{ PROGRAM_MAP, IOVA, 0x34000, RW },
	{ PROGRAM_BEGIN },
	{ PROGRAM_DMA_WRITE, IOVA, 36 },
	{ PROGRAM_DISABLE },
	[STEP_OFF_PASSES] = { PROGRAM_DMA_WRITE, MACHINE_DATA_GPA + 0x35000, 37 },
	{ PROGRAM_DMA_BLOCKED, IOVA },
	{ PROGRAM_ENABLE }, { PROGRAM_DMA_READ, IOVA, 0x34000 },
	{ PROGRAM_DMA_BLOCKED, MACHINE_DATA_GPA + 0x35000 },
	{ PROGRAM_EXPECT, 0x34000, 36 }, { PROGRAM_EXPECT, 0x35000, 37 },
	{}
};

/* An error in the queue: the guest clears it and goes on. */
static const struct program_step steps_queue_error[] = {
	{ PROGRAM_MAP, IOVA, 0x40000, RW },
	{ PROGRAM_BEGIN },
	{ PROGRAM_READ_REG, VUNIT_FSTS, 0, 4 },
	{ PROGRAM_WRITE_REG, VUNIT_IQT, 0x40000, 8 },
	{ PROGRAM_READ_REG, VUNIT_FSTS, VUNIT_FSTS_IQE, 4 },
	{ PROGRAM_DMA_WRITE, IOVA, 40 },
	{ PROGRAM_WRITE_REG, VUNIT_IQT, 0, 8 },
	{ PROGRAM_WRITE_REG, VUNIT_FSTS, VUNIT_FSTS_IQE, 4 },
	{ PROGRAM_READ_REG, VUNIT_FSTS, 0, 4 },
	{ PROGRAM_MAP, IOVA, 0x41000, RW }, { PROGRAM_QUEUE_PAGES, IOVA, 0 }, { PROGRAM_WAIT },
	{ PROGRAM_DMA_WRITE, IOVA, 41 },
	{ PROGRAM_EXPECT, 0x40000, 40 }, { PROGRAM_EXPECT, 0x41000, 41 },
	{}
};

/* The unit is saved and loaded, the device reset and plugged again, the guest rebooted. */
static const struct program_step steps_machine[] = {
	{ PROGRAM_MAP, IOVA, 0x50000, RW }, { PROGRAM_MAP, IOVA + PAGE, 0x51000, RW },
	{ PROGRAM_BEGIN },
	{ PROGRAM_DMA_WRITE, IOVA, 50 },
	{ PROGRAM_MIGRATE }, { PROGRAM_DMA_WRITE, IOVA + PAGE, 51 },
	{ PROGRAM_RESET_DEVICE }, { PROGRAM_DMA_READ, IOVA, 0x50000 },
	{ PROGRAM_REPLUG }, { PROGRAM_DMA_READ, IOVA + PAGE, 0x51000 },
	{ PROGRAM_UNMAP, IOVA }, { PROGRAM_QUEUE_PAGES, IOVA, 0 }, { PROGRAM_WAIT },
	{ PROGRAM_REPLUG }, { PROGRAM_DMA_BLOCKED, IOVA },
	{ PROGRAM_RESET },
	{ PROGRAM_DMA_BLOCKED, IOVA }, { PROGRAM_DMA_WRITE, MACHINE_DATA_GPA + 0x52000, 52 },
	{ PROGRAM_MAP, IOVA, 0x53000, RW },
	{ PROGRAM_BEGIN },
	{ PROGRAM_DMA_WRITE, IOVA, 53 }, { PROGRAM_DMA_BLOCKED, IOVA + PAGE },
	{ PROGRAM_EXPECT, 0x50000, 50 }, { PROGRAM_EXPECT, 0x51000, 51 },
	{ PROGRAM_EXPECT, 0x52000, 52 }, { PROGRAM_EXPECT, 0x53000, 53 },
	{}
};

const struct program programs[] = {
	{ "page", steps_page },
	{ "ranges", steps_ranges },
	{ "many", steps_many },
	{ "large", steps_large },
	{ "tables", steps_tables },
	{ "off", steps_off },
	{ "queue-error", steps_queue_error },
	{ "machine", steps_machine },
};

const unsigned int programs_num = ARRAY_SIZE(programs);

/*
 * While translation is off (GCMD.TE), requests are not remapped. QEMU 11.1 leaves a device on its
 * stage-1 domain as long as the tables give it one.
 */
const struct program_difference program_differences[] = {
	{ "off", &machine_qemu, DRIVER_FIRST, STEP_OFF_PASSES },
};

const unsigned int program_differences_num = ARRAY_SIZE(program_differences);
