/* The SIP thread: its start and end, and its two ways to the loop thread. */
#include "ivr/sip/exchange.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/sip/line.h"
#include "ivr/sip/registrar.h"
#include "ivr/sip/trunk.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { LINE_BUCKETS = 1024, RETRY_MS = 20, BYE_MS = 300, DESCRIPTORS_MAX = 65536, DNS_SERVERS = 8 };

struct unsent {
	struct le le;
	struct report report;
};

struct old_clips {
	struct le le;
	struct clips *clips;
};

int64_t exchange_now(void)
{
	return (int64_t)tmr_jiffies();
}

/* ---- to the loop thread ---- */

void report_wipe(struct report *report)
{
	if (report->recording)
		sodium_memzero(report->recording, report->recording_size);
	free(report->recording);
	sodium_memzero(report, sizeof *report);
}

static void retry_unsent(void *arg)
{
	struct exchange *exchange = arg;

	while (!list_isempty(&exchange->unsent)) {
		struct unsent *unsent = list_ledata(list_head(&exchange->unsent));
		if (mailbox_post(exchange->reports, &unsent->report)) {
			tmr_start(&exchange->retry, RETRY_MS, retry_unsent, exchange);
			return;
		}
		list_unlink(&unsent->le);
		free(unsent);
	}
}

void exchange_report(struct exchange *exchange, const struct report *report)
{
	struct unsent *unsent;

	if (list_isempty(&exchange->unsent) && !mailbox_post(exchange->reports, report))
		return;
	exchange->tally->reports_waited++;
	unsent = mem_alloc(sizeof *unsent);
	unsent->report = *report;
	list_append(&exchange->unsent, &unsent->le, unsent);
	if (!tmr_isrunning(&exchange->retry))
		tmr_start(&exchange->retry, RETRY_MS, retry_unsent, exchange);
}

/* ---- what is over is freed when libre's handlers have returned ---- */

static void free_old_clips(struct exchange *exchange)
{
	while (list_isempty(&exchange->lines) && !list_isempty(&exchange->old_clips)) {
		struct old_clips *old = list_ledata(list_head(&exchange->old_clips));
		list_unlink(&old->le);
		clips_destroy(&old->clips);
		free(old);
	}
}

static void sweep(void *arg)
{
	struct exchange *exchange = arg;
	struct le *le, *next;

	for (le = list_head(&exchange->lines); le; le = next) {
		struct line *line = le->data;
		next = le->next;
		if (line->over)
			line_free(line);
	}
	for (le = list_head(&exchange->legs); le; le = next) {
		struct leg *leg = le->data;
		next = le->next;
		if (leg->over)
			leg_free(leg);
	}
	free_old_clips(exchange);
}

void exchange_sweep_soon(struct exchange *exchange)
{
	tmr_start(&exchange->sweep, 0, sweep, exchange);
}

/* ---- from the loop thread ---- */

static void take_clips(struct exchange *exchange, struct order *order)
{
	struct old_clips *old = mem_alloc(sizeof *old);

	old->clips = exchange->clips;
	list_append(&exchange->old_clips, &old->le, old);
	exchange->clips = order->clips;
	order->clips = NULL;
	free_old_clips(exchange);
}

static void take_access(struct exchange *exchange, struct order *order)
{
	access_destroy(&exchange->access);
	exchange->access = order->access;
	order->access = NULL;
}

static void end_lines(struct exchange *exchange)
{
	struct le *le;

	LIST_FOREACH(&exchange->lines, le) line_end(le->data, IVR_CAUSE_CUT);
}

static void leave_lines(struct exchange *exchange, bool talking_too)
{
	struct le *le;

	LIST_FOREACH(&exchange->lines, le)
	{
		struct line *line = le->data;
		if (talking_too || line->other_phase != OTHER_JOINED)
			line_leave(line);
	}
}

static void drain_over(void *arg)
{
	leave_lines(arg, true);
}

/* Who waits is told, and calls again; who talks may finish, within limits. */
static void drain(struct exchange *exchange)
{
	if (exchange->draining)
		return;
	exchange->draining = true;
	trunks_unregister(exchange);
	leave_lines(exchange, false);
	tmr_start(&exchange->drain, (uint64_t)exchange->settings.drain_seconds * 1000, drain_over,
		exchange);
}

static void stop_now(void *arg)
{
	(void)arg;
	re_cancel();
}

static void stop(struct exchange *exchange)
{
	bool quiet = list_isempty(&exchange->lines) && !exchange->tally->trunks_up;

	exchange->draining = true;
	end_lines(exchange);
	trunks_unregister(exchange);
	tmr_start(&exchange->stop, quiet ? 0 : BYE_MS, stop_now, exchange); /* BYEs go out */
}

static void free_order(struct order *order)
{
	free(order->turn);
	clips_destroy(&order->clips);
	access_destroy(&order->access);
	sodium_memzero(order, sizeof *order);
	free(order);
}

static void on_order(int id, void *data, void *arg)
{
	struct exchange *exchange = arg;
	struct order *order = data;
	(void)id;

	switch (order->kind) {
	case ORDER_CLIPS:
		take_clips(exchange, order);
		break;
	case ORDER_ACCESS:
		take_access(exchange, order);
		break;
	case ORDER_KEY:
		exchange->key = order->key;
		break;
	case ORDER_DRAIN:
		drain(exchange);
		break;
	case ORDER_STOP:
		stop(exchange);
		break;
	default:
		line_order(exchange, order);
		break;
	}
	free_order(order);
}

enum err exchange_order(struct exchange *exchange, const struct order *order)
{
	struct order *copy = mem_copy(order, sizeof *order);

	if (!mqueue_push(exchange->orders, order->kind, copy))
		return OK;
	exchange->tally->orders_lost++;
	log_error("the SIP thread does not take orders", "kind=%d", (int)order->kind);
	free_order(copy);
	return ERR_BUSY;
}

/* ---- the thread ---- */

static void set_descriptors(void)
{
	struct rlimit limit;
	int most = 1024;

	if (!getrlimit(RLIMIT_NOFILE, &limit))
		most = limit.rlim_cur > DESCRIPTORS_MAX ? DESCRIPTORS_MAX : (int)limit.rlim_cur;
	(void)fd_setsize(most);
}

static enum err find_dns(struct exchange *exchange)
{
	struct sa servers[DNS_SERVERS];
	uint32_t count = DNS_SERVERS;

	if (dns_srv_get(NULL, 0, servers, &count))
		count = 0;
	return dnsc_alloc(&exchange->dns, NULL, servers, count) ? ERR_LIMIT : OK;
}

static enum err build(struct exchange *exchange)
{
	enum err err = OK;

	if (mqueue_alloc(&exchange->orders, on_order, exchange)
		|| hash_alloc(&exchange->lines_by_name, LINE_BUCKETS))
		err = ERR_LIMIT;
	exchange->digest = digest_create();
	exchange->rate = guard_rate_create(exchange->settings.invites_per_minute);
	exchange->registrar = registrar_create(exchange);
	exchange->next_port = (uint16_t)(exchange->settings.rtp_low
		+ randombytes_uniform((uint32_t)(exchange->settings.rtp_high
			- exchange->settings.rtp_low)));
	if (!err)
		err = find_dns(exchange);
	if (!err)
		err = pulse_start(exchange);
	if (!err)
		err = stack_start(exchange);
	if (!err)
		err = trunks_start(exchange);
	if (err && !*exchange->error)
		strcpy(exchange->error, "sip: too few descriptors or threads are allowed");
	return err;
}

static void tear_down(struct exchange *exchange)
{
	end_lines(exchange);
	sweep(exchange);
	tmr_cancel(&exchange->sweep);
	tmr_cancel(&exchange->retry);
	tmr_cancel(&exchange->drain);
	tmr_cancel(&exchange->stop);
	trunks_stop(exchange);
	for (size_t i = 0; i < exchange->host_count; i++) {
		stack_stop(exchange->hosts[i]);
		free(exchange->hosts[i]);
	}
	stack_stop(&exchange->main);
	pulse_stop(exchange);
	exchange->dns = mem_deref(exchange->dns);
	exchange->lines_by_name = mem_deref(exchange->lines_by_name);
	exchange->orders = mem_deref(exchange->orders);
	registrar_destroy(&exchange->registrar);
	guard_rate_destroy(&exchange->rate);
	digest_destroy(&exchange->digest);
}

static void say(struct exchange *exchange, int state)
{
	pthread_mutex_lock(&exchange->lock);
	exchange->state = state;
	pthread_cond_signal(&exchange->started);
	pthread_mutex_unlock(&exchange->lock);
}

static void *run(void *arg)
{
	struct exchange *exchange = arg;
	enum err err;

	if (libre_init()) {
		strcpy(exchange->error, "sip: libre does not start");
		say(exchange, EXCHANGE_FAILED);
		return NULL;
	}
	set_descriptors();
	err = build(exchange);
	if (!err) {
		say(exchange, EXCHANGE_RUNNING);
		(void)re_main(NULL);
	}
	tear_down(exchange);
	libre_close();
	if (err)
		say(exchange, EXCHANGE_FAILED);
	return NULL;
}

/* Signals are for the loop thread. */
static enum err start_thread(struct exchange *exchange)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&exchange->thread, NULL, run, exchange);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed ? ERR_IO : OK;
}

enum err exchange_start(struct exchange *exchange)
{
	exchange->clock = -1;
	exchange->state = EXCHANGE_STARTING;
	pthread_mutex_init(&exchange->lock, NULL);
	pthread_cond_init(&exchange->started, NULL);
	if (start_thread(exchange)) {
		strcpy(exchange->error, "sip: no thread is to be had");
		return ERR_IO;
	}
	pthread_mutex_lock(&exchange->lock);
	while (exchange->state == EXCHANGE_STARTING)
		pthread_cond_wait(&exchange->started, &exchange->lock);
	pthread_mutex_unlock(&exchange->lock);
	if (exchange->state == EXCHANGE_RUNNING)
		return OK;
	pthread_join(exchange->thread, NULL);
	return ERR_INVALID;
}

void exchange_stop(struct exchange *exchange)
{
	struct order order = { .kind = ORDER_STOP };

	while (exchange_order(exchange, &order) == ERR_BUSY)
		sched_yield();
	pthread_join(exchange->thread, NULL);
	exchange->orders = NULL;
	while (!list_isempty(&exchange->unsent)) { /* what the mailbox had no room for */
		struct unsent *unsent = list_ledata(list_head(&exchange->unsent));
		list_unlink(&unsent->le);
		if (mailbox_post(exchange->reports, &unsent->report)) {
			log_error("a report of the end is lost", "kind=%d", (int)unsent->report.event);
			report_wipe(&unsent->report);
		}
		free(unsent);
	}
	free_old_clips(exchange);
	pthread_cond_destroy(&exchange->started);
	pthread_mutex_destroy(&exchange->lock);
}
