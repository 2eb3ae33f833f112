/* We stop: whoever is on a line hears why it ends, in the language it was heard in last. */
#include "ivr/sip/line.h"

#include <stdio.h>
#include <string.h>

static void learn(struct line *line, const char *lang)
{
	for (int i = 0; i < LINE_LANGS; i++) {
		if (strcmp(line->langs[i], lang) == 0)
			return;
		if (!*line->langs[i]) {
			snprintf(line->langs[i], sizeof line->langs[i], "%s", lang);
			return;
		}
	}
}

void line_learn_langs(struct line *line)
{
	bool first = true;

	for (uint32_t s = 0; s < line->turn->count; s++) {
		const struct ivr_step *step = &line->turn->steps[s];
		for (uint32_t p = 0; p < step->prompt_count; p++) {
			if (strcmp(step->prompts[p].lang, IVR_LANG_ANY) == 0)
				continue;
			if (first)
				memset(line->langs, 0, sizeof line->langs);
			first = false;
			learn(line, step->prompts[p].lang);
		}
	}
}

static void say(const struct line *line, struct leg *leg, const char *lang)
{
	struct ivr_prompt prompt = { .id = IVR_PROMPT_RESTART };

	snprintf(prompt.lang, sizeof prompt.lang, "%s", lang);
	player_add(&leg->player, clips_find(line->exchange->clips, &prompt));
}

/* The counsellor's telephone, if the two talk; one that only rings is let go. */
static void tell_other(struct line *line)
{
	const struct ivr_step *step = line_step(line);

	if (line->other_phase != OTHER_JOINED || !line->other) {
		leg_hangup(&line->other);
	} else {
		leg_relay_end(line->other);
		player_stop(&line->other->player);
		say(line, line->other, step && *step->accept.lang ? step->accept.lang : line->langs[0]);
	}
	line->other_phase = OTHER_NONE;
}

void line_leave(struct line *line)
{
	if (line->over || line->leaving)
		return;
	if (!line->leg || !line->leg->up) {
		if (line->leg && !line->dialled)
			leg_reject(line->leg, IVR_CAUSE_FAILED);
		line_end(line, IVR_CAUSE_CUT);
		return;
	}
	line->leaving = true;
	if (line->phase == LINE_RECORDING)
		line_recorded(line);
	if (line->phase == LINE_CONNECTING)
		tell_other(line);
	leg_relay_end(line->leg);
	player_stop(&line->leg->player);
	for (int i = 0; i < LINE_LANGS && *line->langs[i]; i++)
		say(line, line->leg, line->langs[i]);
	line->phase = LINE_LEAVING;
	line->ticks = LINE_LEAVING_SECONDS * LINE_TICKS;
}
