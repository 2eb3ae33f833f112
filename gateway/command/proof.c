/* onthaal proof: that nothing is kept past its time, and what was shredded; signed. */
#include "base/clock.h"
#include "command/command.h"
#include "store/proof.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAY = 86400000 };

static int64_t day_of(const char *text)
{
	struct tm date = { 0 };
	const char *end = text ? strptime(text, "%Y-%m-%d", &date) : NULL;
	return !text ? clock_wall() / DAY : end && !*end ? timegm(&date) * INT64_C(1000) / DAY : -1;
}

static int print_signed(const struct config *config, const struct store_proof *proof,
	const struct store_retention *retention)
{
	struct staff_db *db = NULL;
	struct json_out out;
	char error[1024];

	if (staff_open(config->data, &db, error, sizeof error)) {
		fprintf(stderr, "onthaal: %s\n", error);
		return 1;
	}
	json_out_init(&out, 0);
	proof_write(&out, db, proof, retention, NULL);
	printf("%.*s\n", (int)out.length, out.bytes);
	json_out_finish(&out);
	staff_close(&db);
	return proof->overdue ? 1 : 0;
}

int command_proof(int argc, char **argv)
{
	struct command_options options;
	struct config *config;
	struct store_proof proof;
	char error[1024];
	int first, status = 1;
	int64_t day;

	if (!command_options(argc, argv, &options, &first))
		return 2;
	day = argc - first <= 1 ? day_of(argc > first ? argv[first] : NULL) : -1;
	if (day < 0) {
		fputs("onthaal proof [YYYY-MM-DD]\n", stderr);
		return 2;
	}
	config = command_config(&options);
	if (!config)
		return 1;
	struct store_retention retention = { .chat_days = config->retention.chat_days,
		.telephone_days = config->retention.telephone_days,
		.notes_days = config->retention.notes_days,
		.backup_days = config->retention.backup_days };
	if (store_prove(config->data, &retention, day, &proof, error, sizeof error))
		fprintf(stderr, "onthaal: %s\n", error);
	else
		status = print_signed(config, &proof, &retention);
	config_destroy(&config);
	return status;
}
