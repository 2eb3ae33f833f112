/* Asking a store and waiting for its answer. */
#ifndef TESTS_ASKING_H
#define TESTS_ASKING_H

#include "store/store.h"
#include "tests/unit/store/folder.h"
#include "tests/unit/unit.h"

#include <poll.h>
#include <sys/eventfd.h>

static int asking_fd = -1;

static inline void asking_wake(void *arg)
{
	uint64_t one = 1;
	(void)arg;
	(void)!write(asking_fd, &one, sizeof one);
}

static inline struct store *asking_open(void)
{
	static const struct store_hooks hooks = { .wake = asking_wake };
	char error[512] = "";
	struct store *store = NULL;

	if (asking_fd < 0)
		asking_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (store_open(folder, &hooks, &store, error, sizeof error))
		fail_msg("%s", error);
	return store;
}

static inline void asking_pump(struct store *store)
{
	struct pollfd wait = { .fd = asking_fd, .events = POLLIN };
	uint64_t read_off;
	assert_int_equal(poll(&wait, 1, 10000), 1);
	(void)!read(asking_fd, &read_off, sizeof read_off);
	store_pump(store);
}

struct asking_answer {
	bool there;
	struct store_outcome outcome;
};

static inline void asking_keep(void *arg, const struct store_outcome *outcome)
{
	struct asking_answer *answer = arg;
	*answer = (struct asking_answer) { true, *outcome };
}

static inline struct store_outcome asking_write(struct store *store, const struct store_write *write)
{
	struct asking_answer answer = { 0 };
	assert_int_equal(store_append(store, write, asking_keep, &answer), OK);
	while (!answer.there)
		asking_pump(store);
	return answer.outcome;
}

#endif
