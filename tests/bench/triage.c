/* How long triage takes, beside Hyperscan compiled from the same rules. Prints a table, and JSON
 * into a file. tests/bench/triage runs it.
 *
 *   triage RULES_FOLDER JSON_FILE
 */
#include "triage/private.h"
#include "base/json.h"
#include "base/mem.h"

#include <dirent.h>
#include <hs/hs.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MESSAGES_MAX = 20000, ROUNDS = 7, HOSTILE = 400, LONG = 4000, CLIMB = 3000 };

static struct text_list messages;

static size_t in_use(void)
{
	struct mallinfo2 info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

static double now(void) /* µs of this process, not of what shares the machine */
{
	struct timespec at;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

/* Ordinary messages, and the examples of the rules. */
static void read_messages(const char *folder, const char *end, bool examples)
{
	struct dirent **names;
	int count = scandir(folder, &names, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		char path[4096], *line = NULL;
		size_t capacity = 0, length = strlen(names[i]->d_name);
		snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
		FILE *file = length > strlen(end)
				&& !strcmp(names[i]->d_name + length - strlen(end), end)
			? fopen(path, "re")
			: NULL;
		while (file && getline(&line, &capacity, file) >= 0) {
			char *text = line + strspn(line, " \t");
			text[strcspn(text, "\n")] = '\0';
			if (examples && !strncmp(text, "yes ", 4))
				text += 4;
			else if (examples && !strncmp(text, "no ", 3))
				text += 3;
			else if (examples)
				continue;
			if (*text && messages.count < MESSAGES_MAX)
				texts_add(&messages, text, strlen(text));
		}
		free(line);
		if (file)
			fclose(file);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

static char *replace(char *text, const char *from, const char *to)
{
	size_t capacity = strlen(text) * 2 + 64, length = 0;
	char *out = mem_alloc(capacity);

	for (const char *at = text; *at;) {
		const char *found = strstr(at, from);
		size_t piece = found ? (size_t)(found - at) : strlen(at);
		if (length + piece + strlen(to) + 1 > capacity)
			out = mem_grow(out, capacity *= 2, 1);
		memcpy(out + length, at, piece);
		length += piece;
		if (!found)
			break;
		strcpy(out + length, to);
		length += strlen(to);
		at = found + strlen(from);
	}
	out[length] = '\0';
	free(text);
	return out;
}

/* Hyperscan knows no looking ahead: the space after a word is taken instead. */
static char *to_hyperscan(const char *regex)
{
	char *text = mem_dup(regex);

	text = replace(text, "(?|", "(?:");
	text = replace(text, "((?:(?! \\.) [^ ]+)", "(?:(?: [^ .][^ ]*)");
	text = replace(text, "}?)", "})");
	text = replace(text, "(?= )", "");
	return text;
}

struct patterns {
	char **texts;
	unsigned *flags, *ids;
	unsigned count;
	size_t left_out;
};

static void add_pattern(struct patterns *patterns, const char *regex, bool whole, unsigned id)
{
	char *text = to_hyperscan(regex), *closed = mem_alloc(strlen(text) + 8);

	sprintf(closed, whole ? "%s" : "(?:%s) ", text);
	free(text);
	patterns->texts = mem_grow(patterns->texts, patterns->count + 1, sizeof(char *));
	patterns->flags = mem_grow(patterns->flags, patterns->count + 1, sizeof(unsigned));
	patterns->ids = mem_grow(patterns->ids, patterns->count + 1, sizeof(unsigned));
	patterns->texts[patterns->count] = closed;
	patterns->flags[patterns->count] = HS_FLAG_SINGLEMATCH;
	patterns->ids[patterns->count++] = id;
}

static hs_database_t *compile_hyperscan(struct triage *set, struct patterns *patterns)
{
	struct config_errors errors = { 0 };
	hs_database_t *database = NULL;
	hs_compile_error_t *error = NULL;

	for (unsigned i = 0; i < set->rule_count; i++) {
		const struct rule *rule = &set->rules[i];
		for (size_t m = 0; m < rule->matches.count; m++) {
			struct pattern pattern;
			struct rows rows = { 0 };
			if (pattern_compile(set, rule->file, &rule->matches.all[m], &pattern, &rows,
				    &errors))
				add_pattern(patterns, pattern.regex,
					pattern_whole(&rule->matches.all[m]), i);
			pattern_finish(&pattern);
			free(rows.all);
		}
		for (size_t m = 0; m < rule->regexes.count; m++)
			add_pattern(patterns, rule->regexes.all[m].text, true, i);
	}
	while (hs_compile_multi((const char *const *)patterns->texts, patterns->flags,
		       patterns->ids, patterns->count, HS_MODE_BLOCK, NULL, &database, &error)
		!= HS_SUCCESS) {
		int at = error->expression;
		fprintf(stderr, "hyperscan: %s\n", error->message);
		if (at < 0)
			exit(1);
		hs_free_compile_error(error);
		if (patterns->flags[at] & HS_FLAG_PREFILTER) { /* nor so: leave it out */
			free(patterns->texts[at]);
			patterns->count--;
			patterns->texts[at] = patterns->texts[patterns->count];
			patterns->flags[at] = patterns->flags[patterns->count];
			patterns->ids[at] = patterns->ids[patterns->count];
			patterns->left_out++;
		} else {
			patterns->flags[at] |= HS_FLAG_PREFILTER;
		}
	}
	return database;
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
	void *arg)
{
	(void)from;
	(void)to;
	(void)flags;
	((uint8_t *)arg)[id] = 1;
	return 0;
}

struct figures {
	double ours, hyperscan, fold, hyperscan_alone; /* µs a message, the best round */
	double hostile, longest; /* µs */
	double compile, compile_hyperscan; /* ms */
	size_t rules, left_out, most_candidates, incomplete;
	size_t bytes, heap, hyperscan_bytes;
};

static double scan_all(struct triage *set)
{
	struct triage_result result;
	double began = now();
	for (size_t i = 0; i < messages.count; i++)
		triage_scan(set, messages.texts[i], strlen(messages.texts[i]), "", "", 0, &result);
	return (now() - began) / (double)messages.count;
}

static double fold_all(struct triage *set)
{
	double began = now();
	for (size_t i = 0; i < messages.count; i++)
		fold(messages.texts[i], strlen(messages.texts[i]), &set->words, set->folded);
	return (now() - began) / (double)messages.count;
}

static double hyperscan_all(
	struct triage *set, const hs_database_t *database, hs_scratch_t *scratch, uint8_t *on)
{
	double began = now();
	for (size_t i = 0; i < messages.count; i++) {
		fold(messages.texts[i], strlen(messages.texts[i]), &set->words, set->folded);
		memset(on, 0, set->rule_count);
		hs_scan(database, set->folded->text, (unsigned)set->folded->length, 0, scratch,
			on_match, on);
	}
	return (now() - began) / (double)messages.count;
}

static void least(double *best, double value)
{
	if (*best == 0 || value < *best)
		*best = value;
}

static double time_one(struct triage *set, const char *text)
{
	struct triage_result result;
	double best = 0;
	for (int i = 0; i < 5; i++) {
		double began = now();
		triage_scan(set, text, strlen(text), "", "", 0, &result);
		least(&best, now() - began);
	}
	return best;
}

/* Hostile text: words of the rules' own examples, changed one by one as long as it gets slower. */
static double climb(struct triage *set, const struct text_list *words, size_t bytes, int steps,
	char *worst_r)
{
	size_t count = bytes / 3, length;
	const char **chosen = mem_array(count, sizeof *chosen);
	char *text = mem_alloc(bytes + 1);
	double worst = 0;

	for (size_t i = 0; i < count; i++)
		chosen[i] = words->texts[(size_t)rand() % words->count];
	for (int step = 0; step < steps; step++) {
		size_t at = (size_t)rand() % count;
		const char *before = chosen[at];
		if (step)
			chosen[at] = words->texts[(size_t)rand() % words->count];
		length = 0;
		for (size_t i = 0; i < count; i++) {
			size_t word = strlen(chosen[i]);
			if (length + word + 1 > bytes)
				break;
			memcpy(text + length, chosen[i], word);
			length += word;
			text[length++] = ' ';
		}
		text[length] = '\0';
		double took = time_one(set, text);
		if (took < worst) {
			chosen[at] = before;
			continue;
		}
		worst = took;
		strcpy(worst_r, text);
	}
	free(chosen);
	free(text);
	return worst;
}

static void split_words(struct text_list *words)
{
	for (size_t i = 0; i < messages.count; i++) {
		char *copy = mem_dup(messages.texts[i]), *save = NULL;
		for (char *word = strtok_r(copy, " ", &save); word;
			word = strtok_r(NULL, " ", &save))
			texts_add(words, word, strlen(word));
		free(copy);
	}
}

static double hostile(struct triage *set, size_t bytes, int steps)
{
	static const char *const fixed[] = { "niet papa slaat ", "a.a.a.", "k3k3 ", "aaaabbbb ",
		"ik wil ", "he she me ", "il me ", "\xf0\x9f\x94\xaa" };
	struct text_list words = { 0 };
	char *text = mem_alloc(bytes + 64);
	double worst = 0;

	for (size_t f = 0; f < sizeof fixed / sizeof *fixed; f++) {
		size_t length = 0;
		while (length + strlen(fixed[f]) <= bytes) {
			strcpy(text + length, fixed[f]);
			length += strlen(fixed[f]);
		}
		double took = time_one(set, text);
		worst = took > worst ? took : worst;
	}
	split_words(&words);
	for (int start = 0; start < 3; start++) {
		double took = climb(set, &words, bytes, steps, text);
		if (took > worst) {
			worst = took;
			if (getenv("TRIAGE_BENCH_SHOW"))
				fprintf(stderr, "%.1f µs: %s\n", took, text);
		}
	}
	texts_finish(&words);
	free(text);
	return worst;
}

static struct triage *load(const char *folder, double *ms_r)
{
	struct config_errors errors = { 0 };
	struct triage *set = NULL;
	double began = now();

	if (triage_load(folder, &set, &errors)) {
		fprintf(stderr, "%s\n", errors.texts[0]);
		exit(1);
	}
	*ms_r = (now() - began) / 1e3;
	return set;
}

static void measure(const char *folder, struct figures *f)
{
	double unused;
	size_t before = in_use();
	struct triage *set = load(folder, &f->compile);
	f->heap = in_use() - before;
	struct triage *again = load(folder, &unused); /* its rows are written anew */
	struct patterns patterns = { 0 };
	bool alone = getenv("TRIAGE_BENCH_ALONE") != NULL; /* Hyperscan takes minutes to compile */
	double began = now();
	hs_database_t *database = alone ? NULL : compile_hyperscan(again, &patterns);
	hs_scratch_t *scratch = NULL;
	uint8_t *on = mem_alloc(set->rule_count + 1);

	f->compile_hyperscan = (now() - began) / 1e3;
	if (database) {
		hs_alloc_scratch(database, &scratch);
		hs_database_size(database, &f->hyperscan_bytes);
	}
	f->left_out = patterns.left_out;
	f->rules = set->rule_count;
	f->bytes = triage_bytes(set);
	for (size_t i = 0; i < messages.count; i++) {
		struct triage_result result;
		triage_scan(set, messages.texts[i], strlen(messages.texts[i]), "", "", 0, &result);
		f->incomplete += !result.complete;
		if (set->tried > f->most_candidates)
			f->most_candidates = set->tried;
	}
	for (int i = 0; i < ROUNDS; i++) {
		least(&f->ours, scan_all(set));
		least(&f->fold, fold_all(set));
		if (database)
			least(&f->hyperscan, hyperscan_all(set, database, scratch, on));
	}
	f->hyperscan_alone = f->hyperscan - f->fold;
	f->hostile = hostile(set, HOSTILE, CLIMB);
	f->longest = hostile(set, LONG, CLIMB / 10);
	hs_free_scratch(scratch);
	hs_free_database(database);
	triage_destroy(&again);
	triage_destroy(&set);
	free(on);
}

struct row_out {
	const char *name, *unit;
	double value, limit; /* limit 0: none */
};

static int print(const struct figures *f, const char *path)
{
	const struct row_out rows[] = {
		{ "against Hyperscan, with folding", "ratio", f->ours / f->hyperscan, 1.0 },
		{ "against Hyperscan, without", "ratio",
			(f->ours - f->fold) / f->hyperscan_alone, 0 },
		{ "a message, guards and all", "us", f->ours, 0 },
		{ "a message, folding alone", "us", f->fold, 0 },
		{ "a message, Hyperscan with folding", "us", f->hyperscan, 0 },
		{ "worst 400 bytes", "us", f->hostile, 60 },
		{ "worst 4000 bytes", "us", f->longest, 5000 },
		{ "compiling all", "ms", f->compile, 1000 },
		{ "compiling Hyperscan", "ms", f->compile_hyperscan, 0 },
		{ "memory of all", "KiB", (double)f->heap / 1024, 0 },
		{ "memory of the prefilter", "KiB", (double)f->bytes / 1024, 0 },
		{ "memory of Hyperscan", "KiB", (double)f->hyperscan_bytes / 1024, 0 },
		{ "messages", "", (double)messages.count, 0 },
		{ "messages not checked fully", "", (double)f->incomplete, 0 },
		{ "rules", "", (double)f->rules, 0 },
		{ "most rules tried on a message", "", (double)f->most_candidates,
			CANDIDATES_MAX },
		{ "patterns Hyperscan refuses", "", (double)f->left_out, 0 },
	};
	FILE *json = fopen(path, "w");
	int status = json ? 0 : 1;

	if (json)
		fputs("[", json);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool over = rows[i].limit > 0 && rows[i].value > rows[i].limit;
		printf("%-36s %12.2f %-5s", rows[i].name, rows[i].value, rows[i].unit);
		if (rows[i].limit > 0)
			printf("  limit %g%s", rows[i].limit, over ? "  OVER" : "");
		printf("\n");
		if (json)
			fprintf(json, "%s\n {\"name\":\"%s\",\"unit\":\"%s\",\"value\":%.4f,\"limit\":%g}",
				i ? "," : "", rows[i].name, rows[i].unit, rows[i].value,
				rows[i].limit);
		status = over ? 1 : status;
	}
	if (json) {
		fputs("\n]\n", json);
		fclose(json);
	}
	return status;
}

int main(int argc, char **argv)
{
	struct figures figures = { 0 };
	char ordinary[4096];

	if (argc != 3) {
		fputs("triage RULES_FOLDER JSON_FILE\n", stderr);
		return 2;
	}
	srand(1);
	snprintf(ordinary, sizeof ordinary, "%s/ordinary", argv[1]);
	read_messages(ordinary, ".txt", false);
	read_messages(argv[1], ".rules", true);
	measure(argv[1], &figures);
	int status = print(&figures, argv[2]);
	texts_finish(&messages);
	return status;
}
