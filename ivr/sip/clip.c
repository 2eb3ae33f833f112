#include "ivr/sip/clip.h"
#include "base/mem.h"
#include "ivr/sip/re.h"

#include <math.h>
#include <rem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 512 };

struct clips {
	struct clip *buckets[BUCKETS];
	struct clip tones[CLIP_TONES];
	size_t count;
};

struct note {
	double hertz, seconds, level;
};

static size_t whole_frames(size_t bytes)
{
	return (bytes + LAW_FRAME - 1) / LAW_FRAME * LAW_FRAME;
}

/* Notes one after the other, each faded in and out over 10 ms: no clicks. */
static void make_tone(struct clip *clip, const struct note *notes, size_t count)
{
	size_t at = 0, total = 0;

	for (size_t i = 0; i < count; i++)
		total += (size_t)(notes[i].seconds * LAW_RATE);
	clip->length = whole_frames(total);
	clip->alaw = mem_alloc(clip->length);
	memset(clip->alaw, LAW_SILENCE, clip->length);
	for (size_t i = 0; i < count; i++) {
		size_t length = (size_t)(notes[i].seconds * LAW_RATE), fade = LAW_RATE / 100;
		for (size_t n = 0; n < length; n++) {
			size_t edge = n < length - n ? n : length - n;
			double level = notes[i].level * (edge < fade ? (double)edge / (double)fade : 1);
			double wave = sin(2 * M_PI * notes[i].hertz * (double)n / LAW_RATE);
			clip->alaw[at++] = law_encode(LAW_A, (int)(wave * level * 32000));
		}
	}
}

struct clips *clips_create(void)
{
	static const struct note ringing[] = { { 425, 1, 0.12 }, { 0, 3, 0 } },
				 beep[] = { { 1400, 0.35, 0.2 }, { 0, 0.05, 0 } },
				 waiting[] = { { 440, 0.25, 0.05 }, { 330, 0.35, 0.05 }, { 0, 4.4, 0 } };
	struct clips *clips = mem_alloc(sizeof *clips);

	law_init();
	make_tone(&clips->tones[CLIP_RINGING], ringing, 2);
	make_tone(&clips->tones[CLIP_BEEP], beep, 2);
	make_tone(&clips->tones[CLIP_WAITING], waiting, 3);
	return clips;
}

void clips_destroy(struct clips **clips)
{
	if (!*clips)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while ((*clips)->buckets[i]) {
			struct clip *clip = (*clips)->buckets[i];
			(*clips)->buckets[i] = clip->next;
			free(clip->alaw);
			free(clip);
		}
	}
	for (int i = 0; i < CLIP_TONES; i++)
		free((*clips)->tones[i].alaw);
	free(*clips);
	*clips = NULL;
}

static size_t bucket_of(const struct ivr_prompt *prompt)
{
	uint32_t hash = 2166136261u;

	for (const char *p = prompt->id; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619u;
	for (const char *p = prompt->lang; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619u;
	return hash % BUCKETS;
}

const struct clip *clips_find(const struct clips *clips, const struct ivr_prompt *prompt)
{
	const struct clip *clip = clips->buckets[bucket_of(prompt)];

	while (clip && (strcmp(clip->id, prompt->id) != 0 || strcmp(clip->lang, prompt->lang) != 0))
		clip = clip->next;
	return clip;
}

const struct clip *clips_tone(const struct clips *clips, enum clip_tone tone)
{
	return &clips->tones[tone];
}

size_t clips_count(const struct clips *clips)
{
	return clips->count;
}

/* Everything the file has, as 16-bit samples of all channels. */
static enum err read_samples(
	struct aufile *file, const struct aufile_prm *form, int16_t **samples_r, size_t *count_r)
{
	size_t most = (size_t)CLIP_SECONDS_MAX * form->srate * form->channels, count = 0;
	int16_t *samples = NULL;
	uint8_t block[8192];

	for (;;) {
		size_t size = sizeof block, more;
		if (aufile_read(file, block, &size) || !size)
			break;
		more = form->fmt == AUFMT_S16LE ? size / 2 : size;
		if (count + more > most) {
			free(samples);
			return ERR_TOO_LONG;
		}
		samples = mem_grow(samples, count + more, sizeof *samples);
		for (size_t i = 0; i < more; i++) {
			if (form->fmt == AUFMT_S16LE)
				samples[count + i] = (int16_t)(block[2 * i] | block[2 * i + 1] << 8);
			else
				samples[count + i] = law_decode(
					form->fmt == AUFMT_PCMA ? LAW_A : LAW_MU, block[i]);
		}
		count += more;
	}
	*samples_r = samples;
	*count_r = count;
	return count ? OK : ERR_INVALID;
}

/* To 8 kHz and one channel. samples is taken over. */
static enum err to_telephone(
	const struct aufile_prm *form, int16_t **samples, size_t *count)
{
	struct auresamp resampler;
	int16_t *out;
	size_t size = *count;

	if (form->channels == 2) {
		for (size_t i = 0; i < *count / 2; i++)
			(*samples)[i] = (int16_t)(((*samples)[2 * i] + (*samples)[2 * i + 1]) / 2);
		*count /= 2;
	}
	if (form->srate == LAW_RATE)
		return OK;
	auresamp_init(&resampler);
	if (auresamp_setup(&resampler, form->srate, 1, LAW_RATE, 1))
		return ERR_INVALID;
	out = mem_array(size + LAW_FRAME, sizeof *out);
	*count -= *count % (form->srate / LAW_RATE);
	size = *count;
	if (auresamp(&resampler, out, &size, *samples, *count)) {
		free(out);
		return ERR_INVALID;
	}
	free(*samples);
	*samples = out;
	*count = size;
	return OK;
}

static enum err read_file(const char *path, struct clip *clip)
{
	struct aufile_prm form;
	struct aufile *file = NULL;
	int16_t *samples = NULL;
	size_t count = 0;
	enum err err;

	if (aufile_open(&file, &form, path, AUFILE_READ))
		return ERR_NOT_FOUND;
	if ((form.channels != 1 && form.channels != 2)
		|| (form.fmt != AUFMT_S16LE && form.fmt != AUFMT_PCMA && form.fmt != AUFMT_PCMU)
		|| form.srate % LAW_RATE || !form.srate || form.srate > 48000)
		err = ERR_INVALID;
	else
		err = read_samples(file, &form, &samples, &count);
	mem_deref(file);
	if (!err)
		err = to_telephone(&form, &samples, &count);
	if (!err) {
		clip->length = whole_frames(count);
		clip->alaw = mem_alloc(clip->length);
		memset(clip->alaw, LAW_SILENCE, clip->length);
		for (size_t i = 0; i < count; i++)
			clip->alaw[i] = law_encode(LAW_A, samples[i]);
	}
	free(samples);
	return err;
}

enum err clips_add(struct clips *clips, const struct ivr_prompt *prompt, const char *path,
	char *error, size_t error_size)
{
	struct clip *clip;
	size_t bucket = bucket_of(prompt);
	enum err err;

	if (clips_find(clips, prompt))
		return OK;
	clip = mem_alloc(sizeof *clip);
	err = read_file(path, clip);
	if (err) {
		snprintf(error, error_size, "%s: %s", path,
			err == ERR_TOO_LONG ? "longer than 300 seconds: shorten it"
			: err == ERR_NOT_FOUND
				? "cannot be read as WAV: is it there, and PCM or G.711?"
				: "must be PCM of 16 bits, A-law or µ-law, of 8, 16, 24, 32 or 48 kHz");
		free(clip);
		return err;
	}
	snprintf(clip->id, sizeof clip->id, "%s", prompt->id);
	snprintf(clip->lang, sizeof clip->lang, "%s", prompt->lang);
	clip->next = clips->buckets[bucket];
	clips->buckets[bucket] = clip;
	clips->count++;
	return OK;
}

void player_stop(struct player *player)
{
	*player = (struct player) { 0 };
}

void player_add(struct player *player, const struct clip *clip)
{
	if (clip && player->count < IVR_PROMPTS_MAX)
		player->clips[player->count++] = clip;
}

void player_loop(struct player *player, const struct clip *clip)
{
	if (player->loop == clip)
		return;
	if (!player_busy(player))
		player->offset = 0;
	player->loop = clip;
}

bool player_busy(const struct player *player)
{
	return player->at < player->count;
}

bool player_frame(struct player *player, uint8_t frame_r[LAW_FRAME])
{
	const struct clip *clip = player_busy(player) ? player->clips[player->at] : player->loop;

	if (!clip) {
		memset(frame_r, LAW_SILENCE, LAW_FRAME);
		return false;
	}
	memcpy(frame_r, clip->alaw + player->offset, LAW_FRAME);
	player->offset += LAW_FRAME;
	if (player->offset >= clip->length) {
		player->offset = 0;
		if (player_busy(player))
			player->at++;
	}
	return true;
}
