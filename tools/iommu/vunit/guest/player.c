// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plays guest programs on a machine.
 */
#include <errno.h>
#include <string.h>

#include "../../endpoint.h"
#include "../../pattern.h"
#include "program.h"

#define DMA_LEN	64

/**
 * struct player - a program being played
 * @m: machine
 * @table: the guest's page tables; 0 where there is none yet
 * @edit: the table that is edited
 */
struct player {
	struct machine *m;
	__u64 table[PROGRAM_TABLES];
	unsigned int edit;
};

static __u64 player_table(struct player *p, unsigned int index)
{
	if (!p->table[index])
		p->table[index] = driver_page(&p->m->driver);
	return p->table[index];
}

static bool player_dma_reads(struct player *p, __u64 addr, __u64 offset)
{
	return endpoint_reads(&p->m->dev, addr, machine_data(p->m, offset), DMA_LEN);
}

static bool player_dma_writes(struct player *p, __u64 addr, unsigned int seed)
{
	unsigned char bytes[DMA_LEN];

	pattern_fill(bytes, DMA_LEN, seed);
	return endpoint_writes(&p->m->dev, addr, bytes, DMA_LEN);
}

static bool player_dma_write_blocked(struct player *p, __u64 addr)
{
	const unsigned char bytes[DMA_LEN] = {};
	struct endpoint_result res;

	return !endpoint_write(&p->m->dev, addr, bytes, DMA_LEN, &res) &&
	       res.status == VTDSIM_EP_S_FAULT && !res.count;
}

static bool player_expects(struct player *p, __u64 offset, unsigned int seed)
{
	unsigned char bytes[DMA_LEN];

	pattern_fill(bytes, DMA_LEN, seed);
	return !memcmp(machine_data(p->m, offset), bytes, DMA_LEN);
}

/* What the guest's processor does to its memory */
static bool player_memory(struct player *p, const struct program_step *s)
{
	struct driver *d = &p->m->driver;

	switch (s->op) {
	case PROGRAM_MEMORY:
		pattern_fill(machine_data(p->m, s->a), DMA_LEN, s->b);
		return true;
	case PROGRAM_EDIT:
		p->edit = s->a;
		return true;
	case PROGRAM_MAP:
		driver_map(d, player_table(p, p->edit), s->a, MACHINE_DATA_GPA + s->b, DRIVER_4K,
			   s->c);
		return true;
	case PROGRAM_MAP_2M:
		driver_map(d, player_table(p, p->edit), s->a, MACHINE_DATA_GPA + s->b, DRIVER_2M,
			   s->c);
		return true;
	case PROGRAM_UNMAP:
		driver_unmap(d, player_table(p, p->edit), s->a, DRIVER_4K);
		return true;
	case PROGRAM_UNMAP_2M:
		driver_unmap(d, player_table(p, p->edit), s->a, DRIVER_2M);
		return true;
	case PROGRAM_USE:
		driver_use_table(d, MACHINE_SID, MACHINE_DID, player_table(p, s->a));
		return true;
	case PROGRAM_PASS:
		driver_use_pass(d, MACHINE_SID, MACHINE_DID);
		return true;
	case PROGRAM_NOTHING:
		driver_use_nothing(d, MACHINE_SID);
		return true;
	default:
		return false;
	}
}

/* What it does to the unit */
static bool player_unit(struct player *p, const struct program_step *s)
{
	struct driver *d = &p->m->driver;

	switch (s->op) {
	case PROGRAM_QUEUE_PAGES:
		driver_queue_pages(d, MACHINE_DID, s->a, s->b);
		return true;
	case PROGRAM_QUEUE_DOMAIN:
		driver_queue_domain(d, MACHINE_DID);
		return true;
	case PROGRAM_QUEUE_CONTEXT:
		driver_queue_context(d, MACHINE_SID, MACHINE_DID);
		return true;
	case PROGRAM_WAIT:
		return driver_wait(d);
	case PROGRAM_BEGIN:
		driver_use_table(d, MACHINE_SID, MACHINE_DID, player_table(p, 0));
		driver_enable(d);
		return true;
	case PROGRAM_ENABLE:
		driver_enable(d);
		return true;
	case PROGRAM_DISABLE:
		driver_disable(d);
		return true;
	case PROGRAM_WRITE_REG:
		vunit_write(p->m->unit, s->a, s->b, s->c);
		return true;
	case PROGRAM_READ_REG:
		return vunit_read(p->m->unit, s->a, s->c) == s->b;
	default:
		return false;
	}
}

static bool player_device(struct player *p, const struct program_step *s)
{
	switch (s->op) {
	case PROGRAM_DMA_READ:
		return player_dma_reads(p, s->a, s->b);
	case PROGRAM_DMA_WRITE:
		return player_dma_writes(p, s->a, s->b);
	case PROGRAM_DMA_BLOCKED:
		return endpoint_blocked(&p->m->dev, s->a) && player_dma_write_blocked(p, s->a);
	case PROGRAM_DMA_READ_ONLY:
		return player_dma_reads(p, s->a, s->b) && player_dma_write_blocked(p, s->a);
	case PROGRAM_EXPECT:
		return player_expects(p, s->a, s->b);
	default:
		return false;
	}
}

static bool player_machine(struct player *p, const struct program_step *s)
{
	static __thread struct vunit_state state;
	struct machine *m = p->m;

	switch (s->op) {
	case PROGRAM_RESET_DEVICE:
		return !endpoint_reset(&m->dev);
	case PROGRAM_RESET:
		vunit_reset(m->unit);
		m->driver.next = MACHINE_GPA;
		driver_init(&m->driver, m->unit, m->mode);
		memset(p->table, 0, sizeof(p->table));
		return true;
	case PROGRAM_MIGRATE:
		vunit_save(m->unit, &state);
		vunit_reset(m->unit);
		return !vunit_load(m->unit, &state);
	case PROGRAM_REPLUG:
		vunit_device_remove(m->unit, MACHINE_SID);
		return !vunit_device_add(m->unit, MACHINE_SID, &m->dev);
	default:
		return false;
	}
}

/**
 * program_play() - play a program
 * @m: machine as machine_open() made it
 * @program: program
 * @step: index of the step that went wrong, if one did
 *
 * Return: 0, or -EIO if something is not as the program says.
 */
int program_play(struct machine *m, const struct program *program, int *step)
{
	struct player p = { .m = m };
	const struct program_step *s;

	for (s = program->steps; s->op != PROGRAM_END; s++) {
		if (player_memory(&p, s) || player_unit(&p, s) || player_device(&p, s) ||
		    player_machine(&p, s))
			continue;
		*step = s - program->steps;
		return -EIO;
	}
	return 0;
}
