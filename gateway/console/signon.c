/* Whom the house's own provider let in, in the sign-in's thread: who that is here. */
#include "console/signin_private.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/signons.h"

#include <string.h>

enum err signin_connect(struct staff_db *db, uint32_t staff, char token_r[SIGNIN_TOKEN_SIZE])
{
	uint8_t hash[STAFF_HASH_SIZE];

	signin_token(token_r);
	signin_hash(token_r, hash);
	return signons_link(
		db, staff, hash, clock_wall() + SIGNIN_INVITE_HOURS * INT64_C(3600000));
}

/* Only who set up password and authenticator is connected: both open what an account does not. */
static bool active(const struct staff *person)
{
	return !person->disabled && *person->password;
}

static enum signin_result find_linked(
	struct signin *signin, const char *token, struct staff *person_r)
{
	uint8_t hash[STAFF_HASH_SIZE];
	enum err err;

	signin_hash(token, hash);
	err = signons_by_link(signin_db(signin), hash, person_r);
	if (err)
		return err == ERR_NOT_FOUND ? SIGNIN_EXPIRED : SIGNIN_FAILED;
	return active(person_r) ? SIGNIN_OK : SIGNIN_EXPIRED;
}

static enum signin_result find_account(struct signin *signin,
	const struct signin_question *question, struct staff *person_r)
{
	enum err err = signons_by_account(signin_db(signin), question->signon.account, person_r);

	if (err && err != ERR_NOT_FOUND) {
		log_error("a sign-on cannot be read", "err=%s", err_word(err));
		return SIGNIN_FAILED;
	}
	if (!err && active(person_r))
		return SIGNIN_OK;
	signin_failure(signin, err ? 0 : person_r->id);
	log_warn("sign-on failed", "why=%s", err ? "unlinked" : "disabled");
	return SIGNIN_UNLINKED;
}

/* Whoever holds the account could guess on for ever, and in the end hit a code. */
static enum signin_result guessed(struct signin *signin, uint32_t staff)
{
	bool stopped;

	tries_failed(tries_of_signon(signin_tries(signin), staff));
	signin_failure(signin, staff);
	log_warn("sign-in failed", "staff=%u", staff);
	if (signons_guessed(signin_db(signin), staff, &stopped))
		return SIGNIN_FAILED;
	if (stopped)
		log_warn("sign-on stopped", "staff=%u", staff);
	return stopped ? SIGNIN_STOPPED : SIGNIN_WRONG;
}

static enum signin_result check_code(
	struct signin *signin, struct staff *person, const char *code, int *retry_r)
{
	enum signin_result result;
	bool stopped;

	if (signons_stopped(signin_db(signin), person->id, &stopped))
		return SIGNIN_FAILED;
	if (stopped)
		return SIGNIN_STOPPED;
	if (!*code)
		return SIGNIN_SECOND;
	*retry_r = tries_wait(*tries_of_signon(signin_tries(signin), person->id));
	if (*retry_r)
		return SIGNIN_SLOW;
	result = signin_code(signin, person, code, "sign-in.recovery");
	return result == SIGNIN_WRONG ? guessed(signin, person->id) : result;
}

void signon_trust(struct signin *signin, uint32_t staff, bool *stopped_r)
{
	enum err err = signons_stopped(signin_db(signin), staff, stopped_r);

	if (!err)
		err = signons_trusted(signin_db(signin), staff);
	if (err)
		log_error("a sign-on stays stopped", "staff=%u err=%s", staff, err_word(err));
}

static enum signin_result bind(
	struct signin *signin, const struct signin_question *question, uint32_t staff)
{
	enum err err = signons_bind(signin_db(signin), staff, question->signon.account);

	if (err)
		return err == ERR_EXISTS ? SIGNIN_TAKEN : SIGNIN_FAILED;
	signin_audit(signin, staff, "signon.connected");
	return SIGNIN_OK;
}

/* A link is worth nothing without the code of whom it was made for. */
static enum signin_result sign_on(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	struct staff *person = &answer->person;
	bool linked = *question->token;
	enum signin_result result = linked ? find_linked(signin, question->token, person)
					   : find_account(signin, question, person);

	if (!result && (linked || !question->signon.second))
		result = check_code(signin, person, question->code, &answer->retry);
	if (!result && linked)
		result = bind(signin, question, person->id);
	if (result)
		return result;
	signin_audit(signin, person->id, "sign-in.signon");
	return signin_open(signin, person, question, answer);
}

enum signin_result signon_answer(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	switch (question->kind) {
	case SIGNIN_SIGNON_LINK:
		return find_linked(signin, question->token, &answer->person);
	case SIGNIN_SIGNON:
		return sign_on(signin, question, answer);
	default:
		signin_failure(signin, 0);
		return SIGNIN_OK;
	}
}
