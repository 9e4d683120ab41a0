// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds hexadecimal numbers in what the user has typed, or pasted from a log.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "input.h"
#include "vtdctl.h"

/* What stands between the numbers and names of a line of a log. */
static const char separators[] = " \t\r\n,;=[]()";

static bool is_hex(const char *token, unsigned long long *value)
{
	const char *digits = token;
	char *end;

	if (!strncasecmp(token, "0x", 2))
		digits += 2;
	if (!isxdigit(*digits))
		return false;
	errno = 0;
	*value = strtoull(digits, &end, 16);

	return !*end && !errno;
}

static bool has_prefix(const char *token)
{
	return !strncasecmp(token, "0x", 2);
}

/* The number after @label, whose words are next to each other. */
static char *find_labelled(char **token, int tokens, const char *label)
{
	unsigned long long value;
	char words[64], *word, *rest;
	int i, at;

	for (i = 0; i < tokens; i++) {
		at = i;
		snprintf(words, sizeof(words), "%s", label);
		rest = words;
		while ((word = strsep(&rest, " ")) && at < tokens && !strcmp(token[at], word))
			at++;
		if (!word && at < tokens && is_hex(token[at], &value))
			return token[at];
	}

	return NULL;
}

static int take_words(const char *token, unsigned long long *word, int n, unsigned int max)
{
	char *copy = strdup(token), *rest = copy, *part;
	int first = n, i;

	/* Numbers with colons between have the highest first, as debugfs prints them. */
	while (copy && (part = strsep(&rest, ":"))) {
		if (n == (int)max || !is_hex(part, &word[n])) {
			if (n == (int)max)
				vtdctl_error("more numbers than it has: '%s'", token);
			else
				vtdctl_error("not a hexadecimal number of 64 bits: '%s'", part);
			free(copy);
			return -1;
		}
		n++;
	}
	free(copy);
	for (i = 0; i < (n - first) / 2; i++) {
		unsigned long long swap = word[first + i];

		word[first + i] = word[n - 1 - i];
		word[n - 1 - i] = swap;
	}

	return n;
}

static bool is_number(const char *token)
{
	unsigned long long value;

	return strchr(token, ':') || is_hex(token, &value);
}

static int tokens_to_words(char **token, int tokens, const char *label,
			   unsigned long long *word, unsigned int max)
{
	char *labelled = label ? find_labelled(token, tokens, label) : NULL;
	bool prefixed = false, line = false, high_first = false;
	int i, n = 0;

	if (labelled)
		return take_words(labelled, word, 0, max);

	for (i = 0; i < tokens; i++) {
		prefixed |= has_prefix(token[i]);
		line |= !is_number(token[i]);
		high_first |= !strcmp(token[i], "hi");
	}
	for (i = 0; i < tokens && n >= 0; i++) {
		if (!(line && prefixed) || has_prefix(token[i]))
			n = take_words(token[i], word, n, max);
	}
	/* "hi 0x..., low 0x...": as the kernel prints entries of two words. */
	if (high_first && n == 2) {
		unsigned long long swap = word[0];

		word[0] = word[1];
		word[1] = swap;
	}

	return n;
}

/**
 * input_hex() - find hexadecimal numbers in arguments
 * @text: the arguments: numbers, or parts of a line of a log
 * @texts: how many there are
 * @label: what a log has before the number, or NULL
 * @word: where to put the numbers; has room for @max
 * @max: how many there can be
 *
 * If a number follows the label, it is the one. Else everything has to be a
 * number, unless some begin with "0x": of a line with other words these count.
 *
 * Return: how many there were; -1 after saying what was wrong.
 */
int input_hex(char **text, int texts, const char *label, unsigned long long *word,
	      unsigned int max)
{
	char **token = NULL;
	int i, n = 0;

	for (i = 0; i < texts; i++) {
		char *part;

		for (part = strtok(text[i], separators); part; part = strtok(NULL, separators)) {
			token = realloc(token, (n + 1) * sizeof(*token));
			if (!token)
				abort();
			token[n++] = part;
		}
	}
	n = tokens_to_words(token, n, label, word, max);
	free(token);
	if (!n)
		vtdctl_error("no hexadecimal number in the arguments");

	return n > 0 ? n : -1;
}
