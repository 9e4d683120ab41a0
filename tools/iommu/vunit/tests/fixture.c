// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit for tests.
 */
#include <errno.h>
#include <sys/mman.h>

#include "fixture.h"

static void fixture_find(void *vmm, __u64 gpa, struct vunit_memory *mem)
{
	struct fixture *f = vmm;

	*mem = (struct vunit_memory) { .writable = true };
	if (gpa - LOW_GPA < RAM_SIZE) {
		mem->va = f->low + (gpa - LOW_GPA);
		mem->len = LOW_GPA + RAM_SIZE - gpa;
	} else if (gpa - ROM_GPA < ROM_SIZE) {
		mem->va = f->rom + (gpa - ROM_GPA);
		mem->len = ROM_GPA + ROM_SIZE - gpa;
		mem->writable = false;
	} else if (gpa - HIGH_GPA < RAM_SIZE && !f->no_high) {
		mem->va = f->high + (gpa - HIGH_GPA);
		mem->len = HIGH_GPA + RAM_SIZE - gpa;
	} else if (gpa < ROM_GPA) {
		mem->len = ROM_GPA - gpa;
	} else if (gpa < HIGH_GPA) {
		mem->len = HIGH_GPA - gpa;
	} else {
		mem->len = ~0ULL - gpa;
	}
}

/**
 * fixture_va() - find guest memory
 * @f: fixture
 * @gpa: guest physical address
 *
 * Return: its address in this process, NULL if there is none.
 */
void *fixture_va(struct fixture *f, __u64 gpa)
{
	struct vunit_memory mem;

	fixture_find(f, gpa, &mem);
	return mem.va;
}

static bool fixture_read(void *vmm, __u64 gpa, void *data, __u32 len)
{
	struct fixture *f = vmm;
	struct vunit_memory mem;
	__u32 i;

	fake_host_check(!(len % 8) && !(gpa % 8), "reads of words");
	f->reads++;
	if (f->on_read)
		f->on_read(f);
	fixture_find(f, gpa, &mem);
	if (!mem.va || mem.len < len)
		return false;
	for (i = 0; i < len / 8; i++)
		((__u64 *)data)[i] = __atomic_load_n((__u64 *)mem.va + i, __ATOMIC_ACQUIRE);
	return true;
}

static bool fixture_write(void *vmm, __u64 gpa, const void *data, __u32 len)
{
	struct vunit_memory mem;

	fixture_find(vmm, gpa, &mem);
	if (!mem.va || mem.len < len || !mem.writable)
		return false;
	if (len == 4)
		__atomic_store_n((__u32 *)mem.va, *(const __u32 *)data, __ATOMIC_RELEASE);
	else
		__atomic_store_n((__u64 *)mem.va, *(const __u64 *)data, __ATOMIC_RELEASE);
	return true;
}

static void fixture_interrupt(void *vmm, __u64 addr, __u32 data)
{
	struct fixture *f = vmm;

	f->interrupts++;
	f->irq_addr = addr;
	f->irq_data = data;
}

static void fixture_respond(void *vmm, const struct vunit_page_response *resp)
{
	struct fixture *f = vmm;

	f->responses++;
	f->response = *resp;
}

static const struct vunit_vmm_ops fixture_ops = {
	.read = fixture_read,
	.write = fixture_write,
	.find = fixture_find,
	.interrupt = fixture_interrupt,
	.respond = fixture_respond,
};

static void *fixture_memory(size_t size)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	fake_host_check(mem != MAP_FAILED, "memory");
	return mem;
}

/**
 * fixture_open_config() - make a unit with a device of its own configuration
 * @f: fixture whose @config has what differs from the default: hw, page_requests,
 *	max_mappings
 * @mode: tables of the guest; they decide how the unit gets to the host
 */
void fixture_open_config(struct fixture *f, enum driver_mode mode)
{
	struct vunit_config config = f->config;

	*f = (struct fixture) { .config = config };
	fake_host_init(&f->host);
	f->low = fixture_memory(RAM_SIZE);
	f->high = fixture_memory(RAM_SIZE);
	f->rom = fixture_memory(ROM_SIZE);
	f->config.mode = mode == DRIVER_FIRST ? VUNIT_NESTED : VUNIT_SHADOW;
	f->config.ops = &fixture_ops;
	f->config.vmm = f;
	f->config.host_ops = &fake_host_ops;
	f->config.host = &f->host;
	f->config.ioas = fake_host_new(&f->host, FAKE_IOAS);
	f->config.parent = fake_host_new(&f->host, FAKE_PARENT);
	f->unit = vunit_create(&f->config);
	fake_host_check(f->unit, "a unit");
	fake_host_check(!vunit_memory_add(f->unit, LOW_GPA, RAM_SIZE, f->low, true) &&
			!vunit_memory_add(f->unit, HIGH_GPA, RAM_SIZE, f->high, true) &&
			!vunit_memory_add(f->unit, ROM_GPA, ROM_SIZE, f->rom, false) &&
			!vunit_device_add(f->unit, SID, fake_host_dev(0)),
			"memory and a device");
	f->d = (struct driver) {
		.mem = f->low,
		.base = LOW_GPA,
		.next = LOW_GPA + PAGE,
		.end = LOW_GPA + RAM_SIZE / 2,
	};
	driver_init(&f->d, driver_unit_vunit(f->unit), mode);
}

/**
 * fixture_open() - make a unit with a device
 * @f: filled
 * @mode: tables of the guest
 */
void fixture_open(struct fixture *f, enum driver_mode mode)
{
	f->config = (struct vunit_config) {
		.hw = { .cap_reg = HOST_CAP, .ecap_reg = HOST_ECAP },
		.max_mappings = 4096,
	};
	fixture_open_config(f, mode);
}

/**
 * fixture_close() - free all of it
 * @f: fixture
 */
void fixture_close(struct fixture *f)
{
	vunit_destroy(f->unit);
	fake_host_free(&f->host);
	munmap(f->low, RAM_SIZE);
	munmap(f->high, RAM_SIZE);
	munmap(f->rom, ROM_SIZE);
}

/**
 * fixture_nest() - give the device a table of the guest
 * @f: fixture
 * @table: the new table, which maps nothing
 *
 * Translation is on then.
 */
void fixture_nest(struct fixture *f, __u64 *table)
{
	*table = driver_page(&f->d);
	driver_use_table(&f->d, SID, DID, *table);
	driver_enable(&f->d);
}

/**
 * fixture_reaches() - does a write of the device reach some memory of the guest?
 * @f: fixture
 * @iova: address
 * @gpa: the memory
 *
 * Return: true if so. When shadowing.
 */
bool fixture_reaches(struct fixture *f, __u64 iova, __u64 gpa)
{
	const void *va = fake_host_reach(&f->host, fake_host_dev(0), iova,
					 IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE);

	return va && va == fixture_va(f, gpa);
}

/**
 * fixture_blocked() - are all accesses of the device to an address blocked?
 * @f: fixture
 * @iova: address
 *
 * Return: true if so. When shadowing.
 */
bool fixture_blocked(struct fixture *f, __u64 iova)
{
	return !fake_host_reach(&f->host, fake_host_dev(0), iova, 0);
}

/**
 * fixture_fault() - reason of a fault that the unit has recorded
 * @f: fixture
 * @index: index of the record
 *
 * Return: the reason, 0 if there is no such fault of the device.
 */
__u8 fixture_fault(struct fixture *f, unsigned int index)
{
	__u64 high = vunit_read(f->unit, VUNIT_FRCD + index * VUNIT_FRCD_SIZE + VUNIT_FRCD_HIGH,
				8);

	if (!(high & VUNIT_FRCD_F) || vunit_get(VUNIT_FRCD_SID, high) != SID)
		return 0;
	return vunit_get(VUNIT_FRCD_FR, high);
}
