#include "desk/desk.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/hours.h"
#include "desk/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_wake(void *arg) /* in the engine's thread */
{
	const struct desk *desk = arg;
	desk->wake(desk->wake_arg);
}

static void on_batch(void *arg)
{
	struct desk *desk = arg;
	tell_cards(desk, &desk->changed_now);
	ports_flush(desk);
}

static void on_trouble(void *arg, bool trouble)
{
	struct desk *desk = arg;

	desk->trouble = trouble;
	for (size_t i = 0; i < desk->port_count; i++) {
		struct port *port = &desk->ports[i];
		if (!port->id || !port->listener->on_trouble)
			continue;
		ports_touch(desk, port);
		port->listener->on_trouble(port->arg, trouble);
	}
	ports_flush(desk);
}

static void load_contact(void *arg, const struct store_contact *row)
{
	struct contact *contact = apply_open(arg, row->id, row->channel, row->token);
	contact->coded = row->coded;
	contact->epoch = 0; /* counted by the takes that follow */
}

static void load_event(void *arg, const struct event *event)
{
	struct desk *desk = arg;
	struct contact *contact = desk_contact(desk, event->contact);
	if (contact)
		apply_event(desk, contact, contact_event_create(event), 0);
}

static enum err load(struct desk *desk)
{
	enum err err;
	desk->loading = true;
	err = store_load(desk->store, load_contact, load_event, desk);
	desk->loading = false;
	desk->changed_now.length = desk->changed_later.length = 0;
	struct contact *each, *next;
	HASH_ITER (by_id, desk->by_id, each, next)
		each->changed_now = each->changed_later = false;
	return err;
}

enum err desk_create(const struct config *config, const struct triage *rules, const char *folder,
	void (*wake)(void *arg), void *wake_arg, struct desk **desk_r, char *error,
	size_t error_size)
{
	struct desk *desk = mem_alloc(sizeof *desk);
	struct store_hooks hooks = {
		.wake = on_wake, .on_batch = on_batch, .on_trouble = on_trouble,
		.on_forget = desk_on_forget, .arg = desk
	};
	enum err err;

	desk->config = config;
	desk->rules = rules;
	desk->wake = wake;
	desk->wake_arg = wake_arg;
	err = store_open(folder, &hooks, &desk->store, error, error_size);
	if (err) {
		free(desk);
		return err;
	}
	store_secret(desk->store, "visitor", desk->visitor_key);
	err = load(desk);
	if (err) {
		snprintf(error, error_size, "the store in %s cannot be read (%s): run onthaal check",
			folder, err_word(err));
		desk_destroy(&desk);
		return err;
	}
	*desk_r = desk;
	return OK;
}

static void free_all(struct desk *desk)
{
	struct contact *contact, *next_contact;
	struct counsellor *counsellor, *next_counsellor;
	struct pending *op;

	HASH_ITER (by_id, desk->by_id, contact, next_contact)
		apply_forget(desk, contact);
	HASH_ITER (hh, desk->counsellors, counsellor, next_counsellor) {
		HASH_DEL(desk->counsellors, counsellor);
		free(counsellor);
	}
	while ((op = desk->made_pending)) { /* those with the store at the end too */
		desk->made_pending = op->made_before;
		free(op->event);
		free(op);
	}
	queue_finish(&desk->queue);
	free(desk->ports);
	free(desk->free_ports.ids);
	free(desk->dirty_ports.ids);
	free(desk->changed_now.ids);
	free(desk->changed_later.ids);
}

void desk_destroy(struct desk **desk)
{
	if (!*desk)
		return;
	store_close(&(*desk)->store);
	free_all(*desk);
	free(*desk);
	*desk = NULL;
}

const char *desk_rules(const struct desk *desk)
{
	return triage_hash(desk->rules);
}

void desk_configure(struct desk *desk, const struct config *config, const struct triage *rules)
{
	desk->config = config;
	desk->rules = rules;
}

void desk_pump(struct desk *desk)
{
	store_pump(desk->store);
}

uint64_t desk_visitor_port(struct desk *desk, const struct desk_listener *listener, void *arg)
{
	desk->visitors++;
	return ports_add(desk, listener, arg);
}

void desk_detach(struct desk *desk, uint64_t id)
{
	struct port *port = ports_find(desk, id);
	struct contact *contact;

	if (!port)
		return;
	if (port->staff) {
		counsellor_detach(desk, port->staff, id);
	} else {
		desk->visitors--;
		contact = desk_contact(desk, port->contact);
		if (contact && contact->port == id) {
			contact->port = 0;
			contact->left_mono = clock_mono();
			tell_changed(desk, contact, false);
		}
	}
	ports_remove(desk, id);
}

void desk_heard(struct desk *desk, uint64_t id)
{
	struct port *port = ports_find(desk, id);
	if (port && port->staff)
		counsellor_get(desk, port->staff)->heard_mono = clock_mono();
}

void desk_attended(struct desk *desk, uint64_t id)
{
	struct port *port = ports_find(desk, id);
	if (port && port->staff)
		counsellor_get(desk, port->staff)->attended_mono = clock_mono();
}

struct contact *desk_contact(const struct desk *desk, uint64_t id)
{
	struct contact *contact = NULL;
	HASH_FIND(by_id, desk->by_id, &id, sizeof id, contact);
	return contact;
}

const struct queue *desk_queue(const struct desk *desk)
{
	return &desk->queue;
}

void desk_secret(const struct desk *desk, const char *label, uint8_t secret_r[32])
{
	store_secret(desk->store, label, secret_r);
}

const struct today *desk_today(struct desk *desk)
{
	today_roll(&desk->today, desk->config, clock_wall());
	return &desk->today;
}

void desk_drain(struct desk *desk)
{
	desk->draining = true;
}

bool desk_trouble(const struct desk *desk)
{
	return desk->trouble;
}

bool desk_open(const struct desk *desk)
{
	return hours_open(desk->config, clock_wall());
}

void desk_each_contact(
	const struct desk *desk, void (*on_contact)(void *arg, const struct contact *contact), void *arg)
{
	struct contact *each, *next;
	HASH_ITER (by_id, desk->by_id, each, next)
		if (each->state != CONTACT_CLOSED)
			on_contact(arg, each);
}

void desk_figures(const struct desk *desk, struct desk_figures *figures_r)
{
	struct contact *each, *next;
	struct counsellor *person, *next_person;
	int64_t wall = clock_wall();

	*figures_r = (struct desk_figures) { .visitors = desk->visitors,
		.started = desk->started,
		.messages = desk->messages,
		.picked_up = desk->picked_up,
		.abandoned = desk->abandoned,
		.leases_lost = desk->leases_lost,
		.refused = desk->refused,
		.alarms = desk->alarms };
	HASH_ITER (by_id, desk->by_id, each, next) {
		if (each->state == CONTACT_WAITING) {
			uint32_t waited = wall > each->arrived /* the clock may have been set back */
				? (uint32_t)((wall - each->arrived) / 1000)
				: 0;
			figures_r->waiting[each->level]++;
			if (!each->gone && waited > figures_r->longest_seconds)
				figures_r->longest_seconds = waited;
		}
		figures_r->taken += each->state == CONTACT_TAKEN;
		figures_r->gone += each->gone && each->state == CONTACT_WAITING;
	}
	HASH_ITER (hh, desk->counsellors, person, next_person)
		figures_r->counsellors_on += person->duty == DUTY_ON;
	store_figures(desk->store, &figures_r->store);
}
