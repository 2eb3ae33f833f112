/* What a window asks about the rules of urgency. */
#include "console/private.h"
#include "desk/rights.h"

#include <stdio.h>
#include <string.h>

static const struct contact_flag *flag_of(
	const struct contact *contact, const char *rule, int64_t seq)
{
	for (uint32_t i = 0; rule && i < contact->flag_count; i++)
		if (contact->flags[i].seq == seq && !strcmp(contact->flags[i].rule, rule))
			return &contact->flags[i];
	return NULL;
}

/* The set that raised the flags of this event. */
static void set_of(const struct contact *contact, uint32_t seq, char *set_r, size_t size)
{
	for (uint32_t i = 0; i < contact->event_count; i++) {
		const struct contact_event *event = contact->events[i];
		if (event->seq != seq)
			continue;
		json_t *meta = json_loadb(
			contact_event_meta(event), event->meta_length, 0, NULL);
		const char *set = json_get_text(meta, "set");
		snprintf(set_r, size, "%s", set ? set : "");
		json_decref(meta);
	}
}

static bool read_wrong(
	const struct contact *contact, const json_t *frame, struct feedback *feedback)
{
	const struct contact_flag *flag = flag_of(
		contact, json_get_text(frame, "rule"), json_get_number(frame, "seq", 0));

	if (!flag)
		return false;
	feedback->kind = FEEDBACK_WRONG;
	feedback->level = flag->level;
	snprintf(feedback->rule, sizeof feedback->rule, "%s", flag->rule);
	set_of(contact, flag->seq, feedback->rules, sizeof feedback->rules);
	return true;
}

static bool read_missed(
	const struct window *window, const json_t *frame, struct feedback *feedback)
{
	const char *word = json_get_text(frame, "level");
	enum triage_level level;

	if (!word || !triage_level_parse(word, &level) || level == LEVEL_NONE)
		return false;
	feedback->kind = FEEDBACK_MISSED;
	feedback->level = level;
	snprintf(feedback->rules, sizeof feedback->rules, "%s", desk_rules(window->desk));
	return true;
}

/* Of a contact they hold or look at. A practice contact says nothing of the rules. */
static void feed_back(struct window *window, bool wrong, const char *id, const json_t *frame)
{
	struct archive_question question = { .kind = ARCHIVE_FEEDBACK };
	const struct contact *contact = NULL;
	uint64_t number;

	if (!contact_public_parse(json_get_text(frame, "contact"), &number))
		contact = desk_contact(window->desk, number);
	if (!contact || contact->state == CONTACT_CLOSED)
		window_no(window, id, "gone", NULL, 0);
	else if (contact->state != CONTACT_WAITING && contact->owner != window->me.id)
		window_no(window, id, "stale", NULL, 0);
	else if (wrong ? !read_wrong(contact, frame, &question.feedback)
		       : !read_missed(window, frame, &question.feedback))
		window_no(window, id, "invalid", NULL, 0);
	else if (contact->practice)
		window_ok(window, id);
	else {
		memcpy(question.id, id, strlen(id) + 1);
		if (window->line->look(window->arg, &question))
			window_no(window, id, "busy", NULL, 1);
	}
}

static void reload(struct window *window, const char *id)
{
	if (!rights_may(window->me.role, RIGHT_RULES))
		sealed_denied(window, id, "reload-rules");
	else if (window->line->reload(window->arg, id))
		window_no(window, id, "busy", NULL, 2);
}

bool rules_request(struct window *window, const char *t, const char *id, const json_t *frame)
{
	bool wrong = !strcmp(t, "wrong-flag");

	if (!strcmp(t, "reload-rules"))
		reload(window, id);
	else if (!wrong && strcmp(t, "missed-flag") != 0)
		return false;
	else if (!rights_may(window->me.role, RIGHT_TALK))
		sealed_denied(window, id, wrong ? "wrong-flag" : "missed-flag");
	else
		feed_back(window, wrong, id, frame);
	return true;
}

void window_reloaded(struct window *window, const char *id, const char *set, size_t rules,
	const char *why)
{
	struct json_out out = window_begin(why ? "no" : "ok");

	json_put_text(&out, "id", id);
	if (why) {
		json_put_text(&out, "code", "refused");
		json_put_text(&out, "text", why);
	} else {
		json_put_text(&out, "set", set);
		json_put_number(&out, "rules", (int64_t)rules);
	}
	window_end(window, &out);
}
