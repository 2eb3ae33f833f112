#include "ivr/telephone.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/adapters/ari.h"
#include "ivr/adapters/httapi.h"
#include "ivr/adapters/jambonz.h"
#include "ivr/adapters/twilio.h"
#include "ivr/line_copy.h"
#include "store/letters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 6 };

static const struct web_kind *const kinds[]
	= { &twilio_kind, &jambonz_kind, &httapi_kind, &ari_kind };

struct line {
	struct config_line config; /* a copy of our own */
	const struct web_kind *kind;
	struct web *web;
	char path[40], below[40];
};

struct telephone {
	struct desk *desk;
	struct outbox *outbox;
	struct server *server; /* NULL: not yet */
	const struct config *config;
	struct script *script;
	struct prompts *prompts;
	struct ivr *ivr;
	struct line lines[LINES_MAX];
	uint32_t count;
	struct maker *maker; /* of prompts, borrowed */
	uint32_t sounds;
};

struct ivr_settings telephone_settings(const struct config *config)
{
	return (struct ivr_settings) { .cli
		= config->telephone.caller_id ? config->telephone.caller_id : "",
		.ring_seconds = config->telephone.ring_seconds,
		.wrapup_seconds = config->telephone.wrapup_seconds,
		.calls_per_hour = config->telephone.calls_per_hour,
		.callback_attempts = config->telephone.callback_attempts,
		.callback_numbers = config->telephone.callback_numbers,
		.callback_numbers_count = config->telephone.callback_numbers_count,
		.voicemail = config->telephone.voicemail,
		.config = config };
}

static const struct web_kind *kind_of(const struct config_line *line)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i]->name, line->kind))
			return kinds[i];
	return NULL;
}

static struct ivr_adapter adapter_of(const struct config_line *line)
{
	const struct web_kind *kind = kind_of(line);
	struct ivr_adapter adapter = kind->adapter;

	if (kind->adapt)
		kind->adapt(line, &adapter);
	return adapter;
}

bool telephone_dials(const struct config *config)
{
	bool dials = config->sip.address;

	for (uint32_t i = 0; i < config->telephone.lines_count; i++)
		dials = dials || adapter_of(&config->telephone.lines[i]).dial;
	return dials;
}

bool telephone_mute(const struct config *config)
{
	bool mute = config->sip.address;

	for (uint32_t i = 0; i < config->telephone.lines_count; i++)
		mute = mute || kind_of(&config->telephone.lines[i])->mute;
	return mute;
}

static void root_of(const struct config *config, char root_r[WEB_BASE_MAX])
{
	const char *address = config->server.address;

	if (config->telephone.public_url || config->server.public_url)
		snprintf(root_r, WEB_BASE_MAX, "%s",
			config->telephone.public_url ? config->telephone.public_url
						     : config->server.public_url);
	else
		snprintf(root_r, WEB_BASE_MAX,
			strchr(address, ':') ? "%s://[%s]:%u" : "%s://%s:%u",
			config->server.certificate ? "https" : "http", address,
			config->server.port);
	for (size_t length = strlen(root_r); length && root_r[length - 1] == '/'; length--)
		root_r[length - 1] = '\0';
}

static void fill_web(const struct telephone *telephone, const struct line *line, struct web *web)
{
	web->ivr = telephone->ivr;
	web->script = telephone->script;
	web->prompts = telephone->prompts;
	web->outbox = telephone->outbox;
	web->server = telephone->server;
	web->line = &line->config;
	web->messages = telephone->config->telephone.messages;
	root_of(telephone->config, web->root);
}

static enum err add_line(struct telephone *telephone, const struct config_line *config)
{
	struct line *line = &telephone->lines[telephone->count];
	struct ivr_adapter adapter;
	struct web web = { 0 };

	line->config = line_copy_make(config);
	line->kind = kind_of(config);
	telephone->count++;
	if (!line->kind)
		return ERR_NOT_FOUND;
	fill_web(telephone, line, &web);
	line->web = line->kind->create(&web);
	snprintf(line->path, sizeof line->path, "/ivr/%s", line->config.name);
	snprintf(line->below, sizeof line->below, "/ivr/%s/*", line->config.name);
	adapter = adapter_of(&line->config);
	adapter.name = line->config.name;
	adapter.arg = line->web;
	return ivr_adapter_add(telephone->ivr, &adapter);
}

/* Sounds are made beside the daemon; until then the platform speaks. */
static void make_prompts(struct telephone *telephone)
{
	if (telephone_mute(telephone->config) || (!telephone->config->telephone.platform_voice && telephone->count))
		maker_ask(telephone->maker);
}

static void vault_put(void *arg, const char *key, const char *json, size_t length)
{
	outbox_keep(arg, key, json, length);
}

static void vault_drop(void *arg, const char *key)
{
	outbox_drop(arg, key);
}

static void restore(void *arg, const struct letter *letter)
{
	struct telephone *telephone = arg;
	if (!letter->bytes || ivr_callback_restore(telephone->ivr, letter->bytes, letter->length))
		log_error("a callback cannot be read", "since=%lld", (long long)letter->since);
}

enum err telephone_restore(struct telephone *telephone, struct config_errors *errors)
{
	const struct ivr_vault vault
		= { .put = vault_put, .drop = vault_drop, .arg = telephone->outbox };
	struct letters *letters = NULL;
	char error[1024];
	enum err err = letters_open(telephone->config->data, &letters, error, sizeof error);

	if (err) {
		config_errors_add(errors, "%s", error);
		return err;
	}
	ivr_vault(telephone->ivr, &vault);
	err = letters_each(letters, LETTER_CALLBACK, restore, telephone);
	letters_close(&letters);
	if (err)
		config_errors_add(errors, "the callbacks cannot be read: run onthaal check");
	return err;
}

enum err telephone_create(struct desk *desk, struct outbox *outbox, const struct config *config,
	struct maker *maker, struct telephone **telephone_r, struct config_errors *errors)
{
	struct telephone *telephone = mem_alloc(sizeof *telephone);
	struct ivr_settings settings = telephone_settings(config);
	enum err err;

	telephone->desk = desk;
	telephone->outbox = outbox;
	telephone->config = config;
	telephone->maker = maker;
	err = script_load(config->telephone.script, &telephone->script, errors);
	if (err) {
		free(telephone);
		return err;
	}
	telephone->prompts = prompts_create(
		telephone->script, config->telephone.prompts, config->data);
	telephone->ivr = ivr_create(desk, telephone->script, &settings);
	for (uint32_t i = 0; i < config->telephone.lines_count && !err; i++) {
		err = add_line(telephone, &config->telephone.lines[i]);
		if (err)
			config_errors_add(errors, "the line %s cannot be used: %s",
				config->telephone.lines[i].name, err_word(err));
	}
	if (err) {
		telephone_destroy(&telephone);
		return err;
	}
	make_prompts(telephone);
	*telephone_r = telephone;
	return OK;
}

void telephone_destroy(struct telephone **telephone)
{
	struct telephone *t = *telephone;

	if (!t)
		return;
	ivr_destroy(&t->ivr);
	for (uint32_t i = 0; i < t->count; i++) {
		if (t->lines[i].web)
			t->lines[i].kind->destroy(t->lines[i].web);
		line_copy_free(&t->lines[i].config);
	}
	prompts_destroy(&t->prompts);
	script_destroy(&t->script);
	free(t);
	*telephone = NULL;
}

static void configure_lines(struct telephone *telephone)
{
	const struct config *config = telephone->config;
	uint32_t same = 0;

	for (uint32_t i = 0; i < telephone->count; i++) {
		struct line *line = &telephone->lines[i];
		for (uint32_t k = 0; k < config->telephone.lines_count; k++) {
			const struct config_line *now = &config->telephone.lines[k];
			if (strcmp(now->name, line->config.name) != 0
				|| strcmp(now->kind, line->config.kind) != 0)
				continue;
			struct config_line copy = line_copy_make(now);
			free(copy.name); /* the adapter's name is borrowed from ours */
			copy.name = line->config.name;
			line->config.name = NULL;
			line_copy_free(&line->config);
			line->config = copy;
			same++;
		}
		fill_web(telephone, line, line->web);
	}
	if (same != telephone->count || same != config->telephone.lines_count)
		log_warn("an added or removed line needs a restart", "keys=\"telephone.lines\"");
}

enum err telephone_configure(
	struct telephone *telephone, const struct config *config, struct config_errors *errors)
{
	struct ivr_settings settings = telephone_settings(config);
	struct script *script = NULL;
	enum err err = script_load(config->telephone.script, &script, errors);

	if (err)
		return err;
	ivr_configure(telephone->ivr, script, &settings);
	prompts_destroy(&telephone->prompts);
	script_destroy(&telephone->script);
	telephone->config = config;
	telephone->script = script;
	telephone->prompts = prompts_create(script, config->telephone.prompts, config->data);
	telephone->sounds++;
	configure_lines(telephone);
	make_prompts(telephone);
	return OK;
}

static void get_prompt(
	void *arg, const struct server_request *request, struct server_answer *answer)
{
	struct telephone *telephone = arg;
	size_t length;
	const char *bytes = prompts_bytes(
		telephone->prompts, request->path + strlen("/ivr/prompts/"), &length);

	if (!bytes) {
		answer->status = 404;
		web_answer(answer, "text/plain; charset=utf-8", "There is no such prompt.\n", 25);
		return;
	}
	answer->cache = SERVER_FOREVER;
	web_answer(answer, "audio/wav", bytes, length);
}

size_t telephone_routes(struct telephone *telephone, struct server_route *routes_r, size_t most)
{
	size_t count = 0;

	if (!telephone->count)
		return 0;
	if (most < telephone->count * 2 + 1)
		abort();
	routes_r[count++] = (struct server_route) { .listener = SERVER_PUBLIC,
		.path = "/ivr/prompts/*",
		.get = get_prompt,
		.arg = telephone };
	for (uint32_t i = 0; i < telephone->count; i++) {
		const struct line *line = &telephone->lines[i];
		struct server_route route = { .listener = SERVER_PUBLIC,
			.path = line->path,
			.post = line->kind->post,
			.headers = line->kind->headers,
			.stream = line->kind->stream,
			.arg = line->web };
		if (!route.post)
			continue;
		routes_r[count++] = route;
		route.path = line->below;
		routes_r[count++] = route;
	}
	return count;
}

/* The line of a path, and what follows its name. */
static struct line *line_of(struct telephone *telephone, const char *path, const char **below_r)
{
	for (uint32_t i = 0; i < telephone->count; i++) {
		struct line *line = &telephone->lines[i];
		size_t length = strlen(line->path);
		if (line->kind->listen && !strncmp(path, line->path, length) && path[length] == '/') {
			*below_r = path + length;
			return line;
		}
	}
	return NULL;
}

struct sound { /* one websocket with the sound of a call */
	const struct web_listen *listen;
	void *session;
};

static bool admit_sound(void *arg, const char *path, const char *authorization)
{
	const char *below;
	const struct line *line = line_of(arg, path, &below);
	return line && line->kind->listen->admit(line->web, below, authorization);
}

static void *open_sound(void *arg, struct server_line *server_line, const char *path)
{
	const char *below;
	struct line *line = line_of(arg, path, &below);
	struct sound *sound;
	void *session = line ? line->kind->listen->open(line->web, server_line, below) : NULL;

	if (!session)
		return NULL;
	sound = mem_alloc(sizeof *sound);
	*sound = (struct sound) { line->kind->listen, session };
	return sound;
}

static void on_sound_text(void *session, const char *bytes, size_t length)
{
	struct sound *sound = session;
	sound->listen->text(sound->session, bytes, length);
}

static void on_sound_bytes(void *session, const char *bytes, size_t length)
{
	struct sound *sound = session;
	sound->listen->bytes(sound->session, bytes, length);
}

static void on_sound_close(void *session)
{
	struct sound *sound = session;
	sound->listen->close(sound->session);
	free(sound);
}

/* jambonz calls the subprotocol by the first name as it is installed, by the second as it is shipped. */
size_t telephone_channels(
	struct telephone *telephone, struct server_channel *channels_r, size_t most)
{
	static const char *const subprotocols[] = { "audio.jambonz.org", "audio.drachtio.org" };
	enum { SUBPROTOCOLS = sizeof subprotocols / sizeof *subprotocols };
	bool listens = false;

	for (uint32_t i = 0; i < telephone->count; i++)
		listens = listens || telephone->lines[i].kind->listen;
	if (!listens)
		return 0;
	if (most < SUBPROTOCOLS)
		abort();
	for (size_t i = 0; i < SUBPROTOCOLS; i++)
		channels_r[i] = (struct server_channel) { .path = "/ivr/*",
			.subprotocol = subprotocols[i],
			.arg = telephone,
			.admit = admit_sound,
			.on_path = open_sound,
			.on_frame = on_sound_text,
			.on_bytes = on_sound_bytes,
			.on_close = on_sound_close };
	return SUBPROTOCOLS;
}

size_t telephone_messages(const struct telephone *telephone)
{
	size_t count = 0;

	for (uint32_t i = 0; i < telephone->count; i++)
		if (telephone->lines[i].kind->messages)
			count += telephone->lines[i].kind->messages(telephone->lines[i].web);
	return count;
}

void telephone_drain(struct telephone *telephone)
{
	for (uint32_t i = 0; i < telephone->count; i++)
		if (telephone->lines[i].kind->drain)
			telephone->lines[i].kind->drain(telephone->lines[i].web);
}

void telephone_serve(struct telephone *telephone, struct server *server)
{
	telephone->server = server;
	for (uint32_t i = 0; i < telephone->count; i++)
		fill_web(telephone, &telephone->lines[i], telephone->lines[i].web);
}

void telephone_second(struct telephone *telephone)
{
	bool good;

	ivr_second(telephone->ivr);
	for (uint32_t i = 0; i < telephone->count; i++)
		if (telephone->lines[i].kind->second)
			telephone->lines[i].kind->second(telephone->lines[i].web);
	if (maker_take(telephone->maker, &good)) {
		prompts_refresh(telephone->prompts);
		telephone->sounds++;
		log_info("prompts made", "good=%d", good);
	}
}

struct ivr *telephone_ivr(struct telephone *telephone)
{
	return telephone->ivr;
}

uint32_t telephone_sounds(const struct telephone *telephone)
{
	return telephone->sounds;
}

struct prompts *telephone_prompts(struct telephone *telephone)
{
	return telephone->prompts;
}
