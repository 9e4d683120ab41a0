/* SPDX-License-Identifier: GPL-2.0-only */
/* Fault reasons, VT-d specification section 7.1.3: those that this unit reports. */
#ifndef _VUNIT_FAULT_REASONS_H
#define _VUNIT_FAULT_REASONS_H

/* Legacy mode */
#define VUNIT_FR_LROOT_PRESENT	0x01
#define VUNIT_FR_LCTX_PRESENT	0x02
#define VUNIT_FR_LCTX_INVALID	0x03
#define VUNIT_FR_LSS_ACCESS	0x07	/* a second-stage table cannot be used */
#define VUNIT_FR_LROOT_ACCESS	0x08
#define VUNIT_FR_LCTX_ACCESS	0x09
#define VUNIT_FR_LROOT_RESERVED	0x0a
#define VUNIT_FR_LCTX_RESERVED	0x0b

/* Scalable mode */
#define VUNIT_FR_TTM		0x30	/* translation table mode not usable */
#define VUNIT_FR_ROOT_ACCESS	0x38
#define VUNIT_FR_ROOT_PRESENT	0x39
#define VUNIT_FR_ROOT_RESERVED	0x3a
#define VUNIT_FR_CTX_ACCESS	0x40
#define VUNIT_FR_CTX_PRESENT	0x41
#define VUNIT_FR_CTX_RESERVED	0x42
#define VUNIT_FR_CTX_INVALID	0x43
#define VUNIT_FR_DIR_ACCESS	0x50
#define VUNIT_FR_DIR_PRESENT	0x51
#define VUNIT_FR_DIR_RESERVED	0x52
#define VUNIT_FR_PASID_ACCESS	0x58
#define VUNIT_FR_PASID_PRESENT	0x59
#define VUNIT_FR_PASID_RESERVED	0x5a
#define VUNIT_FR_PASID_INVALID	0x5b
#define VUNIT_FR_SS_ACCESS	0x78

#endif /* _VUNIT_FAULT_REASONS_H */
