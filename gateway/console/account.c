/* What a person changes of the own account: password, authenticator, recovery codes, telephone. In the
 * sign-in's thread. Whoever finds a window open changes nothing: the password is asked, and for another
 * authenticator a code of the present one, or a one-time code, too. */
#include "console/signin_private.h"
#include "base/log.h"
#include "store/credentials.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static enum signin_result result_of(enum err err)
{
	return !err ? SIGNIN_OK
		: err == ERR_DENIED ? SIGNIN_EXPIRED
		: err == ERR_STALE  ? SIGNIN_STALE
				    : SIGNIN_FAILED;
}

/* With the password again: whoever finds a window open gets none. */
static enum signin_result make_codes(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	enum signin_result result = password_allow(signin, question, answer);

	if (result)
		return result;
	if (staff_codes_make(signin_db(signin), question->staff, answer->codes))
		return SIGNIN_FAILED;
	signin_audit(signin, question->staff, "recovery-codes.made");
	return SIGNIN_OK;
}

/* With the password again: calls of visitors are sent there. */
static enum signin_result set_telephone(struct signin *signin,
	const struct signin_question *question, struct signin_answer *answer)
{
	enum signin_result result = password_allow(signin, question, answer);

	if (result)
		return result;
	memcpy(answer->person.telephone, question->telephone, sizeof question->telephone);
	result = result_of(credentials_telephone(signin_db(signin), &answer->person));
	if (!result)
		signin_audit(signin, question->staff, "staff.telephone");
	return result;
}

static enum signin_result change_password(struct signin *signin,
	const struct signin_question *question, struct signin_answer *answer)
{
	const struct signin_account *account = &question->account;
	enum signin_result result = password_allow(signin, question, answer);
	uint8_t session[STAFF_HASH_SIZE];
	char hash[sizeof answer->person.password];
	struct credentials_change change = { .person = &answer->person, .session = session };

	if (result)
		return result;
	if (signin_weak(account->password))
		return SIGNIN_WEAK;
	if (!strcmp(account->password, question->password))
		return SIGNIN_SAME;
	if (crypto_pwhash_str(hash, account->password, strlen(account->password),
		    crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE))
		return SIGNIN_FAILED;
	signin_hash(question->token, session);
	result = result_of(credentials_password(signin_db(signin), &change, hash, account->key,
		account->vault, account->vault_length));
	sodium_memzero(hash, sizeof hash);
	return result;
}

/* With the password before: a guess is paid for as one of the password is, and as one of a code. */
static enum signin_result check_code(struct signin *signin, const struct signin_question *question,
	struct staff *person, int *retry_r)
{
	struct tries *tries = signin_tries(signin);
	struct tries_person *tried = tries_of_person(tries, person->id);
	enum signin_result result;

	*retry_r = tries_wait_code(tried->inside_code_mono);
	if (*retry_r)
		return SIGNIN_SLOW;
	result = signin_code(signin, person, question->code, "recovery-code.used");
	if (result != SIGNIN_WRONG)
		return result;
	tries_failed(&tried->inside_mono);
	tries_failed_code(&tried->inside_code_mono);
	return audit_add(signin_db(signin), person->id, "unlock.failed", "{}") ? SIGNIN_FAILED
									      : SIGNIN_WRONG;
}

static enum signin_result new_secret(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	enum signin_result result = password_unlock(signin, question, answer);
	uint8_t totp[STAFF_TOTP_SIZE];

	if (!result)
		result = check_code(signin, question, &answer->person, &answer->retry);
	if (result)
		return result;
	randombytes_buf(totp, sizeof totp);
	result = signin_secret(totp, answer->secret);
	sodium_memzero(totp, sizeof totp);
	return result;
}

static bool read_secret(const char *secret, uint8_t totp_r[STAFF_TOTP_SIZE])
{
	size_t length = 0;
	char *bytes = NULL;
	bool good = !oath_base32_decode(secret, strlen(secret), &bytes, &length)
		&& length == STAFF_TOTP_SIZE;

	if (good)
		memcpy(totp_r, bytes, STAFF_TOTP_SIZE);
	if (bytes)
		sodium_memzero(bytes, length);
	free(bytes);
	return good;
}

static enum signin_result set_authenticator(struct signin *signin,
	const struct signin_question *question, struct signin_answer *answer)
{
	struct staff next;
	uint8_t session[STAFF_HASH_SIZE];
	struct credentials_change change = { .person = &answer->person, .session = session };
	enum signin_result result = SIGNIN_WRONG;
	int64_t step;

	if (staff_by_id(signin_db(signin), question->staff, &answer->person))
		return SIGNIN_FAILED;
	next = answer->person;
	step = read_secret(question->account.secret, next.totp)
		? signin_step(&next, question->code)
		: -1;
	signin_hash(question->token, session);
	if (step >= 0)
		result = result_of(credentials_authenticator(
			signin_db(signin), &change, next.totp, step));
	sodium_memzero(&next, sizeof next);
	return result;
}

enum signin_result account_answer(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	switch (question->kind) {
	case SIGNIN_CODES:
		return make_codes(signin, question, answer);
	case SIGNIN_TELEPHONE:
		return set_telephone(signin, question, answer);
	case SIGNIN_CHANGE:
		return change_password(signin, question, answer);
	case SIGNIN_SECRET:
		return new_secret(signin, question, answer);
	case SIGNIN_AUTHENTICATOR:
		return set_authenticator(signin, question, answer);
	default:
		return SIGNIN_FAILED;
	}
}
