/* What the tests of the cage share: a plan, and processes that are caged as the daemon is. */
#ifndef TESTS_CAGED_H
#define TESTS_CAGED_H

#include "cage/cage.h"
#include "tests/unit/store/folder.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { GOOD = 0, NOT_CAGED = 200, KILLED = 1000 };

static char data[120], shared[120], outside[120], elsewhere[120];

static inline void write_file(const char *path)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("what was written\n", file);
	fclose(file);
}

static inline int set_up(void **state)
{
	if (folder_set_up(state))
		return -1;
	snprintf(data, sizeof data, "%s/data", folder);
	snprintf(shared, sizeof shared, "%s/shared", folder);
	snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", folder);
	snprintf(outside, sizeof outside, "%s/elsewhere/secret", folder);
	if (mkdir(data, 0700) || mkdir(shared, 0700) || mkdir(elsewhere, 0700))
		return -1;
	write_file(outside);
	return 0;
}

static inline char *within(const char *where, const char *name, char path_r[160])
{
	assert_true(snprintf(path_r, 160, "%s/%s", where, name) < 160);
	return path_r;
}

static inline bool landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 1;
}

static inline struct cage_plan plan(void)
{
	return (struct cage_plan) { .data = data, .read = { shared }, .read_count = 1 };
}

/* What a caged process gives: 0, an errno, or KILLED when it was ended for trying. */
static inline int caged(int (*attempt)(void))
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		struct cage_plan own = plan();
		char error[300];
		if (cage_walls(&own, error, sizeof error))
			_exit(NOT_CAGED);
		cage_close(&own);
		_exit(attempt());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? KILLED : -WTERMSIG(status);
	return WEXITSTATUS(status);
}

static inline int failed(long result)
{
	return result < 0 ? errno : GOOD;
}

#define ATTEMPT(name, expression) \
	static int name(void) \
	{ \
		return failed((long)(expression)); \
	}

static inline int in_child(int (*attempt)(void))
{
	int status = 0;
	pid_t child = fork();

	if (!child)
		_exit(attempt());
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline int start_program(void)
{
	static char name[] = "true";
	char *const argv[] = { name, NULL }, *const none[] = { NULL };
	return failed(execve("/bin/true", argv, none));
}

#endif
