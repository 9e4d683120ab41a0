// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest with a device that the kernel does not trust with ATS, and that sends translated
 * requests nevertheless: the unit blocks them, as the context entry does not have DTE. Of a
 * device that is trusted it lets them through to all of the host's memory, attached to
 * something or not, so there this skips. Boot with pci=noats, or with a last unit that has no
 * device TLBs (vtdsim=...,unit,ecap.dt=0).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "nested_party.h"
#include "sysfs.h"

FIXTURE(untrusted)
{
	struct party attacker;
	struct party victim;
	char misbehave[48];
	char before[8];
};

FIXTURE_SETUP(untrusted)
{
	char bdf[NESTED_DEVICES_MAX][PCI_BDF_LEN];
	struct party *a = &self->attacker;
	struct nested n;
	int count, unit;

	a->dev.fd = -1;
	self->victim.dev.fd = -1;
	NESTED_SETUP(return, nested_open, &n, 2);
	EXPECT_EQ(0, nested_close(&n));
	count = endpoint_find(bdf, NESTED_DEVICES_MAX);
	ASSERT_LE(2, count);
	ASSERT_EQ(0, party_open(a, bdf[count - 1], PARTY_ATTACKER));
	/* Of one that has it, translated requests to any address are let through. */
	if (party_ask_host_address(a, PARTY_OWN))
		SKIP(return, "the device has ATS, and so is trusted with all host addresses");
	ASSERT_EQ(0, party_open(&self->victim, bdf[0], PARTY_VICTIM));

	unit = strtol(bdf[count - 1], NULL, 16) - 0x1000;
	snprintf(self->misbehave, sizeof(self->misbehave), "/sys/kernel/debug/vtdsim%.*d/misbehave",
		 unit > 0, unit);
	ASSERT_EQ(0, sysfs_read(self->misbehave, self->before, sizeof(self->before)));
	ASSERT_EQ(0, sysfs_write(self->misbehave, "Y"));
}

FIXTURE_TEARDOWN(untrusted)
{
	if (self->before[0])
		EXPECT_EQ(0, sysfs_write(self->misbehave, self->before));
	party_close(&self->attacker);
	party_close(&self->victim);
}

/* Address of memory that the kernel itself uses, or 0 */
static __u64 kernel_memory(void)
{
	FILE *file = fopen("/proc/iomem", "re");
	char line[128];
	__u64 addr = 0;

	if (!file)
		return 0;
	while (!addr && fgets(line, sizeof(line), file))
		if (strstr(line, ": Kernel data"))
			addr = strtoull(line, NULL, 16);
	fclose(file);
	return addr;
}

static bool translated_are_harmless(struct party *a, struct party *v)
{
	const __u64 there[] = {
		v->host, a->host, v->host + PAGE, kernel_memory(), VTD_MSI_FIRST, 0,
		PARTY_OWN, v->page,
	};
	bool good = kernel_memory();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(there); i++)
		good = harmless(a, v, there[i], VTDSIM_EP_F_TRANSLATED, 0) && good;
	return good;
}

/* It says that its addresses are translated already, whatever it is attached to. */
TEST_F(untrusted, translated_requests)
{
	struct party *a = &self->attacker, *v = &self->victim;
	const __u64 first = party_expected(a, a->page);
	const __u32 states[] = { a->parent, a->ioas, a->hwpt };
	unsigned int i;

	EXPECT_TRUE(endpoint_reads(&a->dev, PARTY_OWN, &first, 8));
	EXPECT_TRUE(translated_are_harmless(a, v));
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		ASSERT_EQ(0, vfio_attach(&a->dev, states[i]));
		EXPECT_TRUE(translated_are_harmless(a, v));
	}
	ASSERT_EQ(0, vfio_detach(&a->dev));
	EXPECT_TRUE(translated_are_harmless(a, v));
	ASSERT_EQ(0, vfio_attach(&a->dev, a->hwpt));
	EXPECT_TRUE(endpoint_reads(&a->dev, PARTY_OWN, &first, 8));
	EXPECT_TRUE(translated_are_harmless(a, v));
}

TEST_HARNESS_MAIN
