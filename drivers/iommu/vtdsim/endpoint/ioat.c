// SPDX-License-Identifier: GPL-2.0-only
/*
 * Intel's DMA engine of the chipset (CBDMA, I/OAT), version 3.2, with one channel that
 * copies memory: what drivers/dma/ioat drives.
 *
 * The channel works through a chain of descriptors in memory. Software writes the
 * address of the first one, and then how many there are in all since then; it writes a
 * greater count when it has appended some.
 *
 * The BAR is memory that is polled. Registers with which software starts something are
 * cleared when the engine has seen them, so that the same value can be stored again:
 * commands, the chain address, and, while the channel waits for a chain, the count. Two
 * things differ from hardware. A channel is idle after a reset, and not halted: software
 * looks a few microseconds after it has started a channel whether that still is halted.
 * And errors are cleared by the reset of the channel only, because a store of the bits
 * that are there already would not be seen.
 */
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/sizes.h>

#include "endpoint/endpoint.h"

#define IOAT_VENDOR_ID		0x8086
#define IOAT_DEVICE_ID		0x2021	/* of a Xeon Scalable */
#define IOAT_CLASS		0x088000

/* Registers of the device */
#define IOAT_CHANCNT		0x00	/* 8 bits */
#define IOAT_XFERCAP		0x01	/* 8 bits: log2 of the greatest transfer */
#define IOAT_VER		0x08	/* 8 bits */

#define IOAT_VER_VALUE		0x32
#define IOAT_XFERCAP_VALUE	20

/* Registers of the channel, and where they are */
#define IOAT_CHANNEL		0x80
#define IOAT_CHANCTRL		(IOAT_CHANNEL + 0x00)	/* 16 bits */
#define IOAT_CHANCMD		(IOAT_CHANNEL + 0x04)	/* 8 bits */
#define IOAT_DMACOUNT		(IOAT_CHANNEL + 0x06)	/* 16 bits */
#define IOAT_CHANSTS		(IOAT_CHANNEL + 0x08)	/* 64 bits */
#define IOAT_CHAINADDR		(IOAT_CHANNEL + 0x10)	/* 64 bits */
#define IOAT_CHANCMP		(IOAT_CHANNEL + 0x18)	/* 64 bits */
#define IOAT_CHANERR		(IOAT_CHANNEL + 0x28)	/* 32 bits */

/* Behind the registers of all channels that there could be */
#define IOAT_MSIX_TABLE		0x2000
#define IOAT_MSIX_PBA		0x3000

/* CHANCTRL */
#define IOAT_INT_REARM		BIT(0)
#define IOAT_ERR_COMPLETION	BIT(2)
#define IOAT_ERR_INT		BIT(4)

/* CHANCMD */
#define IOAT_SUSPEND		BIT(2)
#define IOAT_RESUME		BIT(4)
#define IOAT_RESET		BIT(5)

/* CHANSTS: the state, and bits 63:6 of the last descriptor that is complete */
#define IOAT_ACTIVE		0
#define IOAT_IDLE		1
#define IOAT_SUSPENDED		2
#define IOAT_HALTED		3

/* CHANERR */
#define IOAT_ERR_NEXT_ADDR	BIT(2)
#define IOAT_ERR_NEXT_ALIGN	BIT(3)
#define IOAT_ERR_READ_DATA	BIT(8)
#define IOAT_ERR_WRITE_DATA	BIT(9)
#define IOAT_ERR_CONTROL	BIT(10)
#define IOAT_ERR_LENGTH		BIT(11)
#define IOAT_ERR_COMPL_ADDR	BIT(12)

/* Control word of a descriptor; the operation is in bits 31:24, 0 for a copy */
#define IOAT_CTL_INT		BIT(0)
#define IOAT_CTL_COMPL_WRITE	BIT(3)
#define IOAT_CTL_NULL		BIT(5)
#define IOAT_CTL_OP		GENMASK(31, 24)

/**
 * struct ioat_desc - a descriptor
 * @size: bytes to copy
 * @ctl: IOAT_CTL_*
 * @source: address to copy from
 * @target: address to copy to
 * @next: address of the next descriptor
 * @unused: software's
 */
struct ioat_desc {
	__le32 size;
	__le32 ctl;
	__le64 source;
	__le64 target;
	__le64 next;
	__le64 unused[4];
};

/**
 * struct ioat_state - what the device knows, whatever is in its registers
 * @state: IOAT_ACTIVE and so on
 * @chained: there is a chain, and @next is valid
 * @interrupt: an interrupt is to be sent when it has been rearmed
 * @seen: the last DMACOUNT seen
 * @done: descriptors of this chain that are complete, modulo 2^16
 * @error: contents of CHANERR
 * @next: address of the next descriptor
 * @last: address of the last one that is complete, or 0
 */
struct ioat_state {
	u8 state;
	bool chained;
	bool interrupt;
	u16 seen;
	u16 done;
	u32 error;
	u64 next;
	u64 last;
};

static void ioat_publish(struct vtdsim_endpoint *ep)
{
	const struct ioat_state *ioat = ep->state;

	writeb(1, ep->bar + IOAT_CHANCNT);
	writeb(IOAT_XFERCAP_VALUE, ep->bar + IOAT_XFERCAP);
	writeb(IOAT_VER_VALUE, ep->bar + IOAT_VER);
	writel(ioat->error, ep->bar + IOAT_CHANERR);
	writeq(ioat->last | ioat->state, ep->bar + IOAT_CHANSTS);
}

/* Software writes the count behind the address, so a count means that there is one. */
static void ioat_forget_chain(struct vtdsim_endpoint *ep)
{
	struct ioat_state *ioat = ep->state;

	ioat->chained = false;
	writeq(0, ep->bar + IOAT_CHAINADDR);
	writew(0, ep->bar + IOAT_DMACOUNT);
}

/* Software sets the completion address again after that, and not CHANCTRL. */
static void ioat_reset_channel(struct vtdsim_endpoint *ep)
{
	struct ioat_state *ioat = ep->state;

	*ioat = (struct ioat_state) { .state = IOAT_IDLE };
	ioat_forget_chain(ep);
	writeq(0, ep->bar + IOAT_CHANCMP);
	ioat_publish(ep);
}

/*
 * One interrupt, and then none until software has set the bit again. The bit is cleared
 * before the message is sent, or it could clear the bit that the handler has set.
 */
static bool ioat_send_interrupt(struct vtdsim_endpoint *ep)
{
	struct ioat_state *ioat = ep->state;
	u16 ctrl = readw(ep->bar + IOAT_CHANCTRL);

	if (!ioat->interrupt || !(ctrl & IOAT_INT_REARM))
		return false;
	ioat->interrupt = false;
	writew(ctrl & ~IOAT_INT_REARM, ep->bar + IOAT_CHANCTRL);
	vtdsim_function_raise(&ep->fn);
	return true;
}

/* The completion is a write of CHANSTS to memory. */
static enum vtdsim_moved ioat_write_completion(struct vtdsim_endpoint *ep)
{
	const struct ioat_state *ioat = ep->state;
	__le64 status = cpu_to_le64(ioat->last | ioat->state);

	return vtdsim_endpoint_write(ep, readq(ep->bar + IOAT_CHANCMP), &status, sizeof(status));
}

static void ioat_halt(struct vtdsim_endpoint *ep, u32 error)
{
	struct ioat_state *ioat = ep->state;
	u16 ctrl = readw(ep->bar + IOAT_CHANCTRL);

	ioat->error |= error;
	ioat->state = IOAT_HALTED;
	ioat_forget_chain(ep);
	ioat_publish(ep);
	if (ctrl & IOAT_ERR_COMPLETION)
		ioat_write_completion(ep);
	if (ctrl & IOAT_ERR_INT)
		ioat->interrupt = true;
}

static bool ioat_command_waits(struct vtdsim_endpoint *ep)
{
	return readb(ep->bar + IOAT_CHANCMD) & (IOAT_RESET | IOAT_SUSPEND);
}

/*
 * Copies page by page. A command or the loss of Bus Master Enable ends it before its end;
 * what is resumed then begins anew. Returns IOAT_ERR_*.
 */
static u32 ioat_copy(struct vtdsim_endpoint *ep, u64 source, u64 target, u32 size,
		     enum vtdsim_moved *moved)
{
	u32 n;

	for (; size; size -= n, source += n, target += n) {
		n = min3(size, (u32)(SZ_4K - source % SZ_4K), (u32)(SZ_4K - target % SZ_4K));
		if (ioat_command_waits(ep)) {
			*moved = VTDSIM_MOVE_STOPPED;
			return 0;
		}
		*moved = vtdsim_endpoint_read(ep, source, ep->page, n);
		if (*moved)
			return IOAT_ERR_READ_DATA;
		*moved = vtdsim_endpoint_write(ep, target, ep->page, n);
		if (*moved)
			return IOAT_ERR_WRITE_DATA;
	}
	return 0;
}

/* Does what a descriptor asks for, without its completion. Returns IOAT_ERR_*. */
static u32 ioat_execute(struct vtdsim_endpoint *ep, const struct ioat_desc *desc,
			enum vtdsim_moved *moved)
{
	u32 ctl = le32_to_cpu(desc->ctl);
	u32 size = le32_to_cpu(desc->size);

	*moved = VTDSIM_MOVE_BLOCKED;
	if (ctl & IOAT_CTL_OP)
		return IOAT_ERR_CONTROL;
	if (!size || size > BIT(IOAT_XFERCAP_VALUE))
		return IOAT_ERR_LENGTH;
	*moved = VTDSIM_MOVED;
	if (ctl & IOAT_CTL_NULL)
		return 0;
	return ioat_copy(ep, le64_to_cpu(desc->source), le64_to_cpu(desc->target), size, moved);
}

static void ioat_complete(struct vtdsim_endpoint *ep, const struct ioat_desc *desc)
{
	struct ioat_state *ioat = ep->state;
	u32 ctl = le32_to_cpu(desc->ctl);

	ioat->last = ioat->next;
	ioat->next = le64_to_cpu(desc->next);
	ioat->done++;
	ioat->state = ioat->done == ioat->seen ? IOAT_IDLE : IOAT_ACTIVE;
	if (ctl & IOAT_CTL_COMPL_WRITE && ioat_write_completion(ep) == VTDSIM_MOVE_BLOCKED) {
		ioat_halt(ep, IOAT_ERR_COMPL_ADDR);
		return;
	}
	ioat_publish(ep);
	if (ctl & IOAT_CTL_INT)
		ioat->interrupt = true;
}

/* Returns false if the descriptor has to wait: for Bus Master Enable, or for a command. */
static bool ioat_run_descriptor(struct vtdsim_endpoint *ep)
{
	struct ioat_state *ioat = ep->state;
	struct ioat_desc desc;
	enum vtdsim_moved moved;
	u32 error;

	if (ioat->next % sizeof(desc)) {
		ioat_halt(ep, IOAT_ERR_NEXT_ALIGN);
		return true;
	}
	moved = vtdsim_endpoint_read(ep, ioat->next, &desc, sizeof(desc));
	error = moved ? IOAT_ERR_NEXT_ADDR : ioat_execute(ep, &desc, &moved);
	if (moved == VTDSIM_MOVE_STOPPED)
		return false;
	if (error)
		ioat_halt(ep, error);
	else
		ioat_complete(ep, &desc);
	return true;
}

static void ioat_suspend_channel(struct vtdsim_endpoint *ep)
{
	struct ioat_state *ioat = ep->state;

	if (ioat->state == IOAT_HALTED)
		return;
	ioat->state = IOAT_SUSPENDED;
	/* The chain goes on with a resume, or another takes its place. */
	writeq(0, ep->bar + IOAT_CHAINADDR);
	writew(0, ep->bar + IOAT_DMACOUNT);
	ioat_publish(ep);
}

static void ioat_resume_channel(struct vtdsim_endpoint *ep)
{
	struct ioat_state *ioat = ep->state;

	if (ioat->state != IOAT_SUSPENDED)
		return;
	ioat->state = ioat->done == ioat->seen ? IOAT_IDLE : IOAT_ACTIVE;
	writew(ioat->seen, ep->bar + IOAT_DMACOUNT);
	ioat_publish(ep);
}

/* The command reads as zero when it has been carried out. */
static bool ioat_check_command(struct vtdsim_endpoint *ep)
{
	u8 command = readb(ep->bar + IOAT_CHANCMD);

	if (!command)
		return false;
	if (command & IOAT_RESET)
		ioat_reset_channel(ep);
	else if (command & IOAT_SUSPEND)
		ioat_suspend_channel(ep);
	else if (command & IOAT_RESUME)
		ioat_resume_channel(ep);
	writeb(0, ep->bar + IOAT_CHANCMD);
	return true;
}

/* A channel that halted with an error takes no chain until it has been reset. */
static bool ioat_takes_chain(const struct ioat_state *ioat)
{
	return ioat->state == IOAT_SUSPENDED || (ioat->state == IOAT_IDLE && !ioat->chained);
}

static bool ioat_check_chain(struct vtdsim_endpoint *ep)
{
	struct ioat_state *ioat = ep->state;
	u16 count = readw(ep->bar + IOAT_DMACOUNT);
	u64 chain;

	if (ioat_takes_chain(ioat)) {
		chain = count ? readq(ep->bar + IOAT_CHAINADDR) : 0;
		if (!chain)
			return false;
		writeq(0, ep->bar + IOAT_CHAINADDR);
		ioat->next = chain;
		ioat->done = 0;
		ioat->chained = true;
	}
	if (!ioat->chained)
		return false;
	ioat->seen = count;
	if (ioat->done == count)
		return false;
	if (ioat->state != IOAT_ACTIVE) {
		ioat->state = IOAT_ACTIVE;
		ioat_publish(ep);
	}
	return ioat_run_descriptor(ep);
}

static bool ioat_work(struct vtdsim_endpoint *ep)
{
	return ioat_check_command(ep) || ioat_send_interrupt(ep) || ioat_check_chain(ep);
}

const struct vtdsim_endpoint_kind vtdsim_endpoint_ioat = {
	.name = "ioat",
	.layout = {
		.vendor = IOAT_VENDOR_ID,
		.device = IOAT_DEVICE_ID,
		.revision = 1,
		.class = IOAT_CLASS,
		.bar_size = SZ_16K,
		.has = VTDSIM_HAS_MSIX,
		.msix_table = IOAT_MSIX_TABLE,
		.msix_pba = IOAT_MSIX_PBA,
	},
	.state_bytes = sizeof(struct ioat_state),
	.reset = ioat_reset_channel,
	.work = ioat_work,
	.publish = ioat_publish,
};
