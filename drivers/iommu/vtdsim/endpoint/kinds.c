// SPDX-License-Identifier: GPL-2.0-only
/* The kinds of endpoints, by name. */
#include <linux/array_size.h>
#include <linux/string.h>

#include "endpoint/kind.h"

static const struct vtdsim_endpoint_kind * const vtdsim_endpoint_kinds[] = {
	&vtdsim_endpoint_own,
	&vtdsim_endpoint_own_msix,
	&vtdsim_endpoint_edu,
	&vtdsim_endpoint_ioat,
};

/**
 * vtdsim_endpoint_kind_find() - find a kind of endpoint
 * @name: name as in the boot parameter
 *
 * Context: Any.
 * Return: the kind, or NULL if none has that name.
 */
const struct vtdsim_endpoint_kind *vtdsim_endpoint_kind_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(vtdsim_endpoint_kinds); i++)
		if (!strcmp(name, vtdsim_endpoint_kinds[i]->name))
			return vtdsim_endpoint_kinds[i];
	return NULL;
}
