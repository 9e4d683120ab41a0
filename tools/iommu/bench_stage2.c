// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's side: mapping and unmapping guest memory below stage-1 domains.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#include "bench.h"
#include "iommu.h"
#include "util.h"

#define UNMAP_GPA	0x200000000ULL
#define UNMAP_BYTES	(64 * BENCH_PAGE)
#define DOMAINS_MAX	256

#define MAP_GPA		0x400000000ULL
#define MAP_BYTES	BIT_ULL(30)
#define MAP_PIECE	(64ULL << 20)

static void *alloc_memory(__u64 bytes)
{
	void *va = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_ANONYMOUS | MAP_PRIVATE | MAP_POPULATE, -1, 0);

	if (va == MAP_FAILED)
		bench_die("memory", -errno);
	return va;
}

static void map_memory(struct bench *b, void *va, __u64 bytes, __u64 gpa)
{
	int ret = iommufd_ioas_map(b->iommufd, b->ioas, va, bytes, gpa, IOMMUFD_MAP_RW);

	if (ret)
		bench_die("mapping guest memory", ret);
}

static void unmap_memory(struct bench *b, __u64 bytes, __u64 gpa)
{
	int ret = iommufd_ioas_unmap(b->iommufd, b->ioas, gpa, bytes);

	if (ret)
		bench_die("unmapping guest memory", ret);
}

/*
 * Four devices share one domain, or have one each; the rest of the domains is
 * allocated and has no device.
 */
static void unmap_with(struct bench *b, unsigned int domains, void *va)
{
	static __u32 id[DOMAINS_MAX];
	unsigned int devices = b->ndev < 4 ? b->ndev : 4;
	unsigned int i, rounds = b->quick ? 5 : 30;
	struct bench_time best = {}, t;
	struct bench_counts counts;

	for (i = 0; i < domains; i++)
		id[i] = bench_alloc_s1(b, 0);
	for (i = 0; i < devices; i++)
		if (vfio_attach(&b->dev[i], id[i % domains]))
			bench_die("attaching a device", 0);

	for (i = 0; i < rounds; i++) {
		map_memory(b, va, UNMAP_BYTES, UNMAP_GPA);
		meter_counts(&counts);
		t = meter_now();
		unmap_memory(b, UNMAP_BYTES, UNMAP_GPA);
		t = meter_elapsed(&t);
		meter_best(&best, &t);
		counts = meter_since(&counts);
	}

	row_begin("unmap");
	row_number("domains", domains);
	row_number("devices", devices);
	row_number("doorbells", counts.doorbells);
	row_number("descriptors", counts.descriptors);
	row_number("call_ns", best.ns);
	row_number("call_ticks", best.ticks);
	row_end();

	bench_attach_first(b, 0, 0);
	for (i = 0; i < domains; i++)
		iommufd_destroy(b->iommufd, id[i]);
}

/**
 * bench_unmap() - stage-2 unmap of 256 KiB with 1, 4, 16 and 256 domains above
 * @b: bench
 */
void bench_unmap(struct bench *b)
{
	static const unsigned int domains[] = { 1, 4, 16, DOMAINS_MAX };
	void *va = alloc_memory(UNMAP_BYTES);
	unsigned int i;

	bench_attach_first(b, 0, 0);
	for (i = 0; i < ARRAY_SIZE(domains); i++)
		unmap_with(b, domains[i], va);
	munmap(va, UNMAP_BYTES);
}

/**
 * bench_map() - map and unmap 1 GiB, made of one piece of memory many times
 * @b: bench
 */
void bench_map(struct bench *b)
{
	__u64 bytes = b->quick ? MAP_PIECE : MAP_BYTES;
	void *va = alloc_memory(MAP_PIECE);
	struct bench_time in = {}, out = {}, t;
	unsigned int round;
	__u64 at;

	bench_attach_first(b, 1, b->s1[0]);
	for (round = 0; round < 3; round++) {
		t = meter_now();
		for (at = 0; at < bytes; at += MAP_PIECE)
			map_memory(b, va, MAP_PIECE, MAP_GPA + at);
		t = meter_elapsed(&t);
		meter_best(&in, &t);

		t = meter_now();
		for (at = 0; at < bytes; at += MAP_PIECE)
			unmap_memory(b, MAP_PIECE, MAP_GPA + at);
		t = meter_elapsed(&t);
		meter_best(&out, &t);
	}
	munmap(va, MAP_PIECE);

	row_begin("map");
	row_number("mib", bytes >> 20);
	row_number("map_ns", in.ns);
	row_number("map_ticks", in.ticks);
	row_number("unmap_ns", out.ns);
	row_number("unmap_ticks", out.ticks);
	row_end();
}
