#include "ivr/maker.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct maker {
	pid_t child;
	int line;
};

struct child { /* in the child alone */
	const char *const *command;
	int line, ended; /* ended: of the run, -1 when there is none */
	pid_t run;
	bool again;
};

static void answer(const struct child *child, char good)
{
	(void)!send(child->line, &good, 1, MSG_NOSIGNAL);
}

static void begin(struct child *child)
{
	if (posix_spawn(&child->run, "/proc/self/exe", NULL, NULL, (char *const *)child->command,
		    environ)) {
		answer(child, 0);
		return;
	}
	child->ended = pidfd_open(child->run, 0);
	if (child->ended < 0)
		_exit(1);
}

static void finish(struct child *child)
{
	int status = 0;

	while (waitpid(child->run, &status, 0) < 0 && errno == EINTR)
		continue;
	close(child->ended);
	child->ended = -1;
	answer(child, WIFEXITED(status) && !WEXITSTATUS(status));
	if (child->again) {
		child->again = false;
		begin(child);
	}
}

static void asked(struct child *child)
{
	char byte;

	if (recv(child->line, &byte, 1, 0) != 1) { /* the daemon is gone */
		if (child->ended >= 0)
			kill(child->run, SIGTERM);
		_exit(0);
	}
	if (child->ended >= 0)
		child->again = true;
	else
		begin(child);
}

static void serve(int line, const char *const *command)
{
	struct child child = { .command = command, .line = line, .ended = -1 };

	prctl(PR_SET_NAME, "onthaal-prompts");
	for (;;) {
		struct pollfd watched[] = { { .fd = line, .events = POLLIN },
			{ .fd = child.ended, .events = POLLIN } };
		if (poll(watched, 2, -1) < 0)
			continue;
		if (watched[1].revents)
			finish(&child);
		if (watched[0].revents)
			asked(&child);
	}
}

struct maker *maker_start(const char *config_path, const char *data_folder,
	enum err (*enclose)(const void *arg), const void *arg)
{
	const char *const command[] = { "onthaal", "prompts", "--config", config_path, "--data",
		data_folder, "make", NULL };
	struct maker *maker = mem_alloc(sizeof *maker);
	int lines[2];

	if (!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, lines)) {
		maker->line = lines[0];
		maker->child = fork();
		if (!maker->child) {
			close(lines[0]);
			if (enclose(arg))
				_exit(1);
			serve(lines[1], command);
		}
		close(lines[1]);
		if (maker->child > 0)
			return maker;
		close(lines[0]);
	}
	log_warn("prompts are not made", "why=\"%s\"", strerror(errno));
	free(maker);
	return NULL;
}

void maker_stop(struct maker **maker)
{
	if (!*maker)
		return;
	close((*maker)->line);
	while (waitpid((*maker)->child, NULL, 0) < 0 && errno == EINTR)
		continue;
	free(*maker);
	*maker = NULL;
}

void maker_ask(struct maker *maker)
{
	if (maker)
		(void)!send(maker->line, "m", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool maker_take(struct maker *maker, bool *good_r)
{
	char good;

	if (!maker || recv(maker->line, &good, 1, MSG_DONTWAIT) != 1)
		return false;
	*good_r = good;
	return true;
}
