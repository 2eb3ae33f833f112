/* jambonz's verbs. */
#include "base/json.h"
#include "ivr/adapters/jambonz.h"
#include "ivr/law.h"

#include <stdio.h>
#include <string.h>

struct render {
	const struct web *web;
	const char *call, *token;
	struct json_out *out;
};

static void begin(const struct render *render, const char *verb)
{
	json_put_object(render->out, NULL);
	json_put_text(render->out, "verb", verb);
}

static void put_hook(const struct render *render, const char *key, char verb, int tries)
{
	struct text url = { 0 };

	web_url(render->web, &url, verb, render->token);
	if (verb == 'l') {
		text_format(&url, "/%d?c=", tries);
		text_url(&url, render->call);
	}
	json_put_object(render->out, key);
	json_put_text(render->out, "url", url.bytes);
	json_put_text(render->out, "method", "POST");
	json_put_object_end(render->out);
	text_free(&url);
}

static bool all_have_sounds(
	const struct web *web, const struct ivr_prompt *prompts, uint32_t count)
{
	struct text url = { 0 };
	bool all = true;

	for (uint32_t i = 0; i < count; i++)
		all = web_sound(web, &url, &prompts[i]) && all;
	text_free(&url);
	return all;
}

static void put_sounds(
	const struct render *render, const struct ivr_prompt *prompts, uint32_t count)
{
	json_put_list(render->out, "url");
	for (uint32_t i = 0; i < count; i++) {
		struct text url = { 0 };
		if (web_sound(render->web, &url, &prompts[i]))
			json_put_text(render->out, NULL, url.bytes);
		text_free(&url);
	}
	json_put_list_end(render->out);
}

static void put_words(
	const struct render *render, const struct ivr_prompt *prompts, uint32_t count)
{
	struct text words = { 0 };

	for (uint32_t i = 0; i < count; i++) {
		text_put(&words, web_words(render->web, &prompts[i]));
		text_put(&words, " ");
	}
	json_put_text(render->out, "text", words.bytes ? words.bytes : " ");
	json_put_object(render->out, "synthesizer");
	json_put_text(render->out, "vendor", "default");
	json_put_text(render->out, "language", web_locale(count ? prompts[0].lang : "nl"));
	json_put_object_end(render->out);
	text_free(&words);
}

/* Inside a gather, or as a verb; nothing when there are none. */
static void put_prompts(const struct render *render, const char *key,
	const struct ivr_prompt *prompts, uint32_t count)
{
	bool sounds = all_have_sounds(render->web, prompts, count);

	if (!count)
		return;
	json_put_object(render->out, key && sounds ? "play" : key ? "say" : NULL);
	if (!key)
		json_put_text(render->out, "verb", sounds ? "play" : "say");
	if (sounds)
		put_sounds(render, prompts, count);
	else
		put_words(render, prompts, count);
	json_put_object_end(render->out);
}

static void put_gather(const struct render *render, const struct ivr_step *step)
{
	struct ivr_prompt all[IVR_PROMPTS_MAX + 1];
	uint32_t count = step->prompt_count;
	struct text sound = { 0 };
	uint32_t seconds = step->seconds;

	memcpy(all, step->prompts, count * sizeof *all);
	if (step->kind == IVR_HOLD && web_sound(render->web, &sound, &step->segment)) {
		all[count++] = step->segment;
		seconds = 1;
	}
	begin(render, "gather");
	json_put_list(render->out, "input");
	json_put_text(render->out, NULL, "digits");
	json_put_list_end(render->out);
	json_put_flag(render->out, "dtmfBargein", true);
	json_put_number(render->out, "timeout", seconds ? seconds : 1);
	if (step->kind == IVR_COLLECT) {
		char finish[2] = { step->finish, '\0' };
		json_put_number(render->out, "minDigits", 1);
		json_put_number(render->out, "maxDigits", step->most);
		json_put_number(render->out, "interDigitTimeout", step->seconds);
		json_put_text(render->out, "finishOnKey", finish);
	} else {
		json_put_number(render->out, "numDigits", 1);
	}
	put_hook(render, "actionHook", 't', 0);
	put_prompts(render, "in", all, count);
	json_put_object_end(render->out);
	text_free(&sound);
}

static void put_target(const struct render *render, const char *target)
{
	bool sip = !strncmp(target, "sip:", 4);
	bool number = strspn(target, "+0123456789") == strlen(target);

	json_put_list(render->out, "target");
	json_put_object(render->out, NULL);
	json_put_text(render->out, "type", sip ? "sip" : number ? "phone" : "user");
	json_put_text(render->out, sip ? "sipUri" : number ? "number" : "name", target);
	json_put_object_end(render->out);
	json_put_list_end(render->out);
}

static void put_connect(const struct render *render, const struct ivr_step *step)
{
	put_prompts(render, NULL, step->prompts, step->prompt_count);
	begin(render, "dial");
	put_target(render, step->target);
	if (*step->cli)
		json_put_text(render->out, "callerId", step->cli);
	json_put_flag(render->out, "answerOnBridge", true);
	json_put_number(render->out, "timeout", step->seconds);
	put_hook(render, "actionHook", 'd', 0);
	put_hook(render, "confirmHook", 'l', 0); /* also tells that it was answered */
	json_put_object_end(render->out);
}

/* "https://…" becomes "wss://…", with the password of this turn. */
static void put_listen(const struct render *render, const struct ivr_step *step)
{
	char password[JAMBONZ_PASSWORD], finish[2] = { step->finish, '\0' };
	struct text url = { 0 }, socket = { 0 };

	put_prompts(render, NULL, step->prompts, step->prompt_count);
	web_url(render->web, &url, 'w', render->token);
	jambonz_password(render->web->line->secrets[0], render->token, password);
	begin(render, "listen");
	text_put(&socket, strncmp(url.bytes, "https", 5) ? "ws" : "wss");
	text_put(&socket, strchr(url.bytes, ':'));
	json_put_text(render->out, "url", socket.bytes);
	json_put_object(render->out, "wsAuth");
	json_put_text(render->out, "username", JAMBONZ_LISTEN_USER);
	json_put_text(render->out, "password", password);
	json_put_object_end(render->out);
	put_hook(render, "actionHook", 'r', 0);
	json_put_text(render->out, "mixType", "mono");
	json_put_number(render->out, "sampleRate", LAW_RATE);
	json_put_flag(render->out, "playBeep", true);
	json_put_number(render->out, "maxLength", step->most);
	if (step->finish)
		json_put_text(render->out, "finishOnKey", finish);
	json_put_object_end(render->out);
	explicit_bzero(password, sizeof password);
	text_free(&socket);
	text_free(&url);
}

static void put_simple(const struct render *render, const char *verb)
{
	begin(render, verb);
	json_put_object_end(render->out);
}

static void put_step(const struct render *render, const struct ivr_step *step)
{
	switch (step->kind) {
	case IVR_ANSWER:
		put_simple(render, "answer");
		break;
	case IVR_PAUSE:
		begin(render, "pause");
		json_put_number(render->out, "length", step->seconds);
		json_put_object_end(render->out);
		break;
	case IVR_PROMPT:
		put_prompts(render, NULL, step->prompts, step->prompt_count);
		break;
	case IVR_MENU:
	case IVR_COLLECT:
	case IVR_HOLD:
		put_gather(render, step);
		break;
	case IVR_CONNECT:
		put_connect(render, step);
		break;
	case IVR_RECORD:
		put_listen(render, step);
		break;
	case IVR_HANGUP:
		put_simple(render, "hangup");
		break;
	case IVR_REJECT:
		begin(render, "sip:decline");
		json_put_number(render->out, "status", step->cause == IVR_CAUSE_BUSY ? 486 : 480);
		json_put_object_end(render->out);
		break;
	}
}

static void finish(struct json_out *out, struct text *to)
{
	json_put_list_end(out);
	text_put_n(to, out->bytes, out->length);
	explicit_bzero(out->bytes, out->length); /* may hold a number to call back */
	json_out_finish(out);
}

void jambonz_render(const struct web *web, const char *call, const char *token,
	const struct ivr_turn *turn, struct text *to)
{
	struct json_out out;
	struct render render = { .web = web, .call = call, .token = token, .out = &out };

	json_out_init(&out, 0);
	json_put_list(&out, NULL);
	for (uint32_t i = 0; i < turn->count; i++)
		put_step(&render, &turn->steps[i]);
	finish(&out, to);
}

void jambonz_render_leg(const struct web *web, const char *call, const char *token,
	enum ivr_leg leg, unsigned tries, const struct ivr_prompt *accept, struct text *to)
{
	struct json_out out;
	struct render render = { .web = web, .call = call, .token = token, .out = &out };

	json_out_init(&out, 0);
	json_put_list(&out, NULL);
	if (leg == IVR_LEG_ASK) {
		begin(&render, "gather");
		json_put_list(&out, "input");
		json_put_text(&out, NULL, "digits");
		json_put_list_end(&out);
		json_put_flag(&out, "dtmfBargein", true);
		json_put_number(&out, "timeout", IVR_ACCEPT_SECONDS);
		json_put_number(&out, "numDigits", 1);
		put_hook(&render, "actionHook", 'l', (int)tries + 1);
		put_prompts(&render, "in", accept, 1);
		json_put_object_end(&out);
	}
	if (leg == IVR_LEG_DROP)
		put_simple(&render, "hangup");
	finish(&out, to); /* of JOIN: nothing, so the two are joined */
}
