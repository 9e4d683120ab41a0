// SPDX-License-Identifier: GPL-2.0-only
/*
 * A machine with QEMU's VT-d unit. The guest has no processor: register accesses go through the
 * qtest protocol, and the endpoint's registers are those that the host sees in sysfs.
 *
 * Memory that QEMU shares with others it maps by IOMMU_IOAS_MAP_FILE, which Linux 6.12 has not. So
 * the guest's processor has a copy of the memory, which is made the same between steps.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "../../endpoint.h"
#include "../../util.h"
#include "machine.h"
#include "qtest.h"

#define QEMU		"/usr/bin/qemu-system-x86_64"
#define QEMU_UNIT	0xfed90000ULL

static const char * const qemu_units[] = {
	[DRIVER_FIRST] = "intel-iommu,caching-mode=on,scalable-mode=on,fsts=on",
	[DRIVER_SECOND] = "intel-iommu,caching-mode=on,scalable-mode=on",
	[DRIVER_LEGACY] = "intel-iommu,caching-mode=on",
};

/**
 * machine_has_qemu() - is there a QEMU for machine_qemu?
 *
 * Return: true if so.
 */
bool machine_has_qemu(void)
{
	return !access(QEMU, X_OK);
}

/* Does not return. */
static void qemu_exec(const struct machine *m, const char *bdf, int qtest)
{
	char endpoint[64];

	snprintf(endpoint, sizeof(endpoint), "vfio-pci,addr=%x.%x,iommufd=iommufd0,host=%s",
		 MACHINE_SID >> 3, MACHINE_SID & 7, bdf);
	dup2(qtest, STDIN_FILENO);
	dup2(qtest, STDOUT_FILENO);
	execl(QEMU, QEMU, "-accel", "qtest", "-qtest", "stdio", "-qtest-log", "none",
	      "-nodefaults", "-no-user-config", "-display", "none",
	      "-machine", "q35", "-m", "32M",
	      "-device", qemu_units[m->mode], "-object", "iommufd,id=iommufd0",
	      "-device", endpoint, "-trace", "iommufd_*", "-D", m->trace, NULL);
	_exit(127);
}

static int qemu_start(struct machine *m, const char *bdf)
{
	int pair[2];

	snprintf(m->trace, sizeof(m->trace), "/tmp/trace.XXXXXX");
	close(mkstemp(m->trace));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	m->pid = fork();
	if (!m->pid)
		qemu_exec(m, bdf, pair[1]);
	close(pair[1]);
	m->qtest = pair[0];
	return m->pid < 0 ? -errno : 0;
}

static void qemu_stop(struct machine *m)
{
	close(m->qtest);
	if (m->pid > 0 && !kill(m->pid, SIGKILL))
		waitpid(m->pid, NULL, 0);
	unlink(m->trace);
}

/* A QEMU that does not answer makes a read all ones. */
static __u64 qemu_unit_read(void *unit, __u32 offset, unsigned int size)
{
	const struct machine *m = unit;
	__u64 val;

	return qtest_read(m->qtest, QEMU_UNIT + offset, size, &val) ? ~0ULL : val;
}

/* QEMU has the endpoint when it answers for the first time. */
static int qemu_endpoint_open(struct machine *m, const char *bdf)
{
	__u64 version;
	int ret = qtest_read(m->qtest, QEMU_UNIT + VUNIT_VER, 4, &version);

	return ret ? ret : endpoint_open_sysfs(&m->dev, bdf);
}

/* QEMU's trace says where it has the guest's memory, from address 0 on. */
static int qemu_memory_open(struct machine *m)
{
	unsigned long long base = 0;
	char line[512], *addr;
	FILE *trace;

	trace = fopen(m->trace, "r");
	while (trace && !base && fgets(line, sizeof(line), trace)) {
		addr = strstr(line, "addr=");
		if (strstr(line, "backend_map_dma") && strstr(line, "iova=0x0 ") && addr)
			base = strtoull(addr + strlen("addr="), NULL, 0);
	}
	if (trace)
		fclose(trace);
	if (!base)
		return -EIO;
	m->memory_at = base + MACHINE_GPA;
	snprintf(line, sizeof(line), "/proc/%d/mem", m->pid);
	m->memory = open(line, O_RDWR | O_CLOEXEC);
	if (m->memory < 0)
		return -errno;
	m->synced = calloc(1, MACHINE_SIZE);
	if (m->synced)
		return 0;
	close(m->memory);
	return -ENOMEM;
}

static bool qemu_machine_sync(struct machine *m)
{
	char *mem = m->guest.va;
	__u64 at;

	for (at = 0; at < MACHINE_SIZE; at += PAGE)
		if (memcmp(mem + at, m->synced + at, PAGE) &&
		    pwrite(m->memory, mem + at, PAGE, m->memory_at + at) != PAGE)
			return false;
	if (pread(m->memory, mem, MACHINE_SIZE, m->memory_at) != (ssize_t)MACHINE_SIZE)
		return false;
	memcpy(m->synced, mem, MACHINE_SIZE);
	return true;
}

/* The unit reads and writes memory meanwhile. */
static void qemu_unit_write(void *unit, __u32 offset, __u64 val, unsigned int size)
{
	struct machine *m = unit;

	if (qemu_machine_sync(m) && !qtest_write(m->qtest, QEMU_UNIT + offset, val, size))
		qemu_machine_sync(m);
}

static int qemu_machine_open(struct machine *m, const char *bdf)
{
	int ret;

	ret = vfio_bind_driver(bdf);
	if (!ret)
		ret = guest_create(&m->guest, MACHINE_GPA, MACHINE_SIZE);
	if (ret)
		return ret;
	ret = qemu_start(m, bdf);
	if (!ret)
		ret = qemu_endpoint_open(m, bdf);
	if (ret)
		goto err_qemu;
	ret = qemu_memory_open(m);
	if (ret)
		goto err_endpoint;
	m->driver.unit = (struct driver_unit) {
		.unit = m,
		.read = qemu_unit_read,
		.write = qemu_unit_write,
	};
	return 0;

err_endpoint:
	munmap(m->dev.bar, m->dev.bar_size);
err_qemu:
	qemu_stop(m);
	guest_destroy(&m->guest);
	return ret;
}

static void qemu_machine_close(struct machine *m)
{
	free(m->synced);
	close(m->memory);
	munmap(m->dev.bar, m->dev.bar_size);
	qemu_stop(m);
	guest_destroy(&m->guest);
}

static void qemu_count_call(struct machine_calls *calls, const char *line)
{
	const char *num = strstr(line, "entry_num=");

	if (strstr(line, "backend_alloc_"))
		calls->alloc++;
	else if (strstr(line, "backend_map_"))
		calls->map++;
	else if (strstr(line, "backend_unmap_"))
		calls->unmap++;
	else if (strstr(line, "_attach_ioas_hwpt"))
		calls->attach++;
	else if (strstr(line, "_detach_ioas_hwpt"))
		calls->detach++;
	else if (strstr(line, "backend_invalidate_cache"))
		calls->invalidate++;
	if (num)
		calls->requests += strtoul(num + strlen("entry_num="), NULL, 0);
}

static void qemu_machine_calls(struct machine *m, struct machine_calls *calls)
{
	FILE *trace = fopen(m->trace, "r");
	char line[512];

	*calls = (struct machine_calls) {};
	while (trace && fgets(line, sizeof(line), trace))
		qemu_count_call(calls, line);
	if (trace)
		fclose(trace);
}

const struct machine_vmm machine_qemu = {
	.name = "QEMU",
	.open = qemu_machine_open,
	.close = qemu_machine_close,
	.calls = qemu_machine_calls,
	.sync = qemu_machine_sync,
};
