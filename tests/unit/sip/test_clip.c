/* Prompts from WAV files of every form that is promised, the player frame by frame, the tones. */
#include "ivr/sip/clip.h"
#include "tests/unit/unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/onthaal-clip-XXXXXX";

static void put16(FILE *file, unsigned value)
{
	fputc((int)(value & 255), file);
	fputc((int)(value >> 8 & 255), file);
}

static void put32(FILE *file, unsigned value)
{
	put16(file, value & 0xffff);
	put16(file, value >> 16);
}

/* A sine of 400 Hz. format: 1 PCM, 6 A-law, 7 µ-law. */
static void write_wav(unsigned format, unsigned rate, unsigned channels, double seconds)
{
	unsigned samples = (unsigned)(rate * seconds), width = format == 1 ? 2 : 1;
	unsigned bytes = samples * channels * width;
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	fputs("RIFF", file);
	put32(file, 36 + bytes);
	fputs("WAVEfmt ", file);
	put32(file, 16);
	put16(file, format);
	put16(file, channels);
	put32(file, rate);
	put32(file, rate * channels * width);
	put16(file, channels * width);
	put16(file, width * 8);
	fputs("data", file);
	put32(file, bytes);
	for (unsigned i = 0; i < samples * channels; i++) {
		int value = (int)(10000 * sin(2 * M_PI * 400 * (i / channels) / rate));
		if (format == 1)
			put16(file, (unsigned)value & 0xffff);
		else
			fputc(law_encode(format == 6 ? LAW_A : LAW_MU, value), file);
	}
	fclose(file);
}

/* How much of the clip is a tone of that frequency, 0 to 1. */
static double share(const struct clip *clip, double hertz)
{
	double sine = 0, cosine = 0, power = 0;

	for (size_t i = 400; i + 400 < clip->length; i++) {
		double value = law_decode(LAW_A, clip->alaw[i]);
		sine += value * sin(2 * M_PI * hertz * (double)i / LAW_RATE);
		cosine += value * cos(2 * M_PI * hertz * (double)i / LAW_RATE);
		power += value * value;
	}
	return power > 0 ? 2 * (sine * sine + cosine * cosine) / (power * (double)(clip->length - 800))
			 : 0;
}

static void every_form_of_wav(void **state)
{
	static const struct {
		unsigned format, rate, channels;
	} forms[] = { { 1, 8000, 1 }, { 1, 8000, 2 }, { 1, 16000, 1 }, { 1, 24000, 1 },
		{ 1, 32000, 1 }, { 1, 48000, 2 }, { 6, 8000, 1 }, { 7, 8000, 1 } };
	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct clips *clips = clips_create();
		struct ivr_prompt prompt = { .id = "welcome", .lang = "nl" };
		char error[400] = "";
		const struct clip *clip;

		write_wav(forms[i].format, forms[i].rate, forms[i].channels, 1);
		assert_int_equal(clips_add(clips, &prompt, path, error, sizeof error), OK);
		clip = clips_find(clips, &prompt);
		assert_non_null(clip);
		assert_true(clip->length >= 7840 && clip->length <= 8000);
		assert_int_equal(clip->length % LAW_FRAME, 0);
		assert_true(share(clip, 400) > 0.95);
		assert_int_equal(clips_count(clips), 1);
		clips_destroy(&clips);
	}
}

static void refused(const char *expected)
{
	struct clips *clips = clips_create();
	struct ivr_prompt prompt = { .id = "welcome", .lang = "nl" };
	char error[400] = "";

	assert_int_not_equal(clips_add(clips, &prompt, path, error, sizeof error), OK);
	assert_non_null(strstr(error, path));
	assert_non_null(strstr(error, expected));
	assert_null(clips_find(clips, &prompt));
	clips_destroy(&clips);
}

static void other_files_are_refused_with_a_reason(void **state)
{
	FILE *file;
	(void)state;
	write_wav(1, 44100, 1, 1);
	refused("8, 16, 24, 32 or 48 kHz");
	write_wav(1, 8000, 3, 1);
	refused("must be PCM");
	write_wav(1, 8000, 1, CLIP_SECONDS_MAX + 1);
	refused("longer than 300 seconds");
	write_wav(1, 8000, 1, 0);
	refused("must be PCM");
	file = fopen(path, "wb");
	fputs("not a WAV file at all, just text of some length", file);
	fclose(file);
	refused("cannot be read as WAV");
	assert_int_equal(truncate(path, 0), 0);
	refused("cannot be read as WAV");
}

static void a_language_is_its_own(void **state)
{
	struct clips *clips = clips_create();
	struct ivr_prompt nl = { .id = "a", .lang = "nl" }, fr = { .id = "a", .lang = "fr" };
	char error[400];
	(void)state;
	write_wav(1, 8000, 1, 0.5);
	assert_int_equal(clips_add(clips, &nl, path, error, sizeof error), OK);
	assert_null(clips_find(clips, &fr));
	assert_int_equal(clips_add(clips, &fr, path, error, sizeof error), OK);
	assert_ptr_not_equal(clips_find(clips, &fr), clips_find(clips, &nl));
	clips_destroy(&clips);
}

static void the_player_plays_all_then_the_loop(void **state)
{
	struct clips *clips = clips_create();
	struct ivr_prompt prompt = { .id = "a", .lang = "nl" };
	struct player player = { 0 };
	uint8_t frame[LAW_FRAME];
	char error[400];
	(void)state;
	write_wav(1, 8000, 1, 0.1); /* 5 frames */
	assert_int_equal(clips_add(clips, &prompt, path, error, sizeof error), OK);
	assert_false(player_frame(&player, frame));
	assert_int_equal(frame[0], LAW_SILENCE);
	player_add(&player, clips_find(clips, &prompt));
	player_add(&player, NULL);
	player_add(&player, clips_find(clips, &prompt));
	player_loop(&player, clips_tone(clips, CLIP_RINGING));
	for (int i = 0; i < 10; i++) {
		assert_true(player_busy(&player));
		assert_true(player_frame(&player, frame));
	}
	assert_false(player_busy(&player));
	for (int round = 0; round < 2; round++) { /* 1 s of tone, 3 s of silence, again */
		for (int i = 0; i < 200; i++) {
			assert_true(player_frame(&player, frame));
			bool silent = frame[80] == LAW_SILENCE && frame[81] == LAW_SILENCE
				&& frame[83] == LAW_SILENCE;
			assert_int_equal(silent, i >= 50);
		}
	}
	player_stop(&player);
	assert_false(player_frame(&player, frame));
	clips_destroy(&clips);
}

static void the_loop_goes_on_where_it_was(void **state)
{
	struct clips *clips = clips_create();
	struct player player = { 0 };
	uint8_t frame[LAW_FRAME];
	(void)state;
	player_loop(&player, clips_tone(clips, CLIP_WAITING));
	for (int i = 0; i < 7; i++)
		player_frame(&player, frame);
	player_loop(&player, clips_tone(clips, CLIP_WAITING));
	assert_int_equal(player.offset, 7 * LAW_FRAME);
	player_loop(&player, clips_tone(clips, CLIP_RINGING));
	assert_int_equal(player.offset, 0);
	clips_destroy(&clips);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_wav),
		cmocka_unit_test(other_files_are_refused_with_a_reason),
		cmocka_unit_test(a_language_is_its_own),
		cmocka_unit_test(the_player_plays_all_then_the_loop),
		cmocka_unit_test(the_loop_goes_on_where_it_was),
	};
	int failed;

	close(mkstemp(path));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
