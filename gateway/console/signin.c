#include "console/signin_private.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "console/away.h"
#include "store/credentials.h"

#include <liboath/oath.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOTP_STEP = 30, TOTP_WINDOW = 1, UNKNOWN_MS = 60000 };

struct away_said {
	char token[SIGNIN_TOKEN_SIZE];
	int64_t lock_mono;
};

struct signin {
	struct staff_db *db;
	struct mailbox *questions, *answers, *aways;
	pthread_t thread;
	struct tries tries;
	struct away away;
	int64_t unknown_mono; /* a try of a name that does not exist was recorded */
};

void signin_hash(const char *token, uint8_t hash_r[STAFF_HASH_SIZE])
{
	crypto_generichash(hash_r, STAFF_HASH_SIZE, (const unsigned char *)token, strlen(token),
		NULL, 0);
}

void signin_token(char token_r[SIGNIN_TOKEN_SIZE])
{
	uint8_t bytes[32];
	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2base64(token_r, SIGNIN_TOKEN_SIZE, bytes, sizeof bytes,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof bytes);
}

bool signin_begins(enum signin_kind kind)
{
	return kind == SIGNIN_ACCEPT || kind == SIGNIN_PASSWORD || kind == SIGNIN_PASSKEY
		|| kind == SIGNIN_SIGNON;
}

bool signin_holds(const struct signin *signin, const struct signin_question *question)
{
	struct staff_session session;
	uint8_t hash[STAFF_HASH_SIZE];

	signin_hash(question->token, hash);
	return !staff_session_get(signin->db, hash, &session) && session.staff == question->staff;
}

struct staff_db *signin_db(const struct signin *signin)
{
	return signin->db;
}

struct tries *signin_tries(struct signin *signin)
{
	return &signin->tries;
}

int64_t signin_step(const struct staff *person, const char *code)
{
	int64_t now = clock_wall() / 1000;
	int at = 0;

	if (strlen(code) != 6 || strspn(code, "0123456789") != 6)
		return -1;
	if (oath_totp_validate2((const char *)person->totp, STAFF_TOTP_SIZE, (time_t)now,
		    TOTP_STEP, 0, TOTP_WINDOW, &at, code)
		< 0)
		return -1;
	return now / TOTP_STEP + at;
}

enum signin_result signin_code(
	struct signin *signin, struct staff *person, const char *code, const char *once)
{
	int64_t step = signin_step(person, code);
	enum err err;

	if (step >= 0 && step <= person->totp_step)
		return SIGNIN_USED;
	if (step >= 0) {
		person->totp_step = step;
		err = credentials_coded(signin->db, person);
		return !err ? SIGNIN_OK : err == ERR_STALE ? SIGNIN_STALE : SIGNIN_FAILED;
	}
	err = staff_code_take(signin->db, person->id, code);
	if (err)
		return err == ERR_NOT_FOUND ? SIGNIN_WRONG : SIGNIN_FAILED;
	return audit_add(signin->db, person->id, once, "{}") ? SIGNIN_FAILED : SIGNIN_OK;
}

void signin_audit(struct signin *signin, uint32_t staff, const char *what)
{
	if (audit_add(signin->db, staff, what, "{}"))
		log_error("audit could not be written", "what=%s", what);
}

/* Names that do not exist are without end: one row a minute says that they are tried. */
void signin_failure(struct signin *signin, uint32_t staff)
{
	int64_t mono = clock_mono();

	if (!staff && signin->unknown_mono && mono - signin->unknown_mono < UNKNOWN_MS)
		return;
	if (!staff)
		signin->unknown_mono = mono;
	signin_audit(signin, staff, "sign-in.failed");
}

enum signin_result signin_open(struct signin *signin, struct staff *person,
	const struct signin_question *question, struct signin_answer *answer)
{
	struct staff_session session = { .staff = person->id,
		.created = clock_wall(),
		.expires = clock_wall() + question->session_hours * INT64_C(3600000) };
	enum err err;

	signin_token(answer->token);
	signin_hash(answer->token, session.hash);
	err = credentials_signed_in(signin->db, person, &session);
	if (err)
		return err == ERR_STALE ? SIGNIN_WRONG : SIGNIN_FAILED;
	answer->expires = session.expires;
	signin_audit(signin, person->id, "sign-in");
	if (question->kind == SIGNIN_PASSWORD || question->kind == SIGNIN_PASSKEY)
		signon_trust(signin, person->id, &answer->guessed);
	return SIGNIN_OK;
}

static enum signin_result find_invited(
	struct signin *signin, const char *token, struct staff *person)
{
	uint8_t hash[STAFF_HASH_SIZE];
	enum err err;

	signin_hash(token, hash);
	err = staff_by_invite(signin->db, hash, person);
	if (err)
		return err == ERR_NOT_FOUND ? SIGNIN_EXPIRED : SIGNIN_FAILED;
	return person->disabled || person->invite_expires < clock_wall() ? SIGNIN_EXPIRED
									  : SIGNIN_OK;
}

enum signin_result signin_secret(
	const uint8_t totp[STAFF_TOTP_SIZE], char secret_r[SIGNIN_SECRET_SIZE])
{
	char *base32 = NULL;

	if (oath_base32_encode((const char *)totp, STAFF_TOTP_SIZE, &base32, NULL))
		return SIGNIN_FAILED;
	snprintf(secret_r, SIGNIN_SECRET_SIZE, "%s", base32);
	sodium_memzero(base32, strlen(base32));
	free(base32);
	return SIGNIN_OK;
}

static enum signin_result show_invite(struct signin *signin,
	const struct signin_question *question, struct signin_answer *answer)
{
	enum signin_result result = find_invited(signin, question->token, &answer->person);
	enum err err = OK;

	if (result)
		return result;
	if (sodium_is_zero(answer->person.totp, STAFF_TOTP_SIZE)) {
		randombytes_buf(answer->person.totp, STAFF_TOTP_SIZE);
		err = credentials_invited(signin->db, &answer->person);
	}
	if (err)
		return err == ERR_STALE ? SIGNIN_EXPIRED : SIGNIN_FAILED;
	return signin_secret(answer->person.totp, answer->secret);
}

bool signin_weak(const char *password)
{
	size_t count = 0;
	for (; *password; password++)
		count += ((unsigned char)*password & 0xc0) != 0x80;
	return count < SIGNIN_PASSWORD_MIN;
}

static enum signin_result accept(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	struct staff *person = &answer->person;
	enum signin_result result = find_invited(signin, question->token, person);
	enum err err;
	int64_t step;

	if (result)
		return result;
	if (signin_weak(question->password))
		return SIGNIN_WEAK;
	step = signin_step(person, question->code);
	if (step < 0)
		return SIGNIN_WRONG;
	if (crypto_pwhash_str(person->password, question->password, strlen(question->password),
		    crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE))
		return SIGNIN_FAILED;
	person->totp_step = step;
	err = credentials_accepted(signin->db, person);
	if (err)
		return err == ERR_STALE ? SIGNIN_EXPIRED : SIGNIN_FAILED;
	return signin_open(signin, person, question, answer);
}

void signin_back(struct signin *signin, const char *token)
{
	away_back(&signin->away, token);
}

static enum signin_result resume(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	struct staff_session session;
	uint8_t hash[STAFF_HASH_SIZE];
	enum err err;

	if (away_locked(&signin->away, question->token))
		return SIGNIN_EXPIRED; /* a reload does not open the lock */
	signin_hash(question->token, hash);
	err = staff_session_get(signin->db, hash, &session);
	if (!err)
		err = staff_by_id(signin->db, session.staff, &answer->person);
	if (err || answer->person.disabled)
		return !err || err == ERR_NOT_FOUND ? SIGNIN_EXPIRED : SIGNIN_FAILED;
	answer->expires = session.expires;
	memcpy(answer->token, question->token, sizeof answer->token);
	signin_back(signin, question->token);
	return SIGNIN_OK;
}

enum signin_result signin_renew(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	uint8_t hash[STAFF_HASH_SIZE], next[STAFF_HASH_SIZE];
	enum err err;

	if (!question->renew)
		return SIGNIN_OK;
	signin_token(answer->token);
	signin_hash(question->token, hash);
	signin_hash(answer->token, next);
	err = staff_session_renew(signin->db, hash, next);
	if (err)
		sodium_memzero(answer->token, sizeof answer->token);
	return !err ? SIGNIN_OK : err == ERR_NOT_FOUND ? SIGNIN_EXPIRED : SIGNIN_FAILED;
}

static enum signin_result unlock(struct signin *signin, const struct signin_question *question,
	struct signin_answer *answer)
{
	enum signin_result result = password_unlock(signin, question, answer);
	return result ? result : signin_renew(signin, question, answer);
}

static enum signin_result sign_out(struct signin *signin, const struct signin_question *question)
{
	uint8_t hash[STAFF_HASH_SIZE];
	enum err err;

	signin_hash(question->token, hash);
	err = staff_session_end(signin->db, hash);
	return err && err != ERR_NOT_FOUND ? SIGNIN_FAILED : SIGNIN_OK;
}

static enum signin_result answer_one(struct signin *signin,
	const struct signin_question *question, struct signin_answer *answer)
{
	switch (question->kind) {
	case SIGNIN_INVITE:
		return show_invite(signin, question, answer);
	case SIGNIN_ACCEPT:
		return accept(signin, question, answer);
	case SIGNIN_PASSWORD:
		return password_sign_in(signin, question, answer);
	case SIGNIN_RESUME:
		return resume(signin, question, answer);
	case SIGNIN_UNLOCK:
		return unlock(signin, question, answer);
	case SIGNIN_OUT:
		return sign_out(signin, question);
	case SIGNIN_AWAY: /* not asked so */
		break;
	case SIGNIN_CODES:
	case SIGNIN_TELEPHONE:
	case SIGNIN_CHANGE:
	case SIGNIN_SECRET:
	case SIGNIN_AUTHENTICATOR:
		return account_answer(signin, question, answer);
	case SIGNIN_PASSKEY_NEW:
	case SIGNIN_PASSKEY_ADD:
	case SIGNIN_PASSKEY:
	case SIGNIN_PASSKEY_UNLOCK:
		return passkey_answer(signin, question, answer);
	case SIGNIN_SIGNON_LINK:
	case SIGNIN_SIGNON:
	case SIGNIN_SIGNON_FAILED:
		return signon_answer(signin, question, answer);
	}
	return SIGNIN_FAILED;
}

/* What cannot be read is held: else it would be resumed without the password. */
static bool session_holds(void *arg, const uint8_t *hash)
{
	struct signin *signin = arg;
	struct staff_session session;

	return staff_session_get(signin->db, hash, &session) != ERR_NOT_FOUND;
}

static void hear_aways(struct signin *signin)
{
	struct away_said said;

	while (mailbox_take(signin->aways, &said, 1))
		away_go(&signin->away, said.token, said.lock_mono);
	sodium_memzero(&said, sizeof said);
}

static void *work(void *arg)
{
	struct signin *signin = arg;
	struct signin_question question;

	while (mailbox_wait(signin->questions, &question, 1)) {
		hear_aways(signin);
		struct signin_answer answer = { .kind = question.kind, .window = question.window };
		memcpy(answer.id, question.id, sizeof answer.id);
		answer.result = answer_one(signin, &question, &answer);
		sodium_memzero(answer.person.password, sizeof answer.person.password);
		sodium_memzero(answer.person.totp, sizeof answer.person.totp);
		sodium_memzero(&question, sizeof question);
		if (mailbox_post(signin->answers, &answer))
			log_error("sign-in answer lost", "%s", "");
		sodium_memzero(&answer, sizeof answer);
	}
	return NULL;
}

enum err signin_create(const char *folder, void (*on_answers)(void *arg), void *arg,
	struct signin **signin_r, char *error, size_t error_size)
{
	struct signin *signin = mem_alloc(sizeof *signin);
	enum err err = staff_open(folder, &signin->db, error, error_size);

	if (err) {
		free(signin);
		return err;
	}
	crypto_shorthash_keygen(signin->tries.key);
	signin->away.holds = session_holds;
	signin->away.arg = signin;
	oath_init();
	signin->questions = mailbox_create(
		SIGNIN_QUEUE_MAX, sizeof(struct signin_question), NULL, NULL);
	signin->aways = mailbox_create(SIGNIN_AWAY_MAX, sizeof(struct away_said), NULL, NULL);
	/* room for one answer of each question that may be under way */
	signin->answers = mailbox_create(
		2 * SIGNIN_QUEUE_MAX, sizeof(struct signin_answer), on_answers, arg);
	if (pthread_create(&signin->thread, NULL, work, signin)) {
		snprintf(error, error_size, "no thread for signing in: the system's limit is reached");
		mailbox_destroy(&signin->questions);
		mailbox_destroy(&signin->answers);
		mailbox_destroy(&signin->aways);
		staff_close(&signin->db);
		free(signin);
		return ERR_IO;
	}
	*signin_r = signin;
	return OK;
}

/* Nobody would remember that it is locked. */
static void end_locked(void *arg, const uint8_t *hash)
{
	struct signin *signin = arg;
	enum err err = staff_session_end(signin->db, hash);

	if (err && err != ERR_NOT_FOUND)
		log_error("a locked session goes on", "err=%s", err_word(err));
}

void signin_destroy(struct signin **signin)
{
	if (!*signin)
		return;
	mailbox_close((*signin)->questions);
	pthread_join((*signin)->thread, NULL);
	mailbox_destroy(&(*signin)->questions);
	mailbox_destroy(&(*signin)->answers);
	hear_aways(*signin);
	mailbox_destroy(&(*signin)->aways);
	away_each(&(*signin)->away, end_locked, *signin);
	away_finish(&(*signin)->away);
	staff_close(&(*signin)->db);
	oath_done();
	sodium_memzero(*signin, sizeof **signin);
	free(*signin);
	*signin = NULL;
}

enum err signin_ask(struct signin *signin, const struct signin_question *question)
{
	struct away_said said = { .lock_mono = question->lock_mono };
	enum err err;

	if (question->kind != SIGNIN_AWAY)
		return mailbox_post(signin->questions, question);
	memcpy(said.token, question->token, sizeof said.token);
	err = mailbox_post(signin->aways, &said);
	sodium_memzero(&said, sizeof said);
	return err;
}

bool signin_take(struct signin *signin, struct signin_answer *answer_r)
{
	return mailbox_take(signin->answers, answer_r, 1) == 1;
}

enum err signin_invite(struct staff_db *db, struct staff *person, char token_r[SIGNIN_TOKEN_SIZE])
{
	signin_token(token_r);
	signin_hash(token_r, person->invite);
	person->invite_expires = clock_wall() + SIGNIN_INVITE_HOURS * INT64_C(3600000);
	memset(person->totp, 0, sizeof person->totp);
	person->totp_step = 0;
	return staff_put(db, person);
}
