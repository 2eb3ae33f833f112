/* The daemon: every room, wired. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "command/daemon.h"
#include "console/signin.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DRAIN_MS = 3000, MESSAGES_MS = 7000 /* more, until they are stored */, SPARE_DESCRIPTORS = 200 };

static void on_needed(void *arg) /* from other threads */
{
	struct daemon *daemon = arg;
	if (daemon->server)
		server_wake(daemon->server);
}

static void on_wake(void *arg)
{
	struct daemon *daemon = arg;
	desk_pump(daemon->desk);
	console_pump(daemon->console);
	outbox_pump(daemon->outbox);
	phone_pump(daemon->phone);
	webchat_pump(daemon->webchat);
	renew_finish(daemon);
}

static void on_second(void *arg)
{
	struct daemon *daemon = arg;
	size_t lines = webchat_count(daemon->webchat) + console_count(daemon->console)
		+ phone_calls(daemon->phone) + telephone_messages(daemon->telephone);

	desk_tick(daemon->desk);
	webchat_second(daemon->webchat);
	console_second(daemon->console);
	telephone_second(daemon->telephone);
	phone_second(daemon->phone);
	notices_second(daemon->notices);
	demo_second(daemon->demo);
	if (daemon->drain_until && (!lines || clock_mono() >= daemon->drain_until))
		server_stop(daemon->server);
}

static void drain(struct daemon *daemon)
{
	if (daemon->drain_until) { /* asked twice */
		server_stop(daemon->server);
		return;
	}
	log_info("stopping", "visitors=%zu consoles=%zu calls=%zu", webchat_count(daemon->webchat),
		console_count(daemon->console), phone_calls(daemon->phone));
	daemon->drain_until = clock_mono() + DRAIN_MS;
	if (phone_calls(daemon->phone))
		daemon->drain_until += daemon->config->sip.drain_seconds * 1000 + PHONE_SPARE_MS;
	else if (telephone_messages(daemon->telephone))
		daemon->drain_until += MESSAGES_MS;
	desk_drain(daemon->desk);
	phone_drain(daemon->phone);
	telephone_drain(daemon->telephone);
	webchat_bye(daemon->webchat);
	console_bye(daemon->console);
	if (!webchat_count(daemon->webchat) && !console_count(daemon->console)
		&& !phone_calls(daemon->phone) && !telephone_messages(daemon->telephone))
		server_stop(daemon->server);
}

static void on_signal(void *arg, int number)
{
	struct daemon *daemon = arg;
	if (number == SIGHUP)
		daemon->reload_again = renew_begin(daemon) == ERR_BUSY;
	else
		drain(daemon);
}

static size_t count_visitors(void *arg)
{
	const struct daemon *daemon = arg;
	return webchat_count(daemon->webchat);
}

static size_t count_consoles(void *arg)
{
	const struct daemon *daemon = arg;
	return console_count(daemon->console);
}

static void raise_descriptors(const struct config *config)
{
	struct rlimit limit = { 0 };

	(void)!setrlimit(RLIMIT_CORE, &limit); /* what people say is never dumped to a disk */
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)!setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max < config->limits.visitors + SPARE_DESCRIPTORS)
		log_warn("limits.visitors is more than the system allows",
			"limits.visitors=%u descriptors=%llu", config->limits.visitors,
			(unsigned long long)limit.rlim_max);
}

struct first {
	struct staff person;
	bool anybody;
};

static void look_for_first(void *arg, const struct staff *person)
{
	struct first *first = arg;
	first->anybody = first->anybody || *person->password;
	if (!first->person.id)
		first->person = *person;
}

/* As long as nobody has set up a sign-in: a new link for the first one. */
static void print_link(struct staff_db *db, const char *url)
{
	struct first first = { 0 };
	char token[SIGNIN_TOKEN_SIZE];

	if (staff_each(db, look_for_first, &first) || first.anybody)
		return;
	if (!first.person.id) {
		first.person.role = ROLE_COORDINATOR;
		strcpy(first.person.name, "onthaal");
		strcpy(first.person.display, "Onthaal");
		if (staff_put(db, &first.person)
			|| audit_add(db, first.person.id, "staff.added", "{\"role\":\"coordinator\"}"))
			return;
	}
	if (!signin_invite(db, &first.person, token))
		printf("  first sign-in   %s/console/#invite=%s\n"
		       "                  (once, within %d hours; name: %s)\n",
			url, token, SIGNIN_INVITE_HOURS, first.person.name);
}

static void print_first_link(const char *data, const char *url)
{
	struct staff_db *db = NULL;
	char error[1024];

	if (staff_open(data, &db, error, sizeof error))
		log_error("the staff cannot be read", "why=\"%s\"", error);
	else
		print_link(db, url);
	staff_close(&db);
}

static void announce(struct daemon *daemon)
{
	int port = server_port(daemon->server, SERVER_PUBLIC);
	char url[300], link[300];

	command_url(daemon->config, port, url, sizeof url);
	printf("\n  visitor page    %s/\n  console         %s/console/\n", url, url);
	if (daemon->options.first_link) {
		command_link(daemon->config, port, link, sizeof link);
		print_first_link(daemon->config->data, link);
	}
	phone_announce(daemon->phone, daemon->config);
	printf("  health          %s/healthz\n", url);
	if (daemon->config->server.metrics_port)
		printf("  metrics         http://%s:%u/metrics\n",
			daemon->config->server.metrics_address,
			daemon->config->server.metrics_port);
	printf("%s\n", daemon->demo ? "  practice: visitors are simulated\n" : "");
	fflush(stdout);
	command_note_port(daemon->config, port);
	log_info("serving", "port=%d pid=%d rules=%.12s", port, (int)getpid(),
		triage_hash(daemon->rules));
}

static bool build_telephone(struct daemon *daemon, char *error, size_t size)
{
	struct config_errors errors = { 0 };

	if (!telephone_create(daemon->desk, daemon->outbox, daemon->config, daemon->maker,
		    &daemon->telephone, &errors))
		return true;
	snprintf(error, size, "%s", errors.count ? errors.texts[0] : "the telephone cannot start");
	config_errors_finish(&errors);
	return false;
}

static bool restore_telephone(struct daemon *daemon, char *error, size_t size)
{
	struct config_errors errors = { 0 };

	if (!telephone_restore(daemon->telephone, &errors))
		return true;
	snprintf(error, size, "%s", errors.count ? errors.texts[0] : "the callbacks cannot be read");
	config_errors_finish(&errors);
	return false;
}

static bool build(struct daemon *daemon, char *error, size_t size)
{
	struct config *config = daemon->config;

	if (desk_create(config, daemon->rules, config->data, on_needed, daemon, &daemon->desk, error,
		    size)
		|| outbox_create(config, on_needed, daemon, &daemon->outbox, error, size)
		|| !build_telephone(daemon, error, size)
		|| phone_create(config, daemon->telephone, on_needed, daemon, &daemon->phone, error,
			size)
		|| !restore_telephone(daemon, error, size)
		|| console_create(daemon->desk, config, daemon->options.demo, on_needed, daemon,
			&daemon->console, error, size)
		|| webchat_create(daemon->desk, config, ONTHAAL_SHARE "/words", on_needed, daemon,
			&daemon->webchat, error, size))
		return false;
	daemon->notices = notices_create(daemon->desk, daemon->outbox, config);
	daemon->reload = reload_create(on_needed, daemon);
	daemon->oidc = oidc_create(daemon->outbox, config, on_needed, daemon);
	console_sign_on(daemon->console, daemon->oidc);
	console_on_reload(daemon->console, renew_begin, daemon);
	daemon->pages = pages_create(config, daemon->languages, daemon->options.demo);
	pages_path(daemon->pages, "visitor/plain.css", daemon->style);
	webchat_plain(daemon->webchat, daemon->languages, daemon->style, daemon->options.demo);
	daemon->figures = (struct figures_source) { .desk = daemon->desk,
		.ivr = telephone_ivr(daemon->telephone),
		.outbox = daemon->outbox,
		.more = phone_figures,
		.more_arg = daemon->phone,
		.visitors = count_visitors,
		.consoles = count_consoles,
		.arg = daemon,
		.rules = triage_hash(daemon->rules) };
	if (daemon->options.demo
		&& demo_create(daemon->desk, ONTHAAL_SHARE "/practice.yaml", &daemon->demo, error,
			size))
		return false;
	return renew_staff(daemon);
}

static bool listen_now(struct daemon *daemon, char *error, size_t size)
{
	struct server_hooks hooks = {
		.on_wake = on_wake, .on_second = on_second, .on_signal = on_signal, .arg = daemon
	};
	struct server_channel channels[SERVER_CHANNELS_MAX]
		= { webchat_channel(daemon->webchat), console_channel(daemon->console) };
	size_t channel_count = 2
		+ telephone_channels(daemon->telephone, channels + 2, SERVER_CHANNELS_MAX - 2);
	struct server_route routes[SERVER_ROUTES_MAX];
	size_t count = telephone_routes(daemon->telephone, routes, SERVER_ROUTES_MAX);

	count += webchat_routes(daemon->webchat, routes + count, SERVER_ROUTES_MAX - count);
	count += pages_routes(daemon->pages, routes + count, SERVER_ROUTES_MAX - count);
	count += figures_routes(&daemon->figures, routes + count, SERVER_ROUTES_MAX - count);
	if (server_create(daemon->config, &hooks, routes, count, channels,
		    channel_count, &daemon->server, error, size))
		return false;
	telephone_serve(daemon->telephone, daemon->server);
	return true;
}

static void tear_down(struct daemon *daemon)
{
	struct server *server = daemon->server;

	reload_destroy(&daemon->reload);
	languages_destroy(&daemon->next_languages);
	config_destroy(&daemon->next_config);
	demo_destroy(&daemon->demo);
	server_destroy(&server);
	daemon->server = NULL;
	webchat_destroy(&daemon->webchat);
	console_destroy(&daemon->console);
	pages_destroy(&daemon->pages);
	notices_destroy(&daemon->notices);
	phone_destroy(&daemon->phone);
	telephone_destroy(&daemon->telephone);
	maker_stop(&daemon->maker);
	oidc_destroy(&daemon->oidc);
	outbox_destroy(&daemon->outbox);
	desk_destroy(&daemon->desk);
	triage_destroy(&daemon->rules);
	languages_destroy(&daemon->languages);
	config_destroy(&daemon->config);
}

/* In the helper: it has no more powers than the daemon. */
static enum err enclose(const void *arg)
{
	const struct daemon *daemon = arg;
	char buffer[4096];

	return caged_helper(daemon->config, renew_path(daemon, buffer));
}

int command_serve(int argc, char **argv)
{
	struct daemon daemon = { 0 };
	struct config_errors errors = { 0 };
	char error[1024] = "", buffer[4096];
	const char *path = NULL;
	int first;
	bool good;

	if (!command_options(argc, argv, &daemon.options, &first) || !command_no_more(argc, argv, first))
		return 2;
	signal(SIGPIPE, SIG_IGN);
	mem_keep();
	if (renew_load(&daemon, &daemon.config, &daemon.languages, &errors)
		|| renew_rules(&daemon, &errors)) {
		command_say_errors(&errors);
		tear_down(&daemon);
		return 1;
	}
	if (daemon.options.port >= 0)
		daemon.config->server.port = (uint16_t)daemon.options.port;
	raise_descriptors(daemon.config);
	path = renew_path(&daemon, buffer);
	daemon.maker = maker_start(path, daemon.config->data, enclose, &daemon);
	good = !caged_begin(daemon.config, path, &daemon.cage, error, sizeof error)
		&& build(&daemon, error, sizeof error) && listen_now(&daemon, error, sizeof error);
	if (good) {
		caged_end(daemon.config, &daemon.cage);
		announce(&daemon);
		server_run(daemon.server);
		log_info("stopped", "port=%d", server_port(daemon.server, SERVER_PUBLIC));
	} else {
		fprintf(stderr, "onthaal: %s\n", error);
	}
	tear_down(&daemon);
	return good ? 0 : 1;
}
