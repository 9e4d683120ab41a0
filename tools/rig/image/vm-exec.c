// SPDX-License-Identifier: GPL-2.0
/*
 * vm-exec ROOT DIR: runs the command that DIR describes in ROOT, and ends the VM. It is the VM's
 * first process when all file systems are mounted.
 *
 * DIR is shared with the host. Its files are "command", the program and its arguments, and
 * "environment", each ending in a NUL; and "directory", the working directory. The command's input
 * is a virtio-serial port. Its output and its errors go to the files "output" and "errors", which
 * have all of it before the VM ends: data in a port would not. The file "report" is for vtd-vm:
 *
 *	ready			everything is there, and the command is about to run
 *	cannot WHAT: WHY	the command did not run
 *	missing or denied	the same: there is no such program, or it may not be run
 *	exit CODE, signal N	the command has ended
 *	violations N		counted by the model, after an audit
 *	end			all has been said
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT		"/dev/vport0p1"
#define PORT_STATE	"/sys/kernel/debug/virtio-ports/vport0p1"
#define PORT_PAUSE_US	20000
#define PORT_TRIES	3000

#define __printf(a, b)	__attribute__((format(printf, a, b)))
#define __noreturn	__attribute__((noreturn))

static const char *shared_dir;
static int report_fd = -1;

static void write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t done = write(fd, data, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		data += done;
		len -= done;
	}
}

static void __printf(1, 2) report(const char *format, ...)
{
	char line[512];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	write_all(report_fd, line, len < (int)sizeof(line) ? len : (int)sizeof(line) - 1);
}

static void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
}

static void __noreturn give_up(const char *what, const char *name)
{
	int error = errno;
	FILE *log = fopen("/dev/kmsg", "w");

	if (log)
		fprintf(log, "vtd-vm: %s %s: %s\n", what, name, strerror(error));
	if (report_fd >= 0)
		report("cannot %s %s: %s\nend\n", what, name, strerror(error));
	power_off();
	exit(1);
}

/* The path of a file in the shared directory; good until the next call. */
static const char *shared_path(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", shared_dir, name);
	return path;
}

static int open_shared(const char *name)
{
	int fd = open(shared_path(name), O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0)
		give_up("open", name);
	return fd;
}

static bool host_is_connected(void)
{
	FILE *file = fopen(PORT_STATE, "re");
	bool connected = false;
	char line[64];

	while (file && fgets(line, sizeof(line), file))
		connected |= !strcmp(line, "host_connected: 1\n");
	if (file)
		fclose(file);
	return connected;
}

/*
 * The port comes up while user space runs already. Until the host is connected it looks as if the
 * input had ended; the input does not end before the port is open.
 */
static int open_input(void)
{
	int tries, fd;

	for (tries = 0; tries < PORT_TRIES && !host_is_connected(); tries++)
		usleep(PORT_PAUSE_US);
	fd = open(PORT, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		give_up("open", PORT);
	return fd;
}

/* A file of strings that each end in a NUL, as an array that ends in NULL. */
static char **read_strings(const char *name)
{
	FILE *file = fopen(shared_path(name), "re");
	char **strings = NULL, *string = NULL;
	size_t count = 0, size = 0;

	if (!file)
		give_up("read", name);
	while (getdelim(&string, &size, '\0', file) > 0) {
		strings = reallocarray(strings, count + 2, sizeof(*strings));
		if (!strings)
			give_up("read", name);
		strings[count++] = string;
		strings[count] = NULL;
		string = NULL;
		size = 0;
	}
	fclose(file);
	free(string);
	if (!strings)
		strings = calloc(1, sizeof(*strings));
	return strings;
}

struct pump {
	pthread_t thread;
	int from, to;
};

/* Copies until the source has ended, or nobody reads any more. */
static void *pump_stream(void *arg)
{
	struct pump *pump = arg;
	char data[16384];
	ssize_t len;

	for (;;) {
		len = read(pump->from, data, sizeof(data));
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			break;
		write_all(pump->to, data, len);
	}
	close(pump->to);
	return NULL;
}

static void start_pump(struct pump *pump, int from, int to)
{
	pump->from = from;
	pump->to = to;
	errno = pthread_create(&pump->thread, NULL, pump_stream, pump);
	if (errno)
		give_up("start", "a thread");
}

static void new_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		give_up("make", "a pipe");
}

/* In the child. What goes wrong is told through @failure, which a successful execve() closes. */
static void __noreturn become_command(const char *root, char **command, char **environment,
				      const char *directory, int failure)
{
	int error = 0;

	signal(SIGPIPE, SIG_DFL);
	setsid();
	if (chroot(root) || chdir(directory)) {
		error = -errno;
	} else {
		environ = environment;
		execvp(command[0], command);
		error = errno;
	}
	write_all(failure, (char *)&error, sizeof(error));
	_exit(127);
}

static void report_failure(int error, const char *name, const char *directory)
{
	if (error < 0)
		report("cannot change to %s: %s\n", directory, strerror(-error));
	else
		report("%s %s: %s\n", error == ENOENT ? "missing" : "denied", name,
		       strerror(error));
}

static void report_status(int status)
{
	if (WIFSIGNALED(status))
		report("signal %d\n", WTERMSIG(status));
	else
		report("exit %d\n", WEXITSTATUS(status));
}

/* Runs the command. All that it has started and left behind ends with it, and so do its pipes. */
static void run_command(const char *root, char **command, char **environment, const char *directory)
{
	int in[2], out[2], errors[2], failure[2], status = 0, error = 0;
	struct pump pumps[3];
	pid_t pid;

	new_pipe(in);
	new_pipe(out);
	new_pipe(errors);
	new_pipe(failure);
	pid = fork();
	if (pid < 0)
		give_up("start", "a process");
	if (!pid) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(errors[1], STDERR_FILENO);
		become_command(root, command, environment, directory, failure[1]);
	}
	close(in[0]);
	close(out[1]);
	close(errors[1]);
	close(failure[1]);
	start_pump(&pumps[0], open_input(), in[1]);
	start_pump(&pumps[1], out[0], open_shared("output"));
	start_pump(&pumps[2], errors[0], open_shared("errors"));
	if (read(failure[0], &error, sizeof(error)) < 0)
		error = 0;

	while (waitpid(-1, &status, 0) != pid)
		;
	if (error)
		report_failure(error, command[0], directory);
	else
		report_status(status);
	kill(-1, SIGKILL);
	while (wait(NULL) > 0 || errno != ECHILD)
		;
	pthread_join(pumps[1].thread, NULL);
	pthread_join(pumps[2].thread, NULL);
}

/* The model compares all that it has cached with the tables, and counts what is wrong. */
static void report_violations(void)
{
	unsigned long count, sum = 0;
	glob_t units = { 0 };
	char path[128];
	FILE *file;
	size_t i;

	glob("/sys/kernel/debug/vtdsim*", 0, NULL, &units);
	for (i = 0; i < units.gl_pathc; i++) {
		snprintf(path, sizeof(path), "%s/audit", units.gl_pathv[i]);
		file = fopen(path, "w");
		if (!file)
			give_up("write", path);
		fputs("1\n", file);
		fclose(file);
		snprintf(path, sizeof(path), "%s/violations", units.gl_pathv[i]);
		file = fopen(path, "r");
		if (!file || fscanf(file, "%lu", &count) != 1)
			give_up("read", path);
		sum += count;
		fclose(file);
	}
	report("violations %lu\n", sum);
}

int main(int argc, char *argv[])
{
	char **command, **environment, **directory;

	if (argc != 3) {
		errno = EINVAL;
		give_up("use", argv[0]);
	}
	signal(SIGPIPE, SIG_IGN);
	shared_dir = argv[2];
	report_fd = open_shared("report");
	command = read_strings("command");
	environment = read_strings("environment");
	directory = read_strings("directory");
	report("ready\n");
	run_command(argv[1], command, environment, directory[0]);
	report_violations();
	report("end\n");
	power_off();
	return 1;
}
