/* Sounds and their pieces: names that are served, and names that are not. */
#include "ivr/prompts.h"
#include "tests/unit/unit.h"

#include "tests/unit/store/folder.h"

#include <sys/stat.h>

enum { SECOND = PROMPTS_RATE * 2, HEAD = 44 };

static struct script *script;
static struct prompts *prompts;
static const struct ivr_prompt hold = { .id = "hold", .lang = "any" };
static char name[PROMPTS_NAME_MAX];

/* Each byte tells its second. */
static void write_hold(size_t bytes)
{
	static const unsigned char head[HEAD + 1]
		= "RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0"
		  "data\xff\xff\xff\x7f"; /* as a pipe writes it */
	char path[200];
	FILE *file;

	snprintf(path, sizeof path, "%s/any", folder);
	mkdir(path, 0700);
	strcat(path, "/hold.wav");
	file = fopen(path, "w");
	assert_non_null(file);
	fwrite(head, 1, HEAD, file);
	for (size_t i = 0; i < bytes; i++)
		fputc((int)(i / SECOND), file);
	assert_int_equal(fclose(file), 0);
}

static void open_with(size_t bytes)
{
	prompts_destroy(&prompts);
	write_hold(bytes);
	prompts = prompts_create(script, folder, folder);
}

static int set_up(void **state)
{
	struct config_errors errors = { 0 };
	return folder_set_up(state) || script_load("config/ivr.yaml", &script, &errors);
}

static int tear_down(void **state)
{
	prompts_destroy(&prompts);
	script_destroy(&script);
	return folder_tear_down(state);
}

static const char *piece(uint32_t seconds, uint32_t index, size_t *length_r)
{
	const char *bytes;

	assert_true(prompts_piece(prompts, &hold, seconds, index, name));
	bytes = prompts_bytes(prompts, name, length_r);
	assert_non_null(bytes);
	return bytes;
}

static void pieces_are_the_whole(void **unused)
{
	const char *fault, *bytes;
	size_t length;

	(void)unused;
	open_with(20 * SECOND);
	for (uint32_t i = 0; i < 9; i++) {
		bytes = piece(5, i, &length);
		assert_int_equal(length, HEAD + 5 * SECOND);
		assert_true(prompts_check_wav(bytes, length, &fault) == 5.0);
		assert_int_equal(bytes[HEAD], i % 4 * 5);
		assert_int_equal(bytes[length - 1], i % 4 * 5 + 4);
	}
}

static void what_is_left_over_belongs_to_the_last(void **unused)
{
	const char *bytes;
	size_t length;

	(void)unused;
	open_with(13 * SECOND + 2);
	bytes = piece(5, 1, &length);
	assert_int_equal(length, HEAD + 8 * SECOND + 2);
	assert_int_equal(bytes[HEAD], 5);
	bytes = piece(5, 2, &length);
	assert_int_equal(bytes[HEAD], 0);
	bytes = piece(20, 7, &length); /* shorter than one piece */
	assert_int_equal(length, HEAD + 13 * SECOND + 2);
	open_with(0);
	piece(5, 3, &length);
	assert_int_equal(length, HEAD);
}

static void what_is_no_name(void **unused)
{
	static const char *const bad[] = { ".5-4.wav", ".0-0.wav", ".61-0.wav", ".5-.wav", ".5.wav",
		".-1.wav", ".5--1.wav", ".5-0x.wav", ".5-0.wav.wav", ".5-0", ".05-0 .wav",
		".5-99999999999.wav", ".5-0.mp3", ".5-0.5-0.wav" };
	char stem[60], wrong[PROMPTS_NAME_MAX];
	size_t length;

	(void)unused;
	open_with(20 * SECOND);
	assert_true(prompts_name(prompts, &hold, name));
	assert_non_null(prompts_bytes(prompts, name, &length));
	assert_int_equal(length, HEAD + 20 * SECOND);
	snprintf(stem, sizeof stem, "%.*s", (int)(strlen(name) - 4), name);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(wrong, sizeof wrong, "%s%s", stem, bad[i]);
		assert_null(prompts_bytes(prompts, wrong, &length));
	}
	assert_null(prompts_bytes(prompts, "", &length));
	assert_null(prompts_bytes(prompts, ".wav", &length));
	assert_null(prompts_bytes(prompts, "any/hold.wav", &length));
	assert_null(prompts_bytes(prompts, "any/hold.12345678.", &length));
	assert_null(prompts_bytes(prompts, "any/none.12345678.5-0.wav", &length));
	assert_false(prompts_piece(prompts, &hold, 0, 0, name));
	assert_true(prompts_piece(prompts, &hold, PROMPTS_PIECE_SECONDS, 0, name));
	assert_false(prompts_piece(prompts, &hold, PROMPTS_PIECE_SECONDS + 1, 0, name));
	assert_false(prompts_piece(NULL, &hold, 5, 0, name));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(pieces_are_the_whole),
		cmocka_unit_test(what_is_left_over_belongs_to_the_last),
		cmocka_unit_test(what_is_no_name) };
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
