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

static const char *link_of(char *address, char *public_url, bool tls)
{
	static char url[64];
	struct config config = { .server = { .address = address, .public_url = public_url,
					 .certificate = tls ? address : NULL } };
	command_link(&config, 8080, url, sizeof url);
	return url;
}

/* Passkeys belong to a name, so a link to this machine has one. */
static void a_link_to_this_machine_has_a_name(void **state)
{
	char four[] = "127.0.0.1", six[] = "::1", any[] = "0.0.0.0", every[] = "::", other[] = "127.0.0.2",
	     far[] = "192.0.2.7", name[] = "https://chat.example.org";
	(void)state;
	assert_string_equal(link_of(four, NULL, false), "http://localhost:8080");
	assert_string_equal(link_of(six, NULL, true), "https://localhost:8080");
	assert_string_equal(link_of(any, NULL, false), "http://localhost:8080");
	assert_string_equal(link_of(every, NULL, false), "http://localhost:8080");
	assert_string_equal(link_of(other, NULL, false), "http://127.0.0.2:8080"); /* localhost is not there */
	assert_string_equal(link_of(far, NULL, true), "https://192.0.2.7:8080");
	assert_string_equal(link_of(four, name, false), name);
}

static const char *note_of(char *address, char *public_url, bool tls)
{
	static char said[600];
	const struct command_options options = { .data = "/var/lib/onthaal" };
	struct config config = { .server = { .address = address, .public_url = public_url,
					 .port = 8080, .certificate = tls ? address : NULL } };
	FILE *to = fmemopen(said, sizeof said, "w");

	memset(said, 0, sizeof said);
	assert_non_null(to);
	command_link_note(&options, &config, link_of(address, public_url, tls), to);
	fclose(to);
	return said;
}

static void what_a_link_lacks_stands_beside_it(void **state)
{
	static const char here[] = "from a browser on this machine alone", none[] = "There are no passkeys";
	char four[] = "127.0.0.1", other[] = "127.0.0.2", any[] = "::", far[] = "192.0.2.7",
	     name[] = "https://chat.example.org", plain[] = "http://chat.example.org",
	     digits[] = "https://192.0.2.7", local[] = "http://localhost:8080";
	(void)state;
	assert_string_equal(note_of(four, name, false), "");
	assert_non_null(strstr(note_of(four, NULL, false), here));
	assert_non_null(strstr(note_of(four, NULL, false), "/var/lib/onthaal/onthaal.yaml"));
	assert_non_null(strstr(note_of(four, NULL, false), "in the place of http://localhost:8080 above"));
	assert_non_null(strstr(note_of(any, NULL, true), here));
	assert_non_null(strstr(note_of(other, NULL, false), here));
	assert_non_null(strstr(note_of(four, local, false), here));
	assert_non_null(strstr(note_of(far, NULL, true), none));
	assert_non_null(strstr(note_of(four, plain, false), none));
	assert_non_null(strstr(note_of(four, digits, false), none));
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
		cmocka_unit_test(a_link_to_this_machine_has_a_name),
		cmocka_unit_test(what_a_link_lacks_stands_beside_it),
		cmocka_unit_test(a_missing_configuration_is_an_answer),
		cmocka_unit_test(data_and_port_of_the_options_win),
		cmocka_unit_test(nothing_is_left_over_unseen),
		cmocka_unit_test(the_port_of_a_running_daemon_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
