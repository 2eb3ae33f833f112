/* What further ways of signing in need of it; all in the sign-in's thread. */
#ifndef CONSOLE_SIGNIN_PRIVATE_H
#define CONSOLE_SIGNIN_PRIVATE_H

#include "console/signin.h"
#include "console/tries.h"

struct staff_db *signin_db(const struct signin *signin);
struct tries *signin_tries(struct signin *signin);

/* They have shown who they are: a session, its token into the answer, and the audit log's row. */
enum signin_result signin_open(struct signin *signin, struct staff *person,
	const struct signin_question *question, struct signin_answer *answer);
/* The session of the window that asks is still there, and that person's. */
bool signin_holds(const struct signin *signin, const struct signin_question *question);
/* Where it is asked for: another token for that session, and the one before is worth nothing. */
enum signin_result signin_renew(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer);
void signin_back(struct signin *signin, const char *token); /* unlocked: resumed again from now on */

void signin_failure(struct signin *signin, uint32_t staff); /* a row of the audit log; 0: nobody known */

/* The step whose code this is, -1 when there is none. */
int64_t signin_step(const struct staff *person, const char *code);
/* A code of their authenticator, or a one-time code, which the audit log tells as `once`: used up by it.
 * SIGNIN_WRONG: neither; it is the caller's to record and to slow. */
enum signin_result signin_code(
	struct signin *signin, struct staff *person, const char *code, const char *once);
bool signin_weak(const char *password); /* shorter than SIGNIN_PASSWORD_MIN characters */
enum signin_result signin_secret(
	const uint8_t totp[STAFF_TOTP_SIZE], char secret_r[SIGNIN_SECRET_SIZE]);

void signin_audit(struct signin *signin, uint32_t staff, const char *what);

void signin_token(char token_r[SIGNIN_TOKEN_SIZE]); /* a new one */
void signin_hash(const char *token, uint8_t hash_r[STAFF_HASH_SIZE]);

/* password.c */
enum signin_result password_sign_in(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer);
/* The password of who has a session, again. Sets answer->person. */
enum signin_result password_unlock(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer);
/* The same, before a change of the own account: SIGNIN_SLOW, too, where there were many. */
enum signin_result password_allow(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer);

/* signon.c */
enum signin_result signon_answer(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer);
/* They signed in by what opens more than the provider does: wrong codes by it are counted anew. */
void signon_trust(struct signin *signin, uint32_t staff, bool *stopped_r);

/* account.c */
enum signin_result account_answer(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer);

/* passkey.c */
enum signin_result passkey_answer(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer);

#endif
