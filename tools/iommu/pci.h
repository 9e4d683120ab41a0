/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI functions and their drivers, as sysfs shows them.
 *
 * A function is named by its address in text, such as "0000:00:02.0".
 */
#ifndef _TOOLS_IOMMU_PCI_H
#define _TOOLS_IOMMU_PCI_H

#include <stdbool.h>
#include <stddef.h>

#define PCI_BDF_LEN	16	/* "dddd:bb:dd.f", and room to spare */

int pci_find(unsigned int vendor, unsigned int device,
	     char bdf[][PCI_BDF_LEN], int max);
int pci_rescan(void);
bool pci_same_group(const char *bdf, const char *other);

int pci_attr_open(const char *bdf, const char *name, int flags);
int pci_attr_read(const char *bdf, const char *name, char *text, size_t size);
int pci_attr_write(const char *bdf, const char *name, const char *text);

int pci_bind_driver(const char *bdf, const char *name);
int pci_unbind_driver(const char *bdf);

#endif /* _TOOLS_IOMMU_PCI_H */
