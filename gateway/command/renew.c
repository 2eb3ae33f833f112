/* What is read from files: at the start, and anew while it runs. */
#include "base/log.h"
#include "base/mem.h"
#include "command/daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void learn(void *arg, const struct staff *person)
{
	struct daemon *daemon = arg;
	desk_staff_learn(daemon->desk, person->id, person->display);
	desk_staff_telephone(daemon->desk, person->id, person->disabled ? "" : person->telephone);
}

bool renew_staff(struct daemon *daemon)
{
	struct staff_db *db = NULL;
	char error[1024];

	if (staff_open(daemon->config->data, &db, error, sizeof error)) {
		log_error("the staff cannot be read", "why=\"%s\"", error);
		return false;
	}
	(void)!staff_each(db, learn, daemon);
	staff_close(&db);
	return true;
}

/* What cannot change while running. */
static void keep_restart_keys(const struct config *old, struct config *new)
{
	if (strcmp(old->server.address, new->server.address) != 0
		|| old->server.metrics_port != new->server.metrics_port
		|| strcmp(old->server.metrics_address, new->server.metrics_address) != 0
		|| strcmp(old->data, new->data) != 0
		|| !old->server.certificate != !new->server.certificate
		|| old->server.onion_port != new->server.onion_port || old->cage != new->cage)
		log_warn("some changed keys need a restart",
			"keys=\"server.address server.port server.metrics_* server.onion_port data cage certificate\"");
}

static void take_over(struct daemon *daemon, struct config *config, struct languages *languages,
	struct triage *rules)
{
	keep_restart_keys(daemon->config, config);
	desk_configure(daemon->desk, config, rules);
	webchat_configure(daemon->webchat, config, languages);
	console_configure(daemon->console, config);
	pages_configure(daemon->pages, config, languages);
	outbox_configure(daemon->outbox, config);
	oidc_configure(daemon->oidc, config);
	notices_configure(daemon->notices, config);
	phone_configure(daemon->phone, config);
	if (server_configure(daemon->server, config))
		log_error("the old certificate goes on", "file=%s", config->server.certificate);
	config_destroy(&daemon->config);
	languages_destroy(&daemon->languages);
	triage_destroy(&daemon->rules);
	daemon->config = config;
	daemon->languages = languages;
	daemon->rules = rules;
	daemon->figures.rules = triage_hash(rules);
	(void)!renew_staff(daemon);
	log_info("reloaded", "rules=%.12s", triage_hash(rules));
}

const char *renew_path(const struct daemon *daemon, char path[4096])
{
	if (daemon->options.config)
		return daemon->options.config;
	snprintf(path, 4096, "%s/onthaal.yaml",
		daemon->options.data ? daemon->options.data : "/etc/onthaal");
	return path;
}

enum err renew_load(struct daemon *daemon, struct config **config_r,
	struct languages **languages_r, struct config_errors *errors)
{
	char path[4096];
	enum err err = config_load(renew_path(daemon, path), config_r, errors);

	if (!err && daemon->server && daemon->config->cage)
		err = caged_check(*config_r, renew_path(daemon, path), errors);
	if (!err)
		err = command_check_files(*config_r, errors);
	if (err)
		return err;
	if (daemon->options.data) {
		free((*config_r)->data);
		(*config_r)->data = mem_dup(daemon->options.data);
	}
	err = languages_load(
		(*config_r)->languages, (*config_r)->centre.language, languages_r, errors);
	return err ? err : languages_load_cards(*languages_r, (*config_r)->pages, errors);
}

enum err renew_rules(struct daemon *daemon, struct config_errors *errors)
{
	enum err err = triage_load(daemon->config->rules, &daemon->rules, errors);
	if (!err)
		err = triage_validate(daemon->rules, daemon->config->rules, errors);
	return err;
}

enum { WHY_BYTES = 2000, WHY_TEXTS = 12 };

/* Nothing was taken over: said in the log, and to the coordinator who asked. */
static void refused(struct daemon *daemon, struct config_errors *errors)
{
	char why[WHY_BYTES] = "";
	size_t length = 0;

	for (uint32_t i = 0; i < errors->count; i++) {
		log_error("reload refused, the old goes on", "why=\"%s\"", errors->texts[i]);
		if (i < WHY_TEXTS && length < sizeof why)
			length += (size_t)snprintf(why + length, sizeof why - length, "%s%s",
				i ? "\n" : "", errors->texts[i]);
	}
	console_reloaded(daemon->console, NULL, 0, why);
	config_errors_finish(errors);
	languages_destroy(&daemon->next_languages);
	config_destroy(&daemon->next_config);
}

enum err renew_begin(void *arg)
{
	struct daemon *daemon = arg;
	struct config_errors errors = { 0 };

	if (daemon->next_config)
		return ERR_BUSY;
	if (renew_load(daemon, &daemon->next_config, &daemon->next_languages, &errors)) {
		refused(daemon, &errors);
		return ERR_INVALID;
	}
	if (!reload_start(daemon->reload, daemon->next_config->rules))
		return OK;
	languages_destroy(&daemon->next_languages);
	config_destroy(&daemon->next_config);
	return ERR_BUSY;
}

void renew_finish(struct daemon *daemon)
{
	struct config_errors errors;
	struct triage *rules = NULL;

	if (!reload_take(daemon->reload, &rules, &errors))
		return;
	if (rules
		&& !telephone_configure(daemon->telephone, daemon->next_config, &errors)) {
		take_over(daemon, daemon->next_config, daemon->next_languages, rules);
		daemon->next_config = NULL;
		daemon->next_languages = NULL;
		console_reloaded(daemon->console, triage_hash(rules), triage_rules(rules), NULL);
		config_errors_finish(&errors);
	} else {
		triage_destroy(&rules);
		refused(daemon, &errors);
	}
	if (daemon->reload_again) {
		daemon->reload_again = false;
		(void)!renew_begin(daemon);
	}
}
