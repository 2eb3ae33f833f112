#include "triage/eval.h"
#include "base/mem.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LANGS_MAX = 16, LEVELS = LEVEL_IMMEDIATE + 1 };

struct counts {
	char lang[12];
	size_t table[LEVELS][LEVELS]; /* [gold][found] */
};

struct eval {
	struct counts all, langs[LANGS_MAX];
	size_t lang_count, lines;
};

void eval_wilson(size_t hits, size_t all, double *low_r, double *high_r)
{
	const double z = 1.959964;
	double n = (double)all, p = n > 0 ? (double)hits / n : 0;
	double middle = p + z * z / (2 * n), half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));

	*low_r = *high_r = 0;
	if (!all)
		return;
	*low_r = fmax(0, 100 * (middle - half) / (1 + z * z / n));
	*high_r = 100 * (middle + half) / (1 + z * z / n);
}

static struct counts *counts_of(struct eval *eval, const char *lang)
{
	for (size_t i = 0; i < eval->lang_count; i++)
		if (!strcmp(eval->langs[i].lang, lang))
			return &eval->langs[i];
	if (eval->lang_count == LANGS_MAX)
		return NULL;
	snprintf(eval->langs[eval->lang_count].lang, sizeof eval->all.lang, "%s", lang);
	return &eval->langs[eval->lang_count++];
}

static void print_rate(const char *name, size_t hits, size_t all)
{
	double low, high;
	eval_wilson(hits, all, &low, &high);
	printf("  %-34s %4zu of %4zu  %5.1f %%  (%.1f to %.1f)\n", name, hits, all,
		all ? 100.0 * (double)hits / (double)all : 0.0, low, high);
}

static void print_counts(const struct counts *counts)
{
	size_t rows[LEVELS] = { 0 }, flagged[LEVELS] = { 0 };

	for (int gold = 0; gold < LEVELS; gold++)
		for (int found = 0; found < LEVELS; found++) {
			rows[gold] += counts->table[gold][found];
			if (found >= LEVEL_SERIOUS)
				flagged[gold] += counts->table[gold][found];
		}
	printf("%s\n", counts->lang);
	print_rate("recall immediate", flagged[LEVEL_IMMEDIATE], rows[LEVEL_IMMEDIATE]);
	print_rate("recall serious and immediate",
		flagged[LEVEL_IMMEDIATE] + flagged[LEVEL_SERIOUS],
		rows[LEVEL_IMMEDIATE] + rows[LEVEL_SERIOUS]);
	print_rate("false alarms on none", flagged[LEVEL_NONE], rows[LEVEL_NONE]);
	printf("  %-12s", "gold\\found");
	for (int found = 0; found < LEVELS; found++)
		printf(" %10s", triage_level_word((enum triage_level)found));
	printf("\n");
	for (int gold = 0; gold < LEVELS; gold++) {
		printf("  %-12s", triage_level_word((enum triage_level)gold));
		for (int found = 0; found < LEVELS; found++)
			printf(" %10zu", counts->table[gold][found]);
		printf("\n");
	}
}

static bool take_line(struct eval *eval, const struct triage *set, char *line)
{
	char *columns[5], *save = line;
	struct triage_result result;
	struct counts *counts;
	int gold;

	for (int i = 0; i < 5; i++) {
		columns[i] = i < 4 ? strsep(&save, "\t") : save;
		if (!columns[i])
			return false;
	}
	gold = columns[2][0] >= '0' && columns[2][0] <= '3' && !columns[2][1] ? columns[2][0] - '0' : -1;
	counts = counts_of(eval, columns[1]);
	if (gold < 0 || !counts)
		return false;
	triage_scan(set, columns[4], strlen(columns[4]), columns[1], "", 0, &result);
	counts->table[gold][result.level]++;
	eval->all.table[gold][result.level]++;
	eval->lines++;
	if ((gold >= LEVEL_SERIOUS) != (result.level >= LEVEL_SERIOUS))
		printf("%s %s\t%s\t%s > %s\t%s\t%s\n", gold >= LEVEL_SERIOUS ? "missed" : "alarm ",
			columns[0], columns[3], triage_level_word((enum triage_level)gold),
			triage_level_word(result.level),
			result.count ? result.flags[0].rule : "-", columns[4]);
	return true;
}

int eval_file(const struct triage *set, const char *path)
{
	struct eval *eval = mem_alloc(sizeof *eval);
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t capacity = 0;
	int number = 0, status = 0;

	strcpy(eval->all.lang, "all");
	if (!file)
		fprintf(stderr, "onthaal: %s: %s\n", path, strerror(errno));
	while (file && !status && getline(&line, &capacity, file) >= 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (++number > 1 && *line && !take_line(eval, set, line)) {
			fprintf(stderr, "onthaal: %s:%d: id, lang, level (0 to 3), category, text "
				"are expected, separated by tabs\n", path, number);
			status = 1;
		}
	}
	for (size_t i = 0; !status && i < eval->lang_count; i++)
		print_counts(&eval->langs[i]);
	if (file && !status)
		print_counts(&eval->all);
	status = file ? status : 1;
	if (file)
		fclose(file);
	free(line);
	free(eval);
	return status;
}
