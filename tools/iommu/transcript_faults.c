// SPDX-License-Identifier: GPL-2.0-only
/*
 * The faults that the VT-d driver writes to the kernel's log. The driver is the
 * same for all units, so its messages can be compared.
 *
 * The driver limits the rate of its messages to ten in five seconds. A fault
 * takes three of them, one of which is not printed. So the program has to pause
 * after a few faults. A message that is lost all the same is an error, not a
 * difference.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "transcript.h"

#define FAULTS_PER_INTERVAL	3
#define REST_NS			200000000L
#define REST_S			5

/**
 * fault_log_open() - open the kernel's log at its end
 * @log: filled
 *
 * Return: 0 or a negative errno.
 */
int fault_log_open(struct fault_log *log)
{
	memset(log, 0, sizeof(*log));
	log->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log->fd < 0 || lseek(log->fd, 0, SEEK_END) < 0)
		return -errno;
	return 0;
}

static bool fault_parse(const char *text, struct fault *f)
{
	const char *addr = strstr(text, "fault addr ");

	f->write = !strncmp(text, "DMAR: [DMA Write ", 17);
	if (!addr || (!f->write && strncmp(text, "DMAR: [DMA Read ", 16)))
		return false;
	f->pasid = !strstr(text, " NO_PASID]");
	return sscanf(addr, "fault addr %llx [fault reason %x]", &f->addr,
		      &f->reason) == 2;
}

/**
 * fault_log_read() - read the faults logged since the last call
 * @log: the log; new faults are appended to @log->fault
 *
 * Return: 0, or a negative errno: -EOVERFLOW if faults are lost.
 */
int fault_log_read(struct fault_log *log)
{
	char record[1024], *text;
	struct fault f;
	ssize_t len;

	while ((len = read(log->fd, record, sizeof(record) - 1)) > 0) {
		record[len] = '\0';
		text = strchr(record, ';');
		if (!text)
			continue;
		if (strstr(text, "dmar_fault: ") && strstr(text, "suppressed"))
			return -EOVERFLOW;
		if (!fault_parse(text + 1, &f))
			continue;
		if (log->n == FAULTS_MAX)
			return -EOVERFLOW;
		log->fault[log->n++] = f;
		log->since_rest++;
	}
	if (len < 0 && errno == EPIPE)
		return -EOVERFLOW;
	return len < 0 && errno != EAGAIN ? -errno : 0;
}

/**
 * fault_log_rest() - pause if the next fault might not be logged
 * @log: the log
 */
void fault_log_rest(struct fault_log *log)
{
	const struct timespec rest = { .tv_sec = REST_S, .tv_nsec = REST_NS };

	if (log->since_rest < FAULTS_PER_INTERVAL)
		return;
	nanosleep(&rest, NULL);
	log->since_rest = 0;
}
