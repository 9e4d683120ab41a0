/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The DMAR table that a driver finds, in place of the firmware's. interpose.h
 * redirects the two ACPI calls of the same signatures to these.
 */
#ifndef _VTDSIM_DMAR_TABLE_H
#define _VTDSIM_DMAR_TABLE_H

#include <linux/acpi.h>

struct vtdsim_options;

acpi_status vtdsim_acpi_get_table(acpi_string signature, u32 instance,
				  struct acpi_table_header **table);
void vtdsim_acpi_put_table(struct acpi_table_header *table);

size_t vtdsim_dmar_compose(void *buf, size_t size,
			   const struct acpi_table_header *firmware,
			   const struct vtdsim_options *options, unsigned int n);

#endif /* _VTDSIM_DMAR_TABLE_H */
