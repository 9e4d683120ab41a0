// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes of a test: users of a device that are killed, and writes to sysfs
 * that wait for them.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../../../../iommu/vfio.h"
#include "../../../../iommu/sysfs.h"
#include "vtd_nested_child.h"

/**
 * child_start() - start a process and wait until it has begun
 * @begin: what it does first; 0 is success
 * @go_on: what it does from then on, until it is killed
 * @arg: argument of both
 *
 * Return: its PID, or -1 if @begin failed.
 */
pid_t child_start(int (*begin)(void *arg), void (*go_on)(void *arg), void *arg)
{
	int ready[2];
	char byte = 'n';
	pid_t pid;

	if (pipe(ready))
		return -1;
	pid = fork();
	if (!pid) {
		/* Not to outlive a test that fails. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		byte = begin(arg) ? 'n' : 'y';
		if (write(ready[1], &byte, 1) == 1 && byte == 'y')
			go_on(arg);
		_exit(1);
	}
	close(ready[1]);
	if (pid > 0 && (read(ready[0], &byte, 1) != 1 || byte != 'y')) {
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	close(ready[0]);
	return pid;
}

/**
 * child_ended() - has a process ended?
 * @pid: a child
 *
 * Return: true if it has; it is gone then.
 */
bool child_ended(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) == pid;
}

/**
 * child_wait() - wait for the end of a process
 * @pid: a child
 *
 * Return: its status as of waitpid(); negative if it goes on for 20 seconds.
 */
int child_wait(pid_t pid)
{
	int i, status;

	for (i = 0; i < 2000; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		usleep(10000);
	}
	return -1;
}

/**
 * child_kill() - kill a process, and wait until it is gone
 * @pid: a child
 *
 * Return: 0, or -1 if it does not go.
 */
int child_kill(pid_t pid)
{
	if (kill(pid, SIGKILL))
		return -1;
	return child_wait(pid) < 0 ? -1 : 0;
}

/**
 * child_write() - write a file of sysfs in a process of its own
 * @path: the file
 * @text: what to write
 *
 * Return: the PID; the process ends with status 0 once the write has succeeded.
 */
pid_t child_write(const char *path, const char *text)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(-sysfs_write(path, text));
	}
	return pid;
}
