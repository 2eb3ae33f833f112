/* CONNECT: ring a counsellor's telephone while the caller hears it ring, ask for a key, join. */
#include "ivr/sip/line.h"

#include <stdio.h>
#include <string.h>

static const struct ivr_step *connect_step(const struct line *line)
{
	const struct ivr_step *step = line_step(line);
	return step && step->kind == IVR_CONNECT ? step : NULL;
}

void line_disconnect(struct line *line)
{
	leg_hangup(&line->other);
	line->other_phase = OTHER_NONE;
	if (line->leg) {
		leg_relay_end(line->leg);
		player_stop(&line->leg->player);
	}
}

void line_comfort(struct line *line)
{
	player_loop(&line->leg->player,
		line->segment ? line->segment
			      : clips_tone(line->exchange->clips, CLIP_WAITING));
}

static void drop(struct line *line, enum ivr_cause cause)
{
	line_disconnect(line);
	line_comfort(line);
	line_event(line, IVR_EVENT_DROPPED, "", cause);
}

static void ask(struct line *line, const char *keys)
{
	struct report report = { .kind = REPORT_LEG,
		.turn = line->turn->number,
		.tries = line->tries,
		.answered = keys != NULL };

	strcpy(report.call, line->name);
	snprintf(report.keys, sizeof report.keys, "%s", keys ? keys : "");
	line->other_phase = OTHER_ASKING;
	line->other_ticks = LINE_VERDICT_TICKS;
	exchange_report(line->exchange, &report);
}

static void on_ringing(void *arg)
{
	struct line *line = arg;

	if (line->rang || line->over)
		return;
	line->rang = true;
	line_event(line, IVR_EVENT_RINGING, "", IVR_CAUSE_NONE);
}

static void on_up(void *arg)
{
	struct line *line = arg;

	if (!line->over && line->phase == LINE_CONNECTING)
		ask(line, NULL);
}

static void on_key(void *arg, char key)
{
	struct line *line = arg;
	char one[] = { key, '\0' };

	if (line->other_phase == OTHER_HEARING || line->other_phase == OTHER_THINKING)
		ask(line, one);
}

static void on_audio(void *arg, const uint8_t *alaw, size_t length, uint16_t seq, uint32_t timestamp)
{
	struct line *line = arg;

	if (line->other_phase == OTHER_JOINED && line->leg)
		leg_relay(line->leg, alaw, length, seq, timestamp);
}

static void on_down(void *arg, enum ivr_cause cause)
{
	struct line *line = arg;
	bool answered = line->other_phase > OTHER_RINGING && line->other_phase != OTHER_JOINED;

	line->other = NULL;
	if (!line->over && line->phase == LINE_CONNECTING)
		drop(line, answered ? IVR_CAUSE_DECLINED : cause);
}

void line_connect(struct line *line)
{
	const struct ivr_step *step = connect_step(line);
	struct leg_events events = { .on_ringing = on_ringing,
		.on_up = on_up,
		.on_key = on_key,
		.on_audio = on_audio,
		.on_down = on_down,
		.arg = line };

	line->phase = LINE_CONNECTING;
	line->ticks = 0;
	line->rang = false;
	line->tries = 0;
	line->other_phase = OTHER_RINGING;
	line->other_ticks = (step->seconds ? step->seconds : 1) * LINE_TICKS;
	player_stop(&line->leg->player);
	player_loop(&line->leg->player, clips_tone(line->exchange->clips, CLIP_RINGING));
	if (route_dial(line->exchange, step->target, step->cli, &events, &line->other))
		drop(line, IVR_CAUSE_FAILED);
}

static void question(struct line *line)
{
	const struct ivr_step *step = connect_step(line);

	line->tries++;
	line->other_phase = OTHER_HEARING;
	player_stop(&line->other->player);
	player_add(&line->other->player, clips_find(line->exchange->clips, &step->accept));
}

static void join(struct line *line)
{
	line->other_phase = OTHER_JOINED;
	line->other_ticks = 0;
	player_stop(&line->leg->player);
	player_stop(&line->other->player);
	line->leg->relay.on = line->other->relay.on = true; /* silence until somebody speaks */
	line->leg->relay.idle = line->other->relay.idle = LEG_RELAY_GAP + 1;
	line_event(line, IVR_EVENT_ACCEPTED, "", IVR_CAUSE_NONE);
}

void line_verdict(struct line *line, uint32_t turn, enum ivr_leg verdict)
{
	if (line->phase != LINE_CONNECTING || line->other_phase != OTHER_ASKING
		|| turn != line->turn->number)
		return;
	if (verdict == IVR_LEG_JOIN)
		join(line);
	else if (verdict == IVR_LEG_ASK)
		question(line);
	else
		drop(line, IVR_CAUSE_DECLINED);
}

/* Who is put on hold hears that the line is alive. */
static void comfort(struct line *line, struct leg *leg, const struct leg *other)
{
	player_loop(&leg->player, other->held || other->mute
			? (line->segment && leg == line->leg
					? line->segment
					: clips_tone(line->exchange->clips, CLIP_WAITING))
			: NULL);
}

void line_connect_tick(struct line *line)
{
	if (line->other_phase == OTHER_JOINED) {
		comfort(line, line->leg, line->other);
		comfort(line, line->other, line->leg);
		return;
	}
	if (line->other_phase == OTHER_HEARING && !player_busy(&line->other->player)) {
		line->other_phase = OTHER_THINKING;
		line->other_ticks = IVR_ACCEPT_SECONDS * LINE_TICKS;
		return;
	}
	if (!line->other_ticks || --line->other_ticks)
		return;
	if (line->other_phase == OTHER_RINGING)
		drop(line, IVR_CAUSE_NO_ANSWER);
	else if (line->other_phase == OTHER_THINKING)
		ask(line, "");
	else
		drop(line, IVR_CAUSE_DECLINED);
}
