#include "notices/notices.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MINUTE = 60000, MAIL_MAX = 1500 };

struct waiting { /* a contact that somebody should look at */
	uint64_t contact;
	enum triage_level level;
	int64_t since_mono; /* since it needs it */
	int64_t told_mono[NOTICES_MAX]; /* 0: not yet */
	bool seen;
	UT_hash_handle hh;
};

struct notices {
	const struct desk *desk;
	struct outbox *outbox;
	const struct config *config;
	struct waiting *all;
	int64_t last_mono[NOTICES_MAX];
	uint32_t immediate, late, telephone; /* of all, now */
	int64_t longest; /* ms */
};

struct notices *notices_create(
	const struct desk *desk, struct outbox *outbox, const struct config *config)
{
	struct notices *notices = mem_alloc(sizeof *notices);
	notices->desk = desk;
	notices->outbox = outbox;
	notices->config = config;
	return notices;
}

void notices_destroy(struct notices **notices)
{
	struct waiting *each, *next;

	if (!*notices)
		return;
	HASH_ITER (hh, (*notices)->all, each, next) {
		HASH_DEL((*notices)->all, each);
		free(each);
	}
	free(*notices);
	*notices = NULL;
}

void notices_configure(struct notices *notices, const struct config *config)
{
	notices->config = config;
}

static bool needs(const struct contact *contact)
{
	return contact->state == CONTACT_WAITING && !contact->hushed && !contact->practice
		&& !contact->gone
		&& (contact->level == LEVEL_IMMEDIATE || clock_wall() > contact->due);
}

static void look(void *arg, const struct contact *contact)
{
	struct notices *notices = arg;
	struct waiting *waiting;
	int64_t waited = clock_wall() - contact->arrived;

	if (!needs(contact))
		return;
	HASH_FIND(hh, notices->all, &contact->id, sizeof contact->id, waiting);
	if (!waiting) {
		waiting = mem_alloc(sizeof *waiting);
		waiting->contact = contact->id;
		waiting->since_mono = clock_mono();
		HASH_ADD(hh, notices->all, contact, sizeof waiting->contact, waiting);
	} else if (contact->level > waiting->level) {
		memset(waiting->told_mono, 0, sizeof waiting->told_mono); /* worse: told anew */
	}
	waiting->level = contact->level;
	waiting->seen = true;
	notices->immediate += contact->level == LEVEL_IMMEDIATE;
	notices->late += contact->level != LEVEL_IMMEDIATE;
	notices->telephone += contact->channel == CHANNEL_TELEPHONE;
	if (waited > notices->longest)
		notices->longest = waited;
}

static bool due(const struct notices *notices, uint32_t i, const struct waiting *waiting, int64_t mono)
{
	int64_t after = notices->config->outbox.notices[i].after_minutes * (int64_t)MINUTE;
	return mono - waiting->since_mono >= after
		&& (!waiting->told_mono[i]
			|| mono - waiting->told_mono[i] >= NOTICES_REPEAT_MINUTES * (int64_t)MINUTE);
}

static void sentence(const struct notices *notices, char *text, size_t size)
{
	snprintf(text, size, "Onthaal: %u in danger, %u beyond the target; longest wait %lld min.",
		notices->immediate, notices->late, (long long)(notices->longest / MINUTE));
}

static struct json_out body_of(const struct notices *notices)
{
	struct json_out out;

	json_out_init(&out, 0);
	json_put_object(&out, NULL);
	json_put_text(&out, "type", "contact.waiting");
	json_put_number(&out, "time", clock_wall());
	json_put_object(&out, "data");
	json_put_number(&out, "immediate", notices->immediate);
	json_put_number(&out, "overdue", notices->late);
	json_put_number(&out, "by_telephone", notices->telephone);
	json_put_number(&out, "longest_seconds", notices->longest / 1000);
	json_put_object_end(&out);
	json_put_object_end(&out);
	return out;
}

static enum err send_webhook(
	const struct notices *notices, const struct config_notice *notice, const char *id)
{
	struct json_out body = body_of(notices);
	struct outbox_job job = { .id = id,
		.method = "POST",
		.url = notice->url,
		.type = "application/json",
		.body = body.bytes,
		.length = body.length,
		.webhook_secret = notice->secret };
	enum err err = outbox_send(notices->outbox, &job, NULL, NULL);

	json_out_finish(&body);
	return err;
}

static enum err send_ntfy(const struct notices *notices, const struct config_notice *notice, const char *id)
{
	char text[160], bearer[600];
	struct outbox_job job = { .id = id,
		.method = "POST",
		.url = notice->url,
		.type = "text/plain; charset=utf-8",
		.body = text,
		.headers = { "Title: Onthaal",
			notices->immediate ? "Priority: urgent" : "Priority: high",
			notices->immediate ? "Tags: rotating_light" : "Tags: hourglass",
			notice->secret ? bearer : NULL } };

	if (notice->secret)
		snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", notice->secret);
	sentence(notices, text, sizeof text);
	job.length = strlen(text);
	return outbox_send(notices->outbox, &job, NULL, NULL);
}

static enum err send_mail(const struct notices *notices, const struct config_notice *notice, const char *id)
{
	char text[160], mail[MAIL_MAX], date[64];
	time_t now = (time_t)(clock_wall() / 1000);
	struct tm tm;
	struct outbox_job job = { .id = id,
		.url = notice->url,
		.user = notice->user,
		.password = notice->password,
		.from = notice->from,
		.to = notice->to,
		.body = mail };

	gmtime_r(&now, &tm);
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &tm);
	sentence(notices, text, sizeof text);
	job.length = (size_t)snprintf(mail, sizeof mail,
		"Date: %s\r\nFrom: <%s>\r\nTo: <%s>\r\nMessage-ID: <%s@onthaal>\r\n"
		"Subject: %s\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
		"Auto-Submitted: auto-generated\r\n\r\n%s\r\nOpen the console to take or hush it.\r\n",
		date, notice->from, notice->to, id,
		notices->immediate ? "Onthaal: somebody waits in danger" : "Onthaal: somebody waits",
		text);
	return job.length < sizeof mail ? outbox_send(notices->outbox, &job, NULL, NULL) : ERR_TOO_LONG;
}

static void tell(struct notices *notices, uint32_t i, int64_t mono)
{
	const struct config_notice *notice = &notices->config->outbox.notices[i];
	uint8_t random[12];
	char id[40] = "notice-";
	enum err err;

	randombytes_buf(random, sizeof random);
	sodium_bin2hex(id + 7, sizeof id - 7, random, sizeof random);
	err = !strcmp(notice->kind, "webhook") ? send_webhook(notices, notice, id)
		: !strcmp(notice->kind, "ntfy") ? send_ntfy(notices, notice, id)
						: send_mail(notices, notice, id);
	if (err) {
		log_error("duty not told", "notice=%u err=%s", i, err_word(err));
		return; /* again in a second */
	}
	log_info("duty told", "notice=%u immediate=%u overdue=%u", i, notices->immediate,
		notices->late);
	notices->last_mono[i] = mono;
	for (struct waiting *each = notices->all; each; each = each->hh.next)
		if (due(notices, i, each, mono))
			each->told_mono[i] = mono;
}

static void forget_seen(struct notices *notices)
{
	struct waiting *each, *next;

	HASH_ITER (hh, notices->all, each, next) {
		if (!each->seen) {
			HASH_DEL(notices->all, each);
			free(each);
		} else {
			each->seen = false;
		}
	}
}

void notices_second(struct notices *notices)
{
	int64_t mono = clock_mono();
	uint32_t count = notices->config->outbox.notices_count;

	if (!count)
		return;
	notices->immediate = notices->late = notices->telephone = 0;
	notices->longest = 0;
	desk_each_contact(notices->desk, look, notices);
	forget_seen(notices);
	for (uint32_t i = 0; i < count && i < NOTICES_MAX; i++) {
		bool now = false;
		for (const struct waiting *each = notices->all; each && !now; each = each->hh.next)
			now = due(notices, i, each, mono);
		if (now && (!notices->last_mono[i]
				   || mono - notices->last_mono[i] >= NOTICES_GAP_SECONDS * 1000))
			tell(notices, i, mono);
	}
}
