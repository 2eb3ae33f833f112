/* Counsellors' frames, from two windows, signed in or not. The input is lines, each an act: its first byte
 * says whose. a and b: the rest is a frame of a window, in which $0 to $2 name three contacts; others are
 * the sign-in's, the visitors', the clock's (act). e, before all others: an event that is there at start.
 * What a window is sent is whole, and no more than its person may see: before signing in nothing, and of
 * a colleague's contact no word of the visitor's. */
#include "base/log.h"
#include "console/private.h"
#include "tests/fuzz/memory_store.h"
#include "triage/private.h"

#include <sodium.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { WINDOWS = 2, VISITORS = 3, FRAME_MAX = 16384, INPUT_MAX = 8192 };

struct seat {
	struct window *window;
	bool closed, asked;
	struct signin_question question;
};

static struct config config;
static struct triage *rules;
static struct desk *desk;
static struct seat places[WINDOWS];
static struct visitor {
	uint64_t port, contact;
} visitors[VISITORS];
static unsigned requests;
static bool busy;
static char reload_id[SIGNIN_REQUEST_MAX + 1];

static void must(bool good)
{
	if (!good)
		abort();
}

static bool may_know(const struct window *window, uint64_t id)
{
	const struct contact *contact = desk_contact(desk, id);
	return !contact || !contact->owner || contact->owner == window->me.id;
}

/* What visitors say has the mark, and behind it whose it is. */
static void see_words(const struct window *window, const char *bytes, size_t length)
{
	const char *word = memmem(bytes, length, MEMORY_MARK, 3);

	if (!word)
		return;
	must(window->port && !window->locked && rights_may(window->me.role, RIGHT_SEE));
	for (; word; word = memmem(word + 1, length - (size_t)(word + 1 - bytes), MEMORY_MARK, 3)) {
		int whose = word + 3 < bytes + length ? word[3] - '0' : 0;
		if (whose >= 0 && whose < VISITORS)
			must(may_know(window, visitors[whose].contact));
	}
}

static void see(const struct seat *place, const char *bytes, size_t length)
{
	static const char *const outside[] = { "hello", "no", "ok", "beat", "bye", NULL };
	json_t *frame = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
	const char *t = json_get_text(frame, "t");
	bool known = false;

	must(t != NULL);
	for (const char *const *each = outside; *each; each++)
		known = known || !strcmp(t, *each);
	must(known || (place->window && place->window->me.id));
	if (place->window)
		see_words(place->window, bytes, length);
	json_decref(frame);
}

static void on_send(void *arg, const char *bytes, size_t length)
{
	const struct seat *place = arg;
	must(!place->closed);
	see(place, bytes, length);
}

static void on_close(void *arg, int code)
{
	struct seat *place = arg;
	must(!place->closed && code >= 1000 && code < 1014);
	place->closed = true;
}

static void must_end(const char *text, size_t size)
{
	must(memchr(text, '\0', size) != NULL);
}

static enum err on_ask(void *arg, const struct signin_question *question)
{
	struct seat *place = arg;

	must_end(question->id, sizeof question->id);
	must_end(question->name, sizeof question->name);
	must_end(question->password, sizeof question->password);
	must_end(question->code, sizeof question->code);
	must_end(question->token, sizeof question->token);
	must_end(question->telephone, sizeof question->telephone);
	must(staff_telephone_fits(question->telephone) || question->kind != SIGNIN_TELEPHONE);
	if (busy)
		return ERR_BUSY;
	if (question->kind != SIGNIN_AWAY) {
		place->question = *question;
		place->asked = true;
	}
	return OK;
}

static enum err on_look(void *arg, const struct archive_question *question)
{
	const struct seat *place = arg;
	json_t *settings = json_loads(question->settings, JSON_REJECT_DUPLICATES, NULL);

	must(place->window->port && question->kind <= ARCHIVE_CHECK);
	must(question->kind == ARCHIVE_FEEDBACK
		|| (question->staff == place->window->me.id
			&& question->role == place->window->me.role));
	must_end(question->id, sizeof question->id);
	must_end(question->settings, sizeof question->settings);
	must(!*question->settings || json_is_object(settings));
	must(question->vault_length <= KEYS_VAULT_MAX);
	must_end(question->feedback.rule, sizeof question->feedback.rule);
	must_end(question->feedback.rules, sizeof question->feedback.rules);
	json_decref(settings);
	return busy ? ERR_BUSY : OK;
}

static enum err on_reload(void *arg, const char *id)
{
	const struct seat *place = arg;
	must(place->window->me.role == ROLE_COORDINATOR);
	snprintf(reload_id, sizeof reload_id, "%s", id);
	return busy ? ERR_BUSY : OK;
}

static const struct window_line line = { .send = on_send,
	.send_replay = on_send,
	.close = on_close,
	.ask = on_ask,
	.look = on_look,
	.reload = on_reload };

static void arrive(struct seat *place)
{
	window_destroy(&place->window);
	*place = (struct seat) { 0 };
	place->window = window_create(desk, &config, false, &line, place);
}

static void say(struct seat *place, const char *bytes, size_t length)
{
	static char frame[FRAME_MAX + CONTACT_PUBLIC_ID];
	size_t written = 0;
	char *exact; /* so that a byte too far is noticed */

	for (size_t i = 0; i < length && written < FRAME_MAX; i++) {
		if (bytes[i] == '$' && i + 1 < length && bytes[i + 1] >= '0'
			&& bytes[i + 1] < '0' + VISITORS) {
			contact_public_id(visitors[bytes[++i] - '0'].contact, frame + written);
			written += CONTACT_PUBLIC_ID - 1;
		} else {
			frame[written++] = bytes[i];
		}
	}
	if (memory_marked(frame, written))
		return;
	exact = mem_copy(frame, written);
	window_frame(place->window, exact, written);
	free(exact);
}

static void sign(struct seat *place, uint8_t how, bool good)
{
	struct signin_answer answer = { .kind = place->question.kind,
		.result = good ? SIGNIN_OK : (enum signin_result)(1 + how % SIGNIN_FAILED),
		.token = "ttttttttttttttttttttttttttttttttttttttttttt",
		.secret = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
		.expires = clock_wall() + INT64_C(3600000),
		.retry = how };

	if (!place->asked)
		return;
	place->asked = false;
	memcpy(answer.id, place->question.id, sizeof answer.id);
	answer.person = place->window->me;
	if (!answer.person.id)
		answer.person = (struct staff) { .id = 1 + (how >> 2) % 2, .name = "anke",
			.display = "Anke", .role = (enum staff_role)(ROLE_COUNSELLOR + how % 4) };
	window_signed(place->window, &answer);
}

static void on_reply(void *arg, const struct desk_reply *reply)
{
	struct visitor *visitor = arg;
	if (reply->kind == COMMAND_START && reply->contact)
		visitor->contact = reply->contact->id;
}

static const struct desk_listener visiting = { .on_reply = on_reply };

static void visit(struct visitor *visitor, enum command_kind kind, enum channel channel)
{
	char id[40], text[] = MEMORY_MARK "0 papa slaat mij nu";
	int number = (int)(visitor - visitors);
	struct command command = { .kind = kind, .author = AUTHOR_VISITOR, .port = visitor->port,
		.contact = visitor->contact, .id = id, .text = text, .length = sizeof text - 1,
		.channel = channel, .answers = { .who = "child", .lang = "nl" } };

	text[3] = (char)('0' + number);
	if (kind == COMMAND_START)
		snprintf(id, sizeof id, "visitor-%d-%s", number, "aaaaaaaaaaaaaaaaaaaa");
	else
		snprintf(id, sizeof id, "v%u", requests++);
	(void)!desk_submit(desk, &command);
}

static void telephone(const struct visitor *visitor, uint8_t what)
{
	static const char *const stages[] = { "ringing", "connected", "held", "message-left", "busy" };
	static const uint8_t piece[] = { 0, 1, 0, 1, 0, 5, 0, 0, 'R', 'I', 'F', 'F' };
	char id[20];

	snprintf(id, sizeof id, "w%u", requests++);
	if (what % 6 == 5)
		(void)!desk_call_recording(desk, visitor->contact, visitor->port, id, piece, sizeof piece);
	else
		(void)!desk_call_note(desk, visitor->contact, stages[what % 6], what & 64 ? 1 : 0);
}

static void pass_time(int64_t ms, bool beat)
{
	clock_advance(ms);
	desk_tick(desk);
	for (int i = 0; i < WINDOWS; i++)
		if (!places[i].closed)
			window_tick(places[i].window, beat);
}

/* Frames of the archive's thread. */
static void found(struct seat *place, bool ended)
{
	static char frame[] = "{\"t\":\"ok\",\"id\":\"x\"}";
	struct archive_answer answer
		= { .frame = ended ? NULL : frame, .length = sizeof frame - 1, .ended = ended };
	if (!place->closed)
		window_found(place->window, &answer);
}

static void act(char what, const char *rest, size_t length)
{
	uint8_t how = length ? (uint8_t)*rest : 0;
	struct seat *place = &places[how >> 4 & 1];
	struct visitor *visitor = &visitors[how % VISITORS];

	switch (what) {
	case 'a':
	case 'b':
		say(&places[what - 'a'], rest, length);
		break;
	case 'n':
	case 'm':
		arrive(&places[what == 'm']);
		break;
	case 's':
	case 'S':
		sign(&places[what == 'S'], how, true);
		break;
	case 'r':
		sign(place, how, false);
		break;
	case 'v':
		visit(visitor, visitor->contact ? COMMAND_SAY : COMMAND_START, CHANNEL_CHAT);
		break;
	case 'h':
		visit(visitor, COMMAND_START, CHANNEL_TELEPHONE);
		break;
	case 'l':
		visit(visitor, COMMAND_LEAVE, CHANNEL_CHAT);
		break;
	case 'y':
		desk_typing(desk, visitor->contact, AUTHOR_VISITOR, how & 64);
		desk_read(desk, visitor->contact, AUTHOR_VISITOR, how & 15);
		break;
	case 'j':
		telephone(visitor, how);
		break;
	case 'F':
		found(place, how & 1);
		break;
	case 'o':
		if (*reload_id && !place->closed)
			window_reloaded(place->window, reload_id, "0123", 7, how & 1 ? "why" : NULL);
		break;
	case 'p':
		desk_pump(desk);
		break;
	case 't':
		pass_time(1000, how & 1);
		break;
	case 'T':
		pass_time(15000, how & 1);
		break;
	case 'f':
		memory_full = !memory_full;
		break;
	case 'u':
		busy = !busy;
		break;
	case 'x':
		if (!place->closed)
			window_bye(place->window, "restart");
		break;
	case 'd':
		desk_staff_telephone(desk, 1, how & 1 ? "sip:anke@127.0.0.1" : "");
		break;
	default:
		break;
	}
}

static void prepare(void)
{
	static char zone[] = "Europe/Brussels", name[] = "Het centrum", key[] = "dag",
		    lang[] = "nl", text[] = "Dag \"jij\"",
		    source[] = "onthaal rules 1\nrule r.1\n  level serious\n  category x\n"
			       "  match papa ..3 slaat | bang\n  raise immediate near 3 nu\n  why w\n"
			       "  yes papa slaat\n  yes bang\n  no a\n  no b\n";
	static struct config_reply reply = { key, lang, text };
	struct config_errors errors = { 0 };

	log_threshold(LOG_ERROR);
	must(sodium_init() >= 0 && !triage_load_text("r.rules", source, &rules, &errors));
	config.centre.timezone = zone;
	config.centre.name = config.centre.team = name;
	config.desk.capacity = 2;
	config.desk.lease_seconds = 30;
	config.desk.gone_seconds = 60;
	config.desk.abandon_minutes = 30;
	config.desk.serious_minutes = 5;
	config.desk.elevated_minutes = 15;
	config.desk.none_minutes = 30;
	config.desk.wait_sample = 3;
	config.desk.block_minutes = 30;
	config.desk.idle_lock_minutes = 1;
	config.desk.session_hours = 8;
	config.desk.replies = &reply;
	config.desk.replies_count = 1;
	config.limits.message_characters = 200;
	config.limits.messages_per_minute = 60;
	config.limits.contact_messages = 20;
	config.limits.waiting = 8;
}

static void begin(void)
{
	char error[200];

	clock_fake(INT64_C(1700000000000), 100000);
	busy = false;
	requests = 0;
	*reload_id = '\0';
	must(!desk_create(&config, rules, "", NULL, NULL, &desk, error, sizeof error));
	for (int i = 0; i < WINDOWS; i++)
		arrive(&places[i]);
	for (int i = 0; i < VISITORS; i++)
		visitors[i] = (struct visitor) { .port
			= desk_visitor_port(desk, &visiting, &visitors[i]) };
}

static void end(void)
{
	desk_pump(desk);
	desk_pump(desk);
	for (int i = 0; i < WINDOWS; i++)
		window_destroy(&places[i].window);
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
