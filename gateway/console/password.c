/* Name, password and code; and the password again, of who is signed in. In the sign-in's thread. */
#include "console/signin_private.h"
#include "base/log.h"
#include "store/credentials.h"

#include <sodium.h>
#include <string.h>

/* As long for a name that does not exist, so that time tells nothing. */
static bool password_right(const struct staff *person, bool known, const char *password)
{
	static char nobody[crypto_pwhash_STRBYTES];

	if (!*nobody
		&& crypto_pwhash_str(nobody, "-", 1, crypto_pwhash_OPSLIMIT_INTERACTIVE,
			crypto_pwhash_MEMLIMIT_INTERACTIVE))
		return false;
	known = known && !person->disabled && *person->password;
	return !crypto_pwhash_str_verify(
		       known ? person->password : nobody, password, strlen(password))
		&& known;
}

/* step: of the code they gave; below 0: it is none of theirs. */
static enum signin_result fail(
	struct signin *signin, struct tries_name *tried, uint32_t staff, int64_t step)
{
	tries_failed(step < 0 ? &tried->until_mono : &tried->coded_mono);
	if (staff && step < 0 && tries_guessed(signin_tries(signin), staff))
		signin_audit(signin, staff, "sign-in.guessed");
	signin_failure(signin, staff);
	log_warn("sign-in failed", "staff=%u", staff);
	return SIGNIN_WRONG;
}

/* After many wrong codes one that is right is not enough: it may have been hit. */
static enum signin_result take_code(struct signin *signin, struct staff *person, int64_t step)
{
	enum err err;

	person->totp_step = step;
	if (!tries_want_next(signin_tries(signin), person->id, step))
		return SIGNIN_OK;
	err = credentials_coded(signin_db(signin), person);
	return !err ? SIGNIN_NEXT : err == ERR_STALE ? SIGNIN_WRONG : SIGNIN_FAILED;
}

static enum signin_result take_once(
	struct signin *signin, const struct staff *person, const char *code)
{
	if (staff_code_take(signin_db(signin), person->id, code))
		return SIGNIN_FAILED;
	signin_audit(signin, person->id, "sign-in.recovery");
	return SIGNIN_OK;
}

enum signin_result password_sign_in(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	struct staff *person = &answer->person;
	struct tries_name *tried = tries_of(signin_tries(signin), question->name);
	enum signin_result result;
	enum err err;
	int64_t step;
	bool once;

	err = staff_by_name(signin_db(signin), question->name, person);
	if (err && err != ERR_NOT_FOUND)
		return SIGNIN_FAILED;
	step = err ? -1 : signin_step(person, question->code);
	once = !err && step < 0
		&& !staff_code_find(signin_db(signin), person->id, question->code);
	if (once)
		step = person->totp_step + 1;
	/* Whoever has the code is not kept waiting by others' tries without it. */
	answer->retry = tries_wait(step < 0 ? tried->until_mono : tried->coded_mono);
	if (answer->retry)
		return SIGNIN_SLOW;
	/* The slow hash is for who has the code: guesses without it, by the thousand, keep nobody
	 * waiting, and take as long for a name that does not exist. */
	if (step < 0 || !password_right(person, !err, question->password))
		return fail(signin, tried, err ? 0 : person->id, step);
	if (step <= person->totp_step)
		return SIGNIN_USED;
	result = once ? take_once(signin, person, question->code)
		      : take_code(signin, person, step);
	if (result)
		return result;
	tried->until_mono = tried->coded_mono = 0;
	return signin_open(signin, person, question, answer);
}

enum signin_result password_unlock(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	struct tries_person *tried = tries_of_person(signin_tries(signin), question->staff);

	if (!signin_holds(signin, question))
		return SIGNIN_EXPIRED;
	if (staff_by_id(signin_db(signin), question->staff, &answer->person))
		return SIGNIN_FAILED;
	answer->retry = tries_wait(tried->inside_mono);
	if (answer->retry)
		return SIGNIN_SLOW;
	if (password_right(&answer->person, true, question->password)) {
		signin_back(signin, question->token);
		return SIGNIN_OK;
	}
	tries_failed(&tried->inside_mono);
	signin_audit(signin, question->staff, "unlock.failed");
	return SIGNIN_WRONG;
}

enum signin_result password_allow(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	enum signin_result result = password_unlock(signin, question, answer);

	if (result)
		return result;
	answer->retry = tries_change(signin_tries(signin), question->staff);
	return answer->retry ? SIGNIN_SLOW : SIGNIN_OK;
}
