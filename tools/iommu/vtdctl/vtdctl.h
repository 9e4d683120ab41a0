/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands of vtdctl, and what all of them share.
 */
#ifndef _VTDCTL_H
#define _VTDCTL_H

#include <stdbool.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* Exit status */
enum vtdctl_exit {
	VTDCTL_OK = 0,
	VTDCTL_FAILED = 1,	/* the kernel refused, or went wrong */
	VTDCTL_USAGE = 2,	/* the command line makes no sense */
	VTDCTL_ABSENT = 3,	/* this kernel has no intel-nested */
	VTDCTL_DENIED = 4,	/* the caller may not see it */
};

/**
 * struct vtdctl_options - options of the command line that commands obey
 * @json: print JSON, not tables
 * @watch: seconds between two lots of figures; 0 to print one
 * @count: end after so many lots or events; 0 for no end
 * @legacy: a context entry is of legacy mode
 * @replaces: show events about replaced domains, too
 */
struct vtdctl_options {
	bool json;
	double watch;
	unsigned int count;
	bool legacy;
	bool replaces;
};

extern struct vtdctl_options options;

void vtdctl_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

int decode_command(int argc, char **argv);

#endif /* _VTDCTL_H */
