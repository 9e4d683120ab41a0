// SPDX-License-Identifier: GPL-2.0-only
/*
 * A machine with a unit of libvunit. This is all that a VMM has to do for it.
 */
#include <errno.h>
#include <unistd.h>

#include "../../endpoint.h"
#include "../../iommu.h"
#include "../../vtd.h"
#include "machine.h"

static void machine_find(void *vmm, __u64 gpa, struct vunit_memory *mem)
{
	const struct guest *guest = &((struct machine *)vmm)->guest;
	__u64 end = guest->gpa + guest->size;

	*mem = (struct vunit_memory) { .va = guest_va(guest, gpa), .writable = true };
	if (mem->va)
		mem->len = end - gpa;
	else
		mem->len = gpa < guest->gpa ? guest->gpa - gpa : ~0ULL - gpa;
}

static bool machine_read(void *vmm, __u64 gpa, void *data, __u32 len)
{
	struct vunit_memory mem;
	__u32 i;

	machine_find(vmm, gpa, &mem);
	if (!mem.va || mem.len < len)
		return false;
	for (i = 0; i < len / sizeof(__u64); i++)
		((__u64 *)data)[i] = __atomic_load_n((__u64 *)mem.va + i, __ATOMIC_ACQUIRE);
	return true;
}

static bool machine_write(void *vmm, __u64 gpa, const void *data, __u32 len)
{
	struct vunit_memory mem;

	machine_find(vmm, gpa, &mem);
	if (!mem.va || mem.len < len)
		return false;
	if (len == sizeof(__u32))
		__atomic_store_n((__u32 *)mem.va, *(const __u32 *)data, __ATOMIC_RELEASE);
	else
		__atomic_store_n((__u64 *)mem.va, *(const __u64 *)data, __ATOMIC_RELEASE);
	return true;
}

/* There is no vCPU that an interrupt could go to; programs look at the count. */
static void machine_interrupt(void *vmm, __u64 addr, __u32 data)
{
	(void)addr;
	(void)data;
	((struct machine *)vmm)->interrupts++;
}

static const struct vunit_vmm_ops machine_ops = {
	.read = machine_read,
	.write = machine_write,
	.find = machine_find,
	.interrupt = machine_interrupt,
	.respond = machine_faults_respond,
};

static int machine_open_unit(struct machine *m)
{
	struct vunit_config config = {
		.mode = m->mode == DRIVER_FIRST ? VUNIT_NESTED : VUNIT_SHADOW,
		.ops = &machine_ops,
		.vmm = m,
		.host_ops = &machine_host_ops,
		.host = &m->host,
		.max_mappings = 1 << 16,
		.page_requests = m->pages,
	};
	struct iommu_hw_info info;
	int ret;

	ret = iommufd_hw_info(m->host.iommufd, m->dev.id, &info, &config.hw);
	if (ret)
		return ret;
	if (info.out_data_type != IOMMU_HW_INFO_TYPE_INTEL_VTD)
		return -ENODEV;
	if (m->pages && !(config.hw.ecap_reg & VTD_ECAP_PRS))
		return -EOPNOTSUPP;
	ret = iommufd_ioas_alloc(m->host.iommufd, &config.ioas);
	if (!ret && config.mode == VUNIT_NESTED)
		ret = iommufd_hwpt_alloc_parent(m->host.iommufd, m->dev.id, config.ioas,
						&config.parent);
	if (ret)
		return ret;
	m->unit = vunit_create(&config);
	if (!m->unit)
		return -errno;
	ret = vunit_memory_add(m->unit, m->guest.gpa, m->guest.size, m->guest.va, true);
	if (!ret)
		ret = vunit_device_add(m->unit, MACHINE_SID, &m->dev);
	if (ret)
		vunit_destroy(m->unit);
	return ret;
}

static int vunit_machine_open(struct machine *m, const char *bdf)
{
	int ret;

	m->host.iommufd = iommufd_open();
	if (m->host.iommufd < 0)
		return m->host.iommufd;
	ret = endpoint_open(&m->dev, bdf, m->host.iommufd);
	if (ret)
		goto err_iommufd;
	ret = m->pages ? machine_faults_open(m) : 0;
	if (ret)
		goto err_device;
	ret = guest_create(&m->guest, MACHINE_GPA, MACHINE_SIZE);
	if (ret)
		goto err_faults;
	ret = machine_open_unit(m);
	if (ret)
		goto err_guest;
	m->driver.unit = driver_unit_vunit(m->unit);
	return 0;

err_guest:
	guest_destroy(&m->guest);
err_faults:
	if (m->pages)
		close(m->faults);
err_device:
	vfio_close(&m->dev);
err_iommufd:
	close(m->host.iommufd);
	return ret;
}

static int vunit_machine_open_pages(struct machine *m, const char *bdf)
{
	m->pages = true;
	return vunit_machine_open(m, bdf);
}

static void vunit_machine_close(struct machine *m)
{
	vunit_destroy(m->unit);
	vfio_close(&m->dev);
	if (m->pages)
		close(m->faults);
	close(m->host.iommufd);
	guest_destroy(&m->guest);
}

static void vunit_machine_calls(struct machine *m, struct machine_calls *calls)
{
	*calls = m->host.calls;
}

static bool vunit_machine_reset(struct machine *m)
{
	vunit_reset(m->unit);
	return true;
}

static bool vunit_machine_migrate(struct machine *m)
{
	static __thread struct vunit_state state;

	vunit_save(m->unit, &state);
	vunit_reset(m->unit);
	return !vunit_load(m->unit, &state);
}

static bool vunit_machine_replug(struct machine *m)
{
	vunit_device_remove(m->unit, MACHINE_SID);
	return !vunit_device_add(m->unit, MACHINE_SID, &m->dev);
}

const struct machine_vmm machine_vunit = {
	.name = "libvunit",
	.open = vunit_machine_open,
	.close = vunit_machine_close,
	.calls = vunit_machine_calls,
	.reset = vunit_machine_reset,
	.migrate = vunit_machine_migrate,
	.replug = vunit_machine_replug,
};

const struct machine_vmm machine_vunit_pages = {
	.name = "libvunit",
	.open = vunit_machine_open_pages,
	.close = vunit_machine_close,
	.calls = vunit_machine_calls,
	.reset = vunit_machine_reset,
	.migrate = vunit_machine_migrate,
	.replug = vunit_machine_replug,
};
