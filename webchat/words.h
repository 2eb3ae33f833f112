/* The return code: seven words of a list of 2,048 (77 bits), one list for each language. What people
 * type is understood without regard to case, accents and punctuation, and with one slip in a word
 * (a letter too many, missing, wrong, or two swapped). */
#ifndef WEBCHAT_WORDS_H
#define WEBCHAT_WORDS_H

#include "config/config.h"

#include <stddef.h>
#include <stdint.h>

enum { WORDS_COUNT = 7, WORDS_LIST = 2048, WORDS_LONGEST = 10, WORDS_TEXT = 96,
	WORDS_MEANT = 4 };

struct words;

/* folder: nl.txt, fr.txt, … Each is checked whole: ERR_INVALID with a text that names the file. */
must_check enum err words_load(
	const char *folder, struct words **words_r, struct config_errors *errors);
void words_destroy(struct words **words);

/* Random, in that language, or in the first one when there is no list of it. */
void words_make(const struct words *words, const char *lang, char text_r[WORDS_TEXT]);
/* As it was made: one text, or a few where a slip could have been made in more than one word of the
 * list. ERR_INVALID: wrong is the number of the word that is not in the list (1 to 7), or 0 when there
 * are not seven. */
struct words_read {
	char texts[WORDS_MEANT][WORDS_TEXT];
	int count, wrong;
};
must_check enum err words_read(
	const struct words *words, const char *typed, struct words_read *read_r);

#endif
