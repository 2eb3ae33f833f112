/* Passkeys, in the sign-in's thread: made with the password, used in the place of password and code. */
#include "console/signin_private.h"
#include "base/log.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static enum err audit(struct signin *signin, uint32_t staff, const char *what, uint32_t passkey)
{
	char detail[32];
	snprintf(detail, sizeof detail, "{\"passkey\":%u}", passkey);
	return audit_add(signin_db(signin), staff, what, detail);
}

static enum signin_result may_make(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	enum signin_result result = password_allow(signin, question, answer);
	uint32_t count;

	if (result)
		return result;
	if (passkeys_count(signin_db(signin), question->staff, &count))
		return SIGNIN_FAILED;
	passkeys_user(signin_db(signin), question->staff, answer->user);
	return count < PASSKEYS_MAX ? SIGNIN_OK : SIGNIN_MANY;
}

static enum signin_result add(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	const struct signin_passkey *asked = &question->passkey;
	struct passkey passkey = { .staff = question->staff };
	enum webauthn_fault fault;
	enum err err;

	if (!signin_holds(signin, question)) /* ended since the password was asked */
		return SIGNIN_EXPIRED;
	if (staff_by_id(signin_db(signin), question->staff, &answer->person))
		return SIGNIN_FAILED;
	fault = webauthn_register(&asked->site, asked->challenge, &asked->answer, &passkey);
	if (fault) {
		log_warn("passkey refused", "staff=%u why=%s", question->staff,
			webauthn_word(fault));
		return SIGNIN_WRONG;
	}
	memcpy(passkey.label, asked->label, sizeof passkey.label);
	err = passkeys_put(signin_db(signin), &passkey);
	if (!err)
		err = audit(signin, passkey.staff, "passkey.added", passkey.id);
	answer->passkey = passkey.id;
	return !err ? SIGNIN_OK
		: err == ERR_LIMIT ? SIGNIN_MANY
		: err == ERR_EXISTS ? SIGNIN_WRONG
				    : SIGNIN_FAILED;
}

/* NULL: it is theirs, and they signed. */
static const char *fault_of(struct signin *signin, const struct signin_question *question,
	const struct passkey *passkey, const struct staff *person, uint32_t *count_r)
{
	const struct signin_passkey *asked = &question->passkey;
	uint8_t user[PASSKEY_USER_SIZE];
	enum webauthn_fault fault;

	if (!passkey->id)
		return "unknown";
	if (person->disabled || !*person->password)
		return "disabled";
	if (question->staff && question->staff != person->id)
		return "other";
	passkeys_user(signin_db(signin), person->id, user);
	if (asked->answer.user_length != sizeof user
		|| sodium_memcmp(asked->answer.user, user, sizeof user) != 0)
		return "user";
	fault = webauthn_assert(&asked->site, asked->challenge, &asked->answer, passkey, count_r);
	return fault ? webauthn_word(fault) : NULL;
}

/* At a window that is signed in, with what is not that person's: each try is a row of the audit log. */
static bool is_foreign(const struct signin_question *question, const struct passkey *passkey)
{
	return question->kind == SIGNIN_PASSKEY_UNLOCK
		&& (!passkey->id || passkey->staff != question->staff);
}

static int wait_for(struct tries *tries, const struct signin_question *question,
	const struct passkey *passkey)
{
	return is_foreign(question, passkey)
		? tries_wait(tries_of_person(tries, question->staff)->inside_mono)
		: passkey->id ? tries_wait(*tries_of_passkey(tries, passkey->id))
			      : 0;
}

static void refused(struct signin *signin, const struct signin_question *question,
	const struct passkey *passkey, const char *fault)
{
	if (is_foreign(question, passkey))
		tries_failed(&tries_of_person(signin_tries(signin), question->staff)->inside_mono);
	else if (passkey->id)
		tries_failed(tries_of_passkey(signin_tries(signin), passkey->id));
	if (!strcmp(fault, webauthn_word(WEBAUTHN_COUNT))
		&& audit(signin, passkey->staff, "passkey.copied", passkey->id))
		log_error("audit could not be written", "what=%s", "passkey.copied");
	if (question->kind == SIGNIN_PASSKEY)
		signin_failure(signin, passkey->id ? passkey->staff : 0);
	else if (audit(signin, question->staff, "unlock.failed", passkey->id))
		log_error("audit could not be written", "what=%s", "unlock.failed");
	log_warn("passkey refused", "staff=%u why=%s", passkey->id ? passkey->staff : 0, fault);
}

/* An id is told to nobody who is not in: whoever tries with it has the passkey, or had it. */
static enum signin_result check(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	const struct webauthn_answer *said = &question->passkey.answer;
	struct passkey passkey;
	const char *fault;
	uint32_t count = 0;
	enum err err;

	err = passkeys_find(signin_db(signin), said->credential,
		(uint32_t)said->credential_length, &passkey);
	if (err == ERR_NOT_FOUND)
		passkey.id = 0;
	else if (!err)
		err = staff_by_id(signin_db(signin), passkey.staff, &answer->person);
	if (err && err != ERR_NOT_FOUND) {
		log_error("passkey cannot be read", "%s", "");
		return SIGNIN_FAILED;
	}
	answer->retry = wait_for(signin_tries(signin), question, &passkey);
	if (answer->retry)
		return SIGNIN_SLOW;
	fault = fault_of(signin, question, &passkey, &answer->person, &count);
	if (fault) {
		refused(signin, question, &passkey, fault);
		return SIGNIN_WRONG;
	}
	if (passkeys_used(signin_db(signin), passkey.id, count))
		return SIGNIN_FAILED;
	answer->passkey = passkey.id;
	memcpy(answer->vault, passkey.vault, passkey.vault_length);
	answer->vault_length = passkey.vault_length;
	return SIGNIN_OK;
}

static enum signin_result sign_in(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	enum signin_result result = check(signin, question, answer);

	if (result)
		return result;
	if (audit(signin, answer->person.id, "sign-in.passkey", answer->passkey))
		return SIGNIN_FAILED;
	return signin_open(signin, &answer->person, question, answer);
}

enum signin_result passkey_answer(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	enum signin_result result;

	switch (question->kind) {
	case SIGNIN_PASSKEY_NEW:
		return may_make(signin, question, answer);
	case SIGNIN_PASSKEY_ADD:
		return add(signin, question, answer);
	case SIGNIN_PASSKEY:
		return sign_in(signin, question, answer);
	default:
		result = signin_holds(signin, question) ? check(signin, question, answer)
							: SIGNIN_EXPIRED;
		if (result)
			return result;
		signin_back(signin, question->token);
		return signin_renew(signin, question, answer);
	}
}
