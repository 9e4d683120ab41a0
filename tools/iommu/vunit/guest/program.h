/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest programs as data: what the guest's processor and its device do, one step after the
 * other, and what is to come of it. A program knows neither what kind of tables the guest has nor
 * what runs it.
 */
#ifndef _VUNIT_GUEST_PROGRAM_H
#define _VUNIT_GUEST_PROGRAM_H

#include <linux/types.h>

#include "machine.h"

#define PROGRAM_TABLES	4

/*
 * What the letters stand for: @a to @c of struct program_step. An offset is one into the
 * data of the guest. DMA is 64 bytes.
 */
enum program_op {
	PROGRAM_END,
	/* The guest's processor */
	PROGRAM_MEMORY,		/* fill 64 bytes at offset a with a pattern made of b */
	PROGRAM_MAP,		/* map 4 KiB at address a to offset b, rights c */
	PROGRAM_MAP_2M,		/* the same of 2 MiB */
	PROGRAM_UNMAP,		/* unmap the 4 KiB at address a */
	PROGRAM_UNMAP_2M,	/* unmap the 2 MiB at address a */
	PROGRAM_EDIT,		/* the steps above concern table a from here on */
	PROGRAM_USE,		/* the context or PASID entry says table a */
	PROGRAM_PASS,		/* it says pass-through */
	PROGRAM_NOTHING,	/* it says nothing */
	PROGRAM_QUEUE_PAGES,	/* queue an invalidation of 2^b pages at address a */
	PROGRAM_QUEUE_DOMAIN,	/* of the domain */
	PROGRAM_QUEUE_CONTEXT,	/* of the entries */
	PROGRAM_WAIT,		/* queue a wait, ring the doorbell; the wait is complete */
	PROGRAM_BEGIN,		/* the entry says table 0; set registers, enable translation */
	PROGRAM_ENABLE,		/* set registers, enable translation */
	PROGRAM_DISABLE,	/* disable translation */
	PROGRAM_WRITE_REG,	/* write b to register a of c bytes */
	PROGRAM_READ_REG,	/* register a of c bytes reads as b */
	/* The device */
	PROGRAM_DMA_READ,	/* reads at address a the 64 bytes at offset b */
	PROGRAM_DMA_WRITE,	/* writes a pattern made of b at address a */
	PROGRAM_DMA_BLOCKED,	/* is blocked at address a, reading and writing */
	PROGRAM_DMA_READ_ONLY,	/* reads at address a the bytes at offset b, may not write */
	/* Memory after all that */
	PROGRAM_EXPECT,		/* the 64 bytes at offset a are the pattern made of b */
	/* The machine; not every VMM can do it */
	PROGRAM_RESET_DEVICE,	/* function-level reset */
	PROGRAM_RESET,		/* reset of the unit; the guest boots again with no tables */
	PROGRAM_MIGRATE,	/* save the unit, reset it, load it */
	PROGRAM_REPLUG,		/* the device goes and comes back */
};

/**
 * struct program_step - a step
 * @op: what
 * @a: operand
 * @b: operand
 * @c: operand
 */
struct program_step {
	enum program_op op;
	__u64 a;
	__u64 b;
	__u64 c;
};

/**
 * struct program - a guest program
 * @name: name
 * @steps: its steps; the last one is PROGRAM_END
 */
struct program {
	const char *name;
	const struct program_step *steps;
};

extern const struct program programs[];
extern const unsigned int programs_num;

/**
 * struct program_difference - where a VMM does other than the specification says
 * @program: name of a program
 * @vmm: VMM
 * @mode: tables of the guest
 * @step: the step that shows it
 */
struct program_difference {
	const char *program;
	const struct machine_vmm *vmm;
	enum driver_mode mode;
	int step;
};

extern const struct program_difference program_differences[];
extern const unsigned int program_differences_num;

bool program_differs(const struct program *program, const struct machine *m, int step);
bool program_fits(const struct program *program, const struct machine_vmm *vmm);
int program_play(struct machine *m, const struct program *program, int *step);

#endif /* _VUNIT_GUEST_PROGRAM_H */
