// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an endpoint can do to the machine by forging interrupts. A DMA write of four bytes
 * to 0xfeexxxxx is an interrupt, whoever has the endpoint send it.
 *
 * Without interrupt remapping the endpoint of one user can send the interrupts of
 * another. With it (vtdsim=on,ir, beside a unit of the machine that remaps interrupts,
 * too) an endpoint can send its own and no others, and
 * iommufd.allow_unsafe_interrupts=1 is not needed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/pci_regs.h>

#include "kselftest_harness.h"

#include "nested.h"
#include "nested_event.h"
#include "sysfs.h"

/* Fault reasons of section 5.1.4.1 */
#define FR_RESERVED	0x20
#define FR_PRESENT	0x22
#define FR_COMPATIBILITY 0x25
#define FR_SOURCE	0x26

/* A request in remappable format, with a handle of 15 bits */
#define REMAPPABLE	0x10ULL
#define SHV		0x08ULL
#define HANDLE(index)	(VTD_MSI_FIRST | (index) << 5 | REMAPPABLE)
/* More entries than a machine that runs tests uses */
#define HANDLES		256U

/* One that does not come does not come soon either. */
#define NOTHING_MS	100

/**
 * struct message - an interrupt as a device sends it
 * @addr: address
 * @data: data
 */
struct message {
	__u64 addr;
	__u32 data;
};

/* Two devices whose interrupts nobody else gets */
struct pair {
	int iommufd;
	struct vfio_dev dev[2];
	int irq[2];
	struct message msg[2];
	struct endpoint_result res;
	bool remaps;
};

FIXTURE(remap)
{
	struct pair p;
};

/* May the kernel give out devices whose interrupts are not isolated? */
static bool unsafe_allowed(void)
{
	char text[4] = "";
	int fd = open("/sys/module/iommufd/parameters/allow_unsafe_interrupts", O_RDONLY);
	bool known = fd >= 0 && read(fd, text, sizeof(text) - 1) > 0;

	close(fd);
	return known && text[0] == 'Y';
}

/* The message of a device as the device has it, whatever VFIO shows of it. */
static int read_message(const char *bdf, struct message *msg)
{
	int fd = pci_attr_open(bdf, "config", O_RDONLY);
	unsigned char config[PCI_CFG_SPACE_SIZE];
	unsigned int at, low, high;
	__u16 data;

	if (fd < 0)
		return fd;
	at = pread(fd, config, sizeof(config), 0) == sizeof(config) ?
	     config[PCI_CAPABILITY_LIST] : 0;
	close(fd);
	while (at && config[at] != PCI_CAP_ID_MSI)
		at = config[at + PCI_CAP_LIST_NEXT];
	if (!at)
		return -ENOENT;
	memcpy(&low, &config[at + PCI_MSI_ADDRESS_LO], sizeof(low));
	memcpy(&high, &config[at + PCI_MSI_ADDRESS_HI], sizeof(high));
	memcpy(&data, &config[at + PCI_MSI_DATA_64], sizeof(data));
	*msg = (struct message) { .addr = (__u64)high << 32 | low, .data = data };
	return 0;
}

FIXTURE_SETUP(remap)
{
	struct pair *p = &self->p;
	char bdf[2][PCI_BDF_LEN];
	int i;

	if (endpoint_find(bdf, 2) < 2)
		SKIP(return, "not two vtdsim endpoints");
	p->iommufd = iommufd_open();
	ASSERT_LE(0, p->iommufd);
	for (i = 0; i < 2; i++) {
		p->irq[i] = event_create();
		ASSERT_LE(0, p->irq[i]);
		ASSERT_EQ(0, endpoint_open(&p->dev[i], bdf[i], p->iommufd));
		if (vfio_msi_enable(&p->dev[i], p->irq[i]))
			SKIP(return, "an endpoint without MSI");
		ASSERT_EQ(0, read_message(bdf[i], &p->msg[i]));
	}
	p->remaps = p->msg[0].addr & REMAPPABLE;
	/* The kernel has given the devices out, so it has to take them for isolated. */
	if (!unsafe_allowed())
		ASSERT_TRUE(p->remaps);
}

FIXTURE_TEARDOWN(remap)
{
	struct pair *p = &self->p;
	int i;

	for (i = 0; i < 2; i++) {
		vfio_close(&p->dev[i]);
		close(p->irq[i]);
	}
	close(p->iommufd);
}

/* Has device 0 send a message. Returns 0, the reason why it was blocked, or -1. */
static int forge(struct pair *p, __u64 addr, __u32 data)
{
	struct endpoint_result *res = &p->res;

	if (endpoint_write(&p->dev[0], addr, &data, sizeof(data), res))
		return -1;
	if (res->status == VTDSIM_EP_S_FAULT)
		return res->reason;
	return res->status == VTDSIM_EP_S_OK ? 0 : -1;
}

/* How often have the two devices interrupted? */
static void expect_interrupts(struct __test_metadata *_metadata, struct pair *p,
			      __u64 own, __u64 other)
{
	EXPECT_EQ(own, event_count(p->irq[0], own ? EVENT_PATIENCE_MS : NOTHING_MS));
	EXPECT_EQ(other, event_count(p->irq[1], other ? EVENT_PATIENCE_MS : 0));
}

TEST_F(remap, sends_its_own)
{
	struct pair *p = &self->p;

	EXPECT_EQ(0, forge(p, p->msg[0].addr, p->msg[0].data));
	expect_interrupts(_metadata, p, 1, 0);
}

TEST_F(remap, sends_that_of_another)
{
	struct pair *p = &self->p;
	int reason = forge(p, p->msg[1].addr, p->msg[1].data);

	EXPECT_EQ(p->remaps ? FR_SOURCE : 0, reason);
	expect_interrupts(_metadata, p, 0, !p->remaps);
}

TEST_F(remap, sends_what_names_a_cpu)
{
	struct pair *p = &self->p;
	unsigned int vector;

	if (!p->remaps)
		SKIP(return, "interrupts are not remapped");
	for (vector = 0; vector < 256; vector++)
		EXPECT_EQ(FR_COMPATIBILITY, forge(p, VTD_MSI_FIRST, vector));
	expect_interrupts(_metadata, p, 0, 0);
}

/* One handle is its own; others belong to somebody, or to nobody. */
TEST_F(remap, sends_all_handles)
{
	struct pair *p = &self->p;
	unsigned int index, own = 0, others = 0, unused = 0;

	if (!p->remaps)
		SKIP(return, "interrupts are not remapped");
	for (index = 0; index < HANDLES; index++) {
		switch (forge(p, HANDLE(index), 0)) {
		case 0:
			own++;
			break;
		case FR_SOURCE:
			others++;
			break;
		case FR_PRESENT:
			unused++;
			break;
		}
	}
	EXPECT_EQ(1, own);
	EXPECT_LE(1, others);
	EXPECT_LE(1, unused);
	EXPECT_EQ(HANDLES, own + others + unused);
	expect_interrupts(_metadata, p, 1, 0);
}

/* The sum of handle and subhandle is the index. */
TEST_F(remap, sends_subhandles)
{
	struct pair *p = &self->p;
	__u64 index = p->msg[1].addr >> 5 & 0x7fff;

	if (!p->remaps)
		SKIP(return, "interrupts are not remapped");
	EXPECT_EQ(FR_SOURCE, forge(p, HANDLE(0ULL) | SHV, index + p->msg[1].data));
	EXPECT_EQ(FR_RESERVED, forge(p, p->msg[0].addr | SHV, 0x10000));
	expect_interrupts(_metadata, p, 0, 0);
}

TEST_F(remap, sends_what_was_its_own)
{
	struct pair *p = &self->p;

	if (!p->remaps)
		SKIP(return, "interrupts are not remapped");
	EXPECT_EQ(0, forge(p, p->msg[0].addr, p->msg[0].data));
	expect_interrupts(_metadata, p, 1, 0);
	ASSERT_EQ(0, vfio_msi_disable(&p->dev[0]));
	EXPECT_EQ(FR_PRESENT, forge(p, p->msg[0].addr, p->msg[0].data));
	ASSERT_EQ(0, vfio_msi_disable(&p->dev[1]));
	EXPECT_EQ(FR_PRESENT, forge(p, p->msg[1].addr, p->msg[1].data));
	expect_interrupts(_metadata, p, 0, 0);
}

/* Does the kernel's log tell of a fault since @fd was opened, or last looked at? */
static bool log_tells(int fd, const char *words)
{
	char line[1024];
	ssize_t len;

	for (;;) {
		len = read(fd, line, sizeof(line) - 1);
		if (len < 0 && errno == EPIPE)
			continue;
		if (len <= 0)
			return false;
		line[len] = '\0';
		if (strstr(line, words))
			return true;
	}
}

/* The driver limits its messages, so those of earlier tests may have used them up. */
TEST_F(remap, is_recorded)
{
	struct pair *p = &self->p;
	bool told = false;
	int i, fd;

	if (!p->remaps)
		SKIP(return, "interrupts are not remapped");
	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, fd);
	lseek(fd, 0, SEEK_END);
	for (i = 0; i < EVENT_PATIENCE_MS / 1000 && !told; i++) {
		ASSERT_EQ(FR_SOURCE, forge(p, p->msg[1].addr, p->msg[1].data));
		sleep(1);
		told = log_tells(fd, "[fault reason 0x26]");
	}
	close(fd);
	EXPECT_TRUE(told);
}

TEST_HARNESS_MAIN
