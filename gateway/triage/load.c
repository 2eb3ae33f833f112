#include "base/mem.h"
#include "triage/private.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 4 << 20, STACK_BYTES = 256 * 1024 };

static char *read_file(const char *path, size_t *length_r, struct config_errors *errors)
{
	FILE *file = fopen(path, "re");
	char *bytes;

	if (!file) {
		config_errors_add(errors, "%s: cannot be read: %s", path, strerror(errno));
		return NULL;
	}
	bytes = mem_alloc(FILE_MAX + 1);
	*length_r = fread(bytes, 1, FILE_MAX + 1, file);
	fclose(file);
	if (*length_r > FILE_MAX) {
		config_errors_add(errors, "%s: more than %d bytes: split it", path, FILE_MAX);
		free(bytes);
		return NULL;
	}
	bytes[*length_r] = '\0';
	return bytes;
}

static int ends_in(const struct dirent *entry, const char *end)
{
	size_t length = strlen(entry->d_name), tail = strlen(end);
	return entry->d_name[0] != '.' && length > tail
		&& !strcmp(entry->d_name + length - tail, end);
}

static int is_rules(const struct dirent *entry)
{
	return ends_in(entry, ".rules");
}

static int is_text(const struct dirent *entry)
{
	return ends_in(entry, ".txt");
}

static void load_file(struct triage *set, const char *path, crypto_generichash_state *hash,
	struct config_errors *errors)
{
	size_t length;
	char *bytes = read_file(path, &length, errors);

	if (!bytes)
		return;
	crypto_generichash_update(hash, (unsigned char *)bytes, length);
	texts_add(&set->files, path, strlen(path));
	parse_file(set, set->files.texts[set->files.count - 1], bytes, errors);
	free(bytes);
}

static void load_files(struct triage *set, const char *folder, struct config_errors *errors)
{
	crypto_generichash_state hash;
	unsigned char digest[(TRIAGE_HASH_SIZE - 1) / 2];
	struct dirent **names = NULL;
	char path[4096];
	int count = scandir(folder, &names, is_rules, alphasort);

	if (count <= 0)
		config_errors_add(errors, "%s: no *.rules file is here: see rules in the "
			"configuration", folder);
	crypto_generichash_init(&hash, NULL, 0, sizeof digest);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
		load_file(set, path, &hash, errors);
		free(names[i]);
	}
	free(names);
	crypto_generichash_final(&hash, digest, sizeof digest);
	sodium_bin2hex(set->hash, sizeof set->hash, digest, sizeof digest);
}

static enum triage_level highest(const struct rule *rule)
{
	enum triage_level level = rule->level;
	for (size_t i = 0; i < rule->raises.count; i++)
		if (rule->raises.all[i].level > level)
			level = rule->raises.all[i].level;
	return level;
}

/* The most urgent are tried first, should there be too many. */
static void rank_rules(struct triage *set)
{
	uint32_t rank = 0;

	set->rank = mem_array(set->rule_count + 1, sizeof *set->rank);
	set->ranked = mem_array(set->rule_count + 1, sizeof *set->ranked);
	set->candidates = mem_array(set->rule_count + 1, sizeof *set->candidates);
	for (int level = LEVEL_IMMEDIATE; level >= LEVEL_NONE; level--)
		for (uint32_t i = 0; i < set->rule_count; i++)
			if (highest(&set->rules[i]) == (enum triage_level)level) {
				set->ranked[rank] = i;
				set->rank[i] = rank++;
			}
}

/* Takes the set: when anything was wrong it is gone. */
static enum err finish(
	struct triage *set, uint32_t before, struct triage **set_r, struct config_errors *errors)
{
	compile_set(set, errors);
	if (errors->count > before) {
		triage_destroy(&set);
		return ERR_INVALID;
	}
	rank_rules(set);
	set->folded = mem_alloc(sizeof *set->folded);
	set->masked = mem_alloc(FOLD_MAX + 1);
	for (int i = 0; i <= set->language_count; i++)
		set->plain[i] = mem_alloc(FOLD_MAX + 1);
	set->match = pcre2_match_data_create(GAPS_MAX + 1, NULL);
	set->context = pcre2_match_context_create(NULL);
	set->stack = pcre2_jit_stack_create(32 * 1024, STACK_BYTES, NULL);
	pcre2_set_match_limit(set->context, MATCH_LIMIT);
	pcre2_jit_stack_assign(set->context, NULL, set->stack);
	*set_r = set;
	return OK;
}

enum err triage_load(const char *folder, struct triage **set_r, struct config_errors *errors)
{
	struct triage *set = mem_alloc(sizeof *set);
	uint32_t before = errors->count;

	if (sodium_init() < 0)
		abort();
	load_files(set, folder, errors);
	return finish(set, before, set_r, errors);
}

enum err triage_load_text(
	const char *name, char *text, struct triage **set_r, struct config_errors *errors)
{
	struct triage *set = mem_alloc(sizeof *set);
	uint32_t before = errors->count;

	texts_add(&set->files, name, strlen(name));
	parse_file(set, set->files.texts[0], text, errors);
	return finish(set, before, set_r, errors);
}

void triage_destroy(struct triage **set)
{
	struct triage *s = *set;

	if (!s)
		return;
	parse_finish(s);
	fold_forget(&s->words);
	elements_destroy(&s->elements);
	texts_finish(&s->files);
	pcre2_match_data_free(s->match);
	pcre2_match_context_free(s->context);
	pcre2_jit_stack_free(s->stack);
	free(s->folded);
	free(s->masked);
	free(s->rank);
	free(s->ranked);
	free(s->candidates);
	for (int i = 0; i <= LANGUAGES_MAX; i++)
		free(s->plain[i]);
	free(s->buffer);
	free(s);
	*set = NULL;
}

const char *triage_hash(const struct triage *set)
{
	return set->hash;
}

/* "immediate: text" of a yes: just this level. */
static const char *example_level(const char *text, int *level_r)
{
	const char *colon = strchr(text, ':');
	char word[16];
	enum triage_level level;

	if (!colon || (size_t)(colon - text) >= sizeof word)
		return text;
	snprintf(word, sizeof word, "%.*s", (int)(colon - text), text);
	if (!triage_level_parse(word, &level))
		return text;
	*level_r = (int)level;
	return colon + 1 + strspn(colon + 1, " \t");
}

static const char *given(int level)
{
	return level < 0 ? "no flag" : triage_level_word((enum triage_level)level);
}

/* An example of a rule for the answers: "child 23:30" */
static bool try_answers(const struct rule *rule, const struct line_text *example,
	struct config_errors *errors)
{
	char who[16], end;
	int hour, minute;

	if (sscanf(example->text, "%15s %d:%d %c", who, &hour, &minute, &end) != 3 || hour < 0
		|| hour > 23 || minute < 0 || minute > 59) {
		config_errors_add(errors, "%s:%d: an example of rule %s is as: child 23:30",
			rule->file, example->line, rule->id);
		return false;
	}
	return scan_answers(rule, who, hour * 60 + minute);
}

static void try_all_answers(const struct rule *rule, struct config_errors *errors)
{
	uint32_t before = errors->count;

	for (size_t i = 0; i < rule->yes.count; i++)
		if (!try_answers(rule, &rule->yes.all[i], errors) && errors->count == before)
			config_errors_add(errors, "%s:%d: rule %s gives no flag: %s", rule->file,
				rule->yes.all[i].line, rule->id, rule->yes.all[i].text);
	for (size_t i = 0; i < rule->no.count; i++)
		if (try_answers(rule, &rule->no.all[i], errors))
			config_errors_add(errors, "%s:%d: rule %s must not match: %s", rule->file,
				rule->no.all[i].line, rule->id, rule->no.all[i].text);
}

static void try_examples(
	const struct triage *set, const struct rule *rule, struct config_errors *errors)
{
	if (rule->answers) {
		try_all_answers(rule, errors);
		return;
	}
	for (size_t i = 0; i < rule->yes.count; i++) {
		int exact = -1;
		const char *text = example_level(rule->yes.all[i].text, &exact);
		int level = scan_rule(set, rule, text);
		if (exact >= 0 ? level != exact : level < (int)rule->level)
			config_errors_add(errors, "%s:%d: rule %s gives %s, not %s: %s", rule->file,
				rule->yes.all[i].line, rule->id, given(level),
				given(exact >= 0 ? exact : (int)rule->level), text);
	}
	for (size_t i = 0; i < rule->no.count; i++)
		if (scan_rule(set, rule, rule->no.all[i].text) >= (int)rule->level)
			config_errors_add(errors, "%s:%d: rule %s must not match: %s", rule->file,
				rule->no.all[i].line, rule->id, rule->no.all[i].text);
}

struct tally {
	size_t lines, raised;
};

static void try_ordinary(const struct triage *set, const char *path, char *bytes,
	struct tally *tally, struct config_errors *errors)
{
	char *save = NULL;

	for (char *line = strtok_r(bytes, "\r\n", &save); line;
		line = strtok_r(NULL, "\r\n", &save)) {
		struct triage_result result;
		triage_scan(set, line, strlen(line), "", "", 0, &result);
		tally->lines++;
		tally->raised += result.level >= LEVEL_ELEVATED;
		if (result.level == LEVEL_IMMEDIATE)
			config_errors_add(errors, "%s: rule %s gives immediate to: %s", path,
				result.flags[0].rule, line);
	}
}

static void try_all_ordinary(
	const struct triage *set, const char *folder, struct config_errors *errors)
{
	struct dirent **names = NULL;
	char path[4096];
	size_t length;

	snprintf(path, sizeof path, "%s/ordinary", folder);
	int count = scandir(path, &names, is_text, alphasort);
	for (int i = 0; i < count; i++) {
		struct tally tally = { 0 };
		snprintf(path, sizeof path, "%s/ordinary/%s", folder, names[i]->d_name);
		char *bytes = read_file(path, &length, errors);
		if (bytes)
			try_ordinary(set, path, bytes, &tally, errors);
		if (tally.raised * 100 > tally.lines * TRIAGE_ORDINARY_PERCENT)
			config_errors_add(errors, "%s: %zu of %zu harmless messages are raised, more "
				"than %d %%", path, tally.raised, tally.lines, TRIAGE_ORDINARY_PERCENT);
		free(bytes);
		free(names[i]);
	}
	free(names);
}

enum err triage_validate(
	const struct triage *set, const char *folder, struct config_errors *errors)
{
	uint32_t before = errors->count;

	for (size_t i = 0; i < set->rule_count; i++)
		try_examples(set, &set->rules[i], errors);
	score_validate((struct triage *)set, errors); /* scratch; see the header */
	try_all_ordinary(set, folder, errors);
	return errors->count > before ? ERR_INVALID : OK;
}

size_t triage_rules(const struct triage *set)
{
	return set->rule_count;
}

size_t triage_bytes(const struct triage *set)
{
	return elements_bytes(set->elements);
}
