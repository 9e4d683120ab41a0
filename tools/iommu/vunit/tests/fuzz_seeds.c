// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzing without more than a compiler: the seeds, and a fixed number of programs that are
 * made of them, the same on all machines.
 *
 * usage: fuzz-seeds RUNS SEED...
 *
 * A seed is text: two hexadecimal digits for each byte; lines that begin with "#" do not
 * count. On a crash, the run that did it is the last one named.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define SEEDS_MAX	64
#define SEED_SIZE	1601
#define REPORT		20000

/**
 * struct seed - a program
 * @size: bytes
 * @data: the bytes
 */
struct seed {
	size_t size;
	__u8 data[SEED_SIZE];
};

static struct seed seeds[SEEDS_MAX];
static unsigned int seeds_num;

static unsigned int random_next(void)
{
	static __u64 state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 16;
}

static int seed_load(const char *path)
{
	struct seed *seed = &seeds[seeds_num];
	char line[256], *p;
	unsigned int byte;
	FILE *file;
	int used;

	file = fopen(path, "r");
	if (!file || seeds_num == SEEDS_MAX) {
		fprintf(stderr, "%s: cannot be read, or one too many\n", path);
		return -1;
	}
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#')
			continue;
		for (p = line; sscanf(p, " %2x%n", &byte, &used) == 1; p += used)
			if (seed->size < SEED_SIZE)
				seed->data[seed->size++] = byte;
	}
	fclose(file);
	seeds_num++;
	return 0;
}

/* Begin with a seed; put steps of others into it, and change bytes. */
static void seed_mutate(struct seed *to)
{
	const struct seed *other;
	unsigned int n, at, from;

	*to = seeds[random_next() % seeds_num];
	if (random_next() % 4 == 0)
		to->data[0] = random_next();
	for (n = random_next() % 24; n; n--) {
		other = &seeds[random_next() % seeds_num];
		at = 1 + random_next() % ((SEED_SIZE - 1) / 8) * 8;
		if (random_next() % 2)
			at = to->size - 1 >= 8 ? 1 + random_next() % ((to->size - 1) / 8) * 8 : 1;
		from = 1 + random_next() % ((other->size - 1) / 8) * 8;
		memcpy(to->data + at, other->data + from, 8);
		if (to->size < at + 8)
			to->size = at + 8;
	}
	for (n = random_next() % 16; n; n--)
		to->data[random_next() % to->size] ^= 1U << random_next() % 8;
}

int main(int argc, char **argv)
{
	static struct seed program;
	unsigned long run, runs;
	int i;

	if (argc < 3)
		return 2;
	runs = strtoul(argv[1], NULL, 10);
	for (i = 2; i < argc; i++)
		if (seed_load(argv[i]))
			return 1;
	for (i = 0; i < (int)seeds_num; i++) {
		printf("seed %s\n", argv[i + 2]);
		fflush(stdout);
		fuzz_run(seeds[i].data, seeds[i].size);
	}
	for (run = 0; run < runs; run++) {
		if (run % REPORT == 0) {
			printf("run %lu\n", run);
			fflush(stdout);
		}
		seed_mutate(&program);
		fuzz_run(program.data, program.size);
	}
	printf("%lu runs\n", runs);
	return 0;
}
