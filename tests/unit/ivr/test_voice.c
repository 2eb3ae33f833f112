/* A voice in a stream: at every rate the same sound, in pieces of any size; both sides of each limit; and WAV
 * files, whole, unfinished, and such as are none. */
#include "ivr/voice.h"
#include "tests/unit/unit.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static int16_t samples[48000 * 3];
static uint8_t alaw[24000];

/* `seconds` of sound that comes back exactly: every sample is one that A-law has. */
static size_t speak(uint32_t rate, uint32_t channels, double seconds)
{
	size_t count = (size_t)(rate * seconds) * channels;

	for (size_t i = 0; i < sizeof alaw; i++)
		alaw[i] = (uint8_t)(i * 7919 % 251);
	for (size_t i = 0; i < count; i++)
		samples[i] = law_decode(LAW_A, alaw[i / channels * LAW_RATE / rate]);
	return count * 2;
}

static void is_said(struct voice *voice, size_t length)
{
	uint32_t seconds;
	size_t size;
	uint8_t *bytes = voice_take(voice, &size, &seconds);

	assert_non_null(bytes);
	assert_int_equal(size, TAPE_HEAD + length);
	assert_memory_equal(bytes + TAPE_HEAD, alaw, length);
	assert_int_equal(seconds, (length + LAW_RATE - 1) / LAW_RATE);
	free(bytes);
	assert_false(voice_runs(voice));
}

static void the_same_at_every_rate_and_in_all_pieces(void **state)
{
	static const uint32_t rates[] = { 8000, 16000, 24000, 32000, 48000 };
	static const size_t pieces[] = { 1, 2, 3, 319, 320, 321, 640, 100000 };
	struct voice voice = { 0 };
	(void)state;

	for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
		for (uint32_t channels = 1; channels <= 2; channels++) {
			for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
				size_t length = speak(rates[r], channels, 1);
				assert_true(voice_start(&voice, 10, rates[r], channels));
				for (size_t at = 0; at < length; at += pieces[p])
					assert_int_equal(voice_put(&voice, (uint8_t *)samples + at,
								 at + pieces[p] > length ? length - at
											 : pieces[p]),
						TAPE_GOES_ON);
				assert_true(voice_spoken(&voice));
				is_said(&voice, 8000);
			}
		}
	}
}

static void a_rate_that_does_not_divide(void **state)
{
	struct voice voice = { 0 };
	uint32_t seconds;
	size_t size;
	uint8_t *bytes;
	(void)state;

	assert_true(voice_start(&voice, 10, 44100, 1));
	voice_put(&voice, samples, speak(44100, 1, 2));
	bytes = voice_take(&voice, &size, &seconds);
	assert_int_equal(size, TAPE_HEAD + 16000);
	assert_int_equal(seconds, 2);
	free(bytes);
}

static void both_sides_of_rate_and_channels(void **state)
{
	struct voice voice = { 0 };
	(void)state;

	assert_false(voice_start(&voice, 10, 7999, 1));
	assert_false(voice_start(&voice, 10, VOICE_RATE_MAX + 1, 1));
	assert_false(voice_start(&voice, 10, 8000, 0));
	assert_false(voice_start(&voice, 10, 8000, VOICE_CHANNELS_MAX + 1));
	assert_false(voice_runs(&voice));
	assert_int_equal(voice_put(&voice, samples, 320), TAPE_FULL); /* nothing runs */
	assert_true(voice_start(&voice, 10, VOICE_RATE_MAX, VOICE_CHANNELS_MAX));
	assert_true(voice_start(&voice, 10, 8000, 1));
	voice_wipe(&voice);
}

static void full_is_told(void **state)
{
	struct voice voice = { 0 };
	size_t length = speak(8000, 1, 2);
	(void)state;

	assert_true(voice_start(&voice, 2, 8000, 1));
	assert_int_equal(voice_put(&voice, samples, length - 1), TAPE_GOES_ON);
	assert_int_equal(voice_put(&voice, (uint8_t *)samples + length - 1, 1), TAPE_FULL);
	assert_int_equal(voice_put(&voice, samples, length), TAPE_FULL); /* dropped */
	is_said(&voice, 16000);
}

static void quiet_is_told(void **state)
{
	struct voice voice = { 0 };
	uint32_t seconds;
	size_t size;
	(void)state;

	memset(samples, 0, sizeof samples);
	assert_true(voice_start(&voice, 60, 8000, 1));
	for (int i = 0; i < TAPE_QUIET_TICKS - 1; i++)
		assert_int_equal(voice_put(&voice, samples, LAW_FRAME * 2), TAPE_GOES_ON);
	assert_int_equal(voice_put(&voice, samples, LAW_FRAME * 2), TAPE_QUIET);
	assert_false(voice_spoken(&voice));
	assert_null(voice_take(&voice, &size, &seconds));
	assert_false(voice_runs(&voice));
}

static uint8_t wav[400000];

static size_t put32(size_t at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		wav[at++] = (uint8_t)(value >> 8 * i);
	return at;
}

/* A file of 16 bits; `extra` bytes of a chunk before the sound, and one behind it. */
static size_t make_wav(uint32_t rate, uint16_t channels, uint32_t told, size_t sound, uint32_t extra)
{
	size_t at = 12;

	memcpy(wav, "RIFF\1\2\3\4WAVE", 12);
	memcpy(wav + at, "fmt ", 4);
	at = put32(at + 4, 18);
	at = put32(at, 1u | (uint32_t)channels << 16);
	at = put32(put32(at, rate), rate * channels * 2);
	at = put32(at, channels * 2u | 16u << 16);
	wav[at++] = 0;
	wav[at++] = 0;
	if (extra) {
		memcpy(wav + at, "LIST", 4);
		at = put32(at + 4, extra) + extra + (extra & 1);
	}
	memcpy(wav + at, "data", 4);
	at = put32(at + 4, told);
	memcpy(wav + at, samples, sound);
	at += sound;
	if (extra) {
		memcpy(wav + at, "more", 4);
		at = put32(at + 4, 3) + 4;
	}
	return at;
}

static void feed(struct voice_file *file, size_t length, size_t piece)
{
	voice_file_start(file, 60);
	for (size_t at = 0; at < length; at += piece)
		assert_true(voice_file_put(file, (char *)wav + at, at + piece > length ? length - at : piece));
}

static void files_in_all_pieces(void **state)
{
	static const size_t pieces[] = { 1, 7, 4096, sizeof wav };
	static const uint32_t extras[] = { 0, 1, 26 };
	struct voice_file file = { 0 };
	(void)state;

	for (size_t p = 0; p < 4; p++) {
		for (size_t e = 0; e < 3; e++) {
			size_t sound = speak(16000, 1, 2);
			feed(&file, make_wav(16000, 1, (uint32_t)sound, sound, extras[e]), pieces[p]);
			is_said(&file.voice, 16000);
		}
	}
}

static void a_file_that_was_not_finished(void **state)
{
	static const uint32_t told[] = { 0, 0xffffffff, 0x7fffffff };
	struct voice_file file = { 0 };
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		size_t sound = speak(8000, 2, 1);
		feed(&file, make_wav(8000, 2, told[i], sound, 0), 1000);
		is_said(&file.voice, 8000);
	}
}

static bool refused(size_t length)
{
	struct voice_file file = { 0 };
	bool good;

	voice_file_start(&file, 60);
	good = voice_file_put(&file, (char *)wav, length);
	assert_false(good && voice_file_put(&file, (char *)wav, 0) != good);
	voice_wipe(&file.voice);
	return !good;
}

static void what_is_no_such_file(void **state)
{
	size_t sound = speak(8000, 1, 1), length = make_wav(8000, 1, (uint32_t)sound, sound, 0);
	(void)state;

	assert_false(refused(length));
	wav[0] = 'X';
	assert_true(refused(length));
	length = make_wav(7999, 1, (uint32_t)sound, sound, 0);
	assert_true(refused(length));
	length = make_wav(8000, 3, (uint32_t)sound, sound, 0);
	assert_true(refused(length));
	length = make_wav(8000, 1, (uint32_t)sound, sound, 0);
	wav[20] = 6; /* A-law */
	assert_true(refused(length));
	length = make_wav(8000, 1, (uint32_t)sound, sound, 0);
	wav[34] = 8; /* bits */
	assert_true(refused(length));
	length = make_wav(8000, 1, (uint32_t)sound, sound, 0);
	wav[16] = 15; /* a short format */
	assert_true(refused(length));
	length = make_wav(8000, 1, (uint32_t)sound, sound, 0);
	memcpy(wav + 12, "data", 4); /* sound before its format */
	assert_true(refused(length));
}

static int prepare(void **state)
{
	(void)state;
	return sodium_init() < 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_same_at_every_rate_and_in_all_pieces),
		cmocka_unit_test(a_rate_that_does_not_divide), cmocka_unit_test(both_sides_of_rate_and_channels),
		cmocka_unit_test(full_is_told), cmocka_unit_test(quiet_is_told),
		cmocka_unit_test(files_in_all_pieces), cmocka_unit_test(a_file_that_was_not_finished),
		cmocka_unit_test(what_is_no_such_file) };
	return cmocka_run_group_tests(tests, prepare, NULL);
}
