#include "base/log.h"
#include "base/mem.h"
#include "ivr/sip/line.h"

#include <stdlib.h>
#include <string.h>

enum { END_TICKS = 15 };

const struct ivr_step *line_step(const struct line *line)
{
	if (!line->turn || line->step >= line->turn->count)
		return NULL;
	return &line->turn->steps[line->step];
}

static void play(struct line *line, const struct ivr_step *step)
{
	const struct clips *clips = line->exchange->clips;
	const struct clip *loop = line->leg->player.loop;
	size_t offset = line->leg->player.offset;
	bool looping = loop && !player_busy(&line->leg->player);

	player_stop(&line->leg->player);
	for (uint32_t i = 0; i < step->prompt_count; i++)
		player_add(&line->leg->player, clips_find(clips, &step->prompts[i]));
	/* The music of a HOLD goes on through the next one, if that says nothing. */
	if (looping && step->kind == IVR_HOLD && !player_busy(&line->leg->player)) {
		line->leg->player.loop = loop;
		line->leg->player.offset = offset;
	}
	line->phase = LINE_PLAYING;
	line->ticks = 0;
}

static void refuse(struct line *line, enum ivr_cause cause)
{
	if (line->leg && !line->leg->up && !line->dialled)
		leg_reject(line->leg, cause);
	line_end(line, cause);
}

static void answer(struct line *line)
{
	line->phase = LINE_ANSWERING;
	line->ticks = 0;
	leg_answer(line->leg);
}

static void begin(struct line *line, const struct ivr_step *step)
{
	switch (step->kind) {
	case IVR_ANSWER:
		line_next(line);
		break;
	case IVR_PAUSE:
		player_stop(&line->leg->player);
		line->phase = LINE_PAUSING;
		line->ticks = step->seconds * LINE_TICKS + 1;
		break;
	case IVR_HANGUP:
		line->phase = LINE_ENDING;
		line->ticks = END_TICKS;
		break;
	case IVR_REJECT:
		refuse(line, step->cause);
		break;
	case IVR_PROMPT:
		*line->ahead = '\0';
		play(line, step);
		break;
	default:
		*line->keys = '\0';
		play(line, step);
		break;
	}
}

static void use_ahead(struct line *line)
{
	char ahead[sizeof line->ahead];

	memcpy(ahead, line->ahead, sizeof ahead);
	*line->ahead = '\0';
	for (const char *p = ahead; *p && !line->over; p++)
		line_key(line, *p);
}

void line_run(struct line *line)
{
	const struct ivr_step *step = line_step(line);

	if (line->over || !line->leg)
		return;
	if (!step) { /* a turn that neither waits nor ends: a bug of the script's */
		log_error("a turn without an end", "turn=%u", line->turn ? line->turn->number : 0);
		line_end(line, IVR_CAUSE_FAILED);
		return;
	}
	if (!line->leg->up && step->kind == IVR_HANGUP) {
		refuse(line, IVR_CAUSE_NONE);
		return;
	}
	if (!line->leg->up && step->kind != IVR_REJECT) {
		answer(line);
		return;
	}
	begin(line, step);
	if (!line->over && *line->ahead
		&& (step->kind == IVR_MENU || step->kind == IVR_COLLECT || step->kind == IVR_HOLD))
		use_ahead(line);
}

void line_next(struct line *line)
{
	line->step++;
	line_run(line);
}

/* ---- what follows a step's prompts ---- */

static void hold(struct line *line, const struct ivr_step *step)
{
	const struct clip *segment = clips_find(line->exchange->clips, &step->segment);

	line->segment = segment ? segment : clips_tone(line->exchange->clips, CLIP_WAITING);
	player_loop(&line->leg->player, line->segment);
	line->phase = LINE_HOLDING;
	line->ticks = (step->seconds ? step->seconds : 1) * LINE_TICKS;
}

static void beep(struct line *line)
{
	player_stop(&line->leg->player);
	player_add(&line->leg->player, clips_tone(line->exchange->clips, CLIP_BEEP));
	line->phase = LINE_BEEPING;
	line->ticks = 0;
}

static void record(struct line *line, const struct ivr_step *step)
{
	line->phase = LINE_RECORDING;
	line->ticks = 0;
	tape_start(&line->tape, step->most);
}

static void after_prompts(struct line *line, const struct ivr_step *step)
{
	switch (step->kind) {
	case IVR_PROMPT:
		line_next(line);
		break;
	case IVR_MENU:
	case IVR_COLLECT:
		line->phase = LINE_LISTENING;
		line->ticks = (step->seconds ? step->seconds : 1) * LINE_TICKS;
		break;
	case IVR_HOLD:
		hold(line, step);
		break;
	case IVR_RECORD:
		beep(line);
		break;
	case IVR_CONNECT:
		line_connect(line);
		break;
	default:
		break;
	}
}

static void on_time(struct line *line)
{
	switch (line->phase) {
	case LINE_PAUSING:
		line_next(line);
		break;
	case LINE_LISTENING:
		line_event(line, IVR_EVENT_KEYS, line->keys, IVR_CAUSE_NONE);
		break;
	case LINE_HOLDING:
		line_event(line, IVR_EVENT_POLL, "", IVR_CAUSE_NONE);
		break;
	case LINE_ENDING:
	case LINE_LEAVING:
		line_end(line, line->leaving ? IVR_CAUSE_CUT : IVR_CAUSE_NONE);
		break;
	default: /* no turn came: the loop thread is stuck or has forgotten the call */
		refuse(line, line->told ? IVR_CAUSE_FAILED : IVR_CAUSE_NO_ANSWER);
		break;
	}
}

void line_step_tick(struct line *line)
{
	const struct ivr_step *step = line_step(line);

	if (line->phase == LINE_PLAYING && step && !player_busy(&line->leg->player)) {
		after_prompts(line, step);
		return;
	}
	if (line->phase == LINE_LEAVING && !player_busy(&line->leg->player)
		&& (!line->other || !player_busy(&line->other->player))) {
		line->phase = LINE_ENDING;
		line->ticks = END_TICKS;
		return;
	}
	if (line->phase == LINE_BEEPING && step && !player_busy(&line->leg->player)) {
		record(line, step);
		return;
	}
	if (line->phase == LINE_RECORDING && tape_tick(&line->tape) != TAPE_GOES_ON) {
		line_recorded(line);
		return;
	}
	if (line->ticks && --line->ticks == 0)
		on_time(line);
}

/* ---- keys ---- */

static void collect(struct line *line, const struct ivr_step *step, char key)
{
	uint32_t most = step->most && step->most < IVR_DIGITS_MAX ? step->most : IVR_DIGITS_MAX;
	size_t length = strlen(line->keys);

	player_stop(&line->leg->player);
	if (step->finish && key == step->finish) {
		line_event(line, IVR_EVENT_KEYS, line->keys, IVR_CAUSE_NONE);
		return;
	}
	line->keys[length] = key;
	line->keys[length + 1] = '\0';
	if (length + 1 >= most || (!length && strchr(step->keys, key))) {
		line_event(line, IVR_EVENT_KEYS, line->keys, IVR_CAUSE_NONE);
		return;
	}
	line->phase = LINE_LISTENING;
	line->ticks = (step->seconds ? step->seconds : 1) * LINE_TICKS;
}

void line_key(struct line *line, char key)
{
	const struct ivr_step *step = line_step(line);
	char one[] = { key, '\0' };
	size_t length = strlen(line->ahead);

	if (line->over || line->leaving || key > '9' /* A to D */)
		return;
	if (line->phase == LINE_IDLE) {
		if (length < sizeof line->ahead - 1)
			memcpy(line->ahead + length, one, sizeof one);
		return;
	}
	if (!step)
		return;
	switch (step->kind) {
	case IVR_MENU:
		player_stop(&line->leg->player);
		line_event(line, IVR_EVENT_KEYS, one, IVR_CAUSE_NONE);
		break;
	case IVR_HOLD:
		line_event(line, IVR_EVENT_KEYS, one, IVR_CAUSE_NONE);
		break;
	case IVR_COLLECT:
		collect(line, step, key);
		break;
	case IVR_RECORD:
		if (line->phase == LINE_RECORDING && (!step->finish || key == step->finish))
			line_recorded(line);
		break;
	default:
		break;
	}
}

/* ---- recording ---- */

void line_recorded(struct line *line)
{
	struct report report = { .kind = REPORT_EVENT,
		.event = IVR_EVENT_RECORDED,
		.turn = line->turn->number };

	report.recording = tape_take(&line->tape, &report.recording_size, &report.seconds);
	if (!report.recording) {
		if (!line->over && !line->leaving) /* who goes without a word has left none */
			line_event(line, IVR_EVENT_POLL, "", IVR_CAUSE_NONE);
		return;
	}
	strcpy(report.call, line->name);
	line->phase = LINE_IDLE;
	line->ticks = LINE_TURN_TICKS;
	line->exchange->tally->messages++;
	exchange_report(line->exchange, &report);
}
