/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VTDCTL_INPUT_H
#define _VTDCTL_INPUT_H

int input_hex(char **text, int texts, const char *label, unsigned long long *word,
	      unsigned int max);

#endif /* _VTDCTL_INPUT_H */
