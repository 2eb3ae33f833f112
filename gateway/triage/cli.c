/* onthaal rules test|scan|eval */
#include "base/json.h"
#include "triage/eval.h"
#include "triage/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct triage *load(const char *folder, bool validate)
{
	struct config_errors errors = { 0 };
	struct triage *set = NULL;

	if (!triage_load(folder, &set, &errors) && validate)
		(void)!triage_validate(set, folder, &errors);
	for (uint32_t i = 0; i < errors.count; i++)
		fprintf(stderr, "%s\n", errors.texts[i]);
	if (errors.count)
		triage_destroy(&set);
	config_errors_finish(&errors);
	return set;
}

static int do_test(const char *folder)
{
	struct timespec began, ended;
	struct triage *set;

	clock_gettime(CLOCK_MONOTONIC, &began);
	set = load(folder, true);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	if (!set)
		return 1;
	printf("%zu rules, examples and ordinary messages good, set %.12s, %zu KiB, %.0f ms\n",
		triage_rules(set), triage_hash(set), triage_bytes(set) / 1024,
		(double)(ended.tv_sec - began.tv_sec) * 1e3
			+ (double)(ended.tv_nsec - began.tv_nsec) / 1e6);
	triage_destroy(&set);
	return 0;
}

static void print_result(const struct triage_result *result)
{
	struct json_out out;

	json_out_init(&out, 0);
	json_put_object(&out, NULL);
	json_put_text(&out, "level", triage_level_word(result->level));
	json_put_list(&out, "flags");
	for (size_t i = 0; i < result->count; i++) {
		const struct triage_flag *flag = &result->flags[i];
		json_put_object(&out, NULL);
		json_put_text(&out, "rule", flag->rule);
		json_put_text(&out, "category", flag->category);
		json_put_text(&out, "level", triage_level_word(flag->level));
		json_put_number(&out, "from", flag->from);
		json_put_number(&out, "to", flag->to);
		json_put_text(&out, "lowered_by", flag->lowered_by);
		json_put_object_end(&out);
	}
	json_put_list_end(&out);
	json_put_flag(&out, "complete", result->complete);
	json_put_object_end(&out);
	printf("%.*s\n", (int)out.length, out.bytes);
	json_out_finish(&out);
}

static void scan_line(struct triage *set, const char *line, size_t length, const char *lang)
{
	struct triage_result result;
	triage_scan(set, line, length, lang, "", 0, &result);
	print_result(&result);
}

/* What the rules see of it. */
static void fold_line(struct triage *set, const char *line, size_t length, const char *lang)
{
	(void)lang;
	fold(line, length, &set->words, set->folded);
	printf("%.*s\n", (int)set->folded->length, set->folded->text);
}

static int each_line(const char *folder, const char *lang,
	void (*on_line)(struct triage *set, const char *line, size_t length, const char *lang))
{
	struct triage *set = load(folder, false);
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;

	if (!set)
		return 1;
	while ((length = getline(&line, &capacity, stdin)) >= 0) {
		while (length && (line[length - 1] == '\n' || line[length - 1] == '\r'))
			length--;
		on_line(set, line, (size_t)length, lang);
		fflush(stdout);
	}
	free(line);
	triage_destroy(&set);
	return 0;
}

static int do_eval(const char *folder, const char *file)
{
	struct triage *set = load(folder, false);
	int status = set ? eval_file(set, file) : 1;
	triage_destroy(&set);
	return status;
}

int triage_cli(const char *folder, int argc, char **argv)
{
	if (argc == 1 && !strcmp(argv[0], "test"))
		return do_test(folder);
	if (argc == 1 && !strcmp(argv[0], "scan"))
		return each_line(folder, "", scan_line);
	if (argc == 3 && !strcmp(argv[0], "scan") && !strcmp(argv[1], "--lang"))
		return each_line(folder, argv[2], scan_line);
	if (argc == 1 && !strcmp(argv[0], "fold"))
		return each_line(folder, "", fold_line);
	if (argc == 2 && !strcmp(argv[0], "eval"))
		return do_eval(folder, argv[1]);
	fputs("onthaal rules test, rules scan [--lang L], rules fold, rules eval FILE.tsv, or rules "
	      "feedback\n",
		stderr);
	return 2;
}
