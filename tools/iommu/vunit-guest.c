// SPDX-License-Identifier: GPL-2.0-only
/*
 * vunit-guest: play guest programs on libvunit, with an endpoint of vtdsim on the real
 * /dev/iommu. Each program runs nested and shadowed, and is to leave the same bytes at the
 * same places. With -q they are played on QEMU, too, if it can do what they ask; "differs" is
 * where it does not do what the specification says, as is known (programs.c). Where the host's
 * unit cannot nest, as that of a guest, they are only shadowed.
 *
 * usage: vunit-guest [-q] [PROGRAM...]
 *
 * The numbers are those of calls to the host while the guest runs: domains and address spaces
 * made, mappings, attachments, invalidations and the requests in them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "endpoint.h"
#include "util.h"
#include "vunit/guest/program.h"

static const enum driver_mode modes[] = { DRIVER_FIRST, DRIVER_SECOND, DRIVER_LEGACY };
static const struct machine_vmm * const vmms[] = { &machine_vunit, &machine_qemu };

static void guest_print_calls(const struct machine_calls *calls)
{
	printf("  %3u %5u %6u %6u %6u %6u %8u", calls->alloc, calls->map, calls->unmap,
	       calls->attach, calls->detach, calls->invalidate, calls->requests);
}

enum guest_outcome {
	GUEST_OK,
	GUEST_DIFFERS,	/* the VMM goes wrong where it is known to */
	GUEST_NO_NESTING,
	GUEST_BAD,
};

/* Plays a program, prints a line of it, and leaves its data. */
static enum guest_outcome guest_play(const char *bdf, const struct machine_vmm *vmm,
				     const struct program *program, enum driver_mode mode,
				     void *data)
{
	struct machine_calls calls = {};
	struct machine m;
	int ret, step = -1;

	ret = machine_open(&m, vmm, bdf, mode);
	if (!ret) {
		ret = program_play(&m, program, &step);
		machine_calls(&m, &calls);
		memcpy(data, machine_data(&m, 0), MACHINE_DATA_SIZE);
		machine_close(&m);
	}
	printf("%-12s %-9s %-17s", program->name, vmm->name, machine_mode_name(mode));
	guest_print_calls(&calls);
	if (!ret) {
		printf("  ok\n");
		return GUEST_OK;
	}
	if (step < 0) {
		printf("  %s\n", strerror(-ret));
		return ret == -EOPNOTSUPP && mode == DRIVER_FIRST ? GUEST_NO_NESTING : GUEST_BAD;
	}
	if (program_differs(program, &m, step)) {
		printf("  differs\n");
		return GUEST_DIFFERS;
	}
	printf("  step %d is not as it should be\n", step);
	return GUEST_BAD;
}

/* What the first play leaves is what all others are compared with. */
static int guest_play_all(const char *bdf, unsigned int num_vmms, const struct program *program,
			  void *data[2])
{
	bool first = true, nests = true;
	enum guest_outcome outcome;
	unsigned int i, k;
	int bad = 0;

	for (i = 0; i < num_vmms; i++) {
		if (!program_fits(program, vmms[i]))
			continue;
		for (k = 0; k < ARRAY_SIZE(modes); k++) {
			if (modes[k] == DRIVER_FIRST && !nests)
				continue;
			outcome = guest_play(bdf, vmms[i], program, modes[k], data[!first]);
			nests &= outcome != GUEST_NO_NESTING;
			bad |= outcome == GUEST_BAD;
			if (outcome != GUEST_OK || bad)
				continue;
			if (!first && memcmp(data[0], data[1], MACHINE_DATA_SIZE)) {
				printf("%-12s leaves other bytes than the first time\n",
				       program->name);
				bad = 1;
			}
			first = false;
		}
	}
	return bad;
}

static bool guest_wants(const char *name, char **names)
{
	char **i;

	for (i = names; *i; i++)
		if (!strcmp(*i, name))
			return true;
	return !*names;
}

int main(int argc, char **argv)
{
	void *data[2] = { malloc(MACHINE_DATA_SIZE), malloc(MACHINE_DATA_SIZE) };
	unsigned int i, played = 0, num_vmms = 1;
	char bdf[1][PCI_BDF_LEN];
	int bad = 0;

	if (argc > 1 && !strcmp(argv[1], "-q")) {
		argv++;
		num_vmms = ARRAY_SIZE(vmms);
	}
	if (!data[0] || !data[1] || endpoint_find(bdf, 1) < 1) {
		fprintf(stderr, "vunit-guest: no endpoint of vtdsim, or no memory\n");
		return 1;
	}
	printf("%-12s %-9s %-17s  %3s %5s %6s %6s %6s %6s %8s\n", "program", "VMM", "tables", "new",
	       "map", "unmap", "attach", "detach", "inval", "requests");
	for (i = 0; i < programs_num; i++) {
		if (!guest_wants(programs[i].name, argv + 1))
			continue;
		bad |= guest_play_all(bdf[0], num_vmms, &programs[i], data);
		played++;
	}
	free(data[0]);
	free(data[1]);
	return bad || !played;
}
