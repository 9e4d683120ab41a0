// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of sysfs, debugfs and procfs that hold one value.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"

/**
 * sysfs_write() - write a file in one piece
 * @path: the file, which exists
 * @text: its new contents
 *
 * Return: 0 or a negative errno, -EIO if the kernel did not take all of @text.
 */
int sysfs_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;
	int ret = 0;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	if (n < 0)
		ret = -errno;
	else if ((size_t)n != strlen(text))
		ret = -EIO;
	close(fd);
	return ret;
}

/**
 * sysfs_read() - read the first line of a file
 * @path: the file
 * @text: the line, without its newline and terminated by a null byte
 * @size: bytes in @text; a longer line is cut off
 *
 * Return: 0 or a negative errno, -EIO if the file is empty.
 */
int sysfs_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	if (n < 0)
		ret = -errno;
	else if (!n)
		ret = -EIO;
	close(fd);
	if (ret)
		return ret;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

/**
 * sysfs_read_u64() - read a file that holds a number
 * @path: the file
 * @val: the number; decimal, or hexadecimal if it begins with 0x
 *
 * Return: 0 or a negative errno, -EIO if the file holds something else.
 */
int sysfs_read_u64(const char *path, __u64 *val)
{
	char text[32], *end;
	int ret;

	ret = sysfs_read(path, text, sizeof(text));
	if (ret)
		return ret;
	errno = 0;
	*val = strtoull(text, &end, 0);
	return errno || end == text || *end ? -EIO : 0;
}
