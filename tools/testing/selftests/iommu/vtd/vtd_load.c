// SPDX-License-Identifier: GPL-2.0-only
/*
 * vtd_load: what a guest's driver does to a VT-d unit, for measurements with a real VMM
 * (vtd_vmm_load.sh). An endpoint's DMA goes through VFIO's type 1, so that each change of a
 * mapping is a change of the guest's table and an invalidation.
 *
 * usage: vtd_load page TIMES	map a page, read it, unmap it
 *	  vtd_load many PAGES	map as many scattered pages at once, read them, unmap them at once
 *	  vtd_load stream TIMES	the endpoint reads all the time, while pages beside are mapped and
 *				unmapped
 *	  vtd_load hold PAGES	map as many scattered pages, and keep them until a line comes in
 *
 * Prints a line of results: nanoseconds, and what the endpoint read.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/vfio.h>
#include <sys/mman.h>

#include "endpoint.h"
#include "nested_reader.h"
#include "pattern.h"
#include "util.h"
#include "vfio_type1.h"

#define IOVA	0x40000000ULL
#define MAP_RW	(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)
/* Pages that change while the endpoint reads those on both sides of them */
#define BESIDE	16

/**
 * struct load - a device, and memory for it
 * @c: container
 * @dev: endpoint
 * @mem: pages, none of them beside its neighbour in physical memory
 * @pages: how many
 */
struct load {
	struct vfio_type1 c;
	struct vfio_dev dev;
	unsigned char *mem;
	unsigned int pages;
};

static void load_die(const char *what)
{
	fprintf(stderr, "vtd_load: %s\n", what);
	exit(1);
}

static __u64 load_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* The file's pages are allocated one after the other, and mapped five apart. */
static void load_memory(struct load *l, unsigned int pages)
{
	int fd = memfd_create("load", MFD_CLOEXEC);
	unsigned int i, num;

	for (num = 16; num < pages; num *= 2)
		;
	l->pages = num;
	if (fd < 0 || ftruncate(fd, num * PAGE) || posix_fallocate(fd, 0, num * PAGE))
		load_die("no memory");
	l->mem = mmap(NULL, num * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (i = 0; l->mem != MAP_FAILED && i < num; i++)
		if (mmap(l->mem + i * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			 fd, i * 5 % num * PAGE) == MAP_FAILED)
			load_die("too many mappings");
	if (l->mem == MAP_FAILED)
		load_die("no memory");
	for (i = 0; i < num; i++)
		pattern_fill(l->mem + i * PAGE, PAGE, i * 3 + 1);
	close(fd);
}

static void load_open(struct load *l, unsigned int pages)
{
	char bdf[1][PCI_BDF_LEN];

	if (endpoint_find(bdf, 1) < 1)
		load_die("no endpoint of vtdsim");
	if (vfio_bind_driver(bdf[0]) || vfio_type1_open(&l->c) ||
	    vfio_type1_add(&l->c, &l->dev, bdf[0]) || endpoint_enable(&l->dev))
		load_die("the endpoint cannot be opened");
	load_memory(l, pages);
}

static __u64 load_map(struct load *l, unsigned int first, unsigned int pages)
{
	__u64 then = load_now();

	if (vfio_type1_map(&l->c, l->mem + first * PAGE, pages * PAGE, IOVA + first * PAGE, MAP_RW))
		load_die("a page cannot be mapped");
	return load_now() - then;
}

static __u64 load_unmap(struct load *l, unsigned int first, unsigned int pages)
{
	__u64 then = load_now();

	if (vfio_type1_unmap(&l->c, IOVA + first * PAGE, pages * PAGE))
		load_die("a page cannot be unmapped");
	return load_now() - then;
}

static void load_read(struct load *l, unsigned int first, unsigned int pages)
{
	unsigned int i;

	for (i = first; i < first + pages; i++)
		if (!endpoint_reads(&l->dev, IOVA + i * PAGE, l->mem + i * PAGE, 64))
			load_die("the endpoint has read something else");
}

static void load_page(struct load *l, unsigned int times)
{
	__u64 map = 0, unmap = 0;
	unsigned int i;

	for (i = 0; i < times; i++) {
		map += load_map(l, i % l->pages, 1);
		load_read(l, i % l->pages, 1);
		unmap += load_unmap(l, i % l->pages, 1);
		if (!endpoint_blocked(&l->dev, IOVA + i % l->pages * PAGE))
			load_die("the endpoint has read an unmapped page");
	}
	printf("load map_ns=%llu unmap_ns=%llu\n", map / times, unmap / times);
}

static void load_many(struct load *l, unsigned int pages)
{
	__u64 map, unmap;

	map = load_map(l, 0, pages);
	load_read(l, 0, pages);
	unmap = load_unmap(l, 0, pages);
	printf("load map_ns=%llu unmap_ns=%llu\n", map, unmap);
}

static void load_stream(struct load *l, unsigned int times)
{
	struct reader r = { .dev = &l->dev };
	unsigned int i;

	for (i = 0; i < READER_PAGES; i++) {
		load_map(l, i * (BESIDE + 1), 1);
		r.iova[i] = IOVA + i * (BESIDE + 1) * PAGE;
		r.data[i] = l->mem + i * (BESIDE + 1) * PAGE;
	}
	if (reader_start(&r))
		load_die("no thread");
	for (i = 0; i < times; i++) {
		load_map(l, 1, BESIDE);
		reader_wait(&r, 1);
		load_unmap(l, 1, BESIDE);
		reader_wait(&r, 1);
	}
	if (reader_stop(&r))
		load_die("no thread");
	printf("load reads=%lu faults=%lu\n", r.reads, r.faults);
}

static void load_hold(struct load *l, unsigned int pages)
{
	char line[16];

	load_map(l, 0, pages);
	load_read(l, 0, pages);
	printf("load held=%u\n", pages);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		load_die("no end");
	load_unmap(l, 0, pages);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct load *l, unsigned int n);
		unsigned int pages;
	} loads[] = {
		{ "page", load_page, 16 },
		{ "many", load_many, 0 },
		{ "stream", load_stream, BESIDE + 2 },
		{ "hold", load_hold, 0 },
	};
	unsigned int i, n = argc == 3 ? atoi(argv[2]) : 0;
	struct load l = {};

	for (i = 0; n && i < ARRAY_SIZE(loads); i++) {
		if (strcmp(argv[1], loads[i].name))
			continue;
		load_open(&l, loads[i].pages ? loads[i].pages : n);
		loads[i].run(&l, n);
		vfio_close(&l.dev);
		vfio_type1_close(&l.c);
		return 0;
	}
	fprintf(stderr, "usage: vtd_load (page|many|stream|hold) NUMBER\n");
	return 2;
}
