#include "command/demo.h"
#include "base/mem.h"
#include "config/document.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCRIPTS_MAX = 64, ID_SIZE = 25 };

struct actor {
	struct demo *demo;
	uint64_t port, contact; /* contact 0: none yet */
	unsigned script, line; /* the next line to say */
	unsigned opening; /* lines said before anybody answers */
	int pause; /* seconds until something is done */
	int patience;
	bool playing, taken;
};

struct demo {
	struct desk *desk;
	struct document *scripts;
	unsigned script_count, next_script;
	struct actor actors[DEMO_AT_ONCE];
	int arrival; /* seconds until the next one comes */
};

static const char *text(const struct demo *demo, unsigned script, const char *key)
{
	char path[64];
	snprintf(path, sizeof path, "%u.%s", script, key);
	return document_text(demo->scripts, path);
}

static const char *line(const struct actor *actor)
{
	char key[32];
	snprintf(key, sizeof key, "says.%u", actor->line);
	return text(actor->demo, actor->script, key);
}

static int between(int low, int high)
{
	return low + (int)randombytes_uniform((uint32_t)(high - low + 1));
}

static void random_id(char id_r[ID_SIZE])
{
	unsigned char bytes[(ID_SIZE - 1) / 2];
	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2hex(id_r, ID_SIZE, bytes, sizeof bytes);
}

static void finish(struct actor *actor)
{
	desk_detach(actor->demo->desk, actor->port);
	actor->playing = false;
}

static void submit(struct actor *actor, struct command *command)
{
	char id[ID_SIZE];

	random_id(id);
	command->author = AUTHOR_VISITOR;
	command->contact = actor->contact;
	command->port = actor->port;
	command->id = id;
	if (desk_submit(actor->demo->desk, command))
		finish(actor);
	command->id = NULL; /* was ours */
}

static void on_reply(void *arg, const struct desk_reply *reply)
{
	struct actor *actor = arg;

	if (reply->err)
		actor->patience = 0;
	else if (reply->kind == COMMAND_START && reply->contact)
		actor->contact = reply->contact->id;
}

static void on_event(
	void *arg, const struct contact *contact, const struct contact_event *event)
{
	struct actor *actor = arg;

	(void)contact;
	if (event->kind == EVENT_TAKEN)
		actor->taken = true;
	if (event->kind == EVENT_RETURNED)
		actor->taken = false;
	if (event->kind == EVENT_CLOSED)
		actor->patience = 0;
	if (event->kind == EVENT_MESSAGE && event->author == AUTHOR_COUNSELLOR)
		actor->pause = between(4, 12);
}

static const struct desk_listener listener = { .on_reply = on_reply, .on_event = on_event };

static void arrive(struct demo *demo, struct actor *actor)
{
	struct command command = { .kind = COMMAND_START, .channel = CHANNEL_CHAT, .practice = true };
	unsigned script = demo->next_script++ % demo->script_count;
	const char *who = text(demo, script, "who"), *where = text(demo, script, "where");
	const char *lang = text(demo, script, "lang");

	*actor = (struct actor) { .demo = demo,
		.script = script,
		.playing = true,
		.opening = (unsigned)between(1, 2),
		.pause = between(2, 6),
		.patience = DEMO_PATIENCE_SECONDS };
	snprintf(command.answers.who, sizeof command.answers.who, "%s", who ? who : "");
	snprintf(command.answers.where, sizeof command.answers.where, "%s", where ? where : "");
	snprintf(command.answers.lang, sizeof command.answers.lang, "%s", lang ? lang : "");
	actor->port = desk_visitor_port(demo->desk, &listener, actor);
	submit(actor, &command);
}

static void say_or_go(struct actor *actor)
{
	const char *words = line(actor);
	struct command command = { .kind = words ? COMMAND_SAY : COMMAND_LEAVE,
		.text = words,
		.length = words ? strlen(words) : 0 };

	desk_typing(actor->demo->desk, actor->contact, AUTHOR_VISITOR, false);
	submit(actor, &command);
	actor->line++;
	/* the first lines come by themselves, the others answer the counsellor */
	actor->pause = actor->line < actor->opening ? between(6, 15) : -1;
}

static void play(struct actor *actor)
{
	const struct contact *contact = desk_contact(actor->demo->desk, actor->contact);

	if (--actor->patience <= 0 || (actor->contact && !contact)
		|| (contact && contact->state == CONTACT_CLOSED)) {
		struct command leave = { .kind = COMMAND_LEAVE };
		if (contact && contact->state != CONTACT_CLOSED)
			submit(actor, &leave);
		if (actor->playing)
			finish(actor);
		return;
	}
	if (!contact || actor->pause < 0)
		return;
	if (actor->pause == 3 && line(actor))
		desk_typing(actor->demo->desk, actor->contact, AUTHOR_VISITOR, true);
	if (actor->pause-- == 0)
		say_or_go(actor);
}

void demo_second(struct demo *demo)
{
	if (!demo)
		return;
	for (size_t i = 0; i < DEMO_AT_ONCE; i++)
		if (demo->actors[i].playing)
			play(&demo->actors[i]);
	if (--demo->arrival > 0)
		return;
	demo->arrival = between(3, DEMO_ARRIVAL_SECONDS);
	for (size_t i = 0; i < DEMO_AT_ONCE; i++)
		if (!demo->actors[i].playing) {
			arrive(demo, &demo->actors[i]);
			return;
		}
}

enum err demo_create(struct desk *desk, const char *file, struct demo **demo_r, char *error,
	size_t error_size)
{
	struct config_errors errors = { 0 };
	struct demo *demo = mem_alloc(sizeof *demo);
	char path[16];

	demo->desk = desk;
	if (document_open(file, &demo->scripts, &errors)) {
		snprintf(error, error_size, "%s", errors.texts[0]);
		config_errors_finish(&errors);
		free(demo);
		return ERR_INVALID;
	}
	while (snprintf(path, sizeof path, "%u", demo->script_count),
		demo->script_count < SCRIPTS_MAX && document_line(demo->scripts, path))
		demo->script_count++;
	if (!demo->script_count) {
		snprintf(error, error_size, "%s: a list of visitors is expected", file);
		demo_destroy(&demo);
		return ERR_INVALID;
	}
	demo->next_script = randombytes_uniform(demo->script_count);
	*demo_r = demo;
	return OK;
}

void demo_destroy(struct demo **demo)
{
	if (!*demo)
		return;
	for (size_t i = 0; i < DEMO_AT_ONCE; i++)
		if ((*demo)->actors[i].playing)
			finish(&(*demo)->actors[i]);
	document_close(&(*demo)->scripts);
	free(*demo);
	*demo = NULL;
}
