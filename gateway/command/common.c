#include "base/mem.h"
#include "server/server.h"
#include "command/command.h"

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static const char default_config[] = "/etc/onthaal/onthaal.yaml";

static bool port_of(const char *text, int *port_r)
{
	char *end;
	long port = strtol(text, &end, 10);

	if (*end || end == text || port < 0 || port > 65535) {
		fprintf(stderr, "onthaal: --port takes a number from 0 to 65535, not %s\n", text);
		return false;
	}
	*port_r = (int)port;
	return true;
}

bool command_options(int argc, char **argv, struct command_options *options_r, int *first_r)
{
	static const struct option known[] = { { "config", required_argument, NULL, 'c' },
		{ "data", required_argument, NULL, 'd' }, { "port", required_argument, NULL, 'p' },
		{ "demo", no_argument, NULL, 'D' }, { "first-link", no_argument, NULL, 'f' },
		{ "display", required_argument, NULL, 'n' },
		{ "open", no_argument, NULL, 'o' }, { "role", required_argument, NULL, 'r' }, { NULL, 0, NULL, 0 } };
	int option;

	*options_r = (struct command_options) { .port = -1 };
	optind = 1;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'c':
			options_r->config = optarg;
			break;
		case 'd':
			options_r->data = optarg;
			break;
		case 'p':
			if (!port_of(optarg, &options_r->port))
				return false;
			break;
		case 'D':
			options_r->demo = true;
			break;
		case 'f':
			options_r->first_link = true;
			break;
		case 'n':
			options_r->display = optarg;
			break;
		case 'o':
			options_r->open = true;
			break;
		case 'r':
			options_r->role = optarg;
			break;
		default:
			fputs("See onthaal --help.\n", stderr);
			return false;
		}
	}
	*first_r = optind;
	return true;
}

void command_say_errors(struct config_errors *errors)
{
	for (uint32_t i = 0; i < errors->count; i++)
		fprintf(stderr, "%s\n", errors->texts[i]);
	config_errors_finish(errors);
}

void command_config_path(const struct command_options *options, char *path_r, size_t size)
{
	if (!options->config && options->data)
		snprintf(path_r, size, "%s/onthaal.yaml", options->data);
	else
		snprintf(path_r, size, "%s", options->config ? options->config : default_config);
}

struct config *command_config(const struct command_options *options)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;
	char path[PATH_MAX];

	command_config_path(options, path, sizeof path);
	if (config_load(path, &config, &errors)) {
		command_say_errors(&errors);
		if (!options->config && !options->data)
			fputs("Say which one with --config FILE or --data DIR.\n", stderr);
		return NULL;
	}
	if (options->data) {
		free(config->data);
		config->data = mem_dup(options->data);
	}
	if (options->port >= 0)
		config->server.port = (uint16_t)options->port;
	return config;
}

void command_url(const struct config *config, int port, char *url_r, size_t size)
{
	const char *address = config->server.address;

	if (config->server.public_url)
		snprintf(url_r, size, "%s", config->server.public_url);
	else
		snprintf(url_r, size, strchr(address, ':') ? "%s://[%s]:%d" : "%s://%s:%d",
			config->server.certificate ? "https" : "http", address, port);
}

bool command_no_more(int argc, char **argv, int first)
{
	if (first >= argc)
		return true;
	fprintf(stderr, "onthaal: what is \"%s\"? %s takes options alone: see onthaal --help\n",
		argv[first], argv[0]);
	return false;
}

enum err command_check_files(const struct config *config, struct config_errors *errors)
{
	enum err err = server_certificate(
		"server", config->server.certificate, config->server.key, errors);
	enum err sip = server_certificate("sip", config->sip.certificate, config->sip.key, errors);

	return err ? err : sip;
}

static int open_lock(const struct config *config, int how)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/lock", config->data);
	return open(path, how | O_CLOEXEC);
}

void command_note_port(const struct config *config, int port)
{
	int fd = open_lock(config, O_WRONLY | O_TRUNC);

	if (fd < 0)
		return;
	dprintf(fd, "%d\n", port);
	close(fd);
}

int command_port(const struct config *config)
{
	char text[8] = "";
	int fd = open_lock(config, O_RDONLY), port = 0;
	bool running = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB);

	if (running && read(fd, text, sizeof text - 1) > 0)
		port = atoi(text);
	if (fd >= 0)
		close(fd);
	return port ? port : config->server.port;
}

int command_failed(const char *what, enum err err)
{
	fprintf(stderr, "onthaal: %s: %s\n", what, err_word(err));
	return 1;
}

int command_with_staff(int argc, char **argv, int most, int (*run)(const struct command_work *work))
{
	struct command_work work = { .what = NULL };
	char error[1024];
	int first, status = 1;

	if (!command_options(argc, argv, &work.options, &first))
		return 2;
	work.config = command_config(&work.options);
	if (!work.config)
		return 1;
	if (first < argc && argc - first <= most + 1) {
		work.what = argv[first];
		work.first = argc - first > 1 ? argv[first + 1] : NULL;
		work.second = argc - first > 2 ? argv[first + 2] : NULL;
	}
	if (staff_open(work.config->data, &work.db, error, sizeof error)) {
		fprintf(stderr, "onthaal: %s\n", error);
	} else {
		status = run(&work);
		staff_close(&work.db);
	}
	config_destroy(&work.config);
	return status;
}
