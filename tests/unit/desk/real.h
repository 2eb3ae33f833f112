/* A desk for the tests of the channels: the real one, on a store in a folder of its own, by the
 * shipped configuration and rules, with the clock held still. */
#ifndef TESTS_DESK_REAL_H
#define TESTS_DESK_REAL_H

#include "base/clock.h"
#include "base/log.h"
#include "desk/desk.h"
#include "tests/unit/unit.h"

#include "tests/unit/store/folder.h"

#include <poll.h>
#include <sys/eventfd.h>

static struct config *config;
static struct triage *rules;
static struct desk *desk;
static int wake_fd;
static char said[1 << 20]; /* frames, one a line */
static char logged[4096];
static int closed_with;

static inline void real_wake(void *arg)
{
	uint64_t one = 1;
	(void)arg;
	(void)!write(wake_fd, &one, sizeof one);
}

static inline void real_log(const char *line, void *arg)
{
	(void)arg;
	if (strlen(logged) + strlen(line) + 2 < sizeof logged)
		strcat(strcat(logged, line), "\n");
}

static inline void real_send(void *arg, const char *bytes, size_t length)
{
	size_t used = strlen(said);
	(void)arg;
	assert_true(used + length + 2 < sizeof said);
	memcpy(said + used, bytes, length);
	memcpy(said + used + length, "\n", 2);
}

static inline void real_close(void *arg, int code)
{
	(void)arg;
	closed_with = code;
}

static inline int real_set_up(void **state)
{
	struct config_errors errors = { 0 };
	char error[512] = "";

	clock_fake(INT64_C(1700000000000), 100000);
	log_threshold(LOG_WARN);
	*said = *logged = '\0';
	closed_with = 0;
	wake_fd = eventfd(0, EFD_CLOEXEC);
	if (folder_set_up(state) || config_load("config/onthaal.yaml", &config, &errors)
		|| (!rules && triage_load(config->rules, &rules, &errors)) /* once: it takes its time */
		|| desk_create(config, rules, folder, real_wake, NULL, &desk, error, sizeof error)) {
		print_error("%s %s\n", error, errors.count ? errors.texts[0] : "");
		return -1;
	}
	log_capture(real_log, NULL);
	return 0;
}

static inline int real_tear_down(void **state)
{
	log_capture(NULL, NULL);
	desk_destroy(&desk);
	config_destroy(&config);
	close(wake_fd);
	clock_real();
	return folder_tear_down(state);
}

/* Until the text was said. */
static inline void real_pump(const char *text)
{
	while (!strstr(said, text)) {
		struct pollfd wait = { .fd = wake_fd, .events = POLLIN };
		uint64_t off;
		if (poll(&wait, 1, 10000) != 1)
			fail_msg("never said: %s\nbut: %s", text, said);
		(void)!read(wake_fd, &off, sizeof off);
		desk_pump(desk);
	}
}

static inline void real_expect(const char *text)
{
	if (!strstr(said, text))
		fail_msg("not said: %s\nbut: %s", text, said);
}

#define WITH_A_DESK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
