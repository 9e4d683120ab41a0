// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page requests: from the host's fault queue to the unit, and responses of the guest back. A VMM
 * does this when the file of the queue can be read.
 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "../../iommu.h"
#include "../../util.h"
#include "machine.h"

/**
 * machine_faults_open() - make a fault queue for the endpoint
 * @m: machine with an iommufd context
 *
 * Return: 0 or a negative errno.
 */
int machine_faults_open(struct machine *m)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };
	int ret = iommufd_ioctl(m->host.iommufd, IOMMU_FAULT_QUEUE_ALLOC, &cmd);

	if (ret)
		return ret;
	m->host.fault_queue = cmd.out_fault_id;
	m->faults = cmd.out_fault_fd;
	return 0;
}

/* The host ends the wait of the device's DMA. A cookie that it does not know is no harm. */
static void faults_answer(struct machine *m, __u16 group, __u32 code)
{
	const struct iommu_hwpt_page_response resp = {
		.cookie = m->cookies[group],
		.code = code,
	};

	ssize_t ret = write(m->faults, &resp, sizeof(resp));
	(void)ret;
	/* The host may use the cookie for another group. It knows none that is 0. */
	m->cookies[group] = 0;
}

/**
 * machine_faults_respond() - pass on a response of the guest
 * @vmm: machine
 * @resp: the response
 */
void machine_faults_respond(void *vmm, const struct vunit_page_response *resp)
{
	faults_answer(vmm, resp->group, resp->code ? IOMMUFD_PAGE_RESP_INVALID :
						     IOMMUFD_PAGE_RESP_SUCCESS);
}

/* Returns whether the guest has it. */
static bool faults_deliver_one(struct machine *m, const struct iommu_hwpt_pgfault *fault)
{
	const struct vunit_page_request req = {
		.sid = MACHINE_SID,
		.group = fault->grpid,
		.addr = fault->addr,
		.read = fault->perm & IOMMU_PGFAULT_PERM_READ,
		.write = fault->perm & IOMMU_PGFAULT_PERM_WRITE,
		.last = fault->flags & IOMMU_PGFAULT_FLAGS_LAST_PAGE,
	};

	if (fault->grpid >= MACHINE_GROUPS)
		return false;
	m->cookies[fault->grpid] = fault->cookie;
	if (vunit_page_request(m->unit, &req))
		return true;
	if (req.last)
		faults_answer(m, req.group, IOMMUFD_PAGE_RESP_INVALID);
	return false;
}

/**
 * machine_faults_deliver() - wait for page requests, and give them to the guest
 * @m: machine with page requests
 * @ms: milliseconds to wait at most
 *
 * A request that the guest cannot be given is answered here.
 *
 * Return: how many the guest got, -ETIMEDOUT if none came, or another negative errno.
 */
int machine_faults_deliver(struct machine *m, int ms)
{
	struct pollfd p = { .fd = m->faults, .events = POLLIN };
	/* The host gives out whole groups, and an error if there is no room for one. */
	struct iommu_hwpt_pgfault faults[MACHINE_REQUESTS];
	int got = 0;
	ssize_t n, i;

	if (poll(&p, 1, ms) != 1)
		return -ETIMEDOUT;
	n = read(m->faults, faults, sizeof(faults));
	if (n < 0)
		return -errno;
	for (i = 0; i < n / (ssize_t)sizeof(faults[0]); i++)
		got += faults_deliver_one(m, &faults[i]);
	return got;
}
