// SPDX-License-Identifier: GPL-2.0-only
/* The boot parameter intel_iommu_nested=. */

#define pr_fmt(fmt)	"DMAR: nested: " fmt

#include <kunit/visibility.h>
#include <linux/init.h>
#include <linux/string.h>

#include "nested.h"

bool vtd_nested_on __ro_after_init = true;
/* One variable for both words, because every unmap of the machine looks at it. */
bool vtd_unmap_mended __ro_after_init = true;

enum vtd_erratum_param vtd_erratum_param __ro_after_init = VTD_ERRATUM_BY_UNIT;

VISIBLE_IF_KUNIT int __init vtd_nested_setup(char *str)
{
	char *word;

	while ((word = strsep(&str, ","))) {
		if (!strcmp(word, "base"))
			vtd_nested_on = false;
		else if (!strcmp(word, "erratum"))
			vtd_erratum_param = VTD_ERRATUM_PRESENT;
		else if (!strcmp(word, "no-erratum"))
			vtd_erratum_param = VTD_ERRATUM_ABSENT;
		else if (!strcmp(word, "base-unmap"))
			vtd_unmap_mended = false;
		else
			pr_warn("unknown word '%s' in intel_iommu_nested=\n", word);
	}
	vtd_unmap_mended &= vtd_nested_on;

	return 1;
}
__setup("intel_iommu_nested=", vtd_nested_setup);
