// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs: a device is pulled out, or its driver unbound, while it is in use.
 * The kernel waits until the device is closed. Until then page tables and mappings
 * change as ever; a device that is gone answers no invalidation.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#include "fuzz.h"
#include "sysfs.h"

#define PATIENCE_MS	100000
#define ROOT_BUS	"00:"	/* not in the names of files */
#define UNBIND		"/sys/bus/pci/drivers/vfio-pci/unbind"

static void presence_path(char path[64], const struct fuzz_device *d)
{
	const char *name = strchr(d->bdf, ':') + 1;

	if (!strncmp(name, ROOT_BUS, strlen(ROOT_BUS)))
		name += strlen(ROOT_BUS);
	snprintf(path, 64, "/sys/kernel/debug/vtdsim/present-%s", name);
}

/* Returns 1 if the device is there, 0 if it was pulled out, -1 if it can never be. */
static int presence(const struct fuzz_device *d)
{
	char path[64];
	__u64 there;

	presence_path(path, d);
	return sysfs_read_u64(path, &there) ? -1 : !!there;
}

static bool is_listed(const struct fuzz_device *d)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", d->bdf);
	return !access(path, F_OK);
}

/**
 * fuzz_can_pull() - can a device be pulled out of this machine?
 * @f: program
 *
 * Return: true if so, also if one is pulled out now.
 */
bool fuzz_can_pull(const struct fuzz *f)
{
	int i;

	for (i = 0; i < FUZZ_DEVICES; i++)
		if (presence(&f->dev[i]) >= 0)
			return true;
	return false;
}

/**
 * fuzz_bring_back() - bring back the devices that a program before has left pulled out
 * @f: program, which has not begun
 */
void fuzz_bring_back(struct fuzz *f)
{
	struct fuzz_device *d;
	char path[64];
	int ms;

	for (d = f->dev; d < f->dev + FUZZ_DEVICES; d++) {
		if (presence(d))
			continue;
		for (ms = 0; is_listed(d) && ms < PATIENCE_MS; ms++)
			usleep(1000);
		presence_path(path, d);
		fuzz_expect(f, "bring back", sysfs_write(path, "1"), 0);
	}
}

/*
 * The write may end only when the device has been closed. A process that had memory or
 * files of this one would keep the device open, so it is another program that writes.
 */
static pid_t start_writing(const char *text, const char *path)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	close_range(3, ~0U, 0);
	execl("/bin/sh", "sh", "-c", "echo \"$0\" >\"$1\"", text, path, NULL);
	_exit(127);
}

/* The device that is gone has perhaps not answered, and then the call says so. */
static void invalidate_all(struct fuzz *f, struct fuzz_device *d, int req)
{
	struct iommu_hwpt_vtd_s1_invalidate all = { .npages = ~0ULL };
	struct fuzz_hwpt *hwpt = fuzz_hwpt_of(f, d, req);
	__u32 num = 1;
	int ret;

	if (!hwpt || hwpt->kind != FUZZ_NESTED)
		return;
	fuzz_say(f, "\tinvalidate its page table");
	ret = iommufd_hwpt_invalidate(fuzz_context_of(f, d)->iommufd, hwpt->id, &all, &num);
	if (ret != (d->pulled ? -ETIMEDOUT : 0))
		fuzz_expect(f, "invalidate", ret, 0);
	if (!ret)
		fuzz_invalidated(f, hwpt, &all, num);
}

static void use_meanwhile(struct fuzz *f, struct fuzz_device *d)
{
	switch (fuzz_below(f, 6)) {
	case 0:
		fuzz_change_mapping(f);
		break;
	case 1:
		fuzz_edit_table(f);
		break;
	case 2:
		invalidate_all(f, d, fuzz_request(f));
		break;
	case 3:
		fuzz_attach(f);
		break;
	default:
		fuzz_dma(f);
	}
}

/**
 * fuzz_remove() - remove a device, or its driver, while the device is in use
 * @f: program
 */
void fuzz_remove(struct fuzz *f)
{
	int i = fuzz_below(f, FUZZ_DEVICES), ctx = fuzz_below(f, FUZZ_CONTEXTS), status, ms;
	int steps = fuzz_below(f, 12);
	bool pull = fuzz_below(f, 2);
	struct fuzz_device *d = &f->dev[i];
	char path[64];
	pid_t writer;

	if (!d->open || (pull && presence(d) < 0))
		return;
	fuzz_say(f, "device %d: %s while it is open, then open it in guest %d", i,
		 pull ? "pull it out" : "unbind its driver", ctx);
	presence_path(path, d);
	writer = pull ? start_writing("0", path) : start_writing(d->bdf, UNBIND);
	for (ms = 0; pull && presence(d) && ms < PATIENCE_MS; ms++)
		usleep(1000);
	d->pulled = pull;
	while (steps--)
		use_meanwhile(f, d);
	fuzz_device_close(f, d);
	if (writer < 0 || waitpid(writer, &status, 0) != writer)
		fuzz_fail(f, "the process that removes is lost");
	fuzz_expect(f, "removal", status, 0);
	if (pull) {
		fuzz_expect(f, "removed device", is_listed(d), false);
		fuzz_expect(f, "bring back", sysfs_write(path, "1"), 0);
	}
	d->pulled = false;
	f->verdict->pulls += pull;
	f->verdict->unbinds += !pull;
	fuzz_device_open(f, i, ctx);
}
