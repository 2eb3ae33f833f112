/* Visitors' frames, in every state of a conversation. The input is lines, each an act: its first byte says
 * whose. a and b: the rest is a frame of one of two visitors, in which $ is the last secret that was
 * given; others are the desk's, the counsellor's, the clock's (acts[]). e, before all others: an event
 * that is there at start. What visitors are sent is whole and theirs to see, and what is told to be
 * stored is. */
#include "base/json.h"
#include "base/log.h"
#include "desk/desk.h"
#include "tests/fuzz/memory_store.h"
#include "triage/private.h"
#include "webchat/pad.h"
#include "webchat/session.h"

#include <sodium.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { VISITORS = 2, FRAME_MAX = 16384, INPUT_MAX = 8192 };

struct visitor {
	struct session *session;
	bool closed, asked;
	struct code_question question;
};

static struct config config;
static struct triage *rules;
static struct words *words;
static struct desk *desk;
static struct visitor visitors[VISITORS];
static char secret[DESK_SECRET_SIZE];
static uint64_t counsellor;
static unsigned requests;
static bool crowded, busy, works;

static void must(bool good)
{
	if (!good)
		abort();
}

static bool stored(const char *id)
{
	for (size_t i = 0; i < memory_count; i++)
		if (memory_seen(&memory[i], id))
			return true;
	return false;
}

static void see_events(const json_t *list)
{
	int64_t before = 0;
	const json_t *event;
	size_t i;

	must(json_is_array(list));
	json_array_foreach (list, i, event) {
		int64_t n = json_get_number(event, "n", 0);
		must(n > before && json_get_text(event, "kind"));
		must(json_get_number(event, "time", 1) % 60000 == 0);
		must(!json_object_get(event, "staff") && !json_object_get(event, "flags"));
		before = n;
	}
}

static void see_secret(const json_t *frame)
{
	const char *given = json_get_text(frame, "secret");
	uint8_t token[STORE_TOKEN_SIZE];
	bool there = false;

	must(given && strlen(given) == DESK_SECRET_SIZE - 1);
	memcpy(secret, given, sizeof secret);
	desk_visitor_token(given, token);
	for (size_t i = 0; i < memory_count; i++)
		there = there || !memcmp(memory[i].row.token, token, sizeof token);
	must(there);
}

static void see(const char *bytes, size_t length)
{
	json_t *frame = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
	const char *t = json_get_text(frame, "t"), *id = json_get_text(frame, "id");

	must(t && !json_object_get(frame, "p"));
	must(!memmem(bytes, length, MEMORY_MARK, 3));
	if (!strcmp(t, "events"))
		see_events(json_object_get(frame, "list"));
	else if (!strcmp(t, "started"))
		see_secret(frame);
	else if (!strcmp(t, "stored"))
		must(id && stored(id));
	json_decref(frame);
}

static void on_send(void *arg, const char *bytes, size_t length)
{
	const struct visitor *visitor = arg;
	size_t size = pad_size(length);
	char *padded = mem_alloc(size);

	must(!visitor->closed && size >= length);
	pad_frame(bytes, length, padded, size);
	must(!memcmp(padded, bytes, length - 1) && padded[size - 1] == '}');
	free(padded);
	see(bytes, length);
}

static enum err on_ask(void *arg, const struct code_question *question)
{
	struct visitor *visitor = arg;

	if (busy)
		return ERR_BUSY;
	must(!visitor->asked && *question->id && question->words.count >= 1);
	visitor->question = *question;
	visitor->asked = true;
	return OK;
}

static bool on_pass(void *arg, const char *id, const char *work, const char *number,
	char text_r[SESSION_WORK_TEXT], int *bits_r)
{
	(void)arg;
	(void)number;
	snprintf(text_r, SESSION_WORK_TEXT, "14.%.20s", id);
	*bits_r = 14;
	return !works || work;
}

static bool on_crowded(void *arg)
{
	(void)arg;
	return crowded;
}

static uint64_t on_network(void *arg)
{
	return (uint64_t)((struct visitor *)arg - visitors);
}

static void on_close(void *arg, int code)
{
	struct visitor *visitor = arg;
	must(!visitor->closed && code >= 1000 && code < 1014);
	visitor->closed = true;
}

static const struct session_line line = { .send = on_send,
	.send_replay = on_send,
	.ask = on_ask,
	.pass = on_pass,
	.crowded = on_crowded,
	.network = on_network,
	.close = on_close };

static void arrive(struct visitor *visitor)
{
	session_destroy(&visitor->session);
	*visitor = (struct visitor) { 0 };
	visitor->session = session_create(desk, &config, words, &line, visitor);
}

/* $ is the secret. */
static void say(struct visitor *visitor, const char *bytes, size_t length)
{
	static char frame[FRAME_MAX + DESK_SECRET_SIZE];
	size_t written = 0;
	char *exact; /* so that a byte too far is noticed */

	for (size_t i = 0; i < length && written < FRAME_MAX; i++) {
		if (bytes[i] == '$') {
			memcpy(frame + written, secret, strlen(secret));
			written += strlen(secret);
		} else {
			frame[written++] = bytes[i];
		}
	}
	if (memory_marked(frame, written))
		return;
	exact = mem_copy(frame, written);
	session_frame(visitor->session, exact, written);
	free(exact);
}

static void answer(struct visitor *visitor, bool good)
{
	struct code_answer told = { .contact = visitor->question.contact,
		.err = good ? OK : visitor->question.words.count & 1 ? ERR_NOT_FOUND : ERR_IO };

	if (!visitor->asked)
		return;
	visitor->asked = false;
	memcpy(told.id, visitor->question.id, sizeof told.id);
	memcpy(told.secret, secret, sizeof told.secret);
	memcpy(told.words, visitor->question.words.texts[0], sizeof told.words);
	session_coded(visitor->session, &told);
}

static uint64_t held(void)
{
	uint64_t held_now = 0;
	for (size_t i = 0; i < memory_count; i++) {
		const struct contact *contact = desk_contact(desk, memory[i].row.id);
		if (contact && contact->owner == 1)
			held_now = contact->id;
	}
	return held_now;
}

static void counsel(enum command_kind kind, const char *text, bool block)
{
	char id[20];
	struct command command = { .kind = kind, .author = AUTHOR_COUNSELLOR, .staff = 1,
		.port = counsellor, .contact = kind == COMMAND_TAKE ? 0 : held(), .id = id,
		.text = text, .length = strlen(text), .level = LEVEL_SERIOUS, .block = block };

	snprintf(id, sizeof id, "k%u", requests++);
	(void)!desk_submit(desk, &command);
}

static void pass_time(int64_t ms, bool beat)
{
	clock_advance(ms);
	desk_tick(desk);
	for (int i = 0; i < VISITORS; i++)
		session_tick(visitors[i].session, beat);
}

static void act(char what, const char *rest, size_t length)
{
	switch (what) {
	case 'a':
	case 'b':
		say(&visitors[what - 'a'], rest, length);
		break;
	case 'n':
	case 'm':
		arrive(&visitors[what == 'm']);
		break;
	case 'w':
	case 'W':
		answer(&visitors[length & 1], what == 'w');
		break;
	case 'p':
		desk_pump(desk);
		break;
	case 't':
		pass_time(1000, length & 1);
		break;
	case 'T':
		pass_time(61000, true);
		break;
	case 'k':
		desk_heard(desk, counsellor);
		desk_attended(desk, counsellor);
		counsel(COMMAND_TAKE, "", false);
		break;
	case 'r':
		counsel(COMMAND_SAY, "ik luister", false);
		break;
	case 'i':
		counsel(COMMAND_NOTE, MEMORY_MARK, false);
		break;
	case 'l':
		counsel(COMMAND_LEVEL, MEMORY_MARK, false);
		break;
	case 'g':
		counsel(COMMAND_RETURN, "", false);
		break;
	case 'c':
		counsel(COMMAND_CLOSE, "", length & 1);
		break;
	case 'y':
		desk_typing(desk, held(), AUTHOR_COUNSELLOR, length & 1);
		break;
	case 'd':
		desk_read(desk, held(), AUTHOR_COUNSELLOR, length ? (uint8_t)*rest : 1);
		break;
	case 'f':
		memory_full = !memory_full;
		break;
	case 'q':
		crowded = !crowded;
		break;
	case 'u':
		busy = !busy;
		break;
	case 'z':
		works = !works;
		break;
	case 'x':
		session_bye(visitors[length & 1].session, "restart");
		break;
	default:
		break;
	}
}

static void prepare(void)
{
	static char zone[] = "Europe/Brussels", team[] = "het team",
		    source[] = "onthaal rules 1\nrule r.1\n  level serious\n  category x\n"
			       "  match papa ..3 slaat | bang\n  raise immediate near 3 nu\n  why w\n"
			       "  yes papa slaat\n  yes bang\n  no a\n  no b\n";
	struct config_errors errors = { 0 };

	log_threshold(LOG_ERROR);
	must(sodium_init() >= 0 && !triage_load_text("r.rules", source, &rules, &errors)
		&& !words_load("config/words", &words, &errors));
	config.centre.timezone = zone;
	config.centre.team = team;
	config.desk.capacity = 3;
	config.desk.lease_seconds = 30;
	config.desk.gone_seconds = 60;
	config.desk.abandon_minutes = 30;
	config.desk.serious_minutes = 5;
	config.desk.elevated_minutes = 15;
	config.desk.none_minutes = 30;
	config.desk.wait_sample = 3;
	config.desk.block_minutes = 30;
	config.limits.message_characters = 200;
	config.limits.messages_per_minute = 20;
	config.limits.contact_messages = 12;
	config.limits.waiting = 4;
}

static void begin(void)
{
	static const struct desk_listener deaf;
	char error[200];

	clock_fake(INT64_C(1700000000000), 100000);
	crowded = busy = works = false;
	requests = 0;
	memset(secret, 'A', sizeof secret - 1);
	must(!desk_create(&config, rules, "", NULL, NULL, &desk, error, sizeof error));
	counsellor = desk_counsellor_attach(desk, 1, "Anke", &deaf, NULL);
	desk_counsellor_duty(desk, 1, DUTY_ON);
	for (int i = 0; i < VISITORS; i++)
		arrive(&visitors[i]);
}

static void end(void)
{
	desk_pump(desk);
	desk_pump(desk);
	for (size_t i = 0; i < memory_count; i++)
		for (uint32_t e = 0; e < memory[i].count; e++) {
			const struct event *event = &memory[i].events[e];
			json_t *text = json_stringn(event->body ? event->body : "", event->body_length);
			must(event->kind != EVENT_MESSAGE || text);
			must(event->kind != EVENT_MESSAGE || event->author != AUTHOR_VISITOR
				|| event->body_length <= 4 * 200);
			json_decref(text);
		}
	for (int i = 0; i < VISITORS; i++)
		session_destroy(&visitors[i].session);
	desk_destroy(&desk);
	memory_forget();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length > INPUT_MAX)
		return 0;
	if (!rules)
		prepare();
	memory_play(bytes, length, begin, act, end);
	return 0;
}
