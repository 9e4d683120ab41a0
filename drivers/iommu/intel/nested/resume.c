// SPDX-License-Identifier: GPL-2.0-only
/* Page requests after the machine was suspended to memory. */
#include <linux/dmar.h>
#include <linux/irq.h>
#include <linux/msi.h>

#include "nested.h"

/**
 * vtd_resume_page_requests() - bring up a unit's page request queue again
 * @iommu: the unit, which has lost power and translates again
 *
 * The base driver saves and restores the registers of the fault event only, and the queue
 * and the event of page requests would stay as they are after power-on: no queue, an event
 * that is masked and has no address. What was in the queue is lost; the devices that wait
 * for answers have lost power, too.
 *
 * Context: One CPU, interrupts off.
 */
void vtd_resume_page_requests(struct intel_iommu *iommu)
{
	struct irq_data *irq;
	struct msi_msg msg;

	if (!iommu->prq)
		return;
	writeq(0, iommu->reg + DMAR_PQH_REG);
	writeq(0, iommu->reg + DMAR_PQT_REG);
	writeq(virt_to_phys(iommu->prq) | PRQ_ORDER, iommu->reg + DMAR_PQA_REG);

	irq = irq_get_irq_data(iommu->pr_irq);
	if (!irq || irq_chip_compose_msi_msg(irq, &msg))
		return;
	dmar_msi_write(iommu->pr_irq, &msg);
	if (!irqd_irq_masked(irq))
		dmar_msi_unmask(irq);
}
