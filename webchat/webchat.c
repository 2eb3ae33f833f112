#include "webchat/webchat.h"
#include "base/log.h"
#include "base/mem.h"
#include "webchat/gate.h"
#include "webchat/networks.h"
#include "webchat/pad.h"
#include "webchat/plain.h"
#include "webchat/session.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

struct visitor {
	struct webchat *webchat;
	struct server_line *line;
	struct session *session;
	uint64_t id; /* of its questions */
	size_t index; /* in webchat->visitors */
	unsigned beat; /* the second of each SESSION_BEAT_SECONDS in which it gets its beat */
	struct visitor *silent_next, **silent_at; /* silent_at NULL: it has said something, or was cut */
	bool cut;
};

struct webchat {
	struct desk *desk;
	const struct config *config;
	struct words *words;
	struct codes *codes;
	struct gate *gate;
	struct networks *networks;
	unsigned refused; /* by limits.network_visitors, in this minute */
	struct plain *plain; /* NULL: there is none */
	void (*wake)(void *arg);
	void *wake_arg;
	uint64_t asked; /* ids given */
	struct visitor **visitors;
	size_t count, capacity;
	struct visitor *silent, **silent_end; /* that have not said hello yet, the oldest first */
	size_t silent_count, cutting; /* cutting: cut, and not closed yet */
	unsigned seconds, opened;
	bool leaving;
};

static void send_padded(const struct visitor *visitor, const char *bytes, size_t length, bool replay)
{
	size_t size = pad_size(length);
	char *to = server_frame(visitor->line, size, replay);
	if (to)
		pad_frame(bytes, length, to, size);
}

static void send_frame(void *arg, const char *bytes, size_t length)
{
	send_padded(arg, bytes, length, false);
}

static void send_replay(void *arg, const char *bytes, size_t length)
{
	send_padded(arg, bytes, length, true);
}

static void close_line(void *arg, int code)
{
	struct visitor *visitor = arg;
	server_close(visitor->line, code);
}

static enum err ask(void *arg, const struct code_question *question)
{
	struct visitor *visitor = arg;
	struct code_question mine = *question;
	enum err err;

	mine.visitor = visitor->id;
	err = codes_ask(visitor->webchat->codes, &mine);
	sodium_memzero(&mine, sizeof mine);
	return err;
}

/* The fuller of the two: lines, and those who wait. */
static int load_of(const struct webchat *webchat)
{
	size_t lines = 100 * webchat_count(webchat) / webchat->config->limits.visitors;
	size_t waiting = 100 * (size_t)desk_queue(webchat->desk)->length
		/ webchat->config->limits.waiting;
	return (int)(lines > waiting ? lines : waiting);
}

static bool pass(void *arg, const char *id, const char *work, const char *number,
	char text_r[SESSION_WORK_TEXT], int *bits_r)
{
	struct visitor *visitor = arg;
	struct webchat *webchat = visitor->webchat;
	return gate_pass(webchat->gate, server_line_crowd(visitor->line), id, load_of(webchat), work,
		number, text_r, bits_r);
}

static size_t count_silent(const struct webchat *webchat, uint64_t network)
{
	size_t count = 0;

	for (const struct visitor *each = webchat->silent; each; each = each->silent_next)
		count += server_line_network(each->line) == network;
	return count;
}

/* The last places are for conversations that began; who has said nothing yet, takes none. */
static bool crowded_now(void *arg, uint64_t network)
{
	struct webchat *webchat = arg;
	size_t most = (size_t)webchat->config->limits.visitors * (100 - SESSION_RESERVED_PERCENT) / 100;
	size_t own = networks_count(webchat->networks, network), most_own = webchat->config->limits.network_visitors;

	if (webchat_count(webchat) > most
		&& webchat_count(webchat) - webchat->cutting - webchat->silent_count > most)
		return true;
	if (own <= most_own || own - count_silent(webchat, network) <= most_own)
		return false;
	webchat->refused++;
	return true;
}

static bool crowded(void *arg)
{
	const struct visitor *visitor = arg;
	return crowded_now(visitor->webchat, server_line_network(visitor->line));
}

static void silent_begin(struct visitor *visitor)
{
	struct webchat *webchat = visitor->webchat;

	visitor->silent_at = webchat->silent_end;
	*visitor->silent_at = visitor;
	webchat->silent_end = &visitor->silent_next;
	webchat->silent_count++;
}

static void silent_end(struct visitor *visitor)
{
	if (!visitor->silent_at)
		return;
	*visitor->silent_at = visitor->silent_next;
	if (visitor->silent_next)
		visitor->silent_next->silent_at = visitor->silent_at;
	else
		visitor->webchat->silent_end = visitor->silent_at;
	visitor->silent_next = NULL;
	visitor->silent_at = NULL;
	visitor->webchat->silent_count--;
}

/* Who says nothing gives way to whoever comes: one of that network, or (0) of any. false: all have spoken. */
static bool make_room(struct webchat *webchat, uint64_t network)
{
	struct visitor *visitor = webchat->silent;

	while (visitor && network && server_line_network(visitor->line) != network)
		visitor = visitor->silent_next;
	if (!visitor)
		return false;
	silent_end(visitor);
	visitor->cut = true;
	webchat->cutting++;
	networks_leave(webchat->networks, server_line_network(visitor->line));
	server_cut(visitor->line);
	return true;
}

/* A place, counted; false: there is none, not even a reserved one. */
static bool enter(void *arg, uint64_t network)
{
	struct webchat *webchat = arg;
	uint32_t most = webchat->config->limits.network_visitors;

	if (webchat_count(webchat) - webchat->cutting >= webchat->config->limits.visitors
		&& !make_room(webchat, 0)) {
		log_warn("visitor refused", "limits.visitors=%u", webchat->config->limits.visitors);
		return false;
	}
	if (networks_count(webchat->networks, network) >= most + most * SESSION_NETWORK_PERCENT / 100
		&& !make_room(webchat, network)) {
		webchat->refused++;
		return false;
	}
	networks_enter(webchat->networks, network);
	return true;
}

static void leave(void *arg, uint64_t network)
{
	struct webchat *webchat = arg;
	networks_leave(webchat->networks, network);
}

/* All who come by Tor are not one whom a counsellor means. */
static uint64_t network(void *arg)
{
	const struct visitor *visitor = arg;
	uint64_t number = server_line_network(visitor->line);
	return number == SERVER_FROM_TOR ? 0 : number;
}

static const struct session_line session_line = { .send = send_frame,
	.send_replay = send_replay,
	.ask = ask,
	.pass = pass,
	.crowded = crowded,
	.network = network,
	.close = close_line };

static void *on_open(void *arg, struct server_line *line)
{
	struct webchat *webchat = arg;
	struct visitor *visitor;

	if (webchat->leaving)
		return NULL;
	if (!enter(webchat, server_line_network(line)))
		return NULL;
	visitor = mem_alloc(sizeof *visitor);
	visitor->webchat = webchat;
	visitor->line = line;
	visitor->id = ++webchat->asked;
	visitor->beat = webchat->opened++ % SESSION_BEAT_SECONDS;
	visitor->session = session_create(
		webchat->desk, webchat->config, webchat->words, &session_line, visitor);
	if (webchat->count == webchat->capacity) {
		webchat->capacity = webchat->capacity ? 2 * webchat->capacity : 64;
		webchat->visitors = mem_grow(
			webchat->visitors, webchat->capacity, sizeof(struct visitor *));
	}
	visitor->index = webchat->count;
	webchat->visitors[webchat->count++] = visitor;
	silent_begin(visitor);
	return visitor;
}

static void on_frame(void *session, const char *bytes, size_t length)
{
	struct visitor *visitor = session;

	if (visitor->cut)
		return;
	silent_end(visitor);
	session_frame(visitor->session, bytes, length);
}

static void on_close(void *session)
{
	struct visitor *visitor = session;
	struct webchat *webchat = visitor->webchat;
	struct visitor *last = webchat->visitors[--webchat->count];

	webchat->visitors[visitor->index] = last;
	last->index = visitor->index;
	silent_end(visitor);
	if (visitor->cut)
		webchat->cutting--;
	else
		leave(webchat, server_line_network(visitor->line));
	session_destroy(&visitor->session);
	free(visitor);
}

enum err webchat_create(struct desk *desk, const struct config *config, const char *words,
	void (*wake)(void *arg), void *wake_arg, struct webchat **webchat_r, char *error,
	size_t error_size)
{
	struct webchat *webchat = mem_alloc(sizeof *webchat);
	struct config_errors errors = { 0 };
	enum err err = words_load(words, &webchat->words, &errors);

	webchat->desk = desk;
	webchat->config = config;
	webchat->gate = gate_create();
	webchat->networks = networks_create();
	webchat->silent_end = &webchat->silent;
	webchat->wake = wake;
	webchat->wake_arg = wake_arg;
	if (errors.count)
		snprintf(error, error_size, "%s", errors.texts[0]);
	config_errors_finish(&errors);
	if (!err)
		err = codes_create(
			config->data, wake, wake_arg, &webchat->codes, error, error_size);
	if (err)
		webchat_destroy(&webchat);
	*webchat_r = webchat;
	return err;
}

static struct visitor *find(struct webchat *webchat, uint64_t id)
{
	for (size_t i = 0; i < webchat->count; i++)
		if (webchat->visitors[i]->id == id)
			return webchat->visitors[i];
	return NULL;
}

void webchat_pump(struct webchat *webchat)
{
	struct code_answer answer;

	while (codes_take(webchat->codes, &answer)) {
		struct visitor *visitor = find(webchat, answer.visitor);
		if (visitor)
			session_coded(visitor->session, &answer);
		else if (webchat->plain)
			(void)!plain_coded(webchat->plain, &answer);
		sodium_memzero(&answer, sizeof answer);
	}
	if (webchat->plain)
		plain_settle(webchat->plain);
}

static uint64_t next_number(void *arg)
{
	struct webchat *webchat = arg;
	return ++webchat->asked;
}

static enum err ask_plain(void *arg, const struct code_question *question)
{
	struct webchat *webchat = arg;
	return codes_ask(webchat->codes, question);
}

static bool wait_plain(void *arg, uint64_t crowd, const char *id, const char *ticket,
	char ticket_r[SESSION_WORK_TEXT], int *seconds_r)
{
	struct webchat *webchat = arg;
	return gate_wait(
		webchat->gate, crowd, id, load_of(webchat), ticket, ticket_r, seconds_r);
}

static void wake_plain(void *arg)
{
	const struct webchat *webchat = arg;
	webchat->wake(webchat->wake_arg);
}

void webchat_plain(
	struct webchat *webchat, const struct languages *languages, const char *style, bool demo)
{
	webchat->plain = plain_create(&(struct plain_house) { .desk = webchat->desk,
					      .config = webchat->config,
					      .words = webchat->words,
					      .style = style,
					      .demo = demo,
					      .next = next_number,
					      .ask = ask_plain,
					      .wait = wait_plain,
					      .crowded = crowded_now,
					      .enter = enter,
					      .leave = leave,
					      .wake = wake_plain,
					      .arg = webchat },
		languages);
}

/* For the centre's own website (config/embed): one word, the same for everybody. */
static void get_open(
	void *arg, const struct server_request *request, struct server_answer *answer_r)
{
	struct webchat *webchat = arg;
	const char *body = !desk_open(webchat->desk) ? "{\"state\":\"closed\"}\n"
		: load_of(webchat) > 100 - SESSION_RESERVED_PERCENT
		? "{\"state\":\"busy\"}\n"
		: "{\"state\":\"open\"}\n";

	(void)request;
	answer_r->type = "application/json";
	answer_r->body = mem_dup(body);
	answer_r->length = strlen(body);
	answer_r->shared = true;
}

size_t webchat_routes(struct webchat *webchat, struct server_route *routes_r, size_t most)
{
	size_t count = plain_routes(webchat->plain, routes_r, most);

	if (count >= most)
		abort();
	routes_r[count] = (struct server_route) {
		.listener = SERVER_PUBLIC, .path = "/open", .get = get_open, .arg = webchat
	};
	return count + 1;
}

void webchat_destroy(struct webchat **webchat)
{
	if (!*webchat)
		return;
	plain_destroy(&(*webchat)->plain);
	while ((*webchat)->count)
		on_close((*webchat)->visitors[0]);
	codes_destroy(&(*webchat)->codes);
	words_destroy(&(*webchat)->words);
	gate_destroy(&(*webchat)->gate);
	networks_destroy(&(*webchat)->networks);
	free((*webchat)->visitors);
	free(*webchat);
	*webchat = NULL;
}

struct server_channel webchat_channel(struct webchat *webchat)
{
	return (struct server_channel) { .path = "/chat",
		.subprotocol = "onthaal.visitor.1",
		.arg = webchat,
		.on_open = on_open,
		.on_frame = on_frame,
		.on_close = on_close };
}

void webchat_configure(struct webchat *webchat, const struct config *config,
	const struct languages *languages)
{
	webchat->config = config;
	if (webchat->plain)
		plain_configure(webchat->plain, config, languages);
	for (size_t i = 0; i < webchat->count; i++)
		session_configure(webchat->visitors[i]->session, config);
}

void webchat_second(struct webchat *webchat)
{
	unsigned now = webchat->seconds++ % SESSION_BEAT_SECONDS;

	if (webchat->seconds % 60 == 0 && webchat->refused) {
		log_warn("visitors of one network refused", "count=%u limits.network_visitors=%u",
			webchat->refused, webchat->config->limits.network_visitors);
		webchat->refused = 0;
	}
	for (size_t i = 0; i < webchat->count; i++)
		session_tick(
			webchat->visitors[i]->session, webchat->visitors[i]->beat == now);
	if (webchat->plain)
		plain_second(webchat->plain);
}

void webchat_bye(struct webchat *webchat)
{
	webchat->leaving = true;
	for (size_t i = 0; i < webchat->count; i++)
		session_bye(webchat->visitors[i]->session, "restart");
	if (webchat->plain)
		plain_bye(webchat->plain);
}

size_t webchat_count(const struct webchat *webchat)
{
	return webchat->count + (webchat->plain ? plain_count(webchat->plain) : 0);
}
