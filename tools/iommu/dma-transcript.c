// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps memory for a device and has it do DMA, at random, and prints the results:
 * the bytes moved, or the fault that the VT-d driver logged. The same seed gives
 * the same transcript with every VT-d unit that works correctly, and with every
 * device that the program can drive. tools/rig/differential.py compares two of them.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "iommu.h"
#include "transcript.h"

#define EXIT_ENVIRONMENT 2
#define FIRST_MAPPINGS	6

/**
 * struct transcript - the state of the program
 * @kind: what kind of device
 * @dev: the device, a bus master
 * @scratch: memory that is mapped at SCRATCH_IOVA
 * @log: faults
 * @pool: memory
 * @both: two address spaces
 * @space: the address space that the device is attached to
 * @random: source of all choices
 * @accesses: accesses in this chunk so far
 * @writes: all accesses are what QEMU's iommu-testdev can do
 */
struct transcript {
	const struct dma_device *kind;
	struct vfio_dev dev;
	unsigned char *scratch;
	struct fault_log log;
	struct pool pool[POOLS];
	struct space both[2];
	struct space *space;
	struct random random;
	unsigned int accesses;
	bool writes;
};

static void exit_on_error(int ret, const char *what, int status)
{
	if (!ret)
		return;
	fflush(stdout);
	fprintf(stderr, "dma-transcript: %s: %s\n", what, strerror(-ret));
	exit(status);
}

/* What the program needs before it begins. */
static void require_success(int ret, const char *what)
{
	exit_on_error(ret, what, EXIT_ENVIRONMENT);
}

/* What must work from then on; after an error the transcript is incomplete. */
static void require_ioctl(int ret, const char *what)
{
	exit_on_error(ret, what, EXIT_FAILURE);
}

static void print_faults(const struct transcript *t, const struct dma *dma)
{
	const struct fault_log *log = &t->log;
	unsigned int i;

	for (i = 0; i < log->n; i++)
		printf(" fault %s %s0x%llx 0x%x where %s",
		       log->fault[i].write ? "write" : "read",
		       log->fault[i].pasid ? "with PASID " : "",
		       log->fault[i].addr, log->fault[i].reason,
		       space_rights(t->space, log->fault[i].addr));
	/* A device that reports faults must agree with the unit's record. */
	if (dma->known && dma->reason &&
	    (log->n != 1 || log->fault[0].reason != dma->reason ||
	     log->fault[0].addr != dma->addr))
		printf(" but the device saw 0x%x at 0x%llx", dma->reason,
		       dma->addr);
	if (!log->n)
		printf(" ok");
}

/* What iommu-testdev writes: four bytes, which begin anew in each page. */
static void fill_with_pattern(struct dma *dma)
{
	static const unsigned char bytes[] = { 0x78, 0x56, 0x34, 0x12 };
	__u32 first = PAGE - dma->iova % PAGE, i;

	for (i = 0; i < dma->len; i++)
		dma->data[i] = bytes[(i < first ? i : i - first) % sizeof(bytes)];
}

/* Carry out a planned access, and print the result. */
static void transcript_access(struct transcript *t, const struct dma *plan)
{
	static unsigned char data[ACCESS_MAX];
	struct dma dma = *plan;
	__u64 hash;

	if (t->writes && plan_is_interrupt(plan))
		return;
	dma.write |= t->writes;
	/*
	 * Some devices stop where they are blocked, others go on. End the access
	 * there, so that the transcript does not depend on it.
	 */
	dma.len = space_reach(t->space, dma.write, dma.iova, dma.len);
	dma.data = data;
	if (t->writes)
		fill_with_pattern(&dma);
	else if (dma.write)
		random_bytes(&t->random, data, dma.len);
	else
		memset(data, 0, dma.len);
	/* Where the same bytes are written again and again, they must not be there before. */
	if (t->writes)
		space_restore(t->space, dma.iova, dma.len);
	else
		space_touch(t->space, dma.iova, dma.len);
	require_ioctl(t->kind->access(&t->dev, t->scratch, &t->log, &dma), "access");

	/* Hash the memory that a write went to, or the data that was read. */
	hash = dma.write ? space_hash(t->space, dma.iova, dma.len) :
			   hash_bytes(HASH_START, data, dma.done);
	printf("%u %s 0x%llx+%u:", t->accesses++, dma.write ? "write" : "read",
	       dma.iova, dma.len);
	print_faults(t, &dma);
	printf(", %u bytes, %016llx\n", dma.done, hash);
	t->log.n = 0;
	fault_log_rest(&t->log);
}

static void random_access(struct transcript *t)
{
	struct dma dma;

	plan_access(&t->random, t->space, &dma);
	transcript_access(t, &dma);
}

/* Add a mapping; what was cached before it must not be used. */
static void random_map(struct transcript *t)
{
	struct mapping m;
	struct dma dma;
	bool before;

	if (t->space->n == MAPPINGS_MAX ||
	    !plan_mapping(&t->random, t->space, &m))
		return;
	before = !random_below(&t->random, 3);
	plan_access_in(&t->random, &m, &dma);
	if (before)
		transcript_access(t, &dma);
	require_ioctl(space_map(t->space, &m), "map");
	if (before)
		transcript_access(t, &dma);
}

/* Remove or replace a mapping; what was cached of it must not be used. */
static void random_unmap(struct transcript *t, bool replace)
{
	unsigned int i;
	struct mapping m;
	struct dma dma;
	__u64 iova;

	if (!t->space->n)
		return;
	i = random_below(&t->random, t->space->n);
	iova = t->space->map[i].iova;
	plan_access_in(&t->random, &t->space->map[i], &dma);
	transcript_access(t, &dma);
	require_ioctl(space_unmap(t->space, i), "unmap");
	if (!replace) {
		transcript_access(t, &dma);
		return;
	}
	if (plan_mapping_at(&t->random, t->space, iova, &m))
		require_ioctl(space_map(t->space, &m), "map");
	transcript_access(t, &dma);
	plan_access_other(&dma);
	transcript_access(t, &dma);
}

static void transcript_attach(struct transcript *t, unsigned int i)
{
	int ret;

	t->space = &t->both[i];
	ret = vfio_attach(&t->dev, t->space->ioas);
	printf("attach %u: %d\n", i, ret);
	require_ioctl(ret, "attach");
}

/* Move to the other address space; nothing cached of this one may be used. */
static void random_switch(struct transcript *t)
{
	struct space *s = t->space;
	struct dma dma;
	int ret;

	if (!s->n)
		return;
	plan_access_in(&t->random, &s->map[random_below(&t->random, s->n)],
		       &dma);
	transcript_access(t, &dma);
	if (random_below(&t->random, 2)) {
		ret = vfio_detach(&t->dev);
		printf("detach: %d\n", ret);
		require_ioctl(ret, "detach");
		/* Some devices read memory before they write. */
		dma.write = false;
		transcript_access(t, &dma);
	}
	transcript_attach(t, s == t->both);
	transcript_access(t, &dma);
}

/* Begin and end with nothing mapped, so that the seed decides everything. */
static void transcript_chunk(struct transcript *t, __u64 seed, unsigned int accesses)
{
	unsigned int i, n;

	t->random.state = seed;
	t->accesses = 0;
	memory_reset(t->pool);
	printf("chunk %llu\n", seed);
	for (i = 2; i-- > 0;) {
		t->both[i].ngone = 0;
		transcript_attach(t, i);
		for (n = 0; n < FIRST_MAPPINGS; n++)
			random_map(t);
	}
	while (t->accesses < accesses) {
		switch (random_below(&t->random, 16)) {
		case 0:
		case 1:
		case 2:
			random_map(t);
			break;
		case 3:
		case 4:
			random_unmap(t, false);
			break;
		case 5:
		case 6:
			random_unmap(t, true);
			break;
		case 7:
			random_switch(t);
			break;
		default:
			random_access(t);
			break;
		}
	}
	for (i = 0; i < 2; i++)
		while (t->both[i].n)
			require_ioctl(space_unmap(&t->both[i], t->both[i].n - 1),
				      "unmap");
	printf("memory %016llx\n", memory_hash(t->pool));
}

static int transcript_find(struct transcript *t, char bdf[PCI_BDF_LEN])
{
	const struct dma_device *kinds[] = {
		t->writes ? &transcript_testdev : &transcript_edu, &transcript_endpoint,
	};
	char found[1][PCI_BDF_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (pci_find(kinds[i]->vendor, kinds[i]->device, found, 1) < 1)
			continue;
		memcpy(bdf, found[0], PCI_BDF_LEN);
		t->kind = kinds[i];
		return 0;
	}
	return -ENODEV;
}

static void transcript_open(struct transcript *t, unsigned int within)
{
	char bdf[PCI_BDF_LEN];
	int iommufd, i;

	require_success(transcript_find(t, bdf), "device of QEMU or vtdsim endpoint");
	require_success(vfio_bind_driver(bdf), "vfio-pci");
	iommufd = iommufd_open();
	require_success(iommufd < 0 ? iommufd : 0, "/dev/iommu");
	require_success(vfio_open(&t->dev, bdf, iommufd), bdf);
	require_success(t->kind->check(&t->dev), t->kind->name);
	require_success(fault_log_open(&t->log), "/dev/kmsg");

	require_success(memory_create(t->pool), "memory");
	t->scratch = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	require_success(t->scratch == MAP_FAILED ? -errno : 0, "scratch page");
	for (i = 0; i < 2; i++) {
		struct space *s = &t->both[i];

		require_success(space_create(s, iommufd, t->pool, within), "IOAS");
		require_success(iommufd_ioas_map(iommufd, s->ioas, t->scratch, PAGE,
						 SCRATCH_IOVA, IOMMUFD_MAP_RW),
				"scratch page");
		transcript_attach(t, i);
		require_success(space_limits(s), "limits");
	}
	require_success(vfio_bus_master(&t->dev, true), "bus master");
}

static void print_help(FILE *out)
{
	fputs("usage: dma-transcript [OPTION...]\n"
	      "Maps memory for a device and has it do DMA, at random, and prints the results.\n"
	      "The device is QEMU's edu or, if there is none, an endpoint of vtdsim.\n"
	      "\n"
	      "  -s, --seed=N      seed of the first chunk (1)\n"
	      "  -c, --chunks=N    how many chunks; each begins with nothing mapped and with\n"
	      "                    the next higher seed (1)\n"
	      "  -a, --accesses=N  how many accesses a chunk has, or a few more (60)\n"
	      "  -w, --within=N    no mapping crosses a multiple of 2 to the power of N (63)\n"
	      "  -W, --writes      only writes of the same bytes, as QEMU's iommu-testdev does,\n"
	      "                    which takes the place of edu\n"
	      "  -h, --help        show this text\n"
	      "\n"
	      "Exit status: 0 the transcript is complete, 1 it is not, 2 usage, or something\n"
	      "needed is missing.\n", out);
}

static __u64 parse_number(const char *text, const char *what)
{
	char *end;
	__u64 n;

	errno = 0;
	n = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-') {
		fprintf(stderr, "dma-transcript: --%s: not a number: %s\n",
			what, text);
		exit(EXIT_ENVIRONMENT);
	}
	return n;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "chunks", required_argument, NULL, 'c' },
		{ "accesses", required_argument, NULL, 'a' },
		{ "within", required_argument, NULL, 'w' },
		{ "writes", no_argument, NULL, 'W' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	__u64 seed = 1, chunks = 1, accesses = 60, within = 63, i;
	static struct transcript t;
	int option;

	while ((option = getopt_long(argc, argv, "s:c:a:w:Wh", options, NULL)) >= 0) {
		switch (option) {
		case 's':
			seed = parse_number(optarg, "seed");
			break;
		case 'c':
			chunks = parse_number(optarg, "chunks");
			break;
		case 'a':
			accesses = parse_number(optarg, "accesses");
			break;
		case 'w':
			within = parse_number(optarg, "within");
			break;
		case 'W':
			t.writes = true;
			break;
		case 'h':
			print_help(stdout);
			return EXIT_SUCCESS;
		default:
			print_help(stderr);
			return EXIT_ENVIRONMENT;
		}
	}
	if (optind < argc || within > 63) {
		print_help(stderr);
		return EXIT_ENVIRONMENT;
	}

	transcript_open(&t, within);
	for (i = 0; i < chunks; i++)
		transcript_chunk(&t, seed + i, accesses);
	printf("stray pages %llu\n", memory_stray(t.pool));
	vfio_close(&t.dev);
	return EXIT_SUCCESS;
}
