/* onthaal proof: that nothing is kept past its time, and what was shredded; signed. */
#include "base/clock.h"
#include "base/json.h"
#include "command/command.h"
#include "store/audit.h"
#include "store/store.h"

#include <sodium.h>
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

static void write_out(struct json_out *out, const struct store_proof *proof,
	const struct config *config)
{
	time_t seconds = (time_t)(proof->day * (DAY / 1000));
	char day[16];

	strftime(day, sizeof day, "%Y-%m-%d", gmtime(&seconds));
	json_put_object(out, NULL);
	json_put_text(out, "day", day);
	json_put_number(out, "asked", clock_wall());
	json_put_object(out, "shredded");
	json_put_number(out, "chats", proof->chats);
	json_put_number(out, "telephone", proof->telephone);
	json_put_number(out, "notes", proof->notes);
	json_put_number(out, "forgotten", proof->forgotten);
	json_put_number(out, "audit_rows", proof->audit);
	json_put_object_end(out);
	json_put_object(out, "kept");
	json_put_number(out, "closed", proof->kept);
	json_put_number(out, "overdue", proof->overdue);
	json_put_number(out, "unsealed", proof->unsealed);
	json_put_number(out, "oldest", proof->oldest);
	json_put_object_end(out);
	json_put_object(out, "days");
	json_put_number(out, "chat", config->retention.chat_days);
	json_put_number(out, "telephone", config->retention.telephone_days);
	json_put_number(out, "notes", config->retention.notes_days);
	json_put_number(out, "backup", config->retention.backup_days);
	json_put_object_end(out);
}

static int print_signed(const struct config *config, const struct store_proof *proof)
{
	struct staff_db *db = NULL;
	struct json_out out;
	uint8_t signature[AUDIT_SIGNATURE_SIZE], public[AUDIT_PUBLIC_SIZE];
	char hex[2 * AUDIT_SIGNATURE_SIZE + 1], public_hex[2 * AUDIT_PUBLIC_SIZE + 1], error[1024];

	if (staff_open(config->data, &db, error, sizeof error)) {
		fprintf(stderr, "onthaal: %s\n", error);
		return 1;
	}
	json_out_init(&out, 0);
	write_out(&out, proof, config);
	audit_sign_bytes(db, (const uint8_t *)out.bytes, out.length, signature, public);
	json_put_text(&out, "signature",
		sodium_bin2hex(hex, sizeof hex, signature, sizeof signature));
	json_put_text(&out, "public",
		sodium_bin2hex(public_hex, sizeof public_hex, public, sizeof public));
	json_put_object_end(&out);
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
		.telephone_days = config->retention.telephone_days };
	if (store_prove(config->data, &retention, day, &proof, error, sizeof error))
		fprintf(stderr, "onthaal: %s\n", error);
	else
		status = print_signed(config, &proof);
	config_destroy(&config);
	return status;
}
