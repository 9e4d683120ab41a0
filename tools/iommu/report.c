// SPDX-License-Identifier: GPL-2.0-only
/*
 * A report of numbered steps, as text or as one JSON object.
 *
 * Each step is printed when it is done. The JSON object has the "steps" first,
 * then the "values" and the result.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

#define TEXT_MAX	256
#define VALUES_MAX	16
#define COLUMN		76	/* where "ok" stands */

static struct {
	bool json;
	int steps, failed, values;
	struct {
		const char *name;
		char text[TEXT_MAX];
	} value[VALUES_MAX];
} report;

static void print_quoted(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		if ((unsigned char)*text >= ' ')
			putchar(*text);
	}
	putchar('"');
}

/**
 * report_start() - start a report on stdout
 * @json: print JSON
 */
void report_start(bool json)
{
	memset(&report, 0, sizeof(report));
	report.json = json;
	/* The reader of a pipe sees each step when it is done. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (json)
		printf("{\"steps\": [");
}

static bool print_step(bool ok, const char *text)
{
	report.steps++;
	if (!ok)
		report.failed++;
	if (!report.json) {
		printf("%2d. %-*s %s\n", report.steps, COLUMN, text,
		       ok ? "ok" : "FAILED");
		return ok;
	}
	printf("%s\n  {\"step\": %d, \"what\": ", report.steps > 1 ? "," : "",
	       report.steps);
	print_quoted(text);
	printf(", \"ok\": %s}", ok ? "true" : "false");
	return ok;
}

/**
 * report_step() - report a step and its result
 * @ok: the step succeeded
 * @fmt: what was done
 *
 * Return: @ok.
 */
bool report_step(bool ok, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return print_step(ok, text);
}

/**
 * report_call() - report a step that was a call
 * @ret: result of the call, 0 or a negative errno, which is added to the text
 * @fmt: what was done
 *
 * Return: true if @ret is 0.
 */
bool report_call(int ret, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (ret && len < TEXT_MAX)
		snprintf(text + len, TEXT_MAX - len, ": %s", strerror(-ret));
	return print_step(!ret, text);
}

/**
 * report_note() - add details to the last step, in text only
 * @fmt: the details
 */
void report_note(const char *fmt, ...)
{
	va_list ap;

	if (report.json)
		return;
	printf("      ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/**
 * report_value() - add a value to the JSON object
 * @name: name of the value; not copied
 * @fmt: the value
 */
void report_value(const char *name, const char *fmt, ...)
{
	va_list ap;

	if (report.values == VALUES_MAX)
		return;
	report.value[report.values].name = name;
	va_start(ap, fmt);
	vsnprintf(report.value[report.values].text, TEXT_MAX, fmt, ap);
	va_end(ap);
	report.values++;
}

/**
 * report_end() - print the result
 *
 * Return: the exit status, 0 if no step failed, else 1.
 */
int report_end(void)
{
	int i;

	if (!report.json) {
		printf("\n%d steps, %d failed\n", report.steps, report.failed);
		return report.failed ? 1 : 0;
	}
	printf("\n ],\n \"values\": {");
	for (i = 0; i < report.values; i++) {
		printf("%s\n  ", i ? "," : "");
		print_quoted(report.value[i].name);
		printf(": ");
		print_quoted(report.value[i].text);
	}
	printf("\n },\n \"failed\": %d,\n \"ok\": %s\n}\n", report.failed,
	       report.failed ? "false" : "true");
	return report.failed ? 1 : 0;
}
