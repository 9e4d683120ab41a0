// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layout of configuration space: header, capabilities, and which bits can be
 * written. Layouts are those of the PCI Express Base Specification 6.0, chapter 7;
 * "PCIe" in this file means that.
 */
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/bitfield.h>
#include <linux/string.h>

#include "endpoint/function.h"

/* One end-end TLP prefix, PCIe 7.5.3.15 */
#define DEVCAP2_ONE_PREFIX	BIT(22)

/* Largest payload: 256 bytes, in the encoding of PCIe 7.5.3.3. */
#define PAYLOAD_256		1

/**
 * struct config_capability - one capability of a function
 * @fill: writes the body of the capability at the given offset
 * @size: bytes that it occupies, header included
 * @id: capability ID
 * @version: version, of an extended capability
 * @feature: VTDSIM_HAS_*; a function without it has no such capability
 */
struct config_capability {
	void (*fill)(struct vtdsim_function *fn, u16 at);
	u16 size;
	u16 id;
	u8 version;
	u32 feature;
};

/* PCIe 7.5.2. D0 and D3hot, and D3hot loses nothing. */
static void config_fill_pm(struct vtdsim_function *fn, u16 at)
{
	fn->pm = at;
	config_set16(fn, at + PCI_PM_PMC, 3);
	config_set16(fn, at + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET);
	config_allow16(fn, at + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK);
}

/* PCIe 7.7.1. One vector, which can be masked. */
static void config_fill_msi(struct vtdsim_function *fn, u16 at)
{
	fn->msi = at;
	config_set16(fn, at + PCI_MSI_FLAGS, PCI_MSI_FLAGS_64BIT | PCI_MSI_FLAGS_MASKBIT);
	config_allow16(fn, at + PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE);
	config_allow32(fn, at + PCI_MSI_ADDRESS_LO, GENMASK(31, 2));
	config_allow32(fn, at + PCI_MSI_ADDRESS_HI, GENMASK(31, 0));
	config_allow16(fn, at + PCI_MSI_DATA_64, GENMASK(15, 0));
	config_allow32(fn, at + PCI_MSI_MASK_64, BIT(0));
}

/* PCIe 7.5.3.6. 2.5 GT/s and one lane, which is up. */
static void config_fill_link(struct vtdsim_function *fn, u16 at)
{
	config_set32(fn, at + PCI_EXP_LNKCAP, PCI_EXP_LNKCAP_SLS_2_5GB |
		     FIELD_PREP(PCI_EXP_LNKCAP_MLW, 1));
	config_set16(fn, at + PCI_EXP_LNKSTA, PCI_EXP_LNKSTA_CLS_2_5GB |
		     PCI_EXP_LNKSTA_NLW_X1);
	config_set32(fn, at + PCI_EXP_LNKCAP2, PCI_EXP_LNKCAP2_SLS_2_5GB);
}

/*
 * PCIe 7.5.3. An integrated endpoint has no link, and therefore no link
 * registers. A PASID travels in an end-end TLP prefix.
 */
static void config_fill_express(struct vtdsim_function *fn, u16 at)
{
	fn->express = at;
	config_set16(fn, at + PCI_EXP_FLAGS,
		     2 | FIELD_PREP(PCI_EXP_FLAGS_TYPE, fn->type));
	config_set32(fn, at + PCI_EXP_DEVCAP,
		     FIELD_PREP(PCI_EXP_DEVCAP_PAYLOAD, PAYLOAD_256) |
		     PCI_EXP_DEVCAP_EXT_TAG | PCI_EXP_DEVCAP_RBER |
		     (fn->bar ? PCI_EXP_DEVCAP_FLR : 0));
	config_set16(fn, at + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_RELAX_EN |
		     PCI_EXP_DEVCTL_EXT_TAG | PCI_EXP_DEVCTL_NOSNOOP_EN |
		     PCI_EXP_DEVCTL_READRQ_512B);
	config_allow16(fn, at + PCI_EXP_DEVCTL,
		       PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE |
		       PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE |
		       PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_PAYLOAD |
		       PCI_EXP_DEVCTL_EXT_TAG | PCI_EXP_DEVCTL_NOSNOOP_EN |
		       PCI_EXP_DEVCTL_READRQ | (fn->bar ? PCI_EXP_DEVCTL_BCR_FLR : 0));
	config_set32(fn, at + PCI_EXP_DEVCAP2, PCI_EXP_DEVCAP2_COMP_TMOUT_DIS |
		     PCI_EXP_DEVCAP2_EE_PREFIX | DEVCAP2_ONE_PREFIX);
	config_allow16(fn, at + PCI_EXP_DEVCTL2,
		       PCI_EXP_DEVCTL2_COMP_TMOUT_DIS | PCI_EXP_DEVCTL2_ATOMIC_REQ);
	if (fn->type != PCI_EXP_TYPE_RC_END)
		config_fill_link(fn, at);
}

/* PCI Advanced Capabilities ECN: a Function Level Reset for a conventional device */
static void config_fill_af(struct vtdsim_function *fn, u16 at)
{
	fn->af = at;
	fn->data[at + PCI_AF_LENGTH] = PCI_CAP_AF_SIZEOF;
	fn->data[at + PCI_AF_CAP] = PCI_AF_CAP_TP | PCI_AF_CAP_FLR;
	fn->writable[at + PCI_AF_CTRL] = PCI_AF_CTRL_FLR;
}

/* PCIe 7.8.9 */
static void config_fill_pasid(struct vtdsim_function *fn, u16 at)
{
	fn->pasid = at;
	config_set16(fn, at + PCI_PASID_CAP,
		     PCI_PASID_CAP_EXEC | PCI_PASID_CAP_PRIV |
		     FIELD_PREP(PCI_PASID_CAP_WIDTH, VTDSIM_PASID_BITS));
	config_allow16(fn, at + PCI_PASID_CTRL, PCI_PASID_CTRL_ENABLE |
		       PCI_PASID_CTRL_EXEC | PCI_PASID_CTRL_PRIV);
}

/* PCIe 10.5.1. A queue of 32 invalidations, requests of whole pages only */
static void config_fill_ats(struct vtdsim_function *fn, u16 at)
{
	fn->ats = at;
	config_set16(fn, at + PCI_ATS_CAP, PCI_ATS_CAP_PAGE_ALIGNED);
	config_allow16(fn, at + PCI_ATS_CTRL,
		       PCI_ATS_CTRL_ENABLE | PCI_ATS_CTRL_STU(~0));
}

/*
 * PCIe 7.7.11. Redirection of requests and of completions. A port also checks that requests
 * have a bus number from behind it, and forwards all of them upstream.
 */
static void config_fill_acs(struct vtdsim_function *fn, u16 at)
{
	u16 acs = PCI_ACS_RR | PCI_ACS_CR;

	if (!fn->bar)
		acs |= PCI_ACS_SV | PCI_ACS_UF;
	config_set16(fn, at + PCI_ACS_CAP, acs);
	config_allow16(fn, at + PCI_ACS_CTRL, acs);
}

static const struct config_capability config_endpoint_caps[] = {
	{ config_fill_pm, PCI_PM_SIZEOF, PCI_CAP_ID_PM },
	{ config_fill_msi, PCI_MSI_PENDING_64 + 4, PCI_CAP_ID_MSI, 0, VTDSIM_HAS_MSI },
	{ vtdsim_msix_fill, PCI_CAP_MSIX_SIZEOF, PCI_CAP_ID_MSIX, 0, VTDSIM_HAS_MSIX },
	{ config_fill_express, PCI_CAP_EXP_ENDPOINT_SIZEOF_V2, PCI_CAP_ID_EXP, 0,
	  VTDSIM_HAS_EXPRESS },
	{ config_fill_af, PCI_CAP_AF_SIZEOF, PCI_CAP_ID_AF, 0, VTDSIM_HAS_AF },
};

static const struct config_capability config_port_caps[] = {
	{ config_fill_express, PCI_CAP_EXP_ENDPOINT_SIZEOF_V2, PCI_CAP_ID_EXP, 0,
	  VTDSIM_HAS_EXPRESS },
};

static const struct config_capability config_port_ext_caps[] = {
	{ config_fill_acs, PCI_ACS_EGRESS_CTL_V, PCI_EXT_CAP_ID_ACS, 1, VTDSIM_HAS_ACS },
};

static const struct config_capability config_endpoint_ext_caps[] = {
	{ config_fill_pasid, PCI_EXT_CAP_PASID_SIZEOF, PCI_EXT_CAP_ID_PASID, 1, VTDSIM_HAS_PASID },
	{ config_fill_ats, PCI_EXT_CAP_ATS_SIZEOF, PCI_EXT_CAP_ID_ATS, 1, VTDSIM_HAS_ATS },
	{ vtdsim_pri_fill, PCI_EXT_CAP_PRI_SIZEOF, PCI_EXT_CAP_ID_PRI, 1, VTDSIM_HAS_ATS },
	{ config_fill_acs, PCI_ACS_EGRESS_CTL_V, PCI_EXT_CAP_ID_ACS, 1, VTDSIM_HAS_ACS },
};

/* An endpoint behind a PCI Express to PCI bridge */
static bool config_is_conventional(const struct vtdsim_function *fn)
{
	return fn->bar && fn->type == PCI_EXP_TYPE_PCI_BRIDGE;
}

/*
 * Requests with PASID must not be routed to a peer (PCIe 6.20), which ACS prevents. A
 * conventional device has no extended capabilities.
 */
static bool config_has(const struct vtdsim_function *fn, const struct config_capability *cap)
{
	u32 has = fn->layout->has | VTDSIM_HAS_EXPRESS | (fn->acs ? VTDSIM_HAS_ACS : 0);

	if (fn->multifunction && !fn->acs)
		has &= ~VTDSIM_HAS_PASID;
	if (config_is_conventional(fn))
		has = (has & (VTDSIM_HAS_MSI | VTDSIM_HAS_MSIX)) | VTDSIM_HAS_AF;
	return (has & cap->feature) == cap->feature;
}

/* PCIe 7.5.1: a list that starts at a pointer in the header. */
static void config_lay_out(struct vtdsim_function *fn, const struct config_capability *caps,
			   size_t count)
{
	u16 link = PCI_CAPABILITY_LIST;
	u16 at = PCI_STD_HEADER_SIZEOF;

	for (size_t i = 0; i < count; i++) {
		const struct config_capability *cap = &caps[i];

		if (!config_has(fn, cap))
			continue;
		fn->data[link] = at;
		fn->data[at + PCI_CAP_LIST_ID] = cap->id;
		cap->fill(fn, at);
		link = at + PCI_CAP_LIST_NEXT;
		at = ALIGN(at + cap->size, 4);
	}
	config_set16(fn, PCI_STATUS, config_get16(fn, PCI_STATUS) | PCI_STATUS_CAP_LIST);
}

/* PCIe 7.6.1: a list whose first member is at the start of extended space. */
static void config_lay_out_ext(struct vtdsim_function *fn, const struct config_capability *caps,
			       size_t count)
{
	u16 at = PCI_CFG_SPACE_SIZE;
	u16 last = 0;

	for (size_t i = 0; i < count; i++) {
		const struct config_capability *cap = &caps[i];

		if (!config_has(fn, cap))
			continue;
		cap->fill(fn, at);
		config_set32(fn, at, cap->id | cap->version << 16);
		if (last)
			config_set32(fn, last, config_get32(fn, last) | at << 20);
		last = at;
		at = ALIGN(at + cap->size, 4);
	}
}

static void config_fill_header(struct vtdsim_function *fn)
{
	const struct vtdsim_layout *layout = fn->layout;

	memset(fn->data, 0, sizeof(fn->data));
	memset(fn->writable, 0, sizeof(fn->writable));
	memset(fn->clearable, 0, sizeof(fn->clearable));
	config_set16(fn, PCI_VENDOR_ID, layout->vendor);
	config_set16(fn, PCI_DEVICE_ID, layout->device);
	config_set16(fn, PCI_SUBSYSTEM_VENDOR_ID, layout->vendor);
	config_set16(fn, PCI_SUBSYSTEM_ID, layout->device);
	config_set32(fn, PCI_CLASS_REVISION, layout->class << 8 | layout->revision);
	config_allow16(fn, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
		       PCI_COMMAND_PARITY | PCI_COMMAND_SERR |
		       PCI_COMMAND_INTX_DISABLE);
	fn->writable[PCI_CACHE_LINE_SIZE] = 0xff;
	fn->data[PCI_HEADER_TYPE] = fn->multifunction ? PCI_HEADER_TYPE_MFD : 0;
}

/**
 * vtdsim_config_fill() - bring configuration space into its state after power-on
 * @fn: a function whose layout is set
 *
 * A function without a BAR gets its header only, and is a host bridge with that.
 *
 * Context: Caller holds the function's lock, or nobody else uses it.
 */
void vtdsim_config_fill(struct vtdsim_function *fn)
{
	config_fill_header(fn);
	fn->pasid = 0;
	if (!fn->layout->bar_size)
		return;
	config_set32(fn, PCI_BASE_ADDRESS_0, fn->bar);
	config_allow32(fn, PCI_BASE_ADDRESS_0, ~(fn->layout->bar_size - 1));
	config_lay_out(fn, config_endpoint_caps, ARRAY_SIZE(config_endpoint_caps));
	config_lay_out_ext(fn, config_endpoint_ext_caps, ARRAY_SIZE(config_endpoint_ext_caps));
}

/**
 * vtdsim_config_fill_port() - give a port or bridge its capabilities
 * @fn: a function whose header is filled
 *
 * Context: Caller holds the function's lock, or nobody else uses it.
 */
void vtdsim_config_fill_port(struct vtdsim_function *fn)
{
	config_lay_out(fn, config_port_caps, ARRAY_SIZE(config_port_caps));
	config_lay_out_ext(fn, config_port_ext_caps, ARRAY_SIZE(config_port_ext_caps));
}
