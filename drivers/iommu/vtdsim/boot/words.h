/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of the boot parameter. */
#ifndef _VTDSIM_WORDS_H
#define _VTDSIM_WORDS_H

struct vtdsim_options;

unsigned int vtdsim_words_parse(char *words, struct vtdsim_options *options);

#endif /* _VTDSIM_WORDS_H */
