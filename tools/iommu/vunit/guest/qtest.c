// SPDX-License-Identifier: GPL-2.0-only
/*
 * The part of QEMU's qtest protocol that register accesses need: a command in a line, and an
 * answer in a line that begins with OK or with what went wrong.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>

#include "qtest.h"

#define LINE	128

/* Sends a command; @line has it, and gets the answer. */
static int qtest_command(int fd, char line[LINE])
{
	size_t len = strlen(line), at = 0;

	if (send(fd, line, len, MSG_NOSIGNAL) != (ssize_t)len)
		return -EIO;
	do {
		if (at == LINE - 1 || read(fd, &line[at], 1) != 1)
			return -EIO;
	} while (line[at++] != '\n');
	line[at] = '\0';
	return strncmp(line, "OK", 2) ? -EIO : 0;
}

/**
 * qtest_read() - read guest physical memory
 * @fd: socket
 * @addr: address
 * @size: 4 or 8 bytes
 * @val: filled
 *
 * Return: 0, or -EIO if QEMU does not answer, or not well.
 */
int qtest_read(int fd, __u64 addr, unsigned int size, __u64 *val)
{
	char line[LINE];
	int ret;

	snprintf(line, sizeof(line), "read%c 0x%llx\n", size == 8 ? 'q' : 'l', addr);
	ret = qtest_command(fd, line);
	if (!ret)
		*val = strtoull(line + 2, NULL, 0);
	return ret;
}

/**
 * qtest_write() - write guest physical memory
 * @fd: socket
 * @addr: address
 * @val: value
 * @size: 4 or 8 bytes
 *
 * Return: 0, or -EIO if QEMU does not answer, or not well.
 */
int qtest_write(int fd, __u64 addr, __u64 val, unsigned int size)
{
	char line[LINE];

	snprintf(line, sizeof(line), "write%c 0x%llx 0x%llx\n", size == 8 ? 'q' : 'l', addr, val);
	return qtest_command(fd, line);
}
