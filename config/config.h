/* The configuration of one daemon: onthaal.yaml, checked completely before anything uses it.
 * Every key, its default, range and unit stand in config/onthaal.yaml, the shipped example.
 * Times are in the unit the key's name ends in. Strings are UTF-8 and never NULL unless said. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_hours { /* opening hours of the chat, local time of the zone */
	char *days; /* "mon-fri", "sat,sun", "daily" */
	char *from, *to; /* "18:00", "22:00"; "24:00" closes at midnight */
};

struct config_helpline {
	char *number; /* as dialled, "112" */
	char *name; /* "Awel" */
	char **languages; /* codes for which it is shown; none: all */
	uint32_t languages_count;
	bool emergency; /* shown first and always */
};

struct config_reply { /* a canned reply, offered to counsellors */
	char *key; /* typed after "/" */
	char *language;
	char *text;
};

struct config_sip_user { /* digest: letters, digits and .-_ in the name */
	char *name, *password;
};

struct config_sip_trunk {
	char *name; /* for the log */
	char *domain; /* "sip.example.org", also what the certificate must say */
	char *user, *password;
	char *transport; /* "tls", "tcp" or "udp"; NULL: tls */
	char **servers; /* "host" or "host:port", tried in turn; none: the domain */
	uint32_t servers_count;
	char *ca; /* PEM file that its certificate must lead to; NULL: those of the system */
	uint32_t expires; /* seconds of a registration; 0: 600 */
};

struct config_line { /* one telephony platform, or an account there */
	char *name; /* of its path, /ivr/NAME; [a-z0-9-] */
	char *kind; /* "twilio", "jambonz", "httapi", "ari" */
	char *dialect; /* of twilio: "twilio", "signalwire", "somleng"; NULL: twilio */
	char *account; /* AccountSid, account_sid, gateway; NULL where there is none */
	char *user, *password; /* for the platform's REST interface; NULL: none. httapi: user asks us too */
	char *api_url; /* "https://api.twilio.com"; NULL: the kind's own, or no REST at all */
	char *application; /* jambonz: application_sid, for calling back; httapi: profile; NULL: none. ari: NULL: "onthaal" */
	char *endpoint; /* ari: what is dialled, "PJSIP/{}@trunk" */
	char **secrets; /* of signatures, or passwords; several while one is replaced */
	uint32_t secrets_count;
};

struct config_notice { /* whom to tell that somebody waits in danger, or for too long */
	char *kind; /* "webhook" (Standard Webhooks), "ntfy", "mail" */
	char *url; /* https://…, or smtps://host */
	char *secret; /* webhook: "whsec_…"; ntfy: an access token; NULL: none */
	char *user, *password; /* mail */
	char *from, *to; /* mail */
	uint32_t after_minutes; /* unacknowledged for so long: told as well; 0: at once */
};

struct config {
	struct {
		char *address; /* "127.0.0.1" */
		uint16_t port; /* 8080 */
		char *public_url; /* "https://chat.example.org"; NULL: http://address:port */
		char **origins; /* further allowed Origin values */
		uint32_t origins_count;
		char *certificate, *key; /* PEM files; both NULL: plain, behind a proxy */
		char *metrics_address; /* "127.0.0.1" */
		uint16_t metrics_port; /* 9464; 0: no separate listener */
		char *onion; /* "http://….onion", told to Tor Browser; NULL: none */
		uint16_t onion_port; /* where Tor brings its visitors, on 127.0.0.1; 0: none */
	} server;
	char *data; /* folder */
	bool cage; /* true: once it serves, the process can do no more than it has to */
	struct {
		char *name; /* "Vertrouwenscentrum Kindermishandeling Brussel" */
		char *team; /* shown to visitors instead of a counsellor's name */
		bool first_names; /* show the counsellor's display name to the visitor */
		char *timezone; /* "Europe/Brussels" */
		char *language; /* default language, "nl" */
		struct config_hours *hours; /* none: always open */
		uint32_t hours_count;
		struct config_helpline *helplines;
		uint32_t helplines_count;
	} centre;
	struct {
		uint32_t capacity; /* contacts at once for one counsellor, 3 */
		uint32_t lease_seconds; /* 30 */
		uint32_t gone_seconds; /* 60: a visitor away this long is marked */
		uint32_t abandon_minutes; /* 30: then a waiting contact below serious is closed */
		uint32_t serious_minutes, elevated_minutes, none_minutes; /* targets 5, 15, 30 */
		uint32_t wait_sample; /* 8 pick-ups before a wait is shown */
		uint32_t idle_lock_minutes; /* 15: console locks */
		uint32_t block_minutes; /* 30: whom a counsellor blocks, begins nothing for so long */
		uint32_t session_hours; /* 8 */
		struct config_reply *replies;
		uint32_t replies_count;
	} desk;
	struct {
		uint32_t message_characters; /* 4000 */
		uint32_t messages_per_minute; /* 100 */
		uint32_t visitors; /* connections at once */
		uint32_t network_visitors; /* of them from one network (IPv4 /24, IPv6 /48), 200 */
		uint32_t waiting; /* contacts waiting at once, 2000 */
		uint32_t contact_messages; /* messages in one contact, 2000 */
	} limits;
	struct { /* how long what is kept; from the closing of a contact on */
		uint32_t chat_days; /* 90 */
		uint32_t telephone_days; /* 90 */
		uint32_t notes_days; /* 90 */
		uint32_t return_hours; /* 24: the visitor's way back without a return code */
		uint32_t backup_days; /* 14: a backup older than this is not restored */
		uint32_t audit_days; /* 730 */
		uint32_t proof_hour; /* 3, UTC: the proof of the day before is written, and the audit log's head signed */
	} retention;
	struct { /* the telephone by SIP */
		char *address; /* NULL: off */
		uint16_t port, tls_port; /* 5060, 5061; 0: any free one */
		char *public_address; /* told to peers outside, behind NAT; NULL: address */
		char *certificate, *key; /* PEM files; both NULL: no TLS */
		char *user; /* of our address, "intake" */
		uint16_t rtp_from, rtp_to; /* UDP ports of audio, 16384 to 32767 */
		uint32_t calls; /* at once, 300 */
		uint32_t messages; /* being spoken, or not stored yet, at once, 20 */
		uint32_t requests_per_minute; /* of one source that is not listed, 20 */
		uint32_t silence_seconds; /* 60 without audio: the call is over */
		uint32_t call_minutes; /* 120, the longest call */
		uint32_t drain_seconds; /* 20: how long who talks may go on when we stop */
		bool srtp_only; /* refuse audio in the clear */
		char **allow; /* addresses and prefixes that may call; none: this machine */
		uint32_t allow_count;
		struct config_sip_user *users; /* who may call from anywhere */
		uint32_t users_count;
		struct config_sip_user *staff; /* whose softphones may register */
		uint32_t staff_count;
		struct config_sip_trunk *trunks;
		uint32_t trunks_count;
	} sip;
	struct {
		char *script; /* ivr.yaml */
		char *prompts; /* folder of recorded prompts: LANG/ID.wav */
		char *public_url; /* of the webhooks, as the platforms call them; NULL: server.public_url */
		char *caller_id; /* the centre's number, shown to both sides; NULL: the platform's choice */
		uint32_t ring_seconds; /* 25 */
		uint32_t wrapup_seconds; /* 60: a caller stays on the line after the counsellor left */
		uint32_t calls_per_hour; /* 30 of one number; 0: not counted */
		uint32_t callback_attempts; /* 3; 0: none are offered */
		char **callback_numbers; /* how they begin: see ivr/number.h; none: Belgium's */
		uint32_t callback_numbers_count;
		bool voicemail;
		uint32_t messages; /* of lines that keep none: spoken, or not stored yet, at once, 20 */
		bool platform_voice; /* prompts nobody recorded are left to the platform */
		struct config_line *lines;
		uint32_t lines_count;
	} telephone;
	struct {
		bool allow_private; /* addresses of this machine and the local network */
		uint32_t attempts; /* 12, about 7 hours */
		uint32_t timeout_seconds; /* 10 */
		struct config_notice *notices;
		uint32_t notices_count;
	} outbox;
	struct { /* signing on by the house's own accounts, OpenID Connect */
		char *issuer; /* "https://login.example.org"; NULL: off */
		char *client_id, *client_secret; /* secret NULL: a public client */
		char *label; /* on the button; NULL: the issuer's host */
		char **scopes; /* none: openid */
		uint32_t scopes_count;
		char **acr, **amr; /* one of these in the token: there was a second factor */
		uint32_t acr_count, amr_count;
		uint32_t max_age_minutes; /* signed in there so long ago at most; 0: any */
	} oidc;
	char *rules; /* folder of rule files */
	char *languages; /* folder of catalogues */
	char *pages; /* folder of what visitors read while they wait */
};

/* What was wrong, one text each: "onthaal.yaml:12: desk.capacity: 99 is more than 20" and what to
 * do. Also used by the catalogues. */
struct config_errors {
	char **texts;
	uint32_t count;
};

/* On error nothing is returned but the texts. Relative paths are resolved against the file's
 * folder. */
must_check enum err config_load(
	const char *path, struct config **config_r, struct config_errors *errors);
/* The same from memory; name stands in the errors. */
must_check enum err config_parse(const char *name, const char *bytes, size_t length,
	struct config **config_r, struct config_errors *errors);
/* What would fail at the first call only, each with what to do, as errors are told. path: of the file that
 * config was read from. Pure but for reading it: no name is looked up, nobody is asked. */
void config_warn(const char *path, const struct config *config, struct config_errors *warnings);
void config_destroy(struct config **config);
/* Whether who reads this language sees it. */
bool config_helpline_shown(const struct config_helpline *line, const char *code);
void config_errors_add(struct config_errors *errors, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void config_errors_finish(struct config_errors *errors);

#endif
