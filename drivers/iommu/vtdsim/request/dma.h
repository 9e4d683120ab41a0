/* SPDX-License-Identifier: GPL-2.0-only */
/* DMA requests of endpoints, with the bytes that they move. */
#ifndef _VTDSIM_DMA_H
#define _VTDSIM_DMA_H

#include <linux/types.h>

#include "unit/messages.h"

struct vtdsim_unit;

enum vtdsim_dma_op { VTDSIM_DMA_READ, VTDSIM_DMA_WRITE, VTDSIM_DMA_FETCH_ADD };

/**
 * struct vtdsim_dma - a request and what goes with it
 * @op: what it does
 * @req: the request; its access rights fit @op
 * @len: number of bytes; the request is within one 4 KiB page
 * @buf: destination of a read
 * @data: source of a write
 * @operand: addend of a fetch-add
 * @old: value before a fetch-add
 */
struct vtdsim_dma {
	enum vtdsim_dma_op op;
	struct vtdsim_req req;
	size_t len;
	void *buf;
	const void *data;
	u64 operand;
	u64 *old;
};

void vtdsim_dma_carry_out(struct vtdsim_unit *unit, const struct vtdsim_dma *d,
			  struct vtdsim_outcome *out);

int vtdsim_dma_read(struct vtdsim_unit *unit, const struct vtdsim_req *req,
		    void *buf, size_t len, struct vtdsim_outcome *out);
int vtdsim_dma_write(struct vtdsim_unit *unit, const struct vtdsim_req *req,
		     const void *buf, size_t len, struct vtdsim_outcome *out);
int vtdsim_dma_fetch_add(struct vtdsim_unit *unit, const struct vtdsim_req *req,
			 u64 operand, size_t size, u64 *old,
			 struct vtdsim_outcome *out);

#endif /* _VTDSIM_DMA_H */
