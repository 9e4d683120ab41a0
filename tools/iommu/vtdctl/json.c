// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes JSON to the standard output, a value of the top level on a line.
 */
#include <stdbool.h>
#include <stdio.h>

#include "json.h"

static unsigned int depth;
static bool comma;

static void json_quote(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < ' ')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void json_key(const char *key)
{
	if (comma)
		printf(", ");
	comma = true;
	if (key) {
		json_quote(key);
		printf(": ");
	}
}

static void json_begin(const char *key, char bracket)
{
	json_key(key);
	putchar(bracket);
	depth++;
	comma = false;
}

static void json_end(char bracket)
{
	putchar(bracket);
	depth--;
	comma = depth;
	if (!depth)
		putchar('\n');
}

/**
 * json_begin_object() - begin an object
 * @key: its key in the object around it
 */
void json_begin_object(const char *key)
{
	json_begin(key, '{');
}

/**
 * json_end_object() - end the innermost object
 */
void json_end_object(void)
{
	json_end('}');
}

/**
 * json_begin_array() - begin an array
 * @key: its key in the object around it
 */
void json_begin_array(const char *key)
{
	json_begin(key, '[');
}

/**
 * json_end_array() - end the innermost array
 */
void json_end_array(void)
{
	json_end(']');
}

/**
 * json_string() - write a string
 * @key: its key
 * @value: the string, in ASCII or UTF-8
 */
void json_string(const char *key, const char *value)
{
	json_key(key);
	json_quote(value);
}

/**
 * json_number() - write a number
 * @key: its key
 * @value: below 2^53, as many readers know no greater ones
 */
void json_number(const char *key, unsigned long long value)
{
	json_key(key);
	printf("%llu", value);
}

/**
 * json_hex() - write a number of 64 bits, as a string
 * @key: its key
 * @value: the number
 */
void json_hex(const char *key, unsigned long long value)
{
	json_key(key);
	printf("\"0x%llx\"", value);
}

/**
 * json_bool() - write true or false
 * @key: its key
 * @value: 0 for false
 */
void json_bool(const char *key, int value)
{
	json_key(key);
	printf(value ? "true" : "false");
}
