#include "base/clock.h"
#include "desk/private.h"

/* Calls one handler of a port, if it is there, and notes that the port wants a flush. */
#define TELL(desk, port_id, handler, ...)                                             \
	do {                                                                              \
		struct port *to_ = ports_find(desk, port_id);                                  \
		if (to_ && to_->listener->handler) {                                           \
			ports_touch(desk, to_);                                                \
			to_->listener->handler(to_->arg, ##__VA_ARGS__);                       \
		}                                                                              \
	} while (0)

#define TELL_WINDOWS(desk, counsellor, handler, ...)                                  \
	for (int window_ = 0; window_ < COUNSELLOR_WINDOWS; window_++)                     \
	TELL(desk, (counsellor)->ports[window_], handler, ##__VA_ARGS__)

void tell_event(struct desk *desk, const struct contact *contact,
	const struct contact_event *event, uint64_t sender)
{
	struct counsellor *owner = NULL;

	if (desk->loading)
		return;
	/* their own message comes back to them as the answer to it */
	if (event->n && (contact->port != sender || event->kind != EVENT_MESSAGE))
		TELL(desk, contact->port, on_event, contact, event);
	if (contact->owner)
		HASH_FIND(hh, desk->counsellors, &contact->owner, sizeof contact->owner, owner);
	if (owner)
		TELL_WINDOWS(desk, owner, on_event, contact, event);
}

void tell_reply(struct desk *desk, uint64_t port, const struct desk_reply *reply)
{
	TELL(desk, port, on_reply, reply);
}

void tell_gained(struct desk *desk, const struct contact *contact)
{
	struct counsellor *owner = counsellor_get(desk, contact->owner);
	TELL_WINDOWS(desk, owner, on_gained, contact);
}

void tell_lost(struct desk *desk, const struct contact *contact, uint32_t staff, const char *why)
{
	struct counsellor *former = counsellor_get(desk, staff);
	if (desk->loading)
		return;
	TELL_WINDOWS(desk, former, on_lost, contact, why);
}

/* Whoever is on duty hears it; when nobody is, everybody who is there. */
void tell_alarm(struct desk *desk, const struct contact *contact, enum alarm_why why)
{
	bool anybody = false;
	struct counsellor *each, *next;

	HASH_ITER (hh, desk->counsellors, each, next)
		anybody = anybody || each->duty == DUTY_ON;
	HASH_ITER (hh, desk->counsellors, each, next)
		if ((!anybody || each->duty == DUTY_ON) && rights_may(each->role, RIGHT_TALK))
			TELL_WINDOWS(desk, each, on_alarm, contact, why);
	desk->alarms++;
}

void tell_colleagues(struct desk *desk)
{
	struct counsellor *each, *next;
	HASH_ITER (hh, desk->counsellors, each, next)
		TELL_WINDOWS(desk, each, on_colleagues);
}

void tell_changed(struct desk *desk, struct contact *contact, bool now)
{
	if (now && !contact->changed_now) {
		contact->changed_now = true;
		list_add(&desk->changed_now, contact->id);
	} else if (!now && !contact->changed_later && !contact->changed_now) {
		contact->changed_later = true;
		list_add(&desk->changed_later, contact->id);
	}
}

void tell_cards(struct desk *desk, struct id_list *changed)
{
	struct counsellor *each, *next;

	for (size_t i = 0; i < changed->length; i++) {
		struct contact *contact = desk_contact(desk, changed->ids[i]);
		bool gone = !contact || contact->state == CONTACT_CLOSED;
		if (contact)
			contact->changed_now = contact->changed_later = false;
		HASH_ITER (hh, desk->counsellors, each, next)
			if (!rights_may(each->role, RIGHT_SEE))
				continue;
			else if (gone)
				TELL_WINDOWS(desk, each, on_card_gone, changed->ids[i]);
			else
				TELL_WINDOWS(desk, each, on_card, contact);
	}
	changed->length = 0;
}

static struct desk_wait wait_at(const struct desk *desk, const struct contact *contact,
	uint32_t place, const struct wait_pace *pace)
{
	struct desk_wait wait = { .place = place };
	wait.danger_first = contact->level != LEVEL_IMMEDIATE && desk->queue.immediate > 0;
	if (!wait_range(pace, place, &wait.low, &wait.high))
		wait.low = wait.high = 0;
	return wait;
}

static struct wait_pace pace_now(const struct desk *desk)
{
	return wait_pace_of(&desk->wait, desk->config->desk.wait_sample, clock_mono());
}

bool desk_wait_of(
	const struct desk *desk, const struct contact *contact, struct desk_wait *wait_r)
{
	struct wait_pace pace = pace_now(desk);
	uint32_t place = queue_place(&desk->queue, contact);

	*wait_r = wait_at(desk, contact, place, &pace);
	return place != 0;
}

/* Everyone whose place or range has changed since they were last told. */
void tell_waits(struct desk *desk)
{
	struct wait_pace pace = pace_now(desk);

	for (uint32_t i = 0; i < desk->queue.length; i++) {
		struct contact *contact = desk->queue.order[i];
		struct desk_wait wait;
		if (!contact->port)
			continue;
		wait = wait_at(desk, contact, i + 1, &pace);
		if (wait.place == contact->told_place && wait.low == contact->told_low
			&& wait.high == contact->told_high
			&& wait.danger_first == contact->told_danger)
			continue;
		contact->told_place = wait.place;
		contact->told_low = wait.low;
		contact->told_high = wait.high;
		contact->told_danger = wait.danger_first;
		TELL(desk, contact->port, on_wait, contact, &wait);
	}
}

void desk_typing(struct desk *desk, uint64_t id, enum author author, bool on)
{
	struct contact *contact = desk_contact(desk, id);

	if (!contact || contact->state != CONTACT_TAKEN)
		return;
	if (author == AUTHOR_COUNSELLOR)
		TELL(desk, contact->port, on_typing, contact, on);
	else
		TELL_WINDOWS(desk, counsellor_get(desk, contact->owner), on_typing, contact, on);
	ports_flush(desk);
}

void desk_read(struct desk *desk, uint64_t id, enum author author, uint32_t seq)
{
	struct contact *contact = desk_contact(desk, id);
	uint32_t *mark;

	if (!contact || seq > contact->last_seq)
		return;
	mark = author == AUTHOR_VISITOR ? &contact->visitor_read : &contact->counsellor_read;
	if (seq <= *mark)
		return;
	*mark = seq;
	if (author == AUTHOR_COUNSELLOR)
		TELL(desk, contact->port, on_read, contact, seq);
	else if (contact->owner)
		TELL_WINDOWS(desk, counsellor_get(desk, contact->owner), on_read, contact, seq);
	ports_flush(desk);
}

void desk_hush(struct desk *desk, uint64_t id, uint32_t staff)
{
	struct contact *contact = desk_contact(desk, id);
	struct counsellor *each, *next;

	if (!contact || contact->hushed)
		return;
	contact->hushed = true;
	HASH_ITER (hh, desk->counsellors, each, next)
		TELL_WINDOWS(desk, each, on_hushed, contact, staff);
	ports_flush(desk);
}
