#include "base/clock.h"
#include "desk/private.h"

static void look_after_leases(struct desk *desk, int64_t mono)
{
	struct counsellor *each, *next;
	int64_t lease = desk->config->desk.lease_seconds * INT64_C(1000);
	bool changed = false;

	HASH_ITER (hh, desk->counsellors, each, next) {
		if (mono - each->heard_mono <= lease) {
			if (each->contacts > each->calls && mono - each->attended_mono > lease)
				counsellor_return_chats(desk, each->id, "lease");
			continue;
		}
		if (each->contacts)
			counsellor_return_quiet(desk, each->id, "lease");
		if (each->duty != DUTY_OFF) {
			each->duty = DUTY_OFF;
			changed = true;
		}
	}
	if (changed)
		tell_colleagues(desk);
}

static void look_after_visitor(struct desk *desk, struct contact *contact, int64_t mono)
{
	int64_t away = contact->left_mono ? mono - contact->left_mono : 0;
	bool gone = away > desk->config->desk.gone_seconds * INT64_C(1000);

	if (contact->channel != CHANNEL_CHAT)
		return;
	if (gone != contact->gone) {
		contact->gone = gone;
		tell_changed(desk, contact, false);
	}
	if (contact->state == CONTACT_WAITING && !contact->claiming && contact->level < LEVEL_SERIOUS
		&& away > (contact->coded && desk->config->desk.abandon_minutes < DESK_CODED_MINUTES
					  ? DESK_CODED_MINUTES
					  : desk->config->desk.abandon_minutes)
				* INT64_C(60000))
		submit_system(desk, contact, COMMAND_CLOSE, "abandoned");
}

static void look_after_alarm(struct desk *desk, struct contact *contact, int64_t mono)
{
	if (contact->state != CONTACT_WAITING || contact->gone)
		return;
	if (!contact->overdue_told && clock_wall() > contact->due) {
		contact->overdue_told = true;
		apply_alarm(desk, contact, ALARM_OVERDUE);
	} else if (!contact->hushed && mono >= contact->alarm_mono) {
		apply_alarm(desk, contact, contact->alarm_why);
	}
}

void desk_tick(struct desk *desk)
{
	int64_t mono = clock_mono();
	struct contact *each, *next;

	if (!desk->draining)
		look_after_leases(desk, mono);
	HASH_ITER (by_id, desk->by_id, each, next) {
		if (each->state == CONTACT_CLOSED) {
			if (mono - each->closed_mono > DESK_REMEMBER_MINUTES * INT64_C(60000)
				&& !each->port && !each->inflight)
				apply_forget(desk, each);
			continue;
		}
		if (!desk->draining) /* we sent them away ourselves */
			look_after_visitor(desk, each, mono);
		look_after_alarm(desk, each, mono);
	}
	store_keep(desk->store,
		&(struct store_retention) { .chat_days = desk->config->retention.chat_days,
			.telephone_days = desk->config->retention.telephone_days,
			.notes_days = desk->config->retention.notes_days,
			.return_hours = desk->config->retention.return_hours,
			.audit_days = desk->config->retention.audit_days,
			.backup_days = desk->config->retention.backup_days,
			.proof_hour = desk->config->retention.proof_hour });
	store_look(desk->store);
	tell_cards(desk, &desk->changed_later);
	tell_waits(desk);
	ports_flush(desk);
}
