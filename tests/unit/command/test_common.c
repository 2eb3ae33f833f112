/* Options of the command line. */
#include "command/command.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static bool parse(struct command_options *options, int *first, const char *a, const char *b)
{
	char name[] = "serve", one[64], two[64], *argv[] = { name, one, two, NULL };
	snprintf(one, sizeof one, "%s", a);
	snprintf(two, sizeof two, "%s", b ? b : "");
	if (!b)
		argv[2] = NULL;
	return command_options(b ? 3 : 2, argv, options, first);
}

static void a_port_is_a_number_up_to_65535(void **state)
{
	static const char *const wrong[] = { "-1", "65536", "80x", "", " ", "99999999999999999999" };
	struct command_options options;
	int first;
	(void)state;
	assert_true(parse(&options, &first, "--port", "0"));
	assert_int_equal(options.port, 0);
	assert_true(parse(&options, &first, "--port", "65535"));
	assert_int_equal(options.port, 65535);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (parse(&options, &first, "--port", wrong[i]))
			fail_msg("--port %s", wrong[i]);
}

static void what_is_left_is_the_commands_own(void **state)
{
	struct command_options options;
	int first;
	(void)state;
	assert_true(parse(&options, &first, "--demo", "rest"));
	assert_true(options.demo);
	assert_false(options.first_link);
	assert_int_equal(options.port, -1);
	assert_int_equal(first, 2);
	assert_false(parse(&options, &first, "--unknown", NULL));
	assert_false(parse(&options, &first, "--data", NULL)); /* its folder is missing */
}

static void the_address_as_people_type_it(void **state)
{
	struct config config = { 0 };
	char six[] = "::1", four[] = "127.0.0.1", name[] = "https://chat.example.org", url[64];
	(void)state;
	config.server.address = four;
	command_url(&config, 8080, url, sizeof url);
	assert_string_equal(url, "http://127.0.0.1:8080");
	config.server.address = six;
	config.server.certificate = name;
	command_url(&config, 443, url, sizeof url);
	assert_string_equal(url, "https://[::1]:443");
	config.server.public_url = name;
	command_url(&config, 443, url, sizeof url);
	assert_string_equal(url, name);
}

static void a_missing_configuration_is_an_answer(void **state)
{
	struct command_options options = { .data = "/nowhere/at/all", .port = -1 };
	(void)state;
	assert_null(command_config(&options));
}

static void data_and_port_of_the_options_win(void **state)
{
	struct command_options options
		= { .config = "config/onthaal.yaml", .data = "/tmp/elsewhere", .port = 1234 };
	struct config *config = command_config(&options);
	(void)state;
	assert_non_null(config);
	assert_string_equal(config->data, "/tmp/elsewhere");
	assert_int_equal(config->server.port, 1234);
	config_destroy(&config);
}

static void nothing_is_left_over_unseen(void **state)
{
	char check[] = "check", extra[] = "extra", *argv[] = { check, extra, NULL };
	(void)state;
	assert_true(command_no_more(1, argv, 1));
	assert_false(command_no_more(2, argv, 1));
}

static void the_port_of_a_running_daemon_is_known(void **state)
{
	char folder[] = "/tmp/onthaal-port-XXXXXX", path[64];
	struct config config = { .data = folder, .server.port = 8080 };
	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(command_port(&config), 8080); /* no lock */
	snprintf(path, sizeof path, "%s/lock", folder);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	command_note_port(&config, 8099);
	assert_int_equal(command_port(&config), 8080); /* nobody holds it */
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(command_port(&config), 8099);
	close(fd);
	unlink(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_is_a_number_up_to_65535),
		cmocka_unit_test(what_is_left_is_the_commands_own),
		cmocka_unit_test(the_address_as_people_type_it),
		cmocka_unit_test(a_missing_configuration_is_an_answer),
		cmocka_unit_test(data_and_port_of_the_options_win),
		cmocka_unit_test(nothing_is_left_over_unseen),
		cmocka_unit_test(the_port_of_a_running_daemon_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
