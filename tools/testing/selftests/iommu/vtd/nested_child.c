// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes of a test: users of a device, and writers of sysfs files.
 *
 * They are killed when the test ends, so that none holds a device of the next
 * test.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "nested_child.h"
#include "nested_event.h"
#include "pci.h"

static pid_t child_fork(void)
{
	pid_t parent = getpid(), pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* The parent may have ended before the call. */
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

/**
 * child_start() - start a process and wait until it has begun
 * @begin: what it does first; returns 0 on success
 * @go_on: what it does after that, until it is killed
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
	pid = child_fork();
	if (!pid) {
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
 * child_unbind_driver() - unbind a PCI function's driver in another process
 * @bdf: address of the function
 *
 * Return: PID of the process, which ends with status 0 if it succeeds.
 */
pid_t child_unbind_driver(const char *bdf)
{
	pid_t pid = child_fork();

	if (!pid)
		_exit(-pci_unbind_driver(bdf));
	return pid;
}

/**
 * child_remove() - remove a PCI function in another process
 * @bdf: address of the function
 *
 * Return: PID of the process, which ends with status 0 if it succeeds.
 */
pid_t child_remove(const char *bdf)
{
	pid_t pid = child_fork();

	if (!pid)
		_exit(-pci_attr_write(bdf, "remove", "1"));
	return pid;
}

/**
 * child_running() - is a process still running?
 * @pid: a child
 *
 * Return: true if it has not ended.
 */
bool child_running(pid_t pid)
{
	siginfo_t info = {};

	return !waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) &&
	       !info.si_pid;
}

/**
 * child_wait() - wait for the end of a process
 * @pid: a child; 0 when it has ended. Does nothing if there is none
 *
 * Return: its status as of waitpid(), or -1 if it does not end.
 */
int child_wait(pid_t *pid)
{
	struct pollfd p = { .events = POLLIN };
	int status = -1, ended;

	if (*pid <= 0)
		return 0;
	p.fd = syscall(SYS_pidfd_open, *pid, 0);
	if (p.fd < 0)
		return -1;
	ended = poll(&p, 1, EVENT_PATIENCE_MS);
	close(p.fd);
	if (ended != 1 || waitpid(*pid, &status, 0) != *pid)
		return -1;
	*pid = 0;
	return status;
}

/**
 * child_kill() - kill a process, and wait until it is gone
 * @pid: a child; 0 when it is gone. Does nothing if there is none
 *
 * Return: 0, or -1 if it does not end.
 */
int child_kill(pid_t *pid)
{
	if (*pid > 0 && kill(*pid, SIGKILL))
		return -1;
	return child_wait(pid) < 0 ? -1 : 0;
}
