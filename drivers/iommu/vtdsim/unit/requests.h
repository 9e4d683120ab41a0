/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests of endpoints, and how they end: DMA (dma.c) and translation requests
 * (translation_request.c).
 */
#ifndef _VTDSIM_REQUEST_H
#define _VTDSIM_REQUEST_H

#include <linux/types.h>

struct vtdsim_unit;

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

/*
 * Calls @fn below the unit's lock, with room for one request in the caches.
 * May sleep before. Return: 0, or -ENOMEM if @fn was not called.
 */
int vtdsim_transact(struct vtdsim_unit *unit,
		    void (*fn)(struct vtdsim_unit *unit, void *data),
		    void *data);

/*
 * One request within one 4 KiB page. May sleep before it takes the lock.
 * Return: 0; -EFAULT with *out filled when blocked; -ENOMEM.
 */
int vtdsim_dma_read(struct vtdsim_unit *unit, const struct vtdsim_req *req,
		    void *buf, size_t len, struct vtdsim_outcome *out);
int vtdsim_dma_write(struct vtdsim_unit *unit, const struct vtdsim_req *req,
		     const void *buf, size_t len, struct vtdsim_outcome *out);
int vtdsim_dma_fetch_add(struct vtdsim_unit *unit, const struct vtdsim_req *req,
			 u64 operand, size_t size, u64 *old,
			 struct vtdsim_outcome *out);

/* ---- translation_request.c: translation requests (section 4.2) ---- */

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

/* Lock held, and vtdsim_cache_ready(): from within vtdsim_transact(). */
void vtdsim_ats_translate(struct vtdsim_unit *unit,
			  const struct vtdsim_req *req,
			  struct vtdsim_completion *out);

#endif /* _VTDSIM_REQUEST_H */
