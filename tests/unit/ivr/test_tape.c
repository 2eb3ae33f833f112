/* What is said after the tone: placed by timestamps, both sides of each limit, the file's form. */
#include "ivr/tape.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

static struct tape tape;
static uint16_t seq;
static uint32_t timestamp;

static int set_up(void **state)
{
	(void)state;
	law_init();
	seq = 65530; /* both wrap in the first second */
	timestamp = 0xfffff000;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tape_wipe(&tape);
	return 0;
}

/* A frame whose samples are all that size. */
static const uint8_t *frame(int size)
{
	static uint8_t bytes[LAW_FRAME];
	memset(bytes, law_encode(LAW_A, size), sizeof bytes);
	return bytes;
}

static void lose(int frames)
{
	seq = (uint16_t)(seq + frames);
	timestamp += (uint32_t)frames * LAW_FRAME;
}

static enum tape_state say(int size, int frames)
{
	enum tape_state end = TAPE_GOES_ON;

	for (int i = 0; i < frames && end == TAPE_GOES_ON; i++) {
		tape_put(&tape, frame(size), LAW_FRAME, seq, timestamp);
		lose(1);
		end = tape_tick(&tape);
	}
	return end;
}

static enum tape_state wait_ticks(int ticks)
{
	enum tape_state end = TAPE_GOES_ON;
	for (int i = 0; i < ticks && end == TAPE_GOES_ON; i++)
		end = tape_tick(&tape);
	return end;
}

static uint8_t *take(size_t *samples_r, uint32_t *seconds_r)
{
	size_t size;
	uint8_t *bytes = tape_take(&tape, &size, seconds_r);

	assert_null(tape.bytes);
	*samples_r = size ? size - TAPE_HEAD : 0;
	return bytes;
}

static bool is(const uint8_t *bytes, size_t first, size_t frames, int size)
{
	uint8_t expected = size ? law_encode(LAW_A, size) : LAW_SILENCE;

	for (size_t i = first * LAW_FRAME; i < (first + frames) * LAW_FRAME; i++)
		if (bytes[TAPE_HEAD + i] != expected)
			return false;
	return true;
}

static void it_is_a_wav_file_of_a_law(void **state)
{
	static const uint8_t head[TAPE_HEAD] = { 'R', 'I', 'F', 'F', 178, 62, 0, 0, 'W', 'A', 'V', 'E', 'f', 'm', 't', ' ', 18, 0, 0, 0,
		6, 0, 1, 0, 64, 31, 0, 0, 64, 31, 0, 0, 1, 0, 8, 0, 0, 0, 'f', 'a', 'c', 't', 4, 0, 0,
		0, 128, 62, 0, 0, 'd', 'a', 't', 'a', 128, 62, 0, 0 };
	size_t samples;
	uint32_t seconds;
	uint8_t *bytes;
	(void)state;

	tape_start(&tape, 10);
	say(5000, 100);
	bytes = take(&samples, &seconds);
	assert_int_equal(samples, 16000);
	assert_int_equal(seconds, 2);
	assert_true(is(bytes, 0, 100, 5000));
	assert_memory_equal(bytes, head, TAPE_HEAD);
	free(bytes);
}

static void what_was_lost_is_silence(void **state)
{
	size_t samples;
	uint32_t seconds;
	uint8_t *bytes;
	(void)state;

	tape_start(&tape, 10);
	say(5000, 20);
	lose(5);
	wait_ticks(5);
	say(3000, 20);
	bytes = take(&samples, &seconds);
	assert_int_equal(samples, 45 * LAW_FRAME);
	assert_true(is(bytes, 0, 20, 5000) && is(bytes, 20, 5, 0) && is(bytes, 25, 20, 3000));
	free(bytes);
}

static void a_pause_without_packets_has_its_length_whatever_the_numbers(void **state)
{
	size_t samples;
	uint32_t seconds;
	uint8_t *bytes;
	(void)state;

	tape_start(&tape, 20);
	wait_ticks(50); /* nobody spoke in the first second */
	say(5000, 20);
	wait_ticks(100); /* a sender whose timestamps stand still meanwhile */
	say(3000, 20);
	bytes = take(&samples, &seconds);
	assert_true(is(bytes, 0, 50, 0) && is(bytes, 50, 20, 5000) && is(bytes, 70, 1, 3000));
	assert_int_equal(samples, 90 * LAW_FRAME);
	free(bytes);
}

static void late_packets_find_their_place_and_doubled_ones_change_nothing(void **state)
{
	size_t samples;
	uint32_t seconds, at;
	uint16_t late;
	uint8_t *bytes;
	(void)state;

	tape_start(&tape, 10);
	say(5000, 20);
	late = seq;
	at = timestamp;
	lose(1);
	wait_ticks(1);
	say(3000, 20);
	tape_put(&tape, frame(4000), LAW_FRAME, late, at);
	tape_put(&tape, frame(4000), LAW_FRAME, late, at);
	tape_put(&tape, frame(4000), LAW_FRAME, (uint16_t)(late - 50), at - 50 * LAW_FRAME); /* before it */
	bytes = take(&samples, &seconds);
	assert_int_equal(samples, 41 * LAW_FRAME);
	assert_true(is(bytes, 0, 20, 5000) && is(bytes, 20, 1, 4000) && is(bytes, 21, 20, 3000));
	free(bytes);
}

static void a_burst_after_a_stall_is_whole(void **state)
{
	size_t samples;
	uint32_t seconds;
	uint8_t *bytes;
	(void)state;

	tape_start(&tape, 20);
	say(5000, 10);
	wait_ticks(150);
	for (int i = 0; i < 150; i++) {
		tape_put(&tape, frame(3000), LAW_FRAME, seq, timestamp);
		lose(1);
	}
	say(4000, 10);
	bytes = take(&samples, &seconds);
	assert_int_equal(samples, 170 * LAW_FRAME);
	assert_true(is(bytes, 0, 10, 5000) && is(bytes, 10, 150, 3000) && is(bytes, 160, 10, 4000));
	free(bytes);
}

static void numbers_that_jump_go_on_where_the_clock_is(void **state)
{
	static const uint32_t jumps[] = { 0x70000000, 0x90000000, 5 * LAW_RATE, (uint32_t)-800 };
	(void)state;

	for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
		size_t samples;
		uint32_t seconds;
		uint8_t *bytes;
		tape_start(&tape, 10);
		say(5000, 20);
		timestamp += jumps[i];
		say(3000, 20);
		bytes = take(&samples, &seconds);
		assert_int_equal(samples, 40 * LAW_FRAME);
		assert_true(is(bytes, 0, 20, 5000) && is(bytes, 20, 20, 3000));
		free(bytes);
	}
}

static void a_flood_is_taken_at_the_pace_of_the_clock(void **state)
{
	size_t samples;
	uint32_t seconds;
	(void)state;

	tape_start(&tape, 200);
	tape_tick(&tape);
	for (int i = 0; i < 60000; i++) {
		tape_put(&tape, frame(5000), LAW_FRAME, seq, timestamp);
		lose(1);
	}
	free(take(&samples, &seconds));
	assert_int_equal(samples, TAPE_AHEAD + 2 * LAW_FRAME);
}

static void it_ends_at_its_length(void **state)
{
	size_t samples;
	uint32_t seconds;
	(void)state;

	tape_start(&tape, 5);
	assert_int_equal(say(5000, 249), TAPE_GOES_ON);
	assert_int_equal(say(5000, 1), TAPE_FULL);
	tape_put(&tape, frame(5000), LAW_FRAME, seq, timestamp); /* beyond it: left out */
	free(take(&samples, &seconds));
	assert_int_equal(samples, 5 * LAW_RATE);
	assert_int_equal(seconds, 5);
}

static void no_length_is_beyond_the_limit(void **state)
{
	static const uint32_t asked[] = { 0, TAPE_SECONDS_MAX, TAPE_SECONDS_MAX + 1, UINT32_MAX };
	(void)state;

	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		tape_start(&tape, asked[i]);
		assert_int_equal(tape.most, (size_t)TAPE_SECONDS_MAX * LAW_RATE);
	}
	tape_start(&tape, TAPE_SECONDS_MAX - 1);
	assert_int_equal(tape.most, (size_t)(TAPE_SECONDS_MAX - 1) * LAW_RATE);
}

static void quiet_ends_it_and_is_cut(void **state)
{
	size_t samples;
	uint32_t seconds;
	uint8_t *bytes;
	(void)state;

	tape_start(&tape, 60);
	say(5000, 50);
	assert_int_equal(say(20, TAPE_QUIET_TICKS - 2), TAPE_GOES_ON);
	assert_int_equal(say(20, 1), TAPE_QUIET);
	bytes = take(&samples, &seconds);
	assert_int_equal(samples, 50 * LAW_FRAME + TAPE_TAIL);
	assert_true(is(bytes, 50, 50, 20));
	free(bytes);
	tape_start(&tape, 60); /* and no packet at all is quiet too */
	say(5000, 50);
	assert_int_equal(wait_ticks(TAPE_QUIET_TICKS - 2), TAPE_GOES_ON);
	assert_int_equal(wait_ticks(1), TAPE_QUIET);
}

static void one_word_begins_the_quiet_anew(void **state)
{
	(void)state;
	tape_start(&tape, 60);
	assert_int_equal(say(20, TAPE_QUIET_TICKS - 1), TAPE_GOES_ON);
	say(5000, 1);
	assert_int_equal(say(20, TAPE_QUIET_TICKS - 2), TAPE_GOES_ON);
	assert_int_equal(say(20, 1), TAPE_QUIET);
}

static void a_click_is_no_message_and_a_short_word_is(void **state)
{
	size_t samples;
	uint32_t seconds;
	uint8_t *bytes;
	(void)state;

	tape_start(&tape, 60);
	say(5000, TAPE_SPOKEN / LAW_FRAME - 1);
	say(20, 100);
	assert_null(take(&samples, &seconds));
	assert_int_equal(seconds, 0);
	tape_start(&tape, 60);
	say(5000, TAPE_SPOKEN / LAW_FRAME);
	say(20, 100);
	bytes = take(&samples, &seconds);
	assert_non_null(bytes);
	assert_int_equal(seconds, 2);
	free(bytes);
}

static void whispering_is_loud_and_a_quiet_line_is_not(void **state)
{
	size_t samples;
	uint32_t seconds;
	(void)state;

	tape_start(&tape, 60);
	say(TAPE_LOUD + 8, 50); /* A-law's step there is 16 */
	free(take(&samples, &seconds));
	assert_int_equal(samples, 50 * LAW_FRAME);
	tape_start(&tape, 60);
	say(TAPE_LOUD - 16, 50);
	assert_null(take(&samples, &seconds));
}

static void odd_packets_make_an_even_file(void **state)
{
	size_t samples;
	uint32_t seconds;
	uint8_t *bytes;
	(void)state;

	tape_start(&tape, 60);
	say(5000, 30);
	tape_put(&tape, frame(5000), 33, seq, timestamp);
	tape_put(&tape, frame(5000), 0, (uint16_t)(seq + 1), timestamp + 33);
	bytes = take(&samples, &seconds);
	assert_int_equal(samples, 30 * LAW_FRAME + 32);
	free(bytes);
}

static void without_a_start_nothing_is_kept(void **state)
{
	size_t samples;
	uint32_t seconds;
	(void)state;

	tape_put(&tape, frame(5000), LAW_FRAME, seq, timestamp);
	assert_null(take(&samples, &seconds));
}

#define ON_A_TAPE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_TAPE(it_is_a_wav_file_of_a_law),
		ON_A_TAPE(what_was_lost_is_silence),
		ON_A_TAPE(a_pause_without_packets_has_its_length_whatever_the_numbers),
		ON_A_TAPE(late_packets_find_their_place_and_doubled_ones_change_nothing),
		ON_A_TAPE(a_burst_after_a_stall_is_whole),
		ON_A_TAPE(numbers_that_jump_go_on_where_the_clock_is),
		ON_A_TAPE(a_flood_is_taken_at_the_pace_of_the_clock),
		ON_A_TAPE(it_ends_at_its_length),
		ON_A_TAPE(no_length_is_beyond_the_limit),
		ON_A_TAPE(quiet_ends_it_and_is_cut),
		ON_A_TAPE(one_word_begins_the_quiet_anew),
		ON_A_TAPE(a_click_is_no_message_and_a_short_word_is),
		ON_A_TAPE(whispering_is_loud_and_a_quiet_line_is_not),
		ON_A_TAPE(odd_packets_make_an_even_file),
		ON_A_TAPE(without_a_start_nothing_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
