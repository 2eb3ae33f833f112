/* What a window asks of the archive. */
#include "base/clock.h"
#include "console/private.h"
#include "desk/rights.h"

#include <sodium.h>
#include <string.h>

static const struct {
	const char *t;
	enum archive_kind kind;
} kinds[] = { { "keys", ARCHIVE_KEYS }, { "key", ARCHIVE_KEY }, { "group", ARCHIVE_GROUP },
	{ "share", ARCHIVE_SHARE }, { "archive", ARCHIVE_LIST }, { "unseal", ARCHIVE_OPEN },
	{ "seals", ARCHIVE_SEALS }, { "reseal", ARCHIVE_RESEAL }, { "rotated", ARCHIVE_ROTATED },
	{ "sessions", ARCHIVE_SESSIONS }, { "end", ARCHIVE_END },
	{ "settings", ARCHIVE_SETTINGS }, { "passkeys", ARCHIVE_PASSKEYS },
	{ "passkey-vault", ARCHIVE_PASSKEY_VAULT },
	{ "passkey-remove", ARCHIVE_PASSKEY_REMOVE } };

bool sealed_bytes(const json_t *frame, const char *key, uint8_t *to, size_t size, size_t *length_r)
{
	const char *text = json_get_text(frame, key);
	*length_r = 0;
	return !text
		|| (!sodium_base642bin(to, size, text, strlen(text), NULL, length_r, NULL,
			    sodium_base64_VARIANT_URLSAFE_NO_PADDING)
			&& *length_r);
}

static uint32_t number_of(const json_t *frame, const char *key)
{
	int64_t number = json_get_number(frame, key, 0);
	return number > 0 && number <= UINT32_MAX ? (uint32_t)number : 0;
}

/* Missing: they are asked for. */
static bool settings_of(const json_t *frame, char settings_r[STAFF_SETTINGS_MAX + 1])
{
	const json_t *settings = json_object_get(frame, "settings");
	size_t length;

	if (!settings)
		return true;
	if (!json_is_object(settings))
		return false;
	length = json_dumpb(settings, settings_r, STAFF_SETTINGS_MAX, JSON_COMPACT);
	if (length > STAFF_SETTINGS_MAX)
		return false;
	settings_r[length] = '\0';
	return true;
}

static bool read_question(const json_t *frame, struct archive_question *question)
{
	const char *contact = json_get_text(frame, "contact");
	const char *session = json_get_text(frame, "session");
	size_t public, sealed, vault = 0;
	bool good = sealed_bytes(frame, "public", question->public, HPKE_KEY_SIZE, &public)
		&& sealed_bytes(frame, "sealed", question->sealed, KEYS_SEALED_SIZE, &sealed)
		&& sealed_bytes(frame, "vault", question->vault, KEYS_VAULT_MAX, &vault)
		&& (!contact || !contact_public_parse(contact, &question->contact));

	question->vault_length = (uint32_t)vault;
	question->other = number_of(frame, "staff");
	question->key = number_of(frame, "key");
	question->after = number_of(frame, "after");
	switch (question->kind) {
	case ARCHIVE_KEY:
		return good && public == HPKE_KEY_SIZE && vault;
	case ARCHIVE_GROUP:
		return good && public == HPKE_KEY_SIZE && sealed == KEYS_SEALED_SIZE;
	case ARCHIVE_SHARE:
		return good && question->other && question->key && sealed == KEYS_SEALED_SIZE;
	case ARCHIVE_OPEN:
	case ARCHIVE_SEALS:
		return good && question->contact;
	case ARCHIVE_RESEAL:
		return good && question->contact && question->key && sealed == KEYS_SEALED_SIZE;
	case ARCHIVE_PASSKEY_VAULT:
	case ARCHIVE_PASSKEY_REMOVE:
		question->key = number_of(frame, "passkey");
		return good && question->key && (question->kind == ARCHIVE_PASSKEY_REMOVE || vault);
	case ARCHIVE_SETTINGS:
		return settings_of(frame, question->settings);
	case ARCHIVE_END:
		return session && strlen(session) == 2 * sizeof question->name
			&& !sodium_hex2bin(question->name, sizeof question->name, session,
				strlen(session), NULL, NULL, NULL);
	default:
		return good;
	}
}

/* Whoever finds a window open does not get at the key to everything that is closed: who may do this
 * gives the password or a passkey for it. Who may not is refused, and recorded, by the archive. */
static bool must_prove(const struct window *window, enum archive_kind kind)
{
	bool keys = kind == ARCHIVE_GROUP || kind == ARCHIVE_SHARE || kind == ARCHIVE_ROTATED;

	return keys && rights_may(window->me.role, RIGHT_OPEN_ALL)
		&& window->proved_mono <= clock_mono();
}

void sealed_session(const struct window *window, uint8_t hash_r[STAFF_HASH_SIZE])
{
	crypto_generichash(hash_r, STAFF_HASH_SIZE, (const unsigned char *)window->token,
		strlen(window->token), NULL, 0);
}

static struct archive_question question_of(const struct window *window, enum archive_kind kind)
{
	struct archive_question question
		= { .kind = kind, .staff = window->me.id, .role = window->me.role };
	sealed_session(window, question.session);
	return question;
}

void sealed_denied(struct window *window, const char *id, const char *what)
{
	struct archive_question question = question_of(window, ARCHIVE_DENIED);

	question.what = what;
	window_no(window, id, "denied", NULL, 0);
	(void)!window->line->look(window->arg, &question); /* busy: not the only one */
}

void sealed_check(struct window *window)
{
	struct archive_question question = question_of(window, ARCHIVE_CHECK);
	(void)!window->line->look(window->arg, &question); /* busy: the next time */
}

bool sealed_request(struct window *window, const char *t, const char *id, const json_t *frame)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct archive_question question;
		if (strcmp(t, kinds[i].t))
			continue;
		question = question_of(window, kinds[i].kind);
		question.what = kinds[i].t;
		memcpy(question.id, id, strlen(id) + 1);
		if (!read_question(frame, &question))
			window_no(window, id, "invalid", NULL, 0);
		else if (must_prove(window, question.kind))
			window_no(window, id, "prove", NULL, 0);
		else if (window->line->look(window->arg, &question))
			window_no(window, id, "busy", NULL, 1);
		return true;
	}
	return false;
}
