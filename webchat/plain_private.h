/* Shared by the files of the page without script alone. */
#ifndef WEBCHAT_PLAIN_PRIVATE_H
#define WEBCHAT_PLAIN_PRIVATE_H

#include "base/form.h"
#include "base/json.h"
#include "base/text.h"
#include "webchat/plain.h"
#include "webchat/ticket.h"

#include <uthash.h>

enum { NONCE_TEXT = 31, /* 22 bytes in Base64: random, and the minute */
	PLAIN_LANG = 12, PLAIN_WORDS_MAX = 300 };

/* Of a field: what is written goes to no spelling, suggestion or grammar service of a browser's maker. */
#define PLAIN_UNSENT "autocomplete=\"off\" spellcheck=\"false\" writingsuggestions=\"false\" data-gramm=\"false\""

/* ---- plain_form.c: what was posted. Pure. */

enum plain_act { ACT_LOOK, ACT_LANGUAGE, ACT_START, ACT_SKIP, ACT_SAY, ACT_STOP, ACT_LEAVE, ACT_CODE,
	ACT_RETURN, ACT_AGAIN, ACT_NEW, ACT_EXIT, ACTS };

struct plain_form { /* texts are "" when missing, and belong to the form; all are UTF-8 */
	struct form form;
	enum plain_act act;
	const char *key; /* the visitor's secret, or "" */
	const char *nonce; /* of what is written there: NONCE_TEXT - 1 characters */
	const char *stamp; /* of the page: the same form, whenever it was made */
	const char *ticket, *lang, *to, *who, *where, *tongue, *words;
	char *text; /* line ends are LF, blanks around are gone */
};

/* ERR_INVALID: not from one of our pages. Then there is nothing to finish. */
must_check enum err plain_form_read(const char *bytes, size_t length, struct plain_form *form_r);
void plain_form_finish(struct plain_form *form);
void plain_nonce(char nonce_r[NONCE_TEXT]);
int64_t plain_nonce_age(const char *nonce); /* seconds, as counted in minutes */
/* The id of what a form does: the same for the same form, the same act and the same words. */
void plain_id(const struct plain_form *form, char id_r[EVENT_CLIENT_ID_MAX + 1]);

/* ---- plain_view.c: what the visitor sees, as the frames tell it. */

enum plain_stage { STAGE_NONE, STAGE_WAITING, STAGE_TAKEN, STAGE_ENDED };
enum plain_from { FROM_ME, FROM_THEM, FROM_HOUSE };

struct plain_row {
	uint32_t n;
	enum plain_from from;
	int64_t time;
	char *text; /* of FROM_HOUSE: a key of the catalogue */
};

struct plain_view {
	enum plain_stage stage;
	bool known; /* how it stands was told */
	bool unknown, replaced, trouble, typing, danger_first;
	uint32_t place, low, high, they_read; /* place 0: not told */
	char ended[16];
	char *name;
	struct plain_row *rows; /* by n */
	size_t count;
};

void plain_view_take(struct plain_view *view, const char *t, const json_t *frame);
void plain_view_row(struct plain_view *view, uint32_t n, enum plain_from from, int64_t time,
	const char *text); /* once for each n */
bool plain_view_forgotten(const struct plain_view *view); /* nothing is left of it */
void plain_view_finish(struct plain_view *view);

/* ---- plain.c, plain_acts.c */

struct plain_said { /* with the desk, not yet stored */
	struct plain_said *next;
	char id[EVENT_CLIENT_ID_MAX + 1];
	char text[];
};

struct plain_visitor {
	struct plain *plain;
	uint8_t token[STORE_TOKEN_SIZE]; /* of the secret; in the table when it is known */
	bool in_table, ended, dirty;
	uint64_t number, crowd, network;
	char secret[DESK_SECRET_SIZE]; /* "" before the start */
	char ticket[SESSION_WORK_TEXT]; /* of its start */
	char coded[NONCE_TEXT]; /* the form that asked for the last return code */
	struct session *session;
	struct plain_view view;
	struct plain_said *said;
	struct plain_request *requests; /* that wait */
	int64_t asked_mono, beat_mono;
	bool renewing; /* its last frame renews itself */
	struct plain_visitor *next, **link; /* of all */
	UT_hash_handle hh;
};

struct plain_request {
	struct plain *plain;
	struct plain_visitor *visitor;
	struct server_later *later;
	int64_t until_mono;
	struct plain_form form;
	size_t lang;
	char id[EVENT_CLIENT_ID_MAX + 1];
	bool looking; /* a frame: */
	bool paused;
	uint64_t mark; /* of what it shows */
	bool acted, done, returned;
	char problem[16]; /* code of an error frame */
	int word, seconds; /* wrong in a code; to wait */
	char ticket[SESSION_WORK_TEXT];
	char words[WORDS_TEXT]; /* a return code */
	struct plain_request *next, **link;
};

struct plain_exit {
	uint8_t token[STORE_TOKEN_SIZE];
	int64_t mono;
};

struct plain {
	struct plain_house house;
	const struct languages *languages;
	uint8_t ticket_key[TICKET_KEY];
	struct plain_visitor *by_token, *visitors;
	size_t count;
	bool woken, leaving;
	struct plain_exit exits[PLAIN_EXITS];
	size_t exit_next;
};

struct plain_visitor *plain_visitor_create(
	struct plain *plain, const struct server_request *request, const char *secret);
struct plain_visitor *plain_visitor_find(struct plain *plain, const char *secret);
bool plain_visitor_replaced(const struct plain *plain, const char *secret); /* by another window */
void plain_visitor_remember(struct plain_visitor *visitor, const char *secret); /* into the table */
void plain_visitor_destroy(struct plain_visitor **visitor);
struct plain_request *plain_request_create(struct plain *plain, struct plain_visitor *visitor,
	const struct server_request *request, int seconds);
void plain_request_destroy(struct plain_request **request);

void plain_exit_note(struct plain *plain, const char *secret, bool left);
bool plain_exit_known(const struct plain *plain, const char *secret);

void plain_get(void *arg, const struct server_request *request, struct server_answer *answer_r);
void plain_post(void *arg, const struct server_request *request, struct server_answer *answer_r);
void plain_look(void *arg, const struct server_request *request, struct server_answer *answer_r);
/* The request's act is handed to its session, once that knows its conversation. */
void plain_act(struct plain_request *request);

/* ---- plain_html.c: pieces; plain_page.c: whole pages; plain_talk.c: the frame. */

struct plain_sheet { /* a page being written */
	const struct plain *plain;
	size_t lang;
	struct text to;
	const char *key, *draft;
	char nonce[NONCE_TEXT];
};

struct plain_value { const char *name, *value; };

void plain_text(struct plain_sheet *sheet, const char *key);
/* Names in braces are replaced; values ends with a NULL name. */
void plain_text_with(struct plain_sheet *sheet, const char *text, const struct plain_value *values);
void plain_head(struct plain_sheet *sheet, const char *class, const char *refresh);
void plain_hidden(struct plain_sheet *sheet, const char *name, const char *value);
void plain_state(struct plain_sheet *sheet, const char *key); /* hidden, in each form */
void plain_button(struct plain_sheet *sheet, const char *class, const char *form, enum plain_act act,
	const char *key);
const char *plain_act_word(enum plain_act act);
void plain_number(struct plain_sheet *sheet, const char *number); /* tel: and its signs */
void plain_helplines(struct plain_sheet *sheet);
void plain_finish(struct plain_sheet *sheet, enum server_policy policy,
	struct server_answer *answer_r); /* padded; the sheet is empty after */

void plain_rows(struct plain_sheet *sheet, const struct plain_view *view);
/* mark: of the frame's words. */
uint64_t plain_talk_mark(const struct plain *plain, size_t lang, const struct plain_visitor *visitor);
void plain_talk_replaced(const struct plain *plain, size_t lang, struct server_answer *answer_r);
/* visitor NULL: the frame is too old, or it left. */
void plain_talk_write(const struct plain *plain, size_t lang, const struct plain_visitor *visitor,
	bool paused, struct server_answer *answer_r);

/* What a request leads to. form NULL: a first visit in that language. */
void plain_page_begin(const struct plain *plain, size_t lang, const char *notice, const char *draft,
	struct server_answer *answer_r);
void plain_page_write(const struct plain_request *request, struct server_answer *answer_r);
void plain_page_stop(const struct plain *plain, size_t lang, const struct plain_form *form,
	struct server_answer *answer_r);
void plain_page_busy(const struct plain *plain, size_t lang, const struct plain_form *form,
	struct server_answer *answer_r);
void plain_page_gone(struct server_answer *answer_r); /* blank, and on to a neutral page */

#endif
