/* The automaton finds what a plain search finds, in folded text of any script. */
#include "triage/literals.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

enum { VALUES = 60, ROUNDS = 200 };

static int found[VALUES];
static struct literals_at last[VALUES];

static void on_found(void *arg, uint32_t value, const struct literals_at *at)
{
	(void)arg;
	found[value]++;
	last[value] = *at;
}

static void look(struct literals *literals, const char *text)
{
	memset(found, 0, sizeof found);
	literals_find(literals, text, strlen(text), on_found, NULL);
}

static void words_and_sentences_are_counted(void **state)
{
	struct literals *literals = literals_create();
	(void)state;
	literals_add(literals, " papa ", 0);
	literals_add(literals, "pa ", 1);
	literals_add(literals, " مرحبا ", 2);
	literals_add(literals, " papa ", 3); /* the same twice */
	literals_add(literals, "", 4); /* left out */
	literals_ready(literals);
	look(literals, " ik zie papa . papa مرحبا nu ");
	assert_int_equal(found[0], 2);
	assert_int_equal(found[1], 2);
	assert_int_equal(found[2], 1);
	assert_int_equal(found[3], 2);
	assert_int_equal(found[4], 0);
	assert_int_equal(last[0].words, 6); /* the fifth word, and the space behind it */
	assert_int_equal(last[0].stop, 4);
	assert_true(literals_bytes(literals) > 0);
	literals_destroy(&literals);
	assert_null(literals);
}

/* Few letters, so that literals overlap, begin and end in each other. */
static void random_text(char *text, size_t length)
{
	static const char *const pieces[] = { "a", "b", " ", "\xc3\xa9", "\xd9\x85", "ab", "ba",
		" . " };
	size_t written = 0;

	while (written + 3 < length) {
		const char *piece = pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)];
		strcpy(text + written, piece);
		written += strlen(piece);
	}
	text[written] = '\0';
}

static int count(const char *text, const char *literal)
{
	int hits = 0;
	for (const char *at = text; (at = strstr(at, literal)); at++)
		hits++;
	return hits;
}

/* Of the last place where it stands. */
static void stands_at(const char *text, const char *literal, const struct literals_at *at)
{
	int words = 0, stop = 0;
	const char *place = text;

	for (const char *next = text; (next = strstr(next, literal)); next++)
		place = next;
	for (const char *c = text; c < place + strlen(literal); c++) {
		words += *c == ' ';
		stop = *c == '.' ? words : stop;
	}
	assert_int_equal(at->words, words);
	assert_int_equal(at->stop, stop);
}

static void it_finds_what_a_plain_search_finds(void **state)
{
	static char words[VALUES][16], text[2400]; /* read in pieces */
	(void)state;
	srand(7);
	for (int round = 0; round < ROUNDS; round++) {
		struct literals *literals = literals_create();
		for (uint32_t i = 0; i < VALUES; i++) {
			random_text(words[i], 4 + (size_t)rand() % 12);
			literals_add(literals, words[i], i);
		}
		literals_ready(literals);
		random_text(text, (size_t)(4 + rand() % (int)(sizeof text - 4)));
		look(literals, text);
		for (int i = 0; i < VALUES; i++) {
			assert_int_equal(found[i], *words[i] ? count(text, words[i]) : 0);
			if (found[i])
				stands_at(text, words[i], &last[i]);
		}
		literals_destroy(&literals);
	}
}

static void without_literals_nothing_is_found(void **state)
{
	struct literals *literals = literals_create();
	(void)state;
	literals_ready(literals);
	look(literals, " papa ");
	assert_int_equal(found[0], 0);
	literals_destroy(&literals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_sentences_are_counted),
		cmocka_unit_test(it_finds_what_a_plain_search_finds),
		cmocka_unit_test(without_literals_nothing_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
