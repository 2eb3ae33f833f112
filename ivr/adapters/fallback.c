#include "ivr/adapters/fallback.h"
#include "ivr/adapters/jambonz.h"
#include "ivr/adapters/twilio.h"

#include <stdio.h>
#include <string.h>

static void make_turn(const struct script *script, struct ivr_turn *turn)
{
	struct ivr_step *step = &turn->steps[0];

	memset(turn, 0, sizeof *turn);
	turn->count = 2;
	step->kind = IVR_PROMPT;
	turn->steps[1].kind = IVR_HANGUP;
	for (size_t i = 0; i < script_languages(script); i++) {
		struct ivr_prompt *prompt = &step->prompts[step->prompt_count++];
		snprintf(prompt->id, sizeof prompt->id, "fallback");
		snprintf(prompt->lang, sizeof prompt->lang, "%s", script_language(script, i));
	}
}

/* A `say` speaks one language: each its own. */
static void fallback_verbs(const struct web *web, const struct ivr_step *step,
	struct ivr_turn *turn, struct text *text)
{
	struct ivr_step all = *step;

	turn->count = 0;
	for (uint32_t i = 0; i < all.prompt_count && turn->count < IVR_STEPS_MAX - 1; i++) {
		struct ivr_step *one = &turn->steps[turn->count++];
		memset(one, 0, sizeof *one);
		one->kind = IVR_PROMPT;
		one->prompts[one->prompt_count++] = all.prompts[i];
	}
	turn->steps[turn->count++] = (struct ivr_step) { .kind = IVR_HANGUP };
	jambonz_render(web, "", "", turn, text);
}

char *fallback_document(const struct script *script, const char *kind)
{
	static struct ivr_turn turn;
	struct web web = { .script = script };
	struct text text = { 0 };

	make_turn(script, &turn);
	if (!strcmp(kind, "twilio"))
		twilio_render(&web, TWILIO_SOMLENG, "", &turn, &text);
	else if (!strcmp(kind, "jambonz"))
		fallback_verbs(&web, &turn.steps[0], &turn, &text);
	return text.bytes;
}
