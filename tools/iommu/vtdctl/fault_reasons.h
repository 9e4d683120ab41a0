/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VTDCTL_FAULT_REASONS_H
#define _VTDCTL_FAULT_REASONS_H

/**
 * struct fault_reason - why a request faulted
 * @name: the specification's name, such as "SPT.2"
 * @where: which structure it is about
 * @text: what it means
 * @hint: where to look first, or NULL
 */
struct fault_reason {
	const char *name;
	const char *where;
	const char *text;
	const char *hint;
};

const struct fault_reason *fault_reason_find(unsigned long long code);

#endif /* _VTDCTL_FAULT_REASONS_H */
