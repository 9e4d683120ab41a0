// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs of ioctls, changes of guests' tables and DMA. A model of the
 * objects and a walker of its own know how each step must end; whatever memory a
 * device has reached is compared with what it may reach.
 *
 * usage: vtd_fuzz [-s SEED] [-n STEPS] [-t SECONDS] [-l STEPS] [-p A,B] [-v]
 *
 * Each program is a process of its own, with the next seed, and begins with nothing.
 * Of one that fails, steps are left out as long as it still fails, and what remains
 * is printed. A failure can be planted, to see that this works.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "counters.h"
#include "fuzz.h"
#include "fuzz_bystander.h"
#include "kselftest.h"
#include "nested_pasid.h"
#include "sysfs.h"

#define SEED		1
#define STEPS		6000
#define LENGTH		250	/* steps of a program */
#define LENGTH_MAX	1500	/* half of FUZZ_EDITS is room enough */
#define REPLAYS		300	/* at most, of a program that fails */
#define REPORT		5000	/* steps between two lines of progress */

/* What programs are made of; they are allocated once for all of them. */
static struct fuzz *f;
static struct fuzz_verdict *verdict;
static bool list_all;

/* What a device finds that no program touches; NULL if there is none to spare */
static struct bystander_verdict *bystander;

/* The steps of a program that are carried out */
struct program {
	unsigned long seed;
	unsigned int step[LENGTH_MAX];
	unsigned int steps;
};

#define PLANTED		"planted failure"

/* A failure on purpose, of a program that has carried out two steps */
static struct {
	bool on;
	unsigned int step[2];
	unsigned int done;	/* a bit for each, in the process of the program */
} plant;

static const struct {
	void (*step)(struct fuzz *f);
	unsigned int weight;
} operations[] = {
	{ fuzz_dma, 299 },
	{ fuzz_remap, 40 },
	{ fuzz_edit_table, 190 },
	{ fuzz_invalidate, 130 },
	{ fuzz_attach, 80 },
	{ fuzz_change_mapping, 80 },
	{ fuzz_dma_faulting, 45 },
	{ fuzz_alloc_nested, 35 },
	{ fuzz_alloc_paging, 15 },
	{ fuzz_destroy, 10 },
	{ fuzz_repair, 12 },
	{ fuzz_tracking, 15 },
	{ fuzz_read_dirty, 20 },
	{ fuzz_bad_nested, 5 },
	{ fuzz_bad_mapping, 4 },
	{ fuzz_reopen_device, 2 },
	{ fuzz_remove, 4 },
	{ fuzz_reopen_context, 2 },
	{ fuzz_wild, 10 },
	{ fuzz_kill, 2 },
};

static void run_step(unsigned int step)
{
	unsigned int i, pick;

	fuzz_step_begin(f, step);
	pick = fuzz_below(f, 1000);
	for (i = 0; pick >= operations[i].weight; i++)
		pick -= operations[i].weight;
	operations[i].step(f);
	for (i = 0; i < ARRAY_SIZE(plant.step); i++)
		if (plant.on && step == plant.step[i])
			plant.done |= 1U << i;
	if (plant.done == 3)
		fuzz_fail(f, PLANTED);
}

static unsigned int host_width(void)
{
	unsigned int width = 0;
	char line[256];
	FILE *info = fopen("/proc/cpuinfo", "r");

	while (info && fgets(line, sizeof(line), info))
		if (sscanf(line, "address sizes : %u bits physical", &width) == 1)
			break;
	if (info)
		fclose(info);
	return width;
}

/*
 * Each guest has a device, which is not attached yet; devices of one group are both in one
 * guest, and the other one cannot have page tables. Most programs have page tables at once,
 * and some have to make them first.
 */
static void program_begin(void)
{
	int i;

	fuzz_bring_back(f);
	for (i = 0; i < FUZZ_CONTEXTS; i++)
		fuzz_context_open(f, i);
	for (i = 0; i < FUZZ_DEVICES; i++)
		fuzz_device_open(f, i, i);
	for (i = 0; f->seed % 4 && i < FUZZ_CONTEXTS; i++)
		if (!f->group || i == f->dev[0].ctx)
			fuzz_context_fill(f, i);
}

/* Everything is invalidated, and nothing stale may be left. */
static void program_end(void)
{
	struct iommu_hwpt_vtd_s1_invalidate all = { .npages = ~0ULL };
	struct fuzz_hwpt *hwpt;
	struct fuzz_device *d;
	__u32 num;
	int i;

	for (i = 0; i < FUZZ_DEVICES * FUZZ_REQUESTS; i++) {
		d = &f->dev[i / FUZZ_REQUESTS];
		hwpt = fuzz_hwpt_of(f, d, i % FUZZ_REQUESTS);
		num = 1;
		if (hwpt && hwpt->kind == FUZZ_NESTED)
			fuzz_expect(f, "last invalidation",
				    iommufd_hwpt_invalidate(fuzz_context_of(f, d)->iommufd,
							    hwpt->id, &all, &num), 0);
	}
	fuzz_expect(f, "audit", vtdsim_audit(), 0);
	for (i = 0; i < FUZZ_CONTEXTS; i++)
		fuzz_memory_check_rest(f, &f->ctx[i]);
}

static void __noreturn program_process(const struct program *p, bool listing)
{
	unsigned int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	f->seed = p->seed;
	f->listing = listing || list_all;
	program_begin();
	for (i = 0; i < p->steps; i++)
		run_step(p->step[i]);
	f->step = LENGTH_MAX;
	program_end();
	/* Some programs end in the middle of everything. */
	for (i = 0; p->seed & 1 && i < FUZZ_DEVICES; i++)
		vfio_close(&f->dev[i].vfio);
	_exit(0);
}

/* Do it, in a process of its own; returns true if everything was as it must be. */
static bool run_program(const struct program *p, bool listing)
{
	unsigned long wrong = bystander ? bystander->wrong : 0;
	__u64 before = 0, after = 0;
	int status = 0;
	pid_t pid;

	vtdsim_counter("violations", &before);
	verdict->failed = false;
	fflush(stdout);
	pid = fork();
	if (!pid)
		program_process(p, listing);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		ksft_exit_fail_msg("fork: %s\n", strerror(errno));
	vtdsim_audit();
	vtdsim_counter("violations", &after);
	if (!verdict->failed && after != before) {
		verdict->failed = true;
		verdict->step = LENGTH_MAX;
		snprintf(verdict->why, sizeof(verdict->why), "%llu violations of VT-d rules",
			 after - before);
	} else if (!verdict->failed && bystander && bystander->wrong != wrong) {
		verdict->failed = true;
		verdict->step = LENGTH_MAX;
		snprintf(verdict->why, sizeof(verdict->why), "%s", bystander->why);
	} else if (!verdict->failed && status) {
		verdict->failed = true;
		verdict->step = LENGTH_MAX;
		snprintf(verdict->why, sizeof(verdict->why), "the process ended with status %#x",
			 status);
	}
	return !verdict->failed;
}

/* Leaves out @n steps from @at on. */
static void leave_out(struct program *p, unsigned int at, unsigned int n)
{
	memmove(p->step + at, p->step + at + n, (p->steps - at - n) * sizeof(p->step[0]));
	p->steps -= n;
}

/* Leaves steps out, fewer and fewer at once, as long as the program fails without them. */
static void minimise(struct program *p)
{
	struct program shorter;
	unsigned int chunk, at, replays = 0;
	bool again;

	for (at = 0; at < p->steps && p->step[at] <= verdict->step; at++)
		;
	p->steps = at;
	for (chunk = (p->steps + 1) / 2; chunk; chunk = again ? chunk : chunk / 2) {
		again = false;
		for (at = 0; at < p->steps && replays < REPLAYS; ) {
			shorter = *p;
			leave_out(&shorter, at, chunk < p->steps - at ? chunk : p->steps - at);
			replays++;
			if (run_program(&shorter, false)) {
				at += chunk;
			} else {
				*p = shorter;
				again = true;
			}
		}
		if (replays == REPLAYS)
			break;
	}
	ksft_print_msg("%u steps are left after %u replays:\n", p->steps, replays);
}

/* A planted failure needs two steps. Do exactly these remain? */
static void test_minimiser(unsigned long seed)
{
	static struct program p = { .steps = 60 };
	unsigned int i;
	bool good;

	p.seed = seed;
	for (i = 0; i < p.steps; i++)
		p.step[i] = i;
	plant.on = true;
	plant.step[0] = 11;
	plant.step[1] = 45;
	good = !run_program(&p, false);
	if (good)
		minimise(&p);
	good = good && p.steps == 2 && p.step[0] == plant.step[0] &&
	       p.step[1] == plant.step[1] && !run_program(&p, false) &&
	       !strcmp(verdict->why, PLANTED);
	if (!good)
		ksft_print_msg("%u steps, the first is %u: %s\n", p.steps, p.step[0],
			       verdict->why);
	ksft_test_result(good, "a failing program is cut down to the steps that it needs\n");
	plant.on = false;
	*verdict = (struct fuzz_verdict) {};
}

static __u64 taint(void)
{
	__u64 val = 0;

	sysfs_read_u64("/proc/sys/kernel/tainted", &val);
	return val;
}

static void __noreturn report_failure(struct program *p, __u64 tainted)
{
	ksft_print_msg("seed %lu, step %u: %s\n", p->seed, verdict->step, verdict->why);
	ksft_print_msg("again: vtd_fuzz --seed %lu --steps %u --length %u\n", p->seed, p->steps,
		       p->steps);
	/* The kernel complains of many things only once. */
	if (!tainted) {
		minimise(p);
		if (run_program(p, true))
			ksft_print_msg("it does not fail any more\n");
		else
			ksft_print_msg("%s\n", verdict->why);
	}
	ksft_test_result_fail("random programs\n");
	ksft_exit_fail();
}

static void run_programs(unsigned long seed, unsigned long steps, unsigned int length, int seconds)
{
	unsigned long done = 0, reported = 0;
	__u64 tainted = taint();
	time_t end = time(NULL) + seconds;
	static struct program p;
	const char *lacks;

	for (p.seed = seed; seconds ? time(NULL) < end : done < steps; p.seed++) {
		for (p.steps = 0; p.steps < length; p.steps++)
			p.step[p.steps] = p.steps;
		if (!seconds && steps - done < length)
			p.steps = steps - done;
		done += p.steps;
		if (!run_program(&p, false))
			report_failure(&p, 0);
		if (taint() != tainted) {
			snprintf(verdict->why, sizeof(verdict->why), "the kernel has complained");
			report_failure(&p, 1);
		}
		if (done - reported >= REPORT) {
			reported = done;
			ksft_print_msg("%lu steps, next seed %lu\n", done, p.seed + 1);
		}
	}
	fuzz_print_verdict(f, done);
	/* A run in which nothing could go wrong has shown nothing. */
	if (bystander)
		ksft_print_msg("%lu accesses of a bystander\n", bystander->accesses);
	else
		ksft_print_msg("there is no device for a bystander\n");
	lacks = fuzz_lacking(f, done);
	if (bystander && !(bystander->accesses && bystander_runs()))
		lacks = "bystander in the end";
	if (lacks) {
		ksft_print_msg("there was no %s\n", lacks);
		ksft_test_result_fail("random programs\n");
		ksft_exit_fail();
	}
}

static unsigned long parse_number(const char *text)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 0);
	if (errno || end == text || *end || *text == '-') {
		fprintf(stderr, "vtd_fuzz: not a number: %s\n", text);
		exit(2);
	}
	return n;
}

static void parse_plant(const char *text)
{
	char more;

	if (sscanf(text, "%u,%u%c", &plant.step[0], &plant.step[1], &more) != 2 ||
	    plant.step[0] == plant.step[1]) {
		fprintf(stderr, "vtd_fuzz: not two numbers of steps: %s\n", text);
		exit(2);
	}
	plant.on = true;
}

/* Behind a bridge to PCI they do not, where the driver has a fault, too (findings.rst). */
static bool sends_atomics(struct vfio_dev *dev)
{
	struct endpoint_result res;

	return endpoint_fetch_add(dev, 0, 0, 8, &res) || res.status != VTDSIM_EP_S_NO_ATOMICS;
}

/* What this machine must have; @f keeps what all programs need */
static const char *reason_to_skip(void)
{
	char bdf[FUZZ_DEVICES][PCI_BDF_LEN];
	const char *skip = NULL;
	struct iommu_hw_info info;
	struct nested n;
	int i;

	if (nested_open(&n, FUZZ_DEVICES, &skip) && !skip)
		ksft_exit_fail_msg("a guest cannot be opened\n");
	if (!skip && iommufd_hw_info(n.iommufd, n.dev[0].id, &info, &f->unit))
		ksft_exit_fail_msg("the unit says nothing of itself\n");
	f->can_track = !skip && info.out_capabilities & IOMMU_HW_CAP_DIRTY_TRACKING;
	f->unit = n.unit;
	if (!skip && !sends_atomics(&n.dev[0]))
		skip = "the endpoints send no AtomicOps";
	f->knows_viommus = !skip && pasids_can_be_attached(&n);
	nested_close(&n);
	if (endpoint_find(bdf, FUZZ_DEVICES) == FUZZ_DEVICES) {
		for (i = 0; i < FUZZ_DEVICES; i++)
			snprintf(f->dev[i].bdf, PCI_BDF_LEN, "%s", bdf[i]);
		f->can_pull = fuzz_can_pull(f);
		f->group = pci_same_group(bdf[0], bdf[1]);
	}
	f->can_pasid = f->knows_viommus && !f->group;
	f->can_fault = f->unit.ecap_reg & VTD_ECAP_PRS && !f->group;
	f->haw = host_width();
	if (!skip && !f->haw)
		skip = "the host address width is unknown";
	if (!skip && !(f->unit.ecap_reg & VTD_ECAP_SMPWC))
		skip = "the unit sets no accessed and dirty flags";
	return skip;
}

/* It needs a device in a group of its own, or the programs could not have theirs. */
static void start_bystander(void)
{
	char bdf[NESTED_DEVICES_MAX][PCI_BDF_LEN];
	int i, n = endpoint_find(bdf, NESTED_DEVICES_MAX);

	for (i = FUZZ_DEVICES; i < n; i++)
		if (!pci_same_group(bdf[i], bdf[0]) && !pci_same_group(bdf[i], bdf[1]))
			break;
	if (i >= n)
		return;
	bystander = bystander_start(bdf[i]);
	if (!bystander)
		ksft_exit_fail_msg("the bystander cannot begin\n");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "steps", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 't' },
		{ "length", required_argument, NULL, 'l' },
		{ "plant", required_argument, NULL, 'p' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	unsigned long seed = SEED, steps = STEPS, length = LENGTH, seconds = 0;
	const char *skip;
	int c;

	while ((c = getopt_long(argc, argv, "s:n:t:l:p:vh", options, NULL)) != -1) {
		switch (c) {
		case 's':
			seed = parse_number(optarg);
			break;
		case 'n':
			steps = parse_number(optarg);
			break;
		case 't':
			seconds = parse_number(optarg);
			break;
		case 'l':
			length = parse_number(optarg);
			break;
		case 'p':
			parse_plant(optarg);
			break;
		case 'v':
			list_all = true;
			break;
		default:
			fputs("usage: vtd_fuzz [-s|--seed SEED] [-n|--steps STEPS]\n"
			      "\t[-t|--seconds SECONDS] [-l|--length STEPS] [-p|--plant A,B]\n"
			      "\t[-v|--verbose]\n"
			      "--plant has a program fail that has carried out its steps A and B,\n"
			      "so that what is left of it must be these two.\n",
			      c == 'h' ? stdout : stderr);
			exit(c == 'h' ? 0 : 2);
		}
	}
	if (!length || length > LENGTH_MAX) {
		fprintf(stderr, "vtd_fuzz: a program has 1 to %d steps\n", LENGTH_MAX);
		exit(2);
	}
	f = calloc(1, sizeof(*f));
	verdict = mmap(NULL, sizeof(*verdict), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (!f || verdict == MAP_FAILED)
		ksft_exit_fail_msg("no memory\n");
	f->verdict = verdict;
	ksft_print_header();
	skip = reason_to_skip();
	if (skip)
		ksft_exit_skip("%s\n", skip);
	start_bystander();
	ksft_set_plan(plant.on ? 1 : 2);
	if (!plant.on)
		test_minimiser(seed);
	ksft_print_msg("seed %lu, programs of %lu steps\n", seed, length);
	run_programs(seed, steps, length, seconds);
	ksft_test_result_pass("random programs\n");
	ksft_finished();
}
