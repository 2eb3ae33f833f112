#include "ivr/sip/endpoint.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/sip/exchange.h"
#include "ivr/sip/line.h"
#include "ivr/messages.h"
#include "ivr/sip/settings.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 16, POLL_SECONDS = 20 };

static_assert((int)TAPE_BYTES_MAX <= (int)IVR_RECORDING_BYTES, "the core takes every message");
static_assert((int)ENDPOINT_LEAVING_SECONDS > (int)LINE_LEAVING_SECONDS, "as endpoint.h says");

static const char adapter_name[] = "sip";

struct endpoint {
	struct exchange exchange;
	struct tally tally;
	struct ivr *ivr;
	struct endpoint_hooks hooks;
	struct messages messages;
	struct ivr_caller_key key;
	bool running;
};

static void give(struct endpoint *endpoint, struct order *order)
{
	if (!endpoint->running) { /* stopped: only what was said before is still heard */
		free(order->turn);
		clips_destroy(&order->clips);
		return;
	}
	(void)!exchange_order(&endpoint->exchange, order);
}

static struct order order_for(enum order_kind kind, const char *call)
{
	struct order order = { .kind = kind };
	snprintf(order.call, sizeof order.call, "%s", call);
	return order;
}

/* ---- core to adapter ---- */

static void interrupt(void *arg, const struct ivr_call *call)
{
	struct order order = order_for(ORDER_POLL, ivr_call_id(call));
	give(arg, &order);
}

static void end(void *arg, const struct ivr_call *call)
{
	struct order order = order_for(ORDER_END, ivr_call_id(call));
	give(arg, &order);
}

static void query(void *arg, const struct ivr_call *call)
{
	struct order order = order_for(ORDER_QUERY, ivr_call_id(call));
	give(arg, &order);
}

static enum err dial(void *arg, const char *name, const char *number)
{
	struct order order = order_for(ORDER_DIAL, name);
	struct endpoint *endpoint = arg;
	enum err err;

	snprintf(order.target, sizeof order.target, "%s", number);
	if (!endpoint->running)
		return ERR_BUSY;
	err = exchange_order(&endpoint->exchange, &order);
	sodium_memzero(order.target, sizeof order.target);
	return err;
}

static bool record_room(void *arg)
{
	const struct endpoint *endpoint = arg;
	return messages_room(&endpoint->messages);
}

/* ERR_NOT_FOUND: of before a restart. */
static enum err fetch(void *arg, const char *call, const char *recording)
{
	struct endpoint *endpoint = arg;
	(void)call;

	if (!messages_ask(&endpoint->messages, recording))
		return ERR_NOT_FOUND;
	endpoint->hooks.wake(endpoint->hooks.arg);
	return OK;
}

static void forget(void *arg, const char *recording)
{
	struct endpoint *endpoint = arg;
	messages_forget(&endpoint->messages, recording);
}

static enum err add_adapter(struct endpoint *endpoint)
{
	struct ivr_adapter adapter = { .name = adapter_name,
		.poll = POLL_SECONDS,
		.interrupt = interrupt,
		.end = end,
		.query = query,
		.dial = dial,
		.record_room = record_room,
		.fetch = fetch,
		.forget = forget,
		.in_memory = true,
		.arg = endpoint };
	return ivr_adapter_add(endpoint->ivr, &adapter);
}

/* ---- adapter to core ---- */

static struct ivr_turn *copy_turn(const struct ivr_turn *turn)
{
	size_t size = offsetof(struct ivr_turn, steps) + turn->count * sizeof *turn->steps;
	return mem_copy(turn, size);
}

static void take_event(struct endpoint *endpoint, struct report *report)
{
	struct ivr_event event = { .kind = report->event,
		.call = report->call,
		.turn = report->turn,
		.seconds = report->seconds,
		.caller = report->caller,
		.cause = report->cause };
	struct messages *messages = &endpoint->messages;
	struct ivr_turn turn;
	enum err err;

	memcpy(event.keys, report->keys, sizeof event.keys);
	if (report->event == IVR_EVENT_RECORDED) {
		event.recording = messages_keep(
			messages, report->call, report->recording, report->recording_size);
		report->recording = NULL;
	} else if (report->event != IVR_EVENT_RINGING && report->event != IVR_EVENT_ACCEPTED) {
		messages_end(messages, report->call);
	}
	err = ivr_drive(endpoint->ivr, adapter_name, &event, &turn);
	if (err && event.recording) {
		log_error("a message was not taken", "err=%s", err_word(err));
		messages_forget(messages, event.recording);
	}
	if (!err && report->event != IVR_EVENT_GONE) {
		struct order order = order_for(ORDER_TURN, report->call);
		order.turn = copy_turn(&turn);
		if (turn.count && ivr_turn_last(&turn)->kind == IVR_RECORD)
			messages_begin(messages, report->call);
		give(endpoint, &order);
	}
	sodium_memzero(event.keys, sizeof event.keys);
}

static void take_question(struct endpoint *endpoint, const struct report *report)
{
	struct order order = order_for(ORDER_LEG, report->call);

	order.number = report->turn;
	order.verdict = ivr_leg(endpoint->ivr, adapter_name, report->call, report->turn,
		report->answered ? report->keys : NULL, report->tries);
	give(endpoint, &order);
}

static void give_messages(struct endpoint *endpoint)
{
	const struct message *message;

	while ((message = messages_asked(&endpoint->messages)))
		ivr_fetched(endpoint->ivr, adapter_name, message->call, OK, false, message->bytes,
			message->size);
}

void endpoint_pump(struct endpoint *endpoint)
{
	struct report reports[AT_ONCE];
	size_t count;

	while ((count = mailbox_take(endpoint->exchange.reports, reports, AT_ONCE)) > 0) {
		for (size_t i = 0; i < count; i++) {
			if (reports[i].kind == REPORT_LEG)
				take_question(endpoint, &reports[i]);
			else
				take_event(endpoint, &reports[i]);
		}
		sodium_memzero(reports, count * sizeof *reports);
	}
	give_messages(endpoint);
}

/* ---- life ---- */

static void give_key(struct endpoint *endpoint)
{
	const struct ivr_caller_key *key = ivr_caller_key(endpoint->ivr);
	struct order order = { .kind = ORDER_KEY };

	if (memcmp(key, &endpoint->key, sizeof *key) == 0)
		return;
	endpoint->key = order.key = *key;
	give(endpoint, &order);
	sodium_memzero(&order.key, sizeof order.key);
}

void endpoint_second(struct endpoint *endpoint)
{
	give_key(endpoint);
	endpoint_pump(endpoint);
}

static void finish(struct endpoint *endpoint)
{
	struct report report;

	if (endpoint->running) {
		exchange_stop(&endpoint->exchange);
		endpoint->running = false;
		endpoint_pump(endpoint);
	}
	while (endpoint->exchange.reports
		&& mailbox_take(endpoint->exchange.reports, &report, 1) == 1)
		report_wipe(&report);
	if (endpoint->messages.kept)
		log_error("messages that were not stored are gone", "messages=%u",
			endpoint->messages.kept);
	messages_finish(&endpoint->messages);
	mailbox_destroy(&endpoint->exchange.reports);
	access_destroy(&endpoint->exchange.access);
	clips_destroy(&endpoint->exchange.clips);
	settings_finish(&endpoint->exchange.settings);
	sodium_memzero(endpoint, sizeof *endpoint);
	free(endpoint);
}

enum err endpoint_create(const struct config *config, struct ivr *ivr, struct clips *clips,
	const struct endpoint_hooks *hooks, struct endpoint **endpoint_r, char *error, size_t error_size)
{
	struct endpoint *endpoint = mem_alloc(sizeof *endpoint);
	struct exchange *exchange = &endpoint->exchange;
	enum err err;

	endpoint->ivr = ivr;
	endpoint->hooks = *hooks;
	exchange->clips = clips;
	exchange->tally = &endpoint->tally;
	exchange->key = endpoint->key = *ivr_caller_key(ivr);
	settings_init(&exchange->settings, config);
	endpoint->messages.most = exchange->settings.messages;
	exchange->reports = mailbox_create(WIRE_REPORTS, sizeof(struct report), hooks->wake, hooks->arg);
	err = access_create(config, &exchange->access, error, error_size);
	if (!err) {
		err = exchange_start(exchange);
		endpoint->running = !err;
		if (err)
			snprintf(error, error_size, "%s", exchange->error);
	}
	if (!err) {
		err = add_adapter(endpoint);
		if (err)
			snprintf(error, error_size, "sip: the adapter cannot be added: %s",
				err_word(err));
	}
	if (err)
		finish(endpoint);
	else
		*endpoint_r = endpoint;
	return err;
}

void endpoint_destroy(struct endpoint **endpoint)
{
	if (!*endpoint)
		return;
	finish(*endpoint);
	*endpoint = NULL;
}

enum err endpoint_configure(
	struct endpoint *endpoint, const struct config *config, char *error, size_t error_size)
{
	struct order order = { .kind = ORDER_ACCESS };
	enum err err = access_create(config, &order.access, error, error_size);

	return err ? err : exchange_order(&endpoint->exchange, &order);
}

void endpoint_clips(struct endpoint *endpoint, struct clips *clips)
{
	struct order order = { .kind = ORDER_CLIPS, .clips = clips };
	give(endpoint, &order);
}

void endpoint_drain(struct endpoint *endpoint)
{
	struct order order = { .kind = ORDER_DRAIN };
	give(endpoint, &order);
}

size_t endpoint_calls(const struct endpoint *endpoint)
{
	return endpoint->tally.calls + endpoint->messages.kept;
}

int endpoint_port(const struct endpoint *endpoint)
{
	return endpoint->exchange.udp_port;
}

int endpoint_tls_port(const struct endpoint *endpoint)
{
	return endpoint->exchange.tls_port;
}

struct figure {
	const char *name, *type, *help;
	double value;
};

size_t endpoint_figures(const struct endpoint *endpoint, char *text, size_t size)
{
	const struct tally *t = &endpoint->tally;
	const struct figure figures[] = {
		{ "calls", "gauge", "Calls in progress.", t->calls },
		{ "legs", "gauge", "Dialogs with audio, counsellors' telephones included.", t->legs },
		{ "softphones", "gauge", "Staff telephones registered here.", t->registered },
		{ "trunks", "gauge", "Trunks configured.", t->trunks },
		{ "trunks_up", "gauge", "Trunks registered.", t->trunks_up },
		{ "invites_total", "counter", "Calls that came in.", (double)t->invites },
		{ "refused_total", "counter", "Requests answered with an error.", (double)t->refused },
		{ "limited_total", "counter", "Requests dropped: too many of one source.",
			(double)t->limited },
		{ "unanswered_total", "counter", "Requests of strangers and scanners, not answered.",
			(double)t->unanswered },
		{ "dialled_total", "counter", "Telephones rung.", (double)t->dialled },
		{ "keys_total", "counter", "Keys pressed.", (double)t->keys },
		{ "keys_dropped_total", "counter", "Keys of a flood, not told.",
			(double)t->keys_dropped },
		{ "silent_total", "counter", "Calls ended for want of audio.", (double)t->silent },
		{ "too_long_total", "counter", "Calls ended for their length.", (double)t->too_long },
		{ "messages_total", "counter", "Messages spoken.", (double)t->messages },
		{ "messages_in_memory", "gauge", "Messages being spoken, or not stored yet.",
			endpoint->messages.count },
		{ "ticks_total", "counter", "Ticks of the media clock, 20 ms each.", (double)t->ticks },
		{ "ticks_late_total", "counter", "Ticks more than 10 ms late.", (double)t->ticks_late },
		{ "tick_late_seconds_worst", "gauge", "The latest tick since the start.",
			(double)t->late_us_worst / 1e6 },
		{ "rtp_in_total", "counter", "Audio packets taken.", (double)t->rtp_in },
		{ "rtp_out_total", "counter", "Audio packets sent.", (double)t->rtp_out },
		{ "rtp_lost_total", "counter", "Audio packets that never came, of calls that ended.",
			(double)t->rtp_lost },
		{ "rtp_strange_total", "counter", "Audio packets of a wrong source, dropped.",
			(double)t->rtp_strange },
		{ "rtp_failed_total", "counter", "Audio packets not readable or not sent.",
			(double)t->rtp_failed },
		{ "rtp_jitter_seconds", "gauge", "Interarrival jitter of the call that ended last.",
			(double)t->jitter_us / 1e6 },
		{ "orders_lost_total", "counter", "Orders the SIP thread did not take.",
			(double)t->orders_lost },
		{ "reports_waited_total", "counter", "Reports that the loop thread was too slow for.",
			(double)t->reports_waited },
	};
	size_t length = 0;

	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
		const struct figure *f = &figures[i];
		int more = snprintf(length < size ? text + length : NULL,
			length < size ? size - length : 0,
			"# HELP onthaal_sip_%s %s\n# TYPE onthaal_sip_%s %s\nonthaal_sip_%s %.15g\n",
			f->name, f->help, f->name, f->type, f->name, f->value);
		length += more > 0 ? (size_t)more : 0;
	}
	return length;
}
