#include "base/json.h"
#include "ivr/adapters/ari.h"

#include <string.h>

static bool take(char *to, size_t size, const char *from)
{
	size_t length = from ? strlen(from) : 0;

	if (!length || length >= size || *from == '?' /* a query, in a path of ours */
		|| !strcmp(from, ".") || !strcmp(from, "..")) /* another path */
		return false;
	for (size_t i = 0; i < length; i++)
		if (from[i] < '!' || from[i] > '~')
			return false;
	memcpy(to, from, length + 1);
	return true;
}

static bool take_channel(const json_t *event, const char *key, struct ari_event *event_r)
{
	return take(event_r->channel, sizeof event_r->channel,
		json_get_text(json_object_get(event, key), "id"));
}

static enum err start(
	const json_t *event, const struct ivr_caller_key *key, struct ari_event *event_r)
{
	const json_t *caller = json_object_get(json_object_get(event, "channel"), "caller");
	const char *number = json_get_text(caller, "number");

	event_r->kind = ARI_START;
	event_r->caller = number ? ivr_caller(key, number, strlen(number)) : 0;
	return take_channel(event, "channel", event_r) ? OK : ERR_INVALID;
}

static enum err key_pressed(const json_t *event, struct ari_event *event_r)
{
	const char *digit = json_get_text(event, "digit");

	if (!take_channel(event, "channel", event_r) || !digit || !digit[0] || digit[1])
		return ERR_INVALID;
	if (!strchr("0123456789*#", digit[0])) /* A to D are keys too, but nobody's */
		return OK;
	event_r->kind = ARI_KEY;
	event_r->key = digit[0];
	if (!take(event_r->stamp, sizeof event_r->stamp, json_get_text(event, "timestamp")))
		*event_r->stamp = '\0';
	return OK;
}

/* "channel:1700000000.1" */
static bool take_target(const json_t *of, struct ari_event *event_r)
{
	static const char scheme[] = "channel:";
	const char *target = json_get_text(of, "target_uri");

	return target && !strncmp(target, scheme, strlen(scheme))
		&& take(event_r->channel, sizeof event_r->channel, target + strlen(scheme));
}

static enum err played(const json_t *event, struct ari_event *event_r)
{
	const json_t *playback = json_object_get(event, "playback");
	const char *state = json_get_text(playback, "state");

	if (!take(event_r->name, sizeof event_r->name, json_get_text(playback, "id"))
		|| !take_target(playback, event_r))
		return ERR_INVALID;
	event_r->kind = ARI_PLAYED;
	event_r->failed = state && !strcmp(state, "failed");
	return OK;
}

static enum err recorded(const json_t *event, bool failed, struct ari_event *event_r)
{
	const json_t *recording = json_object_get(event, "recording");
	int64_t seconds = json_get_number(recording, "duration", 0);

	if (!json_get_number(recording, "talking_duration", 1))
		seconds = 0; /* nothing was said */
	if (!take(event_r->name, sizeof event_r->name, json_get_text(recording, "name"))
		|| !take_target(recording, event_r))
		return ERR_INVALID;
	event_r->kind = ARI_RECORDED;
	event_r->failed = failed;
	event_r->seconds = seconds < 0 || seconds > UINT16_MAX ? 0 : (uint32_t)seconds;
	return OK;
}

static enum ivr_cause cause_of(int64_t q850)
{
	switch (q850) {
	case 17: /* busy */
	case 21: /* rejected */
		return IVR_CAUSE_BUSY;
	case 0:
	case 16: /* normal: nobody took it up */
	case 18:
	case 19:
	case 26:
	case 31:
	case 102:
		return IVR_CAUSE_NO_ANSWER;
	default:
		return IVR_CAUSE_FAILED;
	}
}

static enum err gone(const json_t *event, bool cause, struct ari_event *event_r)
{
	event_r->kind = ARI_GONE;
	event_r->cause = cause ? cause_of(json_get_number(event, "cause", 0)) : IVR_CAUSE_NONE;
	return take_channel(event, "channel", event_r) ? OK : ERR_INVALID;
}

static enum err state_changed(const json_t *event, struct ari_event *event_r)
{
	const char *state = json_get_text(json_object_get(event, "channel"), "state");

	if (!take_channel(event, "channel", event_r))
		return ERR_INVALID;
	if (state && !strcmp(state, "Ringing"))
		event_r->kind = ARI_RINGING;
	return OK;
}

static enum err dialled(const json_t *event, struct ari_event *event_r)
{
	const char *status = json_get_text(event, "dialstatus");

	if (!take_channel(event, "peer", event_r))
		return ERR_INVALID;
	if (status && (!strcmp(status, "RINGING") || !strcmp(status, "PROGRESS")))
		event_r->kind = ARI_RINGING;
	return OK;
}

static enum err bridge_gone(const json_t *event, struct ari_event *event_r)
{
	event_r->kind = ARI_BRIDGE_GONE;
	return take(event_r->name, sizeof event_r->name,
		       json_get_text(json_object_get(event, "bridge"), "id"))
		? OK
		: ERR_INVALID;
}

static enum err read_event(
	const json_t *event, const struct ivr_caller_key *key, struct ari_event *event_r)
{
	const char *type = json_get_text(event, "type");

	if (!type)
		return ERR_INVALID;
	if (!strcmp(type, "StasisStart"))
		return start(event, key, event_r);
	if (!strcmp(type, "StasisEnd"))
		return gone(event, false, event_r);
	if (!strcmp(type, "ChannelDestroyed"))
		return gone(event, true, event_r);
	if (!strcmp(type, "ChannelDtmfReceived"))
		return key_pressed(event, event_r);
	if (!strcmp(type, "PlaybackFinished"))
		return played(event, event_r);
	if (!strcmp(type, "RecordingFinished") || !strcmp(type, "RecordingFailed"))
		return recorded(event, !strcmp(type, "RecordingFailed"), event_r);
	if (!strcmp(type, "ChannelStateChange"))
		return state_changed(event, event_r);
	if (!strcmp(type, "Dial"))
		return dialled(event, event_r);
	if (!strcmp(type, "BridgeDestroyed"))
		return bridge_gone(event, event_r);
	if (!strcmp(type, "ApplicationReplaced"))
		event_r->kind = ARI_REPLACED;
	return OK;
}

enum err ari_parse(const char *bytes, size_t length, const struct ivr_caller_key *key,
	struct ari_event *event_r)
{
	json_t *event = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
	enum err err;

	*event_r = (struct ari_event) { 0 };
	err = json_is_object(event) ? read_event(event, key, event_r) : ERR_INVALID;
	if (err)
		*event_r = (struct ari_event) { 0 };
	json_decref(event);
	return err;
}

bool ari_endpoint(const char *form, const char *target, struct text *to)
{
	static const char plain[]
		= "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+*#._-";
	const char *hole = form ? strstr(form, "{}") : NULL;
	bool sip = !strncmp(target, "sip:", 4);

	if (!hole || !*target)
		return false;
	if (sip) { /* PJSIP/{}@trunk → PJSIP/trunk/sip:anna@pbx.example.org */
		if (strncmp(form, "PJSIP/{}@", 9) != 0 || !form[9]
			|| strspn(target + 4, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					      "0123456789+*#._-@:;=[]")
				!= strlen(target + 4))
			return false;
		text_put(to, "PJSIP/");
		text_put(to, form + 9);
		text_put(to, "/");
		text_put(to, target);
		return true;
	}
	if (strspn(target, plain) != strlen(target))
		return false;
	text_put_n(to, form, (size_t)(hole - form));
	text_put(to, target);
	text_put(to, hole + 2);
	return true;
}
