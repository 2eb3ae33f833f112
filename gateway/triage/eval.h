/* Figures of a set on labelled messages: TSV with a head line and the columns id, lang, level (0 to
 * 3), category, text. Recall and false alarms count a flag from serious up, with Wilson intervals. */
#ifndef TRIAGE_EVAL_H
#define TRIAGE_EVAL_H

#include "triage/triage.h"

int eval_file(const struct triage *set, const char *path); /* exit status */

/* The 95 % Wilson score interval of hits in all, in percent (Wilson 1927). */
void eval_wilson(size_t hits, size_t all, double *low_r, double *high_r);

#endif
