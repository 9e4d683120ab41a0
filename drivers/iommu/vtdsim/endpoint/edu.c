// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's educational device, as docs/specs/edu of QEMU describes it: a factorial, an
 * interrupt that software raises and acknowledges, and a DMA engine with a buffer of
 * its own.
 *
 * The BAR is memory that is polled, and that shows in two places. What software stores
 * takes effect some time later, so it reads back its own value until then. And a store
 * of the value that is there already has no effect, which matters for the liveness and
 * the factorial register only: the others are cleared when the engine has seen them.
 */
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/sizes.h>

#include "endpoint/endpoint.h"

#define EDU_VENDOR_ID	0x1234
#define EDU_DEVICE_ID	0x11e8
#define EDU_REVISION	0x10
#define EDU_CLASS	0x00ff00

/* Registers */
#define EDU_ID		0x00
#define EDU_ALIVE	0x04
#define EDU_FACTORIAL	0x08
#define EDU_STATUS	0x20
#define EDU_CAUSE	0x24
#define EDU_RAISE	0x60
#define EDU_ACK		0x64
#define EDU_SOURCE	0x80
#define EDU_TARGET	0x88
#define EDU_COUNT	0x90
#define EDU_COMMAND	0x98

/* Version 1.0 */
#define EDU_ID_VALUE	0x010000ed

/* Status register */
#define EDU_COMPUTING	BIT(0)
#define EDU_IRQ_WANTED	BIT(7)

/* Causes of an interrupt, beside what software raises */
#define EDU_CAUSE_FACTORIAL	0x001
#define EDU_CAUSE_DMA		0x100

/* DMA command register */
#define EDU_RUN		BIT(0)
#define EDU_TO_MEMORY	BIT(1)
#define EDU_DMA_IRQ	BIT(2)

/* The buffer, as the DMA engine addresses it; not accessible through the BAR */
#define EDU_BUFFER	0x40000
#define EDU_BUFFER_SIZE	SZ_4K

/* The DMA engine drives 28 bits of an address. */
#define EDU_DMA_MASK	GENMASK_ULL(27, 0)

/**
 * struct edu_state - what the device knows, whatever is in its registers
 * @alive: contents of the liveness register
 * @factorial: contents of the factorial register
 * @cause: contents of the interrupt status register
 * @buffer: where DMA goes to and comes from
 */
struct edu_state {
	u32 alive;
	u32 factorial;
	u32 cause;
	u8 buffer[EDU_BUFFER_SIZE];
};

static void edu_publish(struct vtdsim_endpoint *ep)
{
	const struct edu_state *edu = ep->state;

	writel(EDU_ID_VALUE, ep->bar + EDU_ID);
	writel(edu->cause, ep->bar + EDU_CAUSE);
}

static void edu_raise(struct vtdsim_endpoint *ep, u32 cause)
{
	struct edu_state *edu = ep->state;

	edu->cause |= cause;
	writel(edu->cause, ep->bar + EDU_CAUSE);
	vtdsim_function_raise(&ep->fn);
}

/* Reads a register that only software writes, and clears it. */
static u32 edu_take(struct vtdsim_endpoint *ep, u32 offset)
{
	u32 val = readl(ep->bar + offset);

	if (val)
		writel(0, ep->bar + offset);
	return val;
}

static bool edu_check_interrupt(struct vtdsim_endpoint *ep)
{
	struct edu_state *edu = ep->state;
	u32 ack = edu_take(ep, EDU_ACK);
	u32 raise = edu_take(ep, EDU_RAISE);

	if (ack) {
		edu->cause &= ~ack;
		writel(edu->cause, ep->bar + EDU_CAUSE);
	}
	if (raise)
		edu_raise(ep, raise);
	return ack || raise;
}

static bool edu_check_alive(struct vtdsim_endpoint *ep)
{
	struct edu_state *edu = ep->state;
	u32 val = readl(ep->bar + EDU_ALIVE);

	if (val == edu->alive)
		return false;
	edu->alive = ~val;
	writel(edu->alive, ep->bar + EDU_ALIVE);
	return true;
}

/* Modulo 2^32: from 34! on, all bits are zero. */
static u32 edu_compute_factorial(u32 n)
{
	u32 product = 1;

	for (; n > 1 && product; n--)
		product *= n;
	return product;
}

static bool edu_check_factorial(struct vtdsim_endpoint *ep)
{
	struct edu_state *edu = ep->state;
	u32 status = readl(ep->bar + EDU_STATUS) & EDU_IRQ_WANTED;
	u32 val = readl(ep->bar + EDU_FACTORIAL);

	if (val == edu->factorial)
		return false;
	writel(status | EDU_COMPUTING, ep->bar + EDU_STATUS);
	edu->factorial = edu_compute_factorial(val);
	writel(edu->factorial, ep->bar + EDU_FACTORIAL);
	writel(status, ep->bar + EDU_STATUS);
	if (status)
		edu_raise(ep, EDU_CAUSE_FACTORIAL);
	return true;
}

/* Place in the buffer, or NULL if some of the bytes are outside. */
static void *edu_find_buffer(struct edu_state *edu, u64 addr, u64 count)
{
	if (addr < EDU_BUFFER || addr - EDU_BUFFER > EDU_BUFFER_SIZE ||
	    count > EDU_BUFFER_SIZE - (addr - EDU_BUFFER))
		return NULL;
	return edu->buffer + (addr - EDU_BUFFER);
}

/*
 * The device does not report whether the unit let a transfer pass. A transfer outside of
 * the buffer does nothing, where QEMU's device ends the emulator.
 */
static enum vtdsim_moved edu_move(struct vtdsim_endpoint *ep, u32 command)
{
	u64 source = readq(ep->bar + EDU_SOURCE);
	u64 target = readq(ep->bar + EDU_TARGET);
	u64 count = readq(ep->bar + EDU_COUNT);
	void *buffer = edu_find_buffer(ep->state, command & EDU_TO_MEMORY ? source : target, count);

	if (!buffer)
		return VTDSIM_MOVED;
	if (command & EDU_TO_MEMORY)
		return vtdsim_endpoint_write(ep, target & EDU_DMA_MASK, buffer, count);
	return vtdsim_endpoint_read(ep, source & EDU_DMA_MASK, buffer, count);
}

/* Without Bus Master Enable a transfer waits, and then begins anew. */
static bool edu_check_dma(struct vtdsim_endpoint *ep)
{
	u32 command = readl(ep->bar + EDU_COMMAND);

	if (!(command & EDU_RUN) || edu_move(ep, command) == VTDSIM_MOVE_STOPPED)
		return false;
	writel(command & ~EDU_RUN, ep->bar + EDU_COMMAND);
	if (command & EDU_DMA_IRQ)
		edu_raise(ep, EDU_CAUSE_DMA);
	return true;
}

static void edu_reset(struct vtdsim_endpoint *ep)
{
	edu_publish(ep);
}

static bool edu_work(struct vtdsim_endpoint *ep)
{
	return edu_check_interrupt(ep) || edu_check_alive(ep) || edu_check_factorial(ep) ||
	       edu_check_dma(ep);
}

const struct vtdsim_endpoint_kind vtdsim_endpoint_edu = {
	.name = "edu",
	.layout = {
		.vendor = EDU_VENDOR_ID,
		.device = EDU_DEVICE_ID,
		.revision = EDU_REVISION,
		.class = EDU_CLASS,
		.bar_size = SZ_1M,
		.has = VTDSIM_HAS_MSI,
	},
	.state_bytes = sizeof(struct edu_state),
	.reset = edu_reset,
	.work = edu_work,
	.publish = edu_publish,
};
