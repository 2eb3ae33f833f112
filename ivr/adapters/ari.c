#include "ivr/adapters/ari.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "ivr/adapters/ari_private.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_SECONDS = 20,
	SYNC_MS = 60000,
	RETRY_MS = 1000,
	RETRY_MOST_MS = 30000,
	STEADY_MS = 10000, /* a connection that held so long was a good one */
	URL_MAX = 400,
	DIAL_SPARE_MS = 3000 };

const char *ari_app(const struct ari *ari)
{
	return ari->web.line->application ? ari->web.line->application : "onthaal";
}

void ari_tell_gone(const struct ari *ari, const char *call, enum ivr_cause cause)
{
	const struct ivr_event event = { .kind = IVR_EVENT_GONE, .call = call, .cause = cause };
	struct ivr_turn *none = mem_alloc(sizeof *none);

	(void)!ivr_drive(ari->web.ivr, ari->web.line->name, &event, none);
	free(none);
}

/* ---- events ---- */

static void about_leg(struct ari *ari, const char *call, const struct ari_event *event)
{
	struct ari_session *session = ari_session_find(ari, call);

	if (session && !session->over && !strcmp(session->leg.id, event->channel))
		ari_leg_event(session, event);
	else if (event->kind == ARI_START) /* nobody waits for it any more */
		ari_hangup_channel(ari, event->channel);
}

static void about_bridge(struct ari *ari, const struct ari_event *event)
{
	const char *app = ari_app(ari);
	size_t length = strlen(app);
	struct ari_session *session;

	if (strncmp(event->name, app, length) != 0 || strncmp(event->name + length, "-b-", 3) != 0)
		return;
	session = ari_session_find(ari, event->name + length + 3);
	if (session)
		ari_leg_event(session, event);
}

static void about_call(struct ari *ari, const struct ari_event *event)
{
	struct ari_session *session = ari_session_find(ari, event->channel);

	if (session && !session->over) {
		ari_session_event(session, event);
	} else if (session) {
		if (event->kind == ARI_START) /* overtaken by its end, or answered too late */
			ari_hangup_channel(ari, event->channel);
	} else if (event->kind == ARI_START && strlen(event->channel) > ARI_CALL_MAX) {
		log_error("a call was refused", "adapter=%s why=\"a channel's name of more than %d bytes\"",
			ari->web.line->name, ARI_CALL_MAX);
		ari_hangup_channel(ari, event->channel);
	} else if (event->kind == ARI_START && !strncmp(event->channel, "back-", 5)) {
		ari_hangup_channel(ari, event->channel); /* a callback that nobody remembers */
	} else if (event->kind == ARI_START) {
		session = ari_session_create(ari, event->channel);
		ari_session_tell(
			session, IVR_EVENT_INCOMING, "", IVR_CAUSE_NONE, event->caller);
	}
}

static void on_text(void *arg, const char *bytes, size_t length)
{
	struct ari *ari = arg;
	struct ari_event event;
	char call[ARI_CALL_MAX + 1];
	uint32_t turn;

	if (ari_parse(bytes, length, ivr_caller_key(ari->web.ivr), &event)) {
		log_warn("an event was not understood", "adapter=%s", ari->web.line->name);
		return;
	}
	if (event.kind == ARI_REPLACED) {
		ari->replaced = true;
		log_error("another program took our place at Asterisk", "adapter=%s application=%s",
			ari->web.line->name, ari_app(ari));
	} else if (event.kind == ARI_BRIDGE_GONE) {
		about_bridge(ari, &event);
	} else if (event.kind != ARI_NOTHING) {
		if (ari_leg_parse(ari, event.channel, &turn, call))
			about_leg(ari, call, &event);
		else
			about_call(ari, &event);
	}
}

/* ---- the connection ---- */

static void on_up(void *arg)
{
	struct ari *ari = arg;

	ari->up = true;
	ari->told = NULL;
	ari->replaced = false;
	ari->up_mono = clock_mono();
	log_info("line up", "adapter=%s", ari->web.line->name);
	ari_sync(ari);
}

static void try_later(struct ari *ari)
{
	int64_t mono = clock_mono(), pause = RETRY_MS;

	for (uint32_t i = 0; i < ari->failures && pause < RETRY_MOST_MS; i++)
		pause *= 2;
	ari->failures++;
	if (pause > RETRY_MOST_MS || ari->replaced)
		pause = RETRY_MOST_MS;
	ari->retry_mono = mono + pause / 2 + randombytes_uniform((uint32_t)pause / 2 + 1);
}

static void tell_down(struct ari *ari, long status, const char *advice)
{
	if (ari->told != advice) /* not at every try */
		log_error("Asterisk is not reached", "adapter=%s status=%ld advice=\"no calls come in "
			"until it is; %s\"", ari->web.line->name, status, advice);
	ari->told = advice;
}

static void on_down(void *arg)
{
	struct ari *ari = arg;

	server_link_close(&ari->link);
	if (ari->up && clock_mono() - ari->up_mono >= STEADY_MS)
		ari->failures = 0;
	tell_down(ari, 0, "see api_url, and http.conf there");
	ari->up = false;
	try_later(ari);
}

/* "https://pbx.example.org:8089" → "wss://pbx.example.org:8089/ari/events?app=onthaal" */
static void connect_now(struct ari *ari)
{
	const struct config_line *line = ari->web.line;
	bool tls = !strncmp(line->api_url, "https://", 8);
	const char *rest = line->api_url + (tls ? 8 : 7);
	char url[URL_MAX];
	const struct server_link_to to = { .url = url,
		.subprotocol = "ari",
		.user = line->user,
		.password = line->password,
		.on_up = on_up,
		.on_text = on_text,
		.on_down = on_down,
		.arg = ari };

	if (snprintf(url, sizeof url, "%s://%s/ari/events?app=%s", tls ? "wss" : "ws", rest,
		    ari_app(ari))
			>= (int)sizeof url
		|| server_link_open(ari->web.server, &to, &ari->link)) {
		tell_down(ari, 0, "see api_url");
		try_later(ari);
	}
}

/* Only who can be asked is listened to: a call that comes, and cannot be answered, hears nothing. */
void ari_probed(struct ari *ari, enum err err, long status)
{
	ari->probing = false;
	if (!err) {
		connect_now(ari);
		return;
	}
	tell_down(ari, status, status == 401 || status == 403 ? "see user, password, and ari.conf there"
			: err == ERR_DENIED && !status
			? "on your own network it needs outbox.allow_private: true"
			: "see api_url, and http.conf and ari.conf there");
	try_later(ari);
}

static uint64_t settings_of(const struct config_line *line)
{
	const char *const keys[] = { line->api_url, line->user, line->password, line->application };
	uint64_t hash = 0, one;
	static const unsigned char key[crypto_shorthash_KEYBYTES];

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *text = keys[i] ? keys[i] : "";
		crypto_shorthash((unsigned char *)&one, (const unsigned char *)text, strlen(text), key);
		hash = hash * 31 + one;
	}
	return hash;
}

static void keep_connected(struct ari *ari, int64_t mono)
{
	uint64_t settings = settings_of(ari->web.line);

	if (ari->link && settings != ari->settings) { /* taken over while we run */
		server_link_close(&ari->link);
		ari->up = false;
		ari->failures = 0;
		ari->retry_mono = 0;
	}
	ari->settings = settings;
	if (ari->link || ari->probing || !ari->web.server || !ari->web.outbox
		|| mono < ari->retry_mono)
		return;
	ari->probing = true;
	ari_ask(ari->lobby, ARI_PROBE, NULL, "GET", NULL, ARI_PATH("applications"));
}

static void second(struct web *web)
{
	struct ari *ari = (struct ari *)web;
	struct ari_session *session, *next;
	int64_t mono = clock_mono();

	keep_connected(ari, mono);
	if (ari->up && mono - ari->sync_mono >= SYNC_MS)
		ari_sync(ari);
	ari_pump(ari->lobby);
	HASH_ITER (hh, ari->sessions, session, next) {
		ari_session_second(session, mono);
		if (session->over && !session->first)
			ari_session_free(session);
	}
}

/* ---- what the core wants ---- */

static void interrupt(void *arg, const struct ivr_call *call)
{
	struct ari_session *session = ari_session_find(arg, ivr_call_id(call));
	if (session)
		ari_session_poke(session);
}

static void end(void *arg, const struct ivr_call *call)
{
	struct ari_session *session = ari_session_find(arg, ivr_call_id(call));
	if (session)
		ari_session_end(session, NULL);
}

static void query(void *arg, const struct ivr_call *call)
{
	struct ari_session *session = ari_session_find(arg, ivr_call_id(call));
	if (session)
		ari_ask(session, ARI_QUERY, NULL, "GET", NULL,
			ARI_PATH("channels", session->call));
}

static enum err dial(void *arg, const char *name, const char *number)
{
	struct ari *ari = arg;
	const struct ivr_settings *settings = ivr_settings(ari->web.ivr);
	struct ari_session *session;

	if (!ari->up || strlen(name) > ARI_CALL_MAX)
		return ERR_NOT_FOUND;
	session = ari_session_create(ari, name);
	session->dialled = true;
	session->phase = ARI_DIALLING;
	session->due_mono = session->began_mono + settings->ring_seconds * INT64_C(1000)
		+ DIAL_SPARE_MS;
	if (ari_originate(session, ARI_DIAL, name, number, settings->cli, settings->ring_seconds))
		return OK;
	session->over = true; /* never began */
	return ERR_INVALID;
}

static struct web *create(const struct web *web)
{
	struct ari *ari = mem_alloc(sizeof *ari);

	ari->web = *web;
	ari->lobby = ari_session_create(ari, "");
	return &ari->web;
}

static void destroy(struct web *web)
{
	struct ari *ari = (struct ari *)web;
	struct ari_session *session, *next;

	server_link_close(&ari->link);
	HASH_ITER (hh, ari->sessions, session, next)
		ari_session_free(session);
	ari_session_free(ari->lobby);
	free(ari->ours);
	free(ari);
}

const struct web_kind ari_kind = { .name = "ari",
	.create = create,
	.destroy = destroy,
	.second = second,
	.mute = true,
	.adapter = { .poll = POLL_SECONDS,
		.stays = true,
		.interrupt = interrupt,
		.end = end,
		.query = query,
		.dial = dial,
		.fetch = ari_fetch,
		.forget = ari_forget } };
