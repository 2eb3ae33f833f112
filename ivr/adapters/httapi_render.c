/* Work items. A text of ours is never in them: sounds by their address, and where to dial. */
#include "ivr/adapters/httapi_upload.h"

#include <stdio.h>
#include <string.h>

enum { BETWEEN_MS = 20 /* pieces follow at once */, DIGIT_MS = 3000, EACH_DIGIT_MS = 1000,
	QUIET_SECONDS = 10 };

struct render {
	const struct web *web;
	const char *call, *token;
	uint32_t turn;
	struct text *to;
};

static void put_url(const struct render *render, const char *name, char verb)
{
	struct text url = { 0 };

	web_url(render->web, &url, verb, render->token);
	text_format(render->to, " %s=\"", name);
	text_xml(render->to, url.bytes);
	text_put(render->to, "\"");
	text_free(&url);
}

/* Several sounds are one file of the kind file_string, whose parts stand between exclamation marks. */
static void add_sound(struct text *files, uint32_t *count, const struct text *url)
{
	if (++*count > 1)
		text_put(files, "!");
	text_put(files, url->bytes);
}

static uint32_t sounds(const struct render *render, const struct ivr_step *step, struct text *files,
	bool *music_r)
{
	uint32_t count = 0;

	*music_r = false;
	for (uint32_t i = 0; i < step->prompt_count; i++) {
		struct text url = { 0 };
		if (web_sound(render->web, &url, &step->prompts[i]))
			add_sound(files, &count, &url);
		text_free(&url);
	}
	if (step->kind == IVR_HOLD) {
		struct text url = { 0 };
		*music_r = web_piece(render->web, &url, &step->segment, step->seconds, render->turn);
		if (*music_r)
			add_sound(files, &count, &url);
		text_free(&url);
	}
	return count;
}

static void put_files(const struct render *render, uint32_t count, const struct text *files)
{
	text_put(render->to, "<playback file=\"");
	if (count > 1)
		text_put(render->to, "file_string://");
	text_xml(render->to, files->bytes);
	text_put(render->to, "\"");
}

/* A sound that cannot be fetched is left out of several. One that is alone would end the application
 * when keys are listened to: so a moment of silence stands behind it. */
static void put_sure_files(const struct render *render, const char *files)
{
	text_put(render->to, "<playback file=\"file_string://");
	text_xml(render->to, files);
	text_put(render->to, "!silence_stream://20\"");
}

/* Without keys. */
static void put_prompts(const struct render *render, const struct ivr_step *step)
{
	struct text files = { 0 };
	bool music;
	uint32_t count = sounds(render, step, &files, &music);

	if (count) {
		put_files(render, count, &files);
		text_put(render->to, "/>");
	}
	text_free(&files);
}

static void put_each_key(const struct render *render)
{
	for (const char *key = "0123456789*#"; *key; key++)
		text_format(render->to, "<bind>%c</bind>", *key);
}

/* An expression waits for the finishing key or for the time between digits to be over, unless it stands
 * alone: then its first digit would do. */
static void put_digits(const struct render *render, const struct ivr_step *step)
{
	if (step->finish)
		text_format(render->to, "<bind strip=\"%c\">~^[0-9]{1,%u}%c?$</bind>", step->finish,
			step->most, step->finish);
	else
		text_format(render->to, "<bind>~^[0-9]{1,%u}$</bind>", step->most);
	text_put(render->to, "<bind>*</bind>");
}

static uint32_t wait_of(const struct ivr_step *step, bool music)
{
	if (step->kind == IVR_COLLECT) /* until the last digit, not the first */
		return step->seconds * 1000 + step->most * EACH_DIGIT_MS;
	if (step->kind == IVR_HOLD && music)
		return BETWEEN_MS;
	return step->seconds ? step->seconds * 1000 : 1000;
}

static void put_listening(const struct render *render, const struct ivr_step *step)
{
	struct text files = { 0 };
	bool music, collect = step->kind == IVR_COLLECT;
	uint32_t count = sounds(render, step, &files, &music);
	const char *tag = count ? "playback" : "pause";

	if (count)
		put_sure_files(render, files.bytes);
	else
		text_put(render->to, "<pause");
	text_format(render->to, " name=\"keys\" %s=\"%u\"", count ? "input-timeout" : "milliseconds",
		wait_of(step, music));
	if (collect)
		text_format(render->to, " digit-timeout=\"%d\"", DIGIT_MS);
	if (collect && step->finish)
		text_format(render->to, " terminators=\"%c\"", step->finish);
	put_url(render, "action", 't');
	text_put(render->to, ">");
	if (collect)
		put_digits(render, step);
	else
		put_each_key(render);
	text_format(render->to, "</%s>", tag);
	text_free(&files);
}

/* Any key ends it: one that is not bound does so too. A tone that cannot be played would leave the recording
 * out; this one needs no file. */
static void put_record(const struct render *render, const struct ivr_step *step)
{
	put_prompts(render, step);
	text_format(render->to,
		"<record file=\"" HTTAPI_FILE ".wav\" name=\"" HTTAPI_FILE "\" "
		"beep-file=\"tone_stream://%%(400,0,1000)\" limit=\"%u\" silence-hits=\"%d\"",
		step->most, QUIET_SECONDS);
	put_url(render, "action", 'r');
	text_put(render->to, ">");
	put_each_key(render);
	text_put(render->to, "</record>");
}

/* What a dial string may hold of what others wrote: nothing that it is made of. */
static bool plain(const char *text)
{
	return *text
		&& strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+:@._-;=/")
		== strlen(text);
}

static const char *profile_of(const struct web *web)
{
	return web->line->application ? web->line->application : "onthaal";
}

/* The leg asks us before it is joined, also when nobody is to press a key: it is how we know. */
static void put_question(const struct render *render, struct text *string)
{
	text_put(string, ",group_confirm_key=exec,group_confirm_cancel_timeout=true,"
			 "group_confirm_file='httapi ");
	web_url(render->web, string, 'l', render->token);
	text_put(string, "/0?c=");
	text_url(string, render->call);
	text_put(string, "'");
}

static void put_target(const struct web *web, const char *target, struct text *string)
{
	const char *gateway = web->line->account;

	if (!strncmp(target, "sip:", 4))
		text_put(string, "sofia/external/");
	else if (!strchr(target, '/') && gateway) {
		text_put(string, "sofia/gateway/");
		text_put(string, gateway);
		text_put(string, "/");
	} else if (!strchr(target, '/'))
		text_put(string, "user/");
	text_put(string, target);
}

/* Without a number of ours none is shown, rather than the caller's. */
static const char *shown(const char *cli)
{
	return plain(cli) ? cli : "anonymous";
}

static void put_dial_string(const struct render *render, const char *target, const char *cli,
	uint32_t seconds, const char *uuid, struct text *string)
{
	text_format(string, "{originate_timeout=%u,ignore_early_media=true,httapi_profile=", seconds);
	text_put(string, profile_of(render->web));
	if (uuid)
		text_format(string, ",origination_uuid=%s", uuid);
	else
		put_question(render, string);
	text_format(string,
		"}[origination_caller_id_name=%s,origination_caller_id_number=%s,"
		"ignore_display_updates=true]",
		shown(cli), shown(cli));
	put_target(render->web, target, string);
}

bool httapi_originate(const struct web *web, const char *uuid, const char *number, const char *cli,
	uint32_t seconds, struct text *to)
{
	struct render render = { .web = web };

	if (!plain(number))
		return false;
	put_dial_string(&render, number, cli, seconds, uuid, to);
	text_put(to, " &httapi(");
	web_url(web, to, 'o', uuid);
	text_put(to, ")");
	return true;
}

static void put_dial(const struct render *render, const struct ivr_step *step)
{
	struct text string = { 0 };

	put_dial_string(render, step->target, step->cli, step->seconds, NULL, &string);
	text_format(render->to, "<dial caller-id-name=\"%s\" caller-id-number=\"%s\"",
		shown(step->cli), shown(step->cli));
	put_url(render, "action", 'd');
	text_put(render->to, ">");
	text_xml(render->to, string.bytes);
	text_put(render->to, "</dial><getVariable name=\"originate_disposition\"/>");
	text_free(&string);
}

static void put_connect(const struct render *render, const struct ivr_step *step)
{
	put_prompts(render, step);
	if (plain(step->target)) {
		put_dial(render, step);
		return;
	}
	text_put(render->to, "<continue");
	put_url(render, "action", 'd');
	text_put(render->to, "/>");
}

static void put_step(const struct render *render, const struct ivr_step *step)
{
	switch (step->kind) {
	case IVR_ANSWER: /* the dialplan did */
		break;
	case IVR_RECORD:
		put_record(render, step);
		break;
	case IVR_PAUSE:
		text_format(render->to, "<pause milliseconds=\"%u\"/>", step->seconds * 1000);
		break;
	case IVR_PROMPT:
		put_prompts(render, step);
		break;
	case IVR_MENU:
	case IVR_COLLECT:
	case IVR_HOLD:
		put_listening(render, step);
		break;
	case IVR_CONNECT:
		put_connect(render, step);
		break;
	case IVR_REJECT:
		text_format(render->to, "<hangup cause=\"%s\"/>",
			step->cause == IVR_CAUSE_BUSY ? "USER_BUSY" : "CALL_REJECTED");
		break;
	case IVR_HANGUP:
		text_put(render->to, "<hangup/>");
		break;
	}
}

static const char head[] = "<document type=\"xml/freeswitch-httapi\"><work>";
static const char tail[] = "</work></document>\n";

void httapi_render(const struct web *web, const char *call, const char *token,
	const struct ivr_turn *turn, struct text *to)
{
	struct render render
		= { .web = web, .call = call, .token = token, .turn = turn->number, .to = to };

	text_put(to, head);
	for (uint32_t i = 0; i < turn->count; i++)
		put_step(&render, &turn->steps[i]);
	text_put(to, tail);
}

static void put_leg_question(const struct render *render, unsigned tries, const struct ivr_prompt *accept)
{
	struct text sound = { 0 }, url = { 0 };
	bool heard = web_sound(render->web, &sound, accept);

	if (heard)
		put_sure_files(render, sound.bytes);
	else
		text_put(render->to, "<pause");
	text_format(render->to, " name=\"keys\" %s=\"%d\" action=\"",
		heard ? "input-timeout" : "milliseconds", IVR_ACCEPT_SECONDS * 1000);
	web_url(render->web, &url, 'l', render->token);
	text_format(&url, "/%u?c=", tries + 1);
	text_url(&url, render->call);
	text_xml(render->to, url.bytes);
	text_put(render->to, "\">");
	put_each_key(render);
	text_put(render->to, heard ? "</playback>" : "</pause>");
	text_free(&sound);
	text_free(&url);
}

void httapi_render_leg(const struct web *web, const char *call, const char *token,
	enum ivr_leg leg, unsigned tries, const struct ivr_prompt *accept, struct text *to)
{
	struct render render = { .web = web, .call = call, .token = token, .to = to };

	text_put(to, head);
	if (leg == IVR_LEG_JOIN)
		text_put(to, "<break/>"); /* a channel that is still up is the one to join */
	else if (leg == IVR_LEG_ASK)
		put_leg_question(&render, tries, accept);
	else
		text_put(to, "<hangup/>");
	text_put(to, tail);
}
