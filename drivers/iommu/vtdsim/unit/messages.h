/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What endpoints and a unit send each other: requests and how they end,
 * translation completions, invalidations of device TLBs, page requests and
 * page group responses.
 */
#ifndef _VTDSIM_MESSAGES_H
#define _VTDSIM_MESSAGES_H

#include <linux/types.h>

/**
 * enum vtdsim_at - address type of a request (PCIe 10.2.1)
 * @VTDSIM_AT_UNTRANSLATED: the unit translates the address
 * @VTDSIM_AT_TRANSLATION: a translation request, which moves no bytes
 * @VTDSIM_AT_TRANSLATED: the address is the host's already
 */
enum vtdsim_at {
	VTDSIM_AT_UNTRANSLATED	= 0,
	VTDSIM_AT_TRANSLATION	= 1,
	VTDSIM_AT_TRANSLATED	= 2,
};

/**
 * struct vtdsim_req - one request of an endpoint, section 3.2
 * @addr: input address, or host address if @at says so
 * @at: address type
 * @pasid: PASID of the request, used only if @with_pasid
 * @sid: source-id, the requester's bus, device and function
 * @with_pasid: request carries a PASID
 * @read: request reads (an AtomicOp both reads and writes)
 * @write: request writes
 * @exec: execute-requested, for reads with PASID
 * @priv: privileged-mode-requested, for requests with PASID
 */
struct vtdsim_req {
	u64 addr;
	enum vtdsim_at at;
	u32 pasid;
	u16 sid;
	bool with_pasid;
	bool read;
	bool write;
	bool exec;
	bool priv;
};

/**
 * struct vtdsim_outcome - how a DMA request ended
 * @reason: 0, or the fault reason of section 7.1.3
 * @addr: address of the fault, page aligned as recorded
 * @unsupported: translated, but nothing answers at the host address
 * @recoverable: the endpoint has asked for a translation and got none that
 *	would do; a page request may help. @reason is what stood in the way,
 *	and was not recorded.
 */
struct vtdsim_outcome {
	u8 reason;
	u64 addr;
	bool unsupported;
	bool recoverable;
};

/* Status of a completion, PCIe 2.2.9 */
enum vtdsim_completion_status {
	VTDSIM_CPL_SUCCESS,
	VTDSIM_CPL_UR,		/* unsupported request */
	VTDSIM_CPL_CA,		/* completer abort */
};

/**
 * struct vtdsim_completion - a translation completion (PCIe 10.2.3)
 * @status: how it went; nothing else but @reason has a meaning unless success
 * @addr: host address; if @size, the number of pages is in the low bits of the
 *	page number: one page more than twice the ones below the lowest zero
 * @size: S, more than one page
 * @no_snoop: N, do not use No Snoop
 * @untranslated: U, access is possible with untranslated requests only
 * @read: R
 * @write: W
 * @exec: Exe
 * @priv: Priv, the translation is for privileged mode
 * @reason: not in the message: why a right that was asked for is not there, a
 *	fault reason of section 7.1.3, or 0
 */
struct vtdsim_completion {
	enum vtdsim_completion_status status;
	u64 addr;
	bool size;
	bool no_snoop;
	bool untranslated;
	bool read;
	bool write;
	bool exec;
	bool priv;
	u8 reason;
};

/**
 * struct vtdsim_devtlb_inv - a device-TLB invalidation (6.5.2.5, 6.5.2.6)
 * @addr: first address, a multiple of the size
 * @order: log2 of the number of 4 KiB pages; 52 for everything
 * @pasid: used only if @with_pasid
 * @with_pasid: PASID-based invalidation
 * @global: of all PASIDs (G bit of a PASID-based invalidation)
 * @itag: ITag, which tells it from others under way
 */
struct vtdsim_devtlb_inv {
	u64 addr;
	u8 order;
	u32 pasid;
	bool with_pasid;
	bool global;
	u8 itag;
};

/**
 * struct vtdsim_page_request - a page request message (section 7.4)
 * @addr: page
 * @pasid: used only if @with_pasid
 * @sid: requester
 * @group: page request group index
 * @with_pasid: request carries a PASID
 * @read: read access asked for
 * @write: write access asked for
 * @exec: execute access asked for
 * @priv: privileged access asked for
 * @last: last request of its group
 *
 * With neither @read nor @write, and @last, it is a stop marker: no request.
 */
struct vtdsim_page_request {
	u64 addr;
	u32 pasid;
	u16 sid;
	u16 group;
	bool with_pasid;
	bool read;
	bool write;
	bool exec;
	bool priv;
	bool last;
};

/* Response codes of a page group response (section 7.6.1, table 32) */
#define VTDSIM_PRG_SUCCESS	0x0
#define VTDSIM_PRG_INVALID	0x1
#define VTDSIM_PRG_FAILURE	0xf

/**
 * struct vtdsim_page_response - a page group response (section 7.6)
 * @pasid: used only if @with_pasid
 * @group: page request group index
 * @code: VTDSIM_PRG_*
 * @with_pasid: response carries a PASID
 */
struct vtdsim_page_response {
	u32 pasid;
	u16 group;
	u8 code;
	bool with_pasid;
};

#endif /* _VTDSIM_MESSAGES_H */
