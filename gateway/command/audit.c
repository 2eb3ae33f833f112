/* onthaal audit: who did what, and whether the log of it is whole. */
#include "base/json.h"
#include "base/mem.h"
#include "command/command.h"
#include "store/audit.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct task {
	const char *file; /* of verify: an export, or a noted head; NULL: none */
	struct staff_db *db;
	crypto_generichash_state digest; /* of what export wrote */
	int64_t rows;
};

static void print_row(void *arg, const struct audit_row *row)
{
	time_t seconds = (time_t)(row->time / 1000);
	char when[32];
	(void)arg;
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
	printf("%6lld  %s  staff=%-4u  %-20s %s\n", (long long)row->id, when, row->staff, row->what,
		row->detail);
}

static int do_list(struct task *task)
{
	enum err err = audit_each(task->db, 0, print_row, NULL);
	return err ? command_failed("the audit log cannot be read", err) : 0;
}

static void print_head(const struct audit_head *head)
{
	char hash[2 * STAFF_HASH_SIZE + 1], signature[2 * AUDIT_SIGNATURE_SIZE + 1],
		public[2 * AUDIT_PUBLIC_SIZE + 1];
	sodium_bin2hex(hash, sizeof hash, head->hash, sizeof head->hash);
	sodium_bin2hex(signature, sizeof signature, head->signature, sizeof head->signature);
	sodium_bin2hex(public, sizeof public, head->public, sizeof head->public);
	printf("row        %lld\nhash       %s\ntime       %lld\nsignature  %s\npublic     %s\n",
		(long long)head->last, hash, (long long)head->time, signature, public);
}

static int do_head(struct task *task)
{
	struct audit_head head;
	enum err err = audit_sign(task->db, &head);

	if (err)
		return command_failed("the audit log does not verify: onthaal audit verify", err);
	print_head(&head);
	puts("\nNote it elsewhere. Later: onthaal audit verify ROW:HASH");
	return 0;
}

static void put_line(struct task *task, struct json_out *out)
{
	crypto_generichash_update(&task->digest, (const uint8_t *)out->bytes, out->length);
	crypto_generichash_update(&task->digest, (const uint8_t *)"\n", 1);
	printf("%.*s\n", (int)out->length, out->bytes);
	json_out_finish(out);
}

static void export_row(void *arg, const struct audit_row *row)
{
	struct task *task = arg;
	struct json_out out;
	char hash[2 * STAFF_HASH_SIZE + 1];

	json_out_init(&out, 0);
	json_put_object(&out, NULL);
	json_put_number(&out, "row", row->id);
	json_put_number(&out, "time", row->time);
	json_put_number(&out, "staff", row->staff);
	json_put_text(&out, "what", row->what);
	json_put_text(&out, "detail", row->detail);
	json_put_text(&out, "hash",
		sodium_bin2hex(hash, sizeof hash, row->hash, sizeof row->hash));
	json_put_object_end(&out);
	put_line(task, &out);
}

static void signed_part(const uint8_t digest[STAFF_HASH_SIZE], uint8_t part_r[64])
{
	memset(part_r, 0, 64);
	memcpy(part_r, "onthaal.audit.export.1", 22);
	memcpy(part_r + 32, digest, STAFF_HASH_SIZE);
}

static int do_export(struct task *task)
{
	uint8_t digest[STAFF_HASH_SIZE], part[64], signature[AUDIT_SIGNATURE_SIZE],
		public[AUDIT_PUBLIC_SIZE];
	char hex[2 * AUDIT_SIGNATURE_SIZE + 1], public_hex[2 * AUDIT_PUBLIC_SIZE + 1], error[512];
	enum err err = audit_verify(task->db, error, sizeof error);

	if (err)
		fprintf(stderr, "onthaal: %s\n", error);
	if (!err)
		err = audit_add(task->db, 0, "audit.exported", "{}");
	crypto_generichash_init(&task->digest, NULL, 0, sizeof digest);
	if (!err)
		err = audit_each(task->db, 0, export_row, task);
	if (err)
		return command_failed("the audit log cannot be exported", err);
	crypto_generichash_final(&task->digest, digest, sizeof digest);
	signed_part(digest, part);
	audit_sign_bytes(task->db, part, sizeof part, signature, public);
	printf("{\"signature\":\"%s\",\"public\":\"%s\"}\n",
		sodium_bin2hex(hex, sizeof hex, signature, sizeof signature),
		sodium_bin2hex(public_hex, sizeof public_hex, public, sizeof public));
	return 0;
}

static bool hex(const json_t *line, const char *key, uint8_t *to, size_t size)
{
	const char *text = json_get_text(line, key);
	size_t length = 0;
	return text && !sodium_hex2bin(to, size, text, strlen(text), NULL, &length, NULL)
		&& length == size;
}

static bool signature_good(struct task *task, const json_t *last)
{
	uint8_t digest[STAFF_HASH_SIZE], part[64], signature[AUDIT_SIGNATURE_SIZE],
		public[AUDIT_PUBLIC_SIZE], own[AUDIT_PUBLIC_SIZE], unused[AUDIT_SIGNATURE_SIZE];

	crypto_generichash_final(&task->digest, digest, sizeof digest);
	signed_part(digest, part);
	audit_sign_bytes(task->db, part, sizeof part, unused, own);
	return hex(last, "signature", signature, sizeof signature)
		&& hex(last, "public", public, sizeof public) && !memcmp(public, own, sizeof own)
		&& !crypto_sign_verify_detached(signature, part, sizeof part, public);
}

/* An export: whole, as it was signed with this folder's key. */
static int verify_file(struct task *task)
{
	FILE *file = fopen(task->file, "re");
	char *line = NULL;
	size_t capacity = 0;
	bool good = false;

	if (!file) {
		fprintf(stderr, "onthaal: %s cannot be read\n", task->file);
		return 1;
	}
	crypto_generichash_init(&task->digest, NULL, 0, STAFF_HASH_SIZE);
	for (ssize_t length; (length = getline(&line, &capacity, file)) > 0;) {
		json_t *read = json_loadb(line, (size_t)length, 0, NULL);
		good = json_object_get(read, "signature") && signature_good(task, read)
			&& getline(&line, &capacity, file) < 0;
		json_decref(read);
		if (good)
			break;
		crypto_generichash_update(
			&task->digest, (const uint8_t *)line, (unsigned long long)length);
		task->rows++;
	}
	free(line);
	fclose(file);
	if (good)
		printf("%s is whole: %lld rows, as they were signed here.\n", task->file,
			(long long)task->rows);
	else
		fprintf(stderr, "onthaal: %s was changed, or was not exported from this data folder\n",
			task->file);
	return good ? 0 : 1;
}

static int verify_head(struct task *task, const char *noted)
{
	uint8_t hash[STAFF_HASH_SIZE];
	size_t length = 0;
	char *end;
	long long row = strtoll(noted, &end, 10);

	if (row < 1 || *end != ':'
		|| sodium_hex2bin(hash, sizeof hash, end + 1, strlen(end + 1), NULL, &length, NULL)
		|| length != sizeof hash) {
		fputs("onthaal: a noted head is ROW:HASH, as audit head prints them\n", stderr);
		return 2;
	}
	if (audit_had(task->db, row, hash)) {
		fprintf(stderr,
			"onthaal: row %lld is not the one that was noted: the log was put back or cut\n",
			row);
		return 1;
	}
	printf("Row %lld is the one that was noted.\n", row);
	return 0;
}

static int do_verify(struct task *task)
{
	char error[512] = "";
	enum err err = audit_verify(task->db, error, sizeof error);

	if (err) {
		fprintf(stderr, "onthaal: %s\n", *error ? error : err_word(err));
		return 1;
	}
	puts("The audit log is whole.");
	if (!task->file)
		return 0;
	return strchr(task->file, ':') ? verify_head(task, task->file) : verify_file(task);
}

static int run(struct task *task, const char *what)
{
	static const struct {
		const char *word;
		bool file;
		int (*act)(struct task *task);
	} acts[] = { { "list", false, do_list }, { "head", false, do_head },
		{ "export", false, do_export }, { "verify", true, do_verify } };

	for (size_t i = 0; what && i < sizeof acts / sizeof *acts; i++)
		if (!strcmp(what, acts[i].word) && (acts[i].file || !task->file))
			return acts[i].act(task);
	fputs("onthaal audit list|head|export, or onthaal audit verify [EXPORT | ROW:HASH]\n", stderr);
	return 2;
}

static int on_staff(const struct command_work *work)
{
	struct task task = { .file = work->first, .db = work->db };
	return run(&task, work->what);
}

int command_audit(int argc, char **argv)
{
	return command_with_staff(argc, argv, 1, on_staff);
}
