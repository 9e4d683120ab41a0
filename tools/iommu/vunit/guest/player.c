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
		driver_write(d, s->a, s->b, s->c);
		return true;
	case PROGRAM_READ_REG:
		return driver_read(d, s->a, s->c) == s->b;
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
	struct machine *m = p->m;

	switch (s->op) {
	case PROGRAM_RESET_DEVICE:
		return !endpoint_reset(&m->dev);
	case PROGRAM_RESET:
		if (!m->vmm->reset(m))
			return false;
		machine_boot(m);
		memset(p->table, 0, sizeof(p->table));
		return true;
	case PROGRAM_MIGRATE:
		return m->vmm->migrate(m);
	case PROGRAM_REPLUG:
		return m->vmm->replug(m);
	default:
		return false;
	}
}

/**
 * program_fits() - can a VMM do what a program asks of it?
 * @program: program
 * @vmm: VMM
 *
 * Return: true if it has all the operations.
 */
bool program_fits(const struct program *program, const struct machine_vmm *vmm)
{
	const struct program_step *s;

	for (s = program->steps; s->op != PROGRAM_END; s++)
		if ((s->op == PROGRAM_RESET && !vmm->reset) ||
		    (s->op == PROGRAM_MIGRATE && !vmm->migrate) ||
		    (s->op == PROGRAM_REPLUG && !vmm->replug))
			return false;
	return true;
}

/**
 * program_differs() - is it known that a machine's VMM goes wrong there?
 * @program: program
 * @m: machine
 * @step: index of the step
 *
 * Return: true if so.
 */
bool program_differs(const struct program *program, const struct machine *m, int step)
{
	const struct program_difference *d;
	unsigned int i;

	for (i = 0; i < program_differences_num; i++) {
		d = &program_differences[i];
		if (!strcmp(d->program, program->name) && d->vmm == m->vmm &&
		    d->mode == m->mode && d->step == step)
			return true;
	}
	return false;
}

/**
 * program_play() - play a program
 * @m: machine as machine_open() made it
 * @program: program, which fits the machine's VMM
 * @step: index of the step that went wrong, if one did
 *
 * Return: 0, or -EIO if something is not as the program says.
 */
int program_play(struct machine *m, const struct program *program, int *step)
{
	struct player p = { .m = m };
	const struct program_step *s;

	for (s = program->steps; s->op != PROGRAM_END; s++) {
		if (player_memory(&p, s) || player_unit(&p, s))
			continue;
		if (machine_sync(m) && (player_device(&p, s) || player_machine(&p, s)) &&
		    machine_sync(m))
			continue;
		*step = s - program->steps;
		return -EIO;
	}
	return 0;
}
