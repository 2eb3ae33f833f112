#include "ivr/sip/line.h"
#include "base/log.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_up(void *arg);

struct line *line_find(struct exchange *exchange, const char *name)
{
	struct le *le;

	for (le = list_head(hash_list(exchange->lines_by_name, hash_joaat_str(name))); le;
		le = le->next) {
		struct line *line = le->data;
		if (!line->over && strcmp(line->name, name) == 0)
			return line;
	}
	return NULL;
}

void line_event(struct line *line, enum ivr_event_kind kind, const char *keys, enum ivr_cause cause)
{
	struct report report = { .kind = REPORT_EVENT,
		.event = kind,
		.cause = cause,
		.turn = line->turn ? line->turn->number : 0 };

	snprintf(report.call, sizeof report.call, "%s", line->name);
	snprintf(report.keys, sizeof report.keys, "%s", keys);
	exchange_report(line->exchange, &report);
	if (kind == IVR_EVENT_RINGING || kind == IVR_EVENT_ACCEPTED || kind == IVR_EVENT_GONE)
		return;
	line->phase = LINE_IDLE;
	line->ticks = LINE_TURN_TICKS;
}

void line_end(struct line *line, enum ivr_cause cause)
{
	if (line->over)
		return;
	line->over = true;
	if (line->phase == LINE_RECORDING)
		line_recorded(line);
	if (line->phase == LINE_CONNECTING) {
		line_disconnect(line);
		line_event(line, IVR_EVENT_DROPPED, "", IVR_CAUSE_CALLER);
	}
	leg_hangup(&line->leg);
	leg_hangup(&line->other);
	line->exchange->tally->calls--;
	line_event(line, IVR_EVENT_GONE, "", cause);
	exchange_sweep_soon(line->exchange);
}

void line_free(struct line *line)
{
	list_unlink(&line->le);
	hash_unlink(&line->he);
	free(line->turn);
	tape_wipe(&line->tape);
	sodium_memzero(line, sizeof *line); /* keys may be a number to call back */
	free(line);
}

static void on_down(void *arg, enum ivr_cause cause)
{
	struct line *line = arg;

	line->leg = NULL;
	line_end(line, line->told ? IVR_CAUSE_DONE : cause);
}

static void on_key(void *arg, char key)
{
	line_key(arg, key);
}

static void on_audio(void *arg, const uint8_t *alaw, size_t length, uint16_t seq, uint32_t timestamp)
{
	struct line *line = arg;

	if (line->other_phase == OTHER_JOINED)
		leg_relay(line->other, alaw, length, seq, timestamp);
	else
		tape_put(&line->tape, alaw, length, seq, timestamp);
}

static void on_ringing(void *arg)
{
	(void)arg;
}

static struct line *create(struct exchange *exchange, const char *name)
{
	struct line *line = mem_alloc(sizeof *line);

	line->exchange = exchange;
	snprintf(line->name, sizeof line->name, "%s", name);
	list_append(&exchange->lines, &line->le, line);
	hash_append(exchange->lines_by_name, hash_joaat_str(line->name), &line->he, line);
	exchange->tally->calls++;
	pulse_wake(exchange);
	return line;
}

static struct leg_events events_of(struct line *line)
{
	return (struct leg_events) { .on_ringing = on_ringing,
		.on_up = on_up,
		.on_key = on_key,
		.on_audio = on_audio,
		.on_down = on_down,
		.arg = line };
}

static void tell_incoming(struct line *line, uint64_t caller)
{
	struct report report
		= { .kind = REPORT_EVENT, .event = IVR_EVENT_INCOMING, .caller = caller };

	snprintf(report.call, sizeof report.call, "%s", line->name);
	line->told = true;
	line->ticks = LINE_TURN_TICKS;
	exchange_report(line->exchange, &report);
}

/* The number is hashed where it is parsed, and goes no further. */
static uint64_t caller_of(const struct exchange *exchange, const struct sip_msg *msg)
{
	const struct pl *user = &msg->from.uri.user;

	for (size_t i = 0; i < user->l; i++)
		if (!strchr("+0123456789.-()", user->p[i]))
			return 0;
	return ivr_caller(&exchange->key, user->p, user->l);
}

void line_incoming(struct stack *stack, const struct sip_msg *msg)
{
	struct exchange *exchange = stack->exchange;
	struct leg_events events;
	struct line *line;
	const char *reason = "";
	char name[WIRE_CALL_MAX + 1];
	uint64_t number;
	int status;

	randombytes_buf(&number, sizeof number);
	snprintf(name, sizeof name, "sip-%016llx", (unsigned long long)number);
	line = create(exchange, name);
	events = events_of(line);
	status = leg_accept(stack, msg, &events, &line->leg, &reason);
	if (status) {
		exchange->tally->refused++;
		exchange->tally->calls--;
		line->over = true;
		exchange_sweep_soon(exchange);
		(void)sip_treply(NULL, stack->sip, msg, (uint16_t)status, reason);
		return;
	}
	tell_incoming(line, caller_of(exchange, msg));
}

/* The ACK, or that our callback was answered. */
static void on_up(void *arg)
{
	struct line *line = arg;

	if (line->dialled)
		tell_incoming(line, 0);
	else if (line->phase == LINE_ANSWERING)
		line_run(line);
}

static void dial(struct exchange *exchange, const struct order *order)
{
	struct line *line;
	struct leg_events events;

	if (line_find(exchange, order->call))
		return;
	line = create(exchange, order->call);
	events = events_of(line);
	line->dialled = true;
	line->ticks = exchange->settings.ring_seconds * LINE_TICKS;
	if (exchange->draining || route_dial(exchange, order->target, "", &events, &line->leg))
		line_end(line, IVR_CAUSE_FAILED);
}

static void take_turn(struct line *line, struct order *order)
{
	if ((line->turn && order->turn->number <= line->turn->number) || line->leaving)
		return;
	if (line->phase == LINE_CONNECTING)
		line_disconnect(line);
	free(line->turn);
	line->turn = order->turn;
	order->turn = NULL;
	line_learn_langs(line);
	line->step = 0;
	line->ticks = 0;
	line->phase = LINE_IDLE;
	line_run(line);
}

/* Of a HOLD, and of a CONNECT: its telephone is let go of, whatever it did. */
static void poll_now(struct line *line)
{
	const struct ivr_step *step = line_step(line);
	bool playing = line->phase == LINE_PLAYING;

	if (!step || !line->leg || line->leaving)
		return;
	if (step->kind == IVR_CONNECT && (playing || line->phase == LINE_CONNECTING)) {
		line_disconnect(line);
		line_comfort(line);
	} else if (step->kind != IVR_HOLD || (!playing && line->phase != LINE_HOLDING)) {
		return;
	}
	line_event(line, IVR_EVENT_POLL, "", IVR_CAUSE_NONE);
}

static void tell_gone(struct exchange *exchange, const char *name)
{
	struct report report = { .kind = REPORT_EVENT, .event = IVR_EVENT_GONE };

	snprintf(report.call, sizeof report.call, "%s", name);
	exchange_report(exchange, &report);
}

void line_order(struct exchange *exchange, struct order *order)
{
	struct line *line = line_find(exchange, order->call);

	if (order->kind == ORDER_DIAL) {
		dial(exchange, order);
		return;
	}
	if (!line) {
		if (order->kind == ORDER_QUERY)
			tell_gone(exchange, order->call);
		return;
	}
	switch (order->kind) {
	case ORDER_TURN:
		take_turn(line, order);
		break;
	case ORDER_POLL:
		poll_now(line);
		break;
	case ORDER_END:
		line_end(line, IVR_CAUSE_NONE);
		break;
	case ORDER_LEG:
		line_verdict(line, order->number, order->verdict);
		break;
	default:
		break;
	}
}

void line_tick(struct line *line)
{
	if (line->over)
		return;
	if (line->phase == LINE_CONNECTING) {
		line_connect_tick(line);
		return;
	}
	line_step_tick(line);
}
