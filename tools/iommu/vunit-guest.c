// SPDX-License-Identifier: GPL-2.0-only
/*
 * vunit-guest: play guest programs on libvunit, with an endpoint of vtdsim on the real
 * /dev/iommu. Each program runs nested and shadowed, and is to leave the same bytes at the
 * same places.
 *
 * usage: vunit-guest [PROGRAM...]
 *
 * The numbers are those of calls to the host, from the machine's start to its end: domains and
 * address spaces made, mappings, attachments, invalidations and the requests in them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "util.h"
#include "vunit/guest/program.h"

static const enum driver_mode modes[] = { DRIVER_FIRST, DRIVER_SECOND, DRIVER_LEGACY };

static void guest_print_calls(const struct machine_host *host)
{
	printf("  %3u %5u %6u %6u %6u %6u %8u", host->calls.alloc, host->calls.map,
	       host->calls.unmap, host->calls.attach, host->calls.detach,
	       host->calls.invalidate, host->requests);
}

/* Plays a program; 0 and the data that it left, or 1 and a line that says why not. */
static int guest_play(const char *bdf, const struct program *program, enum driver_mode mode,
		      void *data)
{
	struct machine m;
	int ret, step = 0;

	ret = machine_open(&m, bdf, mode);
	if (!ret) {
		ret = program_play(&m, program, &step);
		memcpy(data, machine_data(&m, 0), MACHINE_DATA_SIZE);
		machine_close(&m);
	}
	printf("%-12s %-17s", program->name, machine_mode_name(mode));
	guest_print_calls(&m.host);
	if (ret == -EIO)
		printf("  step %d is not as it should be\n", step);
	else if (ret)
		printf("  %s\n", strerror(-ret));
	else
		printf("  ok\n");
	return !!ret;
}

static int guest_play_all(const char *bdf, const struct program *program, void *data[2])
{
	int bad = guest_play(bdf, program, modes[0], data[0]);
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(modes); i++) {
		bad |= guest_play(bdf, program, modes[i], data[1]);
		if (!bad && memcmp(data[0], data[1], MACHINE_DATA_SIZE)) {
			printf("%-12s %-18s leaves other bytes than %s\n", program->name,
			       machine_mode_name(modes[i]), machine_mode_name(modes[0]));
			bad = 1;
		}
	}
	return bad;
}

static bool guest_wants(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	void *data[2] = { malloc(MACHINE_DATA_SIZE), malloc(MACHINE_DATA_SIZE) };
	char bdf[1][PCI_BDF_LEN];
	unsigned int i, played = 0;
	int bad = 0;

	if (!data[0] || !data[1] || endpoint_find(bdf, 1) < 1) {
		fprintf(stderr, "vunit-guest: no endpoint of vtdsim, or no memory\n");
		return 1;
	}
	printf("%-12s %-17s  %3s %5s %6s %6s %6s %6s %8s\n", "program", "tables", "new", "map",
	       "unmap", "attach", "detach", "inval", "requests");
	for (i = 0; i < programs_num; i++) {
		if (!guest_wants(programs[i].name, argc, argv))
			continue;
		bad |= guest_play_all(bdf[0], &programs[i], data);
		played++;
	}
	free(data[0]);
	free(data[1]);
	return bad || !played;
}
