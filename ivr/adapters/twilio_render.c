/* TwiML. */
#include "ivr/adapters/twilio.h"

#include <stdio.h>
#include <string.h>

struct render {
	const struct web *web;
	enum twilio_dialect dialect;
	const char *token;
	struct text *to;
};

static void put_url(const struct render *render, char verb)
{
	struct text url = { 0 };
	web_url(render->web, &url, verb, render->token);
	text_xml(render->to, url.bytes);
	text_free(&url);
}

static void put_prompt(const struct render *render, const struct ivr_prompt *prompt)
{
	struct text url = { 0 };

	if (web_sound(render->web, &url, prompt)) {
		text_put(render->to, "<Play>");
		text_xml(render->to, url.bytes);
		text_put(render->to, "</Play>");
	} else if (*web_words(render->web, prompt)) {
		text_format(render->to, "<Say language=\"%s\">", web_locale(prompt->lang));
		text_xml(render->to, web_words(render->web, prompt));
		text_put(render->to, "</Say>");
	}
	text_free(&url);
}

static void put_prompts(const struct render *render, const struct ivr_step *step)
{
	for (uint32_t i = 0; i < step->prompt_count; i++)
		put_prompt(render, &step->prompts[i]);
}

static void put_pause(const struct render *render, uint32_t seconds)
{
	if (render->dialect != TWILIO_SOMLENG && seconds)
		text_format(render->to, "<Pause length=\"%u\"/>", seconds);
}

static void put_back(const struct render *render, char verb)
{
	text_put(render->to, "<Redirect method=\"POST\">");
	put_url(render, verb);
	text_put(render->to, "</Redirect>");
}

static void begin_gather(
	const struct render *render, uint32_t most, uint32_t seconds, const char *finish)
{
	text_format(render->to,
		"<Gather input=\"dtmf\" method=\"POST\" actionOnEmptyResult=\"true\" numDigits=\"%u\" "
		"timeout=\"%u\" finishOnKey=\"%s\" action=\"",
		most, seconds ? seconds : 1, finish);
	put_url(render, 't');
	text_put(render->to, "\">");
}

static void put_menu(const struct render *render, const struct ivr_step *step)
{
	begin_gather(render, 1, step->seconds, "");
	put_prompts(render, step);
	text_put(render->to, "</Gather>");
	put_back(render, 't');
}

static void put_collect(const struct render *render, const struct ivr_step *step)
{
	char finish[2] = { step->finish, '\0' };
	begin_gather(render, step->most, step->seconds, finish);
	put_prompts(render, step);
	text_put(render->to, "</Gather>");
	put_back(render, 't');
}

static void put_hold(const struct render *render, const struct ivr_step *step)
{
	struct text sound = { 0 };
	bool has = web_sound(render->web, &sound, &step->segment);

	begin_gather(render, 1, has || render->dialect != TWILIO_SOMLENG ? 1 : step->seconds, "");
	put_prompts(render, step);
	if (has)
		put_prompt(render, &step->segment);
	else
		put_pause(render, step->seconds);
	text_put(render->to, "</Gather>");
	put_back(render, 't');
	text_free(&sound);
}

static void put_number(const struct render *render, const struct ivr_step *step)
{
	bool sip = !strncmp(step->target, "sip:", 4);
	const char *noun = sip ? "Sip" : "Number";

	text_format(render->to, "<%s", noun);
	if (*step->accept.id && render->dialect != TWILIO_SOMLENG) {
		text_put(render->to, " method=\"POST\" url=\"");
		put_url(render, 'l');
		text_put(render->to, "/0\"");
	} else if (render->dialect != TWILIO_SOMLENG) {
		text_put(render->to,
			" statusCallbackEvent=\"answered\" statusCallbackMethod=\"POST\" "
			"statusCallback=\"");
		put_url(render, 'a');
		text_put(render->to, "\"");
	}
	text_put(render->to, ">");
	text_xml(render->to, step->target);
	text_format(render->to, "</%s>", noun);
}

static void put_connect(const struct render *render, const struct ivr_step *step)
{
	put_prompts(render, step);
	text_format(render->to, "<Dial method=\"POST\" timeout=\"%u\"", step->seconds);
	if (render->dialect != TWILIO_SOMLENG)
		text_put(render->to, " answerOnBridge=\"true\"");
	if (*step->cli) {
		text_put(render->to, " callerId=\"");
		text_xml(render->to, step->cli);
		text_put(render->to, "\"");
	}
	text_put(render->to, " action=\"");
	put_url(render, 'd');
	text_put(render->to, "\">");
	put_number(render, step);
	text_put(render->to, "</Dial>");
}

static void put_record(const struct render *render, const struct ivr_step *step)
{
	put_prompts(render, step);
	text_format(render->to,
		"<Record method=\"POST\" playBeep=\"true\" maxLength=\"%u\" finishOnKey=\"%c\" "
		"action=\"",
		step->most, step->finish);
	put_url(render, 'r');
	text_put(render->to, "\"/>");
	put_back(render, 't');
}

static void put_step(const struct render *render, const struct ivr_step *step)
{
	switch (step->kind) {
	case IVR_ANSWER:
		break; /* the first verb that sounds answers */
	case IVR_PAUSE:
		put_pause(render, step->seconds);
		break;
	case IVR_PROMPT:
		put_prompts(render, step);
		break;
	case IVR_MENU:
		put_menu(render, step);
		break;
	case IVR_COLLECT:
		put_collect(render, step);
		break;
	case IVR_HOLD:
		put_hold(render, step);
		break;
	case IVR_CONNECT:
		put_connect(render, step);
		break;
	case IVR_RECORD:
		put_record(render, step);
		break;
	case IVR_REJECT:
		text_format(render->to, "<Reject reason=\"%s\"/>",
			step->cause == IVR_CAUSE_BUSY ? "busy" : "rejected");
		break;
	case IVR_HANGUP:
		text_put(render->to, "<Hangup/>");
		break;
	}
}

static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>";

void twilio_render(const struct web *web, enum twilio_dialect dialect, const char *token,
	const struct ivr_turn *turn, struct text *to)
{
	struct render render = { .web = web, .dialect = dialect, .token = token, .to = to };

	text_put(to, head);
	for (uint32_t i = 0; i < turn->count; i++)
		put_step(&render, &turn->steps[i]);
	text_put(to, "</Response>\n");
}

void twilio_render_leg(const struct web *web, const char *token, enum ivr_leg leg, unsigned tries,
	const struct ivr_prompt *accept, struct text *to)
{
	struct render render = { .web = web, .token = token, .to = to };

	text_put(to, head);
	if (leg == IVR_LEG_DROP)
		text_put(to, "<Hangup/>");
	if (leg == IVR_LEG_ASK) {
		text_format(to,
			"<Gather input=\"dtmf\" method=\"POST\" actionOnEmptyResult=\"true\" "
			"numDigits=\"1\" timeout=\"%d\" finishOnKey=\"\" action=\"",
			IVR_ACCEPT_SECONDS);
		put_url(&render, 'l');
		text_format(to, "/%u\">", tries + 1);
		put_prompt(&render, accept);
		text_put(to, "</Gather><Hangup/>");
	}
	text_put(to, "</Response>\n"); /* of JOIN: nothing more to hear, so the two are joined */
}
