/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Register layout of a vtdsim endpoint, the DMA-capable PCI function behind
 * the modelled VT-d unit.
 *
 * BAR 0 holds the registers in its first page and a buffer that DMA reads from
 * memory land in, and DMA writes take their bytes from. All registers are
 * little endian and naturally aligned.
 *
 * A program fills in the command registers, writes a new sequence number to
 * VTDSIM_EP_DOORBELL, and waits until VTDSIM_EP_DONE shows the same number;
 * then the status registers tell how it went. The endpoint watches the
 * doorbell, so nothing but plain loads and stores is needed. One command runs
 * at a time. A write to a status register is lost.
 *
 * The endpoint does DMA only while Bus Master Enable is set in its PCI
 * command register, and answers at all only while Memory Space Enable is. For
 * fetch-add, AtomicOp Requester Enable in Device Control 2 must be set, too.
 *
 * While software has ATS enabled, DMA goes by way of the endpoint's own cache
 * of translations. If the VT-d unit does not give a translation with the right
 * that is needed, the command ends with VTDSIM_EP_S_FAULT as it would without
 * ATS. REASON then is what the unit found, which no real device gets to know;
 * the unit has recorded nothing. With VTDSIM_EP_F_PAGE_REQUEST, the endpoint
 * first asks for the page, waits for the response, and tries again.
 */
#ifndef _UAPI_LINUX_VTDSIM_H
#define _UAPI_LINUX_VTDSIM_H

#define VTDSIM_PCI_VENDOR_ID	0x1234	/* unregistered; what emulators use */
#define VTDSIM_PCI_DEVICE_ID	0x7d51

#define VTDSIM_EP_BAR_SIZE	0x10000

/* Identification, read only */
#define VTDSIM_EP_MAGIC		0x00	/* u32: VTDSIM_EP_MAGIC_VALUE */
#define VTDSIM_EP_VERSION	0x04	/* u32: VTDSIM_EP_VERSION_VALUE */

/* Command */
#define VTDSIM_EP_ADDR		0x10	/* u64: address in memory (IOVA) */
#define VTDSIM_EP_LEN		0x18	/* u32: bytes; 4 or 8 for fetch-add */
#define VTDSIM_EP_BUF		0x1c	/* u32: offset into the buffer */
#define VTDSIM_EP_PASID		0x20	/* u32: used with VTDSIM_EP_F_PASID */
#define VTDSIM_EP_FLAGS		0x24	/* u32: VTDSIM_EP_F_* */
#define VTDSIM_EP_OPERAND	0x28	/* u64: addend of fetch-add */
#define VTDSIM_EP_OP		0x30	/* u32: VTDSIM_EP_OP_* */
#define VTDSIM_EP_DOORBELL	0x34	/* u32: sequence number, not 0 */
#define VTDSIM_EP_GROUP		0x38	/* u32: page request group index, 0-511 */

/* Status, read only */
#define VTDSIM_EP_DONE		0x40	/* u32: number of the last command done */
#define VTDSIM_EP_STATUS	0x44	/* u32: VTDSIM_EP_S_* */
#define VTDSIM_EP_REASON	0x48	/* u32: fault reason, VT-d 7.1.3 */
#define VTDSIM_EP_COUNT		0x4c	/* u32: bytes moved */
#define VTDSIM_EP_FAULT_ADDR	0x50	/* u64: page of the fault */
#define VTDSIM_EP_RESULT	0x58	/* u64: value before fetch-add, or host address */
#define VTDSIM_EP_RESPONSE	0x60	/* u32: code of the page group response */
#define VTDSIM_EP_RIGHTS	0x64	/* u32: VTDSIM_EP_R_*, of a translation */
#define VTDSIM_EP_SIZE		0x68	/* u32: log2 of the bytes it covers */

/*
 * Misbehaviour, for tests; read when an invalidation arrives. Ignored unless the file
 * "misbehave" of the unit in debugfs has Y: programs and guests that are given an
 * endpoint must not be able to make the host's driver wait. An invalidation
 * that is delayed is complete, and the translations gone, after that time. One
 * that is lost is never complete, and the translations stay. VTDSIM_EP_F_TRANSLATED
 * needs that file, too.
 */
#define VTDSIM_EP_INV_DELAY	0x80	/* u32: microseconds */
#define VTDSIM_EP_INV_LOSE	0x84	/* u32: how many to lose; counts down */

/* MSI-X table of one vector and Pending Bit Array, of an endpoint with MSI-X */
#define VTDSIM_EP_MSIX_TABLE	0x4000
#define VTDSIM_EP_MSIX_PBA	0x5000

/* Buffer */
#define VTDSIM_EP_BUFFER	0x8000
#define VTDSIM_EP_BUFFER_SIZE	0x8000

#define VTDSIM_EP_MAGIC_VALUE	0x44545653	/* "SVTD" */
#define VTDSIM_EP_VERSION_VALUE	2

/* VTDSIM_EP_OP */
#define VTDSIM_EP_OP_NOP	0	/* completes at once */
#define VTDSIM_EP_OP_READ	1	/* memory to buffer */
#define VTDSIM_EP_OP_WRITE	2	/* buffer to memory */
#define VTDSIM_EP_OP_FETCH_ADD	3	/* AtomicOp: adds OPERAND */
#define VTDSIM_EP_OP_TRANSLATE	4	/* ATS: asks for a translation of ADDR */
#define VTDSIM_EP_OP_PAGE_REQUEST 5	/* PRI: asks for the page of ADDR */

/* VTDSIM_EP_FLAGS */
#define VTDSIM_EP_F_PASID	(1U << 0)	/* the request carries a PASID */
#define VTDSIM_EP_F_PRIV	(1U << 1)	/* privileged mode, with PASID */
#define VTDSIM_EP_F_EXEC	(1U << 2)	/* execute requested, with PASID */
#define VTDSIM_EP_F_MSI		(1U << 3)	/* raise MSI vector 0 when done */
/* ... of read, write and fetch-add */
#define VTDSIM_EP_F_UNTRANSLATED (1U << 4)	/* though ATS is enabled */
#define VTDSIM_EP_F_PAGE_REQUEST (1U << 5)	/* ask for missing pages, in GROUP */
/* ... of page requests; of a translation, whether to ask for writing */
#define VTDSIM_EP_F_READ	(1U << 6)
#define VTDSIM_EP_F_WRITE	(1U << 7)
#define VTDSIM_EP_F_LAST	(1U << 8)	/* of its group: wait for the response */
/*
 * ... of read, write and fetch-add, without PASID. Misbehaviour: ADDR is a host address,
 * and the requests say that they are translated, whether ATS is enabled or not.
 */
#define VTDSIM_EP_F_TRANSLATED	(1U << 9)

/* VTDSIM_EP_STATUS */
#define VTDSIM_EP_S_OK		0	/* all bytes moved */
#define VTDSIM_EP_S_FAULT	1	/* blocked by the VT-d unit: REASON */
#define VTDSIM_EP_S_UNSUPPORTED	2	/* no memory at the address */
#define VTDSIM_EP_S_BAD_COMMAND	3	/* op, flags, length or offset */
#define VTDSIM_EP_S_NO_MASTER	4	/* Bus Master Enable is clear */
#define VTDSIM_EP_S_NO_PASID	5	/* PASID not enabled, or too wide */
#define VTDSIM_EP_S_NO_ATS	6	/* ATS not enabled */
#define VTDSIM_EP_S_NO_PRI	7	/* PRI not enabled, or its allocation used up */
#define VTDSIM_EP_S_PAGE_REQUEST_FAILED	8 /* RESPONSE is not success */
#define VTDSIM_EP_S_NO_ATOMICS	9	/* AtomicOp Requester Enable is clear */
#define VTDSIM_EP_S_NO_MISBEHAVIOUR 10	/* the unit's file "misbehave" has no Y */

/* VTDSIM_EP_RIGHTS */
#define VTDSIM_EP_R_READ	(1U << 0)
#define VTDSIM_EP_R_WRITE	(1U << 1)
#define VTDSIM_EP_R_UNTRANSLATED (1U << 2)	/* use untranslated requests */
#define VTDSIM_EP_R_EXEC	(1U << 3)
#define VTDSIM_EP_R_PRIV	(1U << 4)
#define VTDSIM_EP_R_SNOOP	(1U << 5)	/* do not set No Snoop */

#endif /* _UAPI_LINUX_VTDSIM_H */
