#include "webchat/webchat.h"
#include "base/log.h"
#include "base/mem.h"
#include "webchat/session.h"

#include <stdlib.h>

struct visitor {
	struct webchat *webchat;
	struct server_line *line;
	struct session *session;
	size_t index; /* in webchat->visitors */
	unsigned beat; /* the second of each SESSION_BEAT_SECONDS in which it gets its beat */
};

struct webchat {
	struct desk *desk;
	const struct config *config;
	struct visitor **visitors;
	size_t count, capacity;
	unsigned seconds, opened;
	bool leaving;
};

static void send_frame(void *arg, const char *bytes, size_t length)
{
	struct visitor *visitor = arg;
	server_send(visitor->line, bytes, length);
}

static void send_replay(void *arg, const char *bytes, size_t length)
{
	struct visitor *visitor = arg;
	server_send_replay(visitor->line, bytes, length);
}

static void close_line(void *arg, int code)
{
	struct visitor *visitor = arg;
	server_close(visitor->line, code);
}

static const struct session_line session_line
	= { .send = send_frame, .send_replay = send_replay, .close = close_line };

static void *on_open(void *arg, struct server_line *line)
{
	struct webchat *webchat = arg;
	struct visitor *visitor;

	if (webchat->leaving)
		return NULL;
	if (webchat->count >= webchat->config->limits.visitors) {
		log_warn("visitor refused", "limits.visitors=%u", webchat->config->limits.visitors);
		return NULL;
	}
	visitor = mem_alloc(sizeof *visitor);
	visitor->webchat = webchat;
	visitor->line = line;
	visitor->beat = webchat->opened++ % SESSION_BEAT_SECONDS;
	visitor->session = session_create(webchat->desk, webchat->config, &session_line, visitor);
	if (webchat->count == webchat->capacity) {
		webchat->capacity = webchat->capacity ? 2 * webchat->capacity : 64;
		webchat->visitors = mem_grow(
			webchat->visitors, webchat->capacity, sizeof(struct visitor *));
	}
	visitor->index = webchat->count;
	webchat->visitors[webchat->count++] = visitor;
	return visitor;
}

static void on_frame(void *session, const char *bytes, size_t length)
{
	struct visitor *visitor = session;
	session_frame(visitor->session, bytes, length);
}

static void on_close(void *session)
{
	struct visitor *visitor = session;
	struct webchat *webchat = visitor->webchat;
	struct visitor *last = webchat->visitors[--webchat->count];

	webchat->visitors[visitor->index] = last;
	last->index = visitor->index;
	session_destroy(&visitor->session);
	free(visitor);
}

struct webchat *webchat_create(struct desk *desk, const struct config *config)
{
	struct webchat *webchat = mem_alloc(sizeof *webchat);
	webchat->desk = desk;
	webchat->config = config;
	return webchat;
}

void webchat_destroy(struct webchat **webchat)
{
	if (!*webchat)
		return;
	while ((*webchat)->count)
		on_close((*webchat)->visitors[0]);
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

void webchat_configure(struct webchat *webchat, const struct config *config)
{
	webchat->config = config;
	for (size_t i = 0; i < webchat->count; i++)
		session_configure(webchat->visitors[i]->session, config);
}

void webchat_second(struct webchat *webchat)
{
	unsigned now = webchat->seconds++ % SESSION_BEAT_SECONDS;
	for (size_t i = 0; i < webchat->count; i++)
		session_tick(
			webchat->visitors[i]->session, webchat->visitors[i]->beat == now);
}

void webchat_bye(struct webchat *webchat)
{
	webchat->leaving = true;
	for (size_t i = 0; i < webchat->count; i++)
		session_bye(webchat->visitors[i]->session, "restart");
}

size_t webchat_count(const struct webchat *webchat)
{
	return webchat->count;
}
