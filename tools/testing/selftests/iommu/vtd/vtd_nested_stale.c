// SPDX-License-Identifier: GPL-2.0-only
/*
 * No test, but something for tests to notice: a guest that changes a mapping
 * and does not invalidate it. The model's audit finds the stale translation
 * and reports it as a violation in the kernel's log.
 *
 * Exit status: 0 if all went that way, except perhaps the report.
 */
#include <stdio.h>

#include "kselftest.h"
#include "nested.h"

static bool leave_stale(struct nested *n)
{
	struct nested_s1 s1;
	__u64 page;

	if (nested_s1_create(n, &s1, 4) || vfio_attach(&n->dev[0], s1.hwpt))
		return false;
	page = nested_page(n);
	stage1_map(&s1.t, NESTED_IOVA, page, S1_4K, S1_RW);
	if (nested_see(n, 0, NESTED_IOVA) != page)
		return false;
	stage1_map(&s1.t, NESTED_IOVA, nested_page(n), S1_4K, S1_RW);
	return nested_see(n, 0, NESTED_IOVA) == page;
}

int main(void)
{
	const char *skip;
	struct nested n;
	bool stale;
	int ret;

	ret = nested_open(&n, 1, &skip);
	if (skip) {
		printf("%s\n", skip);
		return KSFT_SKIP;
	}
	stale = !ret && leave_stale(&n);
	nested_finish(&n);
	return stale ? KSFT_PASS : KSFT_FAIL;
}
