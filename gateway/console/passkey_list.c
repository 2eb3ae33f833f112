/* One's own passkeys: listed, given the locked key, removed; in the archive's thread. */
#include "base/json.h"
#include "console/archive.h"
#include "console/repeats.h"
#include "store/passkeys.h"

#include <stdio.h>

static void put(void *arg, const struct passkey *passkey)
{
	struct json_out *out = arg;

	json_put_object(out, NULL);
	json_put_number(out, "passkey", passkey->id);
	json_put_text(out, "label", passkey->label);
	archive_put_bytes(out, "credential", passkey->credential, passkey->credential_length);
	json_put_number(out, "created", passkey->created);
	json_put_number(out, "used", passkey->used);
	json_put_flag(out, "vault", passkey->vault_length);
	json_put_object_end(out);
}

enum err passkey_list_answer(struct staff_db *db, struct repeats *repeats,
	const struct archive_question *question, struct json_out *out)
{
	char detail[32];
	struct repeats_row row = { question->staff, "passkey.vault", detail, detail };
	enum err err;

	if (question->kind == ARCHIVE_PASSKEY_REMOVE)
		return passkeys_remove(db, question->key, question->staff, question->session);
	if (question->kind == ARCHIVE_PASSKEY_VAULT) {
		snprintf(detail, sizeof detail, "{\"passkey\":%u}", question->key);
		err = passkeys_vault(db, question->key, question->staff, question->vault,
			question->vault_length);
		return err ? err : repeats_audit(repeats, db, &row);
	}
	json_put_list(out, "passkeys");
	err = passkeys_each(db, question->staff, put, out);
	json_put_list_end(out);
	return err;
}
