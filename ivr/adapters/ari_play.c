/* Sounds: what is played to a caller, and to a counsellor who is asked; and what a caller says. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/adapters/ari_private.h"

#include <stdio.h>
#include <string.h>

enum { SEGMENT_TIMES = 30, /* so that callers hear it on while we are away */
	NAMES = 8,
	RECORD_SPARE_SECONDS = 15,
	RECORD_QUIET_SECONDS = 10 };

static bool put_sound(const struct ari *ari, struct json_out *body, const struct ivr_prompt *prompt)
{
	struct text media = { 0 };
	bool good;

	text_put(&media, "sound:");
	good = web_sound(&ari->web, &media, prompt);
	if (good)
		json_put_text(body, NULL, media.bytes);
	else if (*prompt->id)
		log_debug("a prompt without a sound", "prompt=%s lang=%s", prompt->id, prompt->lang);
	text_free(&media);
	return good;
}

/* Few names, so that what was begun before a restart can be stopped; one sound at a time has one. */
static void put_name(
	const struct ari_session *session, uint32_t number, char name_r[ARI_ID_MAX + 1])
{
	snprintf(name_r, ARI_ID_MAX + 1, "%.*s-p-%u-%.*s", ARI_APP_MAX, ari_app(session->ari), number,
		ARI_CALL_MAX, session->call);
}

static void ask_play(struct ari_session *session, const char *channel, enum ari_what what,
	struct json_out *body, char playing_r[ARI_ID_MAX + 1])
{
	put_name(session, session->played++ % NAMES, playing_r);
	ari_ask(session, what, playing_r, "POST", body,
		ARI_PATH("channels", channel, "play", playing_r));
}

static void stop_one(struct ari_session *session, char playing[ARI_ID_MAX + 1], enum ari_what what)
{
	if (*playing)
		ari_ask(session, what, playing, "DELETE", NULL, ARI_PATH("playbacks", playing));
	*playing = '\0';
}

void ari_stop(struct ari_session *session)
{
	stop_one(session, session->playing, ARI_DO);
	*session->segment = '\0';
	if (session->moh)
		ari_ask(session, ARI_DO, NULL, "DELETE", NULL,
			ARI_PATH("channels", session->call, "moh"));
	session->moh = false;
}

void ari_stop_all(struct ari_session *session)
{
	char name[ARI_ID_MAX + 1];

	for (uint32_t i = 0; i < NAMES; i++) {
		put_name(session, i, name);
		ari_ask(session, ARI_DO, name, "DELETE", NULL, ARI_PATH("playbacks", name));
	}
	ari_ask(session, ARI_DO, NULL, "DELETE", NULL, ARI_PATH("channels", session->call, "moh"));
}

void ari_stop_leg(struct ari_session *session)
{
	stop_one(session, session->leg.playing, ARI_DO);
}

/* false: there is nothing to be played. */
static bool play(struct ari_session *session, const char *channel, enum ari_what what,
	const struct ivr_prompt *prompts, uint32_t count, char playing_r[ARI_ID_MAX + 1])
{
	struct json_out body;
	bool any = false;

	ari_body(&body);
	json_put_list(&body, "media");
	for (uint32_t i = 0; i < count; i++)
		any = put_sound(session->ari, &body, &prompts[i]) || any;
	json_put_list_end(&body);
	if (any)
		ask_play(session, channel, what, &body, playing_r);
	else
		json_out_finish(&body);
	return any;
}

bool ari_play(struct ari_session *session, const struct ivr_prompt *prompts, uint32_t count)
{
	ari_stop(session);
	return play(session, session->call, ARI_PLAY, prompts, count, session->playing);
}

bool ari_play_leg(struct ari_session *session, const struct ivr_prompt *prompt)
{
	ari_stop_leg(session);
	return play(session, session->leg.id, ARI_PLAY_LEG, prompt, 1, session->leg.playing);
}

void ari_moh(struct ari_session *session)
{
	if (!session->moh)
		ari_ask(session, ARI_DO, NULL, "POST", NULL,
			ARI_PATH("channels", session->call, "moh"));
	session->moh = true;
}

void ari_play_segment(struct ari_session *session, const struct ivr_step *step)
{
	struct ivr_prompt times[SEGMENT_TIMES];

	for (int i = 0; i < SEGMENT_TIMES; i++)
		times[i] = step->segment;
	session->segment_mono = clock_mono();
	if (ari_play(session, times, SEGMENT_TIMES))
		strcpy(session->segment, step->segment.id);
	else
		ari_moh(session);
}

void ari_play_ringing(struct ari_session *session)
{
	struct json_out body;

	ari_stop(session);
	ari_body(&body);
	json_put_list(&body, "media");
	json_put_text(&body, NULL, "tone:ring");
	json_put_list_end(&body);
	ask_play(session, session->call, ARI_DO, &body, session->playing);
}

void ari_record(struct ari_session *session, const struct ivr_step *step)
{
	char name[ARI_ID_MAX + 1], finish[] = { step->finish, '\0' };
	struct json_out body;

	ari_new_name(session->ari, name);
	snprintf(session->recording, sizeof session->recording, "%.*s", IVR_RECORDING_MAX, name);
	session->phase = ARI_RECORDING;
	session->due_mono = clock_mono() + (step->most + RECORD_SPARE_SECONDS) * INT64_C(1000);
	ari_body(&body);
	json_put_text(&body, "name", session->recording);
	json_put_text(&body, "format", "wav");
	json_put_number(&body, "maxDurationSeconds", step->most);
	json_put_number(&body, "maxSilenceSeconds", RECORD_QUIET_SECONDS);
	json_put_flag(&body, "beep", true);
	json_put_text(&body, "terminateOn", step->finish ? finish : "any");
	ari_ask(session, ARI_RECORD, session->recording, "POST", &body,
		ARI_PATH("channels", session->call, "record"));
}

/* Nothing was said, or it failed. */
void ari_record_nothing(struct ari_session *session)
{
	ari_forget(session->ari, session->recording);
	*session->recording = '\0';
	ari_session_tell(session, IVR_EVENT_KEYS, "", IVR_CAUSE_NONE, 0);
}

void ari_recorded(struct ari_session *session, const struct ari_event *event)
{
	if (session->phase != ARI_RECORDING || strcmp(event->name, session->recording) != 0)
		return;
	if (event->failed || !event->seconds) {
		ari_record_nothing(session);
		return;
	}
	session->phase = ARI_IDLE;
	ari_session_tell(session, IVR_EVENT_RECORDED, "", IVR_CAUSE_NONE, event->seconds);
}
