/* The keys that closed conversations are sealed to: whose, given on, and changed. */
#include "console/archive_private.h"
#include "console/show.h"
#include "desk/rights.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void put_share(struct archive_work *work, const struct sealing_key *key)
{
	uint8_t sealed[KEYS_SEALED_SIZE];
	if (!keys_share_get(work->archive->db, key->id, work->question->staff, sealed))
		archive_put_bytes(work->out, "share", sealed, sizeof sealed);
}

static void put_key(void *arg, const struct sealing_key *key)
{
	struct archive_work *work = arg;
	static const char *const words[] = { "", "person", "coordinators", "recovery" };
	bool mine = key->kind == KEY_PERSON && key->staff == work->question->staff;
	struct staff person = { .id = 0 };

	if (key->kind == KEY_PERSON && !mine && (!archive_may_all(work) || key->retired))
		return;
	if (key->kind == KEY_PERSON && (staff_by_id(work->archive->db, key->staff, &person)
		|| person.disabled))
		return;
	json_put_object(work->out, NULL);
	json_put_number(work->out, "key", key->id);
	json_put_text(work->out, "kind", words[key->kind]);
	archive_put_bytes(work->out, "public", key->public, HPKE_KEY_SIZE);
	json_put_flag(work->out, "retired", key->retired);
	if (mine)
		archive_put_bytes(work->out, "vault", key->vault, key->vault_length);
	if (key->kind == KEY_PERSON) {
		json_put_number(work->out, "staff", person.id);
		json_put_text(work->out, "display", person.display);
		json_put_text(work->out, "role", show_role_word(person.role));
	}
	if (key->kind == KEY_COORDINATORS && archive_may_all(work))
		put_share(work, key);
	json_put_object_end(work->out);
	sodium_memzero(&person, sizeof person);
}

static void note_shared(void *arg, uint32_t key, uint32_t staff)
{
	struct archive_work *work = arg;
	json_put_object(work->out, NULL);
	json_put_number(work->out, "key", key);
	json_put_number(work->out, "staff", staff);
	json_put_object_end(work->out);
}

enum err archive_keys_list(struct archive_work *work)
{
	enum err err;
	json_put_list(work->out, "keys");
	err = keys_each(work->archive->db, put_key, work);
	json_put_list_end(work->out);
	if (err || !archive_may_all(work))
		return err;
	json_put_list(work->out, "shared"); /* who of the coordinators has which of their keys */
	err = keys_shares_each(work->archive->db, note_shared, work);
	json_put_list_end(work->out);
	return err;
}

/* One's own, once: a lost password goes by staff reset, which destroys the old one. */
enum err archive_keys_enrol(struct archive_work *work)
{
	struct staff_db *db = work->archive->db;
	struct sealing_key key = { .kind = KEY_PERSON, .staff = work->question->staff };
	enum err err = keys_current(db, KEY_PERSON, key.staff, &key);

	if (err != ERR_NOT_FOUND)
		return err ? err : ERR_EXISTS;
	memcpy(key.public, work->question->public, HPKE_KEY_SIZE);
	memcpy(key.vault, work->question->vault, work->question->vault_length);
	key.vault_length = work->question->vault_length;
	err = key.vault_length ? keys_put(db, &key) : ERR_INVALID;
	if (!err)
		err = audit_add(db, key.staff, "key.enrolled", "{}");
	if (!err)
		json_put_number(work->out, "key", key.id);
	return err;
}

enum err archive_keys_group(struct archive_work *work)
{
	struct staff_db *db = work->archive->db;
	struct sealing_key key = { .kind = KEY_COORDINATORS }, now = { .id = 0 };
	char about[ARCHIVE_DETAIL];
	enum err err = keys_current(db, KEY_COORDINATORS, 0, &now);

	if (!archive_may_all(work))
		return ERR_DENIED;
	if (err && err != ERR_NOT_FOUND)
		return err;
	if (now.id != work->question->key) /* somebody made one meanwhile */
		return ERR_STALE;
	memcpy(key.public, work->question->public, HPKE_KEY_SIZE);
	err = keys_put(db, &key);
	if (!err)
		err = keys_share_put(db, key.id, work->question->staff, work->question->sealed);
	snprintf(about, sizeof about, "%u", key.id);
	if (!err)
		err = archive_audit(work, "key.coordinators", "{}", about);
	if (!err)
		json_put_number(work->out, "key", key.id);
	return err;
}

enum err archive_keys_share(struct archive_work *work)
{
	struct staff_db *db = work->archive->db;
	struct sealing_key now;
	struct staff other;
	char detail[ARCHIVE_DETAIL], about[ARCHIVE_DETAIL];
	enum err err = archive_may_all(work) ? keys_current(db, KEY_COORDINATORS, 0, &now) : ERR_DENIED;

	if (!err && now.id != work->question->key)
		err = ERR_STALE;
	if (!err)
		err = staff_by_id(db, work->question->other, &other);
	if (!err && (other.disabled || !rights_may(other.role, RIGHT_OPEN_ALL)))
		err = ERR_DENIED;
	if (!err)
		err = keys_share_put(db, now.id, other.id, work->question->sealed);
	snprintf(detail, sizeof detail, "{\"of\":%u}", work->question->other);
	snprintf(about, sizeof about, "%u/%u", work->question->other, work->question->key);
	if (!err)
		err = archive_audit(work, "key.shared", detail, about);
	sodium_memzero(&other, sizeof other);
	return err;
}

enum err archive_keys_reseal(struct archive_work *work)
{
	struct staff_db *db = work->archive->db;
	const struct archive_question *question = work->question;
	struct sealing_key group, person;
	struct archive_contact contact;
	char detail[ARCHIVE_DETAIL];
	enum err err = archive_may_all(work) ? archive_find(db, question->contact, &contact) : ERR_DENIED;
	bool added;

	if (err)
		return err;
	if ((keys_current(db, KEY_COORDINATORS, 0, &group) || group.id != question->key)
		&& (keys_current(db, KEY_PERSON, contact.counsellor, &person)
			|| person.id != question->key))
		return ERR_DENIED; /* to nobody else than those it was sealed to at its end */
	err = archive_seal_add(db, contact.id, question->key, question->sealed, &added);
	if (err || !added)
		return err;
	archive_detail(contact.id, detail);
	return audit_add(db, question->staff, "contact.resealed", detail);
}

enum err archive_keys_rotated(struct archive_work *work)
{
	enum err err = archive_may_all(work) ? archive_drop_retired(work->archive->db, KEY_COORDINATORS)
				     : ERR_DENIED;
	return err ? err : archive_audit(work, "key.rotated", "{}", "");
}
