#include "figures/figures.h"
#include "base/json.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { METRICS_BYTES = 32768 };

struct text {
	char *bytes;
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
	va_list args;
	int more;

	va_start(args, format);
	more = vsnprintf(text->bytes + text->length, METRICS_BYTES - text->length, format, args);
	va_end(args);
	if (more > 0 && text->length + (size_t)more < METRICS_BYTES)
		text->length += (size_t)more;
}

static void add_metric(
	struct text *text, const char *name, const char *type, const char *help, double value)
{
	add(text, "# HELP onthaal_%s %s\n# TYPE onthaal_%s %s\nonthaal_%s %.15g\n", name, help, name,
		type, name, value);
}

static void add_waiting(struct text *text, const struct desk_figures *figures)
{
	add(text, "# HELP onthaal_waiting Contacts waiting.\n# TYPE onthaal_waiting gauge\n");
	for (int level = LEVEL_NONE; level <= LEVEL_IMMEDIATE; level++)
		add(text, "onthaal_waiting{level=\"%s\"} %u\n",
			triage_level_word((enum triage_level)level), figures->waiting[level]);
}

static void add_desk(struct text *text, const struct desk_figures *figures)
{
	add_waiting(text, figures);
	add_metric(text, "waiting_longest_seconds", "gauge",
		"Longest wait of a contact whose visitor is there.", figures->longest_seconds);
	add_metric(text, "taken", "gauge", "Contacts with a counsellor.", figures->taken);
	add_metric(text, "gone", "gauge", "Waiting contacts whose visitor is away.", figures->gone);
	add_metric(text, "counsellors_on_duty", "gauge", "Counsellors on duty.",
		figures->counsellors_on);
	add_metric(text, "started_total", "counter", "Contacts begun.", (double)figures->started);
	add_metric(text, "messages_total", "counter", "Messages stored.", (double)figures->messages);
	add_metric(text, "picked_up_total", "counter", "Contacts taken.",
		(double)figures->picked_up);
	add_metric(text, "abandoned_total", "counter", "Contacts given up while waiting.",
		(double)figures->abandoned);
	add_metric(text, "leases_lost_total", "counter", "Contacts returned from a silent counsellor.",
		(double)figures->leases_lost);
	add_metric(text, "refused_total", "counter", "Commands refused.", (double)figures->refused);
	add_metric(text, "alarms_total", "counter", "Alarms rung.", (double)figures->alarms);
}

static void add_store(struct text *text, const struct store_figures *store)
{
	add_metric(text, "store_trouble", "gauge", "1 while nothing can be stored.",
		store->trouble);
	add_metric(text, "store_writes_total", "counter", "Writes asked of the store.",
		(double)store->writes);
	add_metric(text, "store_batches_total", "counter", "Transactions committed.",
		(double)store->batches);
	add_metric(text, "store_failed_total", "counter", "Writes that could not be stored.",
		(double)store->failed);
	add_metric(text, "store_queued", "gauge", "Writes waiting for the store.",
		(double)store->queued);
	add_metric(text, "store_commit_seconds_p50", "gauge", "Of the last 1,024 commits.",
		(double)store->sync_nanoseconds_p50 / 1e9);
	add_metric(text, "store_commit_seconds_p99", "gauge", "Of the last 1,024 commits.",
		(double)store->sync_nanoseconds_p99 / 1e9);
	add_metric(text, "store_file_bytes", "gauge", "Size of the database.",
		(double)store->file_bytes);
	add_metric(text, "contacts_sealed_total", "counter",
		"Closed contacts that this server can no longer read.", (double)store->sealed);
	add_metric(text, "contacts_unsealed", "gauge",
		"Closed contacts that wait for a key to be sealed to.", (double)store->unsealed);
	add_metric(text, "contacts_shredded_total", "counter", "Contacts past their time, destroyed.",
		(double)store->shredded);
	add_metric(text, "forgetting_held", "gauge",
		"1: nothing is destroyed for some days, since the clock leapt ahead.", store->held);
	add_metric(text, "store_wal_bytes", "gauge", "Size of its journal.",
		(double)store->wal_bytes);
}

static void add_ivr(struct text *text, const struct ivr_figures *ivr)
{
	static const char *const causes[IVR_CAUSE_COUNT] = { "none", "done", "busy", "no-answer",
		"declined", "failed", "caller", "closed" };

	add_metric(text, "calls", "gauge", "Lines of the telephone.", ivr->calls);
	add_metric(text, "calls_waiting", "gauge", "Lines in the queue.", ivr->waiting);
	add_metric(text, "calls_talking", "gauge", "Lines with a counsellor.", ivr->talking);
	add_metric(text, "calls_total", "counter", "Calls that came in.", (double)ivr->incoming);
	add_metric(text, "calls_connected_total", "counter", "Pick-ups that joined two people.",
		(double)ivr->connected);
	add_metric(text, "calls_silent_total", "counter", "Calls in which no key was pressed.",
		(double)ivr->silent);
	add_metric(text, "recordings_waiting", "gauge", "Spoken messages that are not stored yet.",
		(double)ivr->recordings_waiting);
	add_metric(text, "recordings_refused_total", "counter",
		"Spoken messages, because too many were being spoken.",
		(double)ivr->no_room);
	add_metric(text, "calls_left_at_once_total", "counter", "Hung up within 5 seconds.",
		(double)ivr->left_at_once);
	add_metric(text, "calls_left_script_total", "counter", "Hung up before the queue.",
		(double)ivr->left_script);
	add_metric(text, "calls_left_waiting_total", "counter", "Hung up in the queue.",
		(double)ivr->left_waiting);
	add_metric(text, "callbacks_total", "counter", "Numbers left to be called back.",
		(double)ivr->callbacks);
	add_metric(text, "webhooks_repeated_total", "counter", "Answered with the kept bytes.",
		(double)ivr->repeated);
	add_metric(text, "webhooks_refused_total", "counter", "Unsigned, or too many calls.",
		(double)ivr->refused);
	add(text, "# HELP onthaal_pickups_dropped_total Ends of pick-ups, by cause.\n"
		  "# TYPE onthaal_pickups_dropped_total counter\n");
	for (int i = 0; i < IVR_CAUSE_COUNT; i++)
		add(text, "onthaal_pickups_dropped_total{cause=\"%s\"} %llu\n", causes[i],
			(unsigned long long)ivr->dropped[i]);
}

static void add_outbox(struct text *text, const struct outbox_figures *outbox)
{
	add_metric(text, "outbox_waiting", "gauge", "Requests to be sent.", outbox->waiting);
	add_metric(text, "outbox_sent_total", "counter", "Requests sent.", (double)outbox->sent);
	add_metric(text, "outbox_failed_total", "counter", "Tries that failed.",
		(double)outbox->failed);
	add_metric(text, "outbox_dead_total", "counter", "Dead letters since the start.",
		(double)outbox->dead);
	add_metric(text, "outbox_refused_private_total", "counter",
		"Tries to reach an address of the local network.", (double)outbox->refused_private);
}

static void get_metrics(
	void *arg, const struct server_request *request, struct server_answer *answer)
{
	const struct figures_source *source = arg;
	struct text text = { .bytes = mem_alloc(METRICS_BYTES) };
	struct desk_figures figures;
	struct ivr_figures ivr;
	struct outbox_figures outbox;

	(void)request;
	desk_figures(source->desk, &figures);
	if (source->ivr)
		ivr_figures(source->ivr, &ivr);
	if (source->outbox)
		outbox_figures(source->outbox, &outbox);
	add_desk(&text, &figures);
	add_metric(&text, "lines_visitors", "gauge", "Open websockets of visitors.",
		(double)source->visitors(source->arg));
	add_metric(&text, "lines_consoles", "gauge", "Open websockets of consoles.",
		(double)source->consoles(source->arg));
	if (source->ivr)
		add_ivr(&text, &ivr);
	if (source->outbox)
		add_outbox(&text, &outbox);
	add_store(&text, &figures.store);
	if (source->more) {
		size_t left = METRICS_BYTES - text.length;
		size_t more = source->more(source->more_arg, text.bytes + text.length, left);
		text.length += more < left ? more : 0;
	}
	answer->type = "text/plain; version=0.0.4; charset=utf-8";
	answer->body = text.bytes;
	answer->length = text.length;
}

static void get_health(void *arg, const struct server_request *request, struct server_answer *answer)
{
	const struct figures_source *source = arg;
	bool trouble = desk_trouble(source->desk);

	(void)request;
	answer->status = trouble ? 503 : 200;
	answer->type = "text/plain; charset=utf-8";
	answer->body = mem_dup(trouble ? "nothing can be stored\n" : "ok\n");
	answer->length = strlen(answer->body);
}

static void get_status(void *arg, const struct server_request *request, struct server_answer *answer)
{
	const struct figures_source *source = arg;
	struct desk_figures figures;
	struct json_out out;

	(void)request;
	desk_figures(source->desk, &figures);
	json_out_init(&out, 0);
	json_put_object(&out, NULL);
	json_put_text(&out, "version", ONTHAAL_VERSION);
	json_put_flag(&out, "open", desk_open(source->desk));
	json_put_flag(&out, "trouble", desk_trouble(source->desk));
	for (int level = LEVEL_NONE; level <= LEVEL_IMMEDIATE; level++)
		json_put_number(&out, triage_level_word((enum triage_level)level),
			figures.waiting[level]);
	json_put_number(&out, "longest_seconds", figures.longest_seconds);
	json_put_number(&out, "taken", figures.taken);
	json_put_number(&out, "gone", figures.gone);
	json_put_number(&out, "counsellors_on", figures.counsellors_on);
	json_put_number(&out, "visitors", (int64_t)source->visitors(source->arg));
	json_put_number(&out, "consoles", (int64_t)source->consoles(source->arg));
	json_put_text(&out, "rules", source->rules);
	json_put_object_end(&out);
	answer->type = "application/json";
	answer->body = mem_copy(out.bytes, out.length);
	answer->length = out.length;
	json_out_finish(&out);
}

size_t figures_routes(struct figures_source *source, struct server_route *routes_r, size_t most)
{
	const struct server_route routes[] = {
		{ .listener = SERVER_PUBLIC, .path = "/healthz", .get = get_health, .arg = source },
		{ .listener = SERVER_METRICS, .path = "/healthz", .get = get_health, .arg = source },
		{ .listener = SERVER_METRICS, .path = "/metrics", .get = get_metrics, .arg = source },
		{ .listener = SERVER_METRICS, .path = "/status", .get = get_status, .arg = source },
	};
	size_t count = sizeof routes / sizeof *routes;

	if (count > most)
		abort();
	memcpy(routes_r, routes, sizeof routes);
	return count;
}
