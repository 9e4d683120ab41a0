// SPDX-License-Identifier: GPL-2.0-only
/* The rule checker as an observer of a unit. */
#include "rules/rules.h"

/* Entries with conflicting tags have conflicting mappings: report them once. */
static void vtdsim_rules_pasid_entry(struct vtdsim_unit *unit, u16 sid, u32 pasid,
				     const struct vtdsim_pasid *pe)
{
	if (!vtdsim_rule_tags(unit, sid, pasid, pe))
		vtdsim_rule_reuse(unit, sid, pasid, pe);
	vtdsim_rule_roots(unit, sid, pasid, pe);
}

/* No device TLB has a translation any more, whatever the order was. */
static void vtdsim_rules_power_lost(struct vtdsim_unit *unit)
{
	vtdsim_unit_rules(unit)->order = (struct vtdsim_order) {};
}

static const struct vtdsim_observer_ops vtdsim_rules_ops = {
	.pasid_entry = vtdsim_rules_pasid_entry,
	.invalidate_entries = vtdsim_rule_entries,
	.descriptor = vtdsim_rule_order,
	.complete = vtdsim_rule_entries,
	.power_lost = vtdsim_rules_power_lost,
};

/**
 * vtdsim_rules_install() - make the rule checker the observer of a unit
 * @rules: memory for its state, which must live as long as the unit
 * @unit: unit, after vtdsim_unit_init()
 *
 * Context: Any, from early boot on; nobody else uses the unit.
 */
void vtdsim_rules_install(struct vtdsim_rules *rules, struct vtdsim_unit *unit)
{
	*rules = (struct vtdsim_rules) {
		.observer.ops = &vtdsim_rules_ops,
		.unit = unit,
	};
	INIT_LIST_HEAD(&rules->watch);
	unit->observer = &rules->observer;
}
