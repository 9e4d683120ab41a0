// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs: a device that no program touches, whose DMA goes on all the time.
 *
 * It uses the same addresses as the programs do, most often of the same unit, in a guest
 * of its own that changes nothing. So whatever they do, it must find its page.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "fuzz_bystander.h"
#include "nested.h"
#include "nested_child.h"

struct bystander {
	struct nested n;
	char bdf[PCI_BDF_LEN];
	__u64 page;
	struct bystander_verdict *verdict;
};

static int begin(void *arg)
{
	struct bystander *b = arg;
	struct nested *n = &b->n;
	struct nested_s1 s1;
	int ret;

	*n = (struct nested) { .ndev = 1 };
	n->iommufd = iommufd_open();
	if (n->iommufd < 0)
		return n->iommufd;
	ret = endpoint_open(&n->dev[0], b->bdf, n->iommufd);
	if (!ret)
		ret = guest_create(&n->guest, NESTED_GPA, NESTED_SIZE);
	if (!ret)
		ret = iommufd_ioas_alloc(n->iommufd, &n->ioas);
	if (!ret)
		ret = nested_map_half(n, NESTED_LOW_HALF);
	if (!ret)
		ret = iommufd_hwpt_alloc_parent(n->iommufd, n->dev[0].id, n->ioas, &n->parent);
	if (!ret)
		ret = nested_s1_create_mapped(n, &s1, &b->page);
	return ret ? ret : vfio_attach(&n->dev[0], s1.hwpt);
}

/* One write and one read. The page begins with its own address. */
static void access_page(struct bystander *b, __u64 val)
{
	const __u64 *written = guest_va(&b->n.guest, b->page + sizeof(val));
	struct bystander_verdict *v = b->verdict;
	__u64 poked = nested_poke(&b->n, 0, NESTED_IOVA + sizeof(val), val);
	__u64 seen = nested_see(&b->n, 0, NESTED_IOVA);

	if (poked || *written != val || seen != b->page) {
		if (!v->wrong)
			snprintf(v->why, sizeof(v->why),
				 "bystander: write ends with %#llx, %#llx is in memory, reads %#llx",
				 poked, *written, seen);
		__atomic_fetch_add(&v->wrong, 1, __ATOMIC_SEQ_CST);
	}
	__atomic_fetch_add(&v->accesses, 2, __ATOMIC_SEQ_CST);
}

/* The programs come first, as two processors are not enough for everybody at once. */
static void go_on(void *arg)
{
	struct bystander *b = arg;
	__u64 val;

	setpriority(PRIO_PROCESS, 0, 19);
	for (val = 1; ; val++)
		access_page(b, val);
}

static pid_t bystander_pid;

static void stop(void)
{
	child_kill(&bystander_pid);
}

/**
 * bystander_start() - have a device's DMA go on from now on
 * @bdf: the device
 *
 * The next test finds the device closed, as it is when this process exits.
 *
 * Return: what it finds, or NULL if it cannot begin.
 */
struct bystander_verdict *bystander_start(const char *bdf)
{
	static struct bystander b;

	snprintf(b.bdf, sizeof(b.bdf), "%s", bdf);
	b.verdict = mmap(NULL, sizeof(*b.verdict), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b.verdict == MAP_FAILED || atexit(stop))
		return NULL;
	bystander_pid = child_start(begin, go_on, &b);
	return bystander_pid > 0 ? b.verdict : NULL;
}

/**
 * bystander_runs() - has DMA gone on all the time?
 *
 * Return: true if nothing has stopped it.
 */
bool bystander_runs(void)
{
	return child_running(bystander_pid);
}
