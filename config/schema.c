#include "config/schema.h"

enum { TEXT_MAX = 4000, LIST_MAX = 200 };

#define MAYBE (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, TEXT_MAX)
#define TEXT_MAYBE(key, type, member) CYAML_FIELD_STRING_PTR(key, MAYBE, type, member, 1, TEXT_MAX)
#define NUMBER(key, type, member) CYAML_FIELD_UINT(key, CYAML_FLAG_OPTIONAL, type, member)
#define LIST(key, type, member, entry) CYAML_FIELD_SEQUENCE(key, MAYBE, type, member, entry, 0, LIST_MAX)
#define PART(member) typeof(((struct config *)NULL)->member)

static const cyaml_schema_value_t text_entry
	= { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, TEXT_MAX) };

static const cyaml_schema_field_t server_fields[] = { TEXT_MAYBE("address", PART(server), address),
	NUMBER("port", PART(server), port), TEXT_MAYBE("public_url", PART(server), public_url),
	LIST("origins", PART(server), origins, &text_entry),
	TEXT_MAYBE("certificate", PART(server), certificate), TEXT_MAYBE("key", PART(server), key),
	TEXT_MAYBE("metrics_address", PART(server), metrics_address),
	NUMBER("metrics_port", PART(server), metrics_port),
	TEXT_MAYBE("onion", PART(server), onion), NUMBER("onion_port", PART(server), onion_port),
	CYAML_FIELD_END };

static const cyaml_schema_field_t hours_fields[] = { TEXT("days", struct config_hours, days),
	TEXT("from", struct config_hours, from), TEXT("to", struct config_hours, to),
	CYAML_FIELD_END };
static const cyaml_schema_value_t hours_entry
	= { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_hours, hours_fields) };

static const cyaml_schema_field_t helpline_fields[]
	= { TEXT("number", struct config_helpline, number),
		  TEXT("name", struct config_helpline, name),
		  LIST("languages", struct config_helpline, languages, &text_entry),
		  CYAML_FIELD_BOOL(
			  "emergency", CYAML_FLAG_OPTIONAL, struct config_helpline, emergency),
		  CYAML_FIELD_END };
static const cyaml_schema_value_t helpline_entry
	= { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_helpline, helpline_fields) };

static const cyaml_schema_field_t centre_fields[] = { TEXT_MAYBE("name", PART(centre), name),
	TEXT_MAYBE("team", PART(centre), team),
	CYAML_FIELD_BOOL("first_names", CYAML_FLAG_OPTIONAL, PART(centre), first_names),
	TEXT_MAYBE("timezone", PART(centre), timezone),
	TEXT_MAYBE("language", PART(centre), language),
	LIST("hours", PART(centre), hours, &hours_entry),
	LIST("helplines", PART(centre), helplines, &helpline_entry), CYAML_FIELD_END };

static const cyaml_schema_field_t reply_fields[] = { TEXT("key", struct config_reply, key),
	TEXT("language", struct config_reply, language), TEXT("text", struct config_reply, text),
	CYAML_FIELD_END };
static const cyaml_schema_value_t reply_entry
	= { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_reply, reply_fields) };

static const cyaml_schema_field_t desk_fields[] = { NUMBER("capacity", PART(desk), capacity),
	NUMBER("lease_seconds", PART(desk), lease_seconds),
	NUMBER("gone_seconds", PART(desk), gone_seconds),
	NUMBER("abandon_minutes", PART(desk), abandon_minutes),
	NUMBER("serious_minutes", PART(desk), serious_minutes),
	NUMBER("elevated_minutes", PART(desk), elevated_minutes),
	NUMBER("none_minutes", PART(desk), none_minutes),
	NUMBER("wait_sample", PART(desk), wait_sample),
	NUMBER("idle_lock_minutes", PART(desk), idle_lock_minutes),
	NUMBER("session_hours", PART(desk), session_hours),
	NUMBER("block_minutes", PART(desk), block_minutes),
	LIST("replies", PART(desk), replies, &reply_entry), CYAML_FIELD_END };

static const cyaml_schema_field_t limits_fields[]
	= { NUMBER("message_characters", PART(limits), message_characters),
		  NUMBER("messages_per_minute", PART(limits), messages_per_minute),
		  NUMBER("visitors", PART(limits), visitors),
		  NUMBER("network_visitors", PART(limits), network_visitors),
		  NUMBER("waiting", PART(limits), waiting),
		  NUMBER("contact_messages", PART(limits), contact_messages), CYAML_FIELD_END };

static const cyaml_schema_field_t retention_fields[]
	= { NUMBER("chat_days", PART(retention), chat_days),
		  NUMBER("telephone_days", PART(retention), telephone_days),
		  NUMBER("notes_days", PART(retention), notes_days),
		  NUMBER("return_hours", PART(retention), return_hours),
		  NUMBER("backup_days", PART(retention), backup_days),
		  NUMBER("audit_days", PART(retention), audit_days),
		  NUMBER("proof_hour", PART(retention), proof_hour), CYAML_FIELD_END };

static const cyaml_schema_field_t sip_user_fields[] = { TEXT("name", struct config_sip_user, name),
	TEXT("password", struct config_sip_user, password), CYAML_FIELD_END };
static const cyaml_schema_value_t sip_user_entry
	= { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_sip_user, sip_user_fields) };

static const cyaml_schema_field_t sip_trunk_fields[]
	= { TEXT("name", struct config_sip_trunk, name),
		  TEXT("domain", struct config_sip_trunk, domain),
		  TEXT("user", struct config_sip_trunk, user),
		  TEXT("password", struct config_sip_trunk, password),
		  TEXT_MAYBE("transport", struct config_sip_trunk, transport),
		  LIST("servers", struct config_sip_trunk, servers, &text_entry),
		  TEXT_MAYBE("ca", struct config_sip_trunk, ca),
		  NUMBER("expires", struct config_sip_trunk, expires), CYAML_FIELD_END };
static const cyaml_schema_value_t sip_trunk_entry
	= { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_sip_trunk, sip_trunk_fields) };

static const cyaml_schema_field_t sip_fields[] = { TEXT_MAYBE("address", PART(sip), address),
	NUMBER("port", PART(sip), port), NUMBER("tls_port", PART(sip), tls_port),
	TEXT_MAYBE("public_address", PART(sip), public_address),
	TEXT_MAYBE("certificate", PART(sip), certificate), TEXT_MAYBE("key", PART(sip), key),
	TEXT_MAYBE("user", PART(sip), user),
	NUMBER("rtp_from", PART(sip), rtp_from), NUMBER("rtp_to", PART(sip), rtp_to),
	NUMBER("calls", PART(sip), calls), NUMBER("messages", PART(sip), messages),
	NUMBER("requests_per_minute", PART(sip), requests_per_minute),
	NUMBER("silence_seconds", PART(sip), silence_seconds),
	NUMBER("call_minutes", PART(sip), call_minutes),
	NUMBER("drain_seconds", PART(sip), drain_seconds),
	CYAML_FIELD_BOOL("srtp_only", CYAML_FLAG_OPTIONAL, PART(sip), srtp_only),
	LIST("allow", PART(sip), allow, &text_entry), LIST("users", PART(sip), users, &sip_user_entry),
	LIST("staff", PART(sip), staff, &sip_user_entry),
	LIST("trunks", PART(sip), trunks, &sip_trunk_entry), CYAML_FIELD_END };

static const cyaml_schema_field_t line_fields[] = { TEXT("name", struct config_line, name),
	TEXT("kind", struct config_line, kind), TEXT_MAYBE("dialect", struct config_line, dialect),
	TEXT_MAYBE("account", struct config_line, account),
	TEXT_MAYBE("user", struct config_line, user),
	TEXT_MAYBE("password", struct config_line, password),
	TEXT_MAYBE("api_url", struct config_line, api_url),
	TEXT_MAYBE("application", struct config_line, application),
	TEXT_MAYBE("endpoint", struct config_line, endpoint),
	LIST("secrets", struct config_line, secrets, &text_entry), CYAML_FIELD_END };
static const cyaml_schema_value_t line_entry
	= { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_line, line_fields) };

static const cyaml_schema_field_t telephone_fields[]
	= { TEXT_MAYBE("script", PART(telephone), script),
		  TEXT_MAYBE("prompts", PART(telephone), prompts),
		  TEXT_MAYBE("public_url", PART(telephone), public_url),
		  TEXT_MAYBE("caller_id", PART(telephone), caller_id),
		  NUMBER("ring_seconds", PART(telephone), ring_seconds),
		  NUMBER("wrapup_seconds", PART(telephone), wrapup_seconds),
		  NUMBER("calls_per_hour", PART(telephone), calls_per_hour),
		  NUMBER("callback_attempts", PART(telephone), callback_attempts),
		  LIST("callback_numbers", PART(telephone), callback_numbers, &text_entry),
		  NUMBER("messages", PART(telephone), messages),
		  CYAML_FIELD_BOOL("voicemail", CYAML_FLAG_OPTIONAL, PART(telephone), voicemail),
		  CYAML_FIELD_BOOL("platform_voice", CYAML_FLAG_OPTIONAL, PART(telephone),
			  platform_voice),
		  LIST("lines", PART(telephone), lines, &line_entry), CYAML_FIELD_END };

static const cyaml_schema_field_t notice_fields[] = { TEXT("kind", struct config_notice, kind),
	TEXT("url", struct config_notice, url), TEXT_MAYBE("secret", struct config_notice, secret),
	TEXT_MAYBE("user", struct config_notice, user),
	TEXT_MAYBE("password", struct config_notice, password),
	TEXT_MAYBE("from", struct config_notice, from), TEXT_MAYBE("to", struct config_notice, to),
	NUMBER("after_minutes", struct config_notice, after_minutes), CYAML_FIELD_END };
static const cyaml_schema_value_t notice_entry
	= { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_notice, notice_fields) };

static const cyaml_schema_field_t outbox_fields[]
	= { CYAML_FIELD_BOOL("allow_private", CYAML_FLAG_OPTIONAL, PART(outbox), allow_private),
		  NUMBER("attempts", PART(outbox), attempts),
		  NUMBER("timeout_seconds", PART(outbox), timeout_seconds),
		  LIST("notices", PART(outbox), notices, &notice_entry), CYAML_FIELD_END };

static const cyaml_schema_field_t oidc_fields[] = { TEXT_MAYBE("issuer", PART(oidc), issuer),
	TEXT_MAYBE("client_id", PART(oidc), client_id),
	TEXT_MAYBE("client_secret", PART(oidc), client_secret), TEXT_MAYBE("label", PART(oidc), label),
	LIST("scopes", PART(oidc), scopes, &text_entry), LIST("acr", PART(oidc), acr, &text_entry),
	LIST("amr", PART(oidc), amr, &text_entry),
	NUMBER("max_age_minutes", PART(oidc), max_age_minutes), CYAML_FIELD_END };

static const cyaml_schema_field_t top_fields[]
	= { CYAML_FIELD_MAPPING("server", CYAML_FLAG_OPTIONAL, struct config, server, server_fields),
		  TEXT_MAYBE("data", struct config, data),
		  CYAML_FIELD_BOOL("cage", CYAML_FLAG_OPTIONAL, struct config, cage),
		  CYAML_FIELD_MAPPING(
			  "centre", CYAML_FLAG_OPTIONAL, struct config, centre, centre_fields),
		  CYAML_FIELD_MAPPING("desk", CYAML_FLAG_OPTIONAL, struct config, desk, desk_fields),
		  CYAML_FIELD_MAPPING(
			  "limits", CYAML_FLAG_OPTIONAL, struct config, limits, limits_fields),
		  CYAML_FIELD_MAPPING("retention", CYAML_FLAG_OPTIONAL, struct config, retention,
			  retention_fields),
		  CYAML_FIELD_MAPPING("sip", CYAML_FLAG_OPTIONAL, struct config, sip, sip_fields),
		  CYAML_FIELD_MAPPING("telephone", CYAML_FLAG_OPTIONAL, struct config, telephone,
			  telephone_fields),
		  CYAML_FIELD_MAPPING(
			  "outbox", CYAML_FLAG_OPTIONAL, struct config, outbox, outbox_fields),
		  CYAML_FIELD_MAPPING("oidc", CYAML_FLAG_OPTIONAL, struct config, oidc, oidc_fields),
		  TEXT_MAYBE("rules", struct config, rules),
		  TEXT_MAYBE("languages", struct config, languages),
		  TEXT_MAYBE("pages", struct config, pages), CYAML_FIELD_END };

const cyaml_schema_value_t schema_top
	= { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config, top_fields) };
const cyaml_config_t schema_reading = { .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR };

#define AT(member) offsetof(struct config, member)
const struct schema_number schema_numbers[] = {
	{ "server.port", "", AT(server.port), 0, 65535, 8080, true },
	{ "server.metrics_port", "", AT(server.metrics_port), 0, 65535, 9464, true },
	{ "server.onion_port", "", AT(server.onion_port), 0, 65535, 0, true },
	{ "desk.capacity", "contacts", AT(desk.capacity), 1, 20, 3, false },
	{ "desk.lease_seconds", "seconds", AT(desk.lease_seconds), 20, 600, 30, false },
	{ "desk.gone_seconds", "seconds", AT(desk.gone_seconds), 20, 3600, 60, false },
	{ "desk.abandon_minutes", "minutes", AT(desk.abandon_minutes), 5, 1440, 30, false },
	{ "desk.serious_minutes", "minutes", AT(desk.serious_minutes), 1, 60, 5, false },
	{ "desk.elevated_minutes", "minutes", AT(desk.elevated_minutes), 1, 240, 15, false },
	{ "desk.none_minutes", "minutes", AT(desk.none_minutes), 1, 1440, 30, false },
	{ "desk.wait_sample", "pick-ups", AT(desk.wait_sample), 3, 100, 8, false },
	{ "desk.idle_lock_minutes", "minutes", AT(desk.idle_lock_minutes), 1, 240, 15, false },
	{ "desk.session_hours", "hours", AT(desk.session_hours), 1, 8, 8, false },
	{ "desk.block_minutes", "minutes", AT(desk.block_minutes), 1, 240, 30, false },
	{ "retention.chat_days", "days", AT(retention.chat_days), 1, 3650, 90, false },
	{ "retention.telephone_days", "days", AT(retention.telephone_days), 1, 3650, 90, false },
	{ "retention.notes_days", "days", AT(retention.notes_days), 1, 3650, 90, false },
	{ "retention.return_hours", "hours", AT(retention.return_hours), 1, 720, 24, false },
	{ "retention.backup_days", "days", AT(retention.backup_days), 1, 90, 14, false },
	{ "retention.audit_days", "days", AT(retention.audit_days), 30, 3650, 730, false },
	{ "retention.proof_hour", "hours", AT(retention.proof_hour), 0, 23, 3, false },
	{ "telephone.ring_seconds", "seconds", AT(telephone.ring_seconds), 10, 60, 25, false },
	{ "telephone.wrapup_seconds", "seconds", AT(telephone.wrapup_seconds), 10, 600, 60, false },
	{ "telephone.calls_per_hour", "calls", AT(telephone.calls_per_hour), 0, 1000, 30, false },
	{ "telephone.callback_attempts", "attempts", AT(telephone.callback_attempts), 0, 10, 3,
		false },
	{ "telephone.messages", "messages", AT(telephone.messages), 1, 200, 20, false },
	{ "outbox.attempts", "attempts", AT(outbox.attempts), 1, 20, 12, false },
	{ "outbox.timeout_seconds", "seconds", AT(outbox.timeout_seconds), 1, 60, 10, false },
	{ "oidc.max_age_minutes", "minutes", AT(oidc.max_age_minutes), 0, 1440, 0, false },
	{ "limits.message_characters", "characters", AT(limits.message_characters), 100, 4000, 4000,
		false },
	{ "limits.messages_per_minute", "messages", AT(limits.messages_per_minute), 5, 60000, 100,
		false },
	{ "limits.visitors", "connections", AT(limits.visitors), 10, 15000, 10000, false },
	{ "limits.network_visitors", "connections", AT(limits.network_visitors), 10, 15000, 200,
		false },
	{ "limits.waiting", "contacts", AT(limits.waiting), 1, 10000, 2000, false },
	{ "limits.contact_messages", "messages", AT(limits.contact_messages), 50, 1000000, 2000,
		false },
	{ "sip.port", "", AT(sip.port), 0, 65535, 5060, true },
	{ "sip.tls_port", "", AT(sip.tls_port), 0, 65535, 5061, true },
	{ "sip.rtp_from", "", AT(sip.rtp_from), 0, 65535, 16384, true },
	{ "sip.rtp_to", "", AT(sip.rtp_to), 0, 65535, 32767, true },
	{ "sip.calls", "calls", AT(sip.calls), 1, 2000, 300, false },
	{ "sip.messages", "messages", AT(sip.messages), 1, 200, 20, false },
	{ "sip.requests_per_minute", "requests", AT(sip.requests_per_minute), 1, 10000, 20, false },
	{ "sip.silence_seconds", "seconds", AT(sip.silence_seconds), 5, 3600, 60, false },
	{ "sip.call_minutes", "minutes", AT(sip.call_minutes), 1, 1440, 120, false },
	{ "sip.drain_seconds", "seconds", AT(sip.drain_seconds), 0, 600, 20, false },
};
const size_t schema_numbers_count = sizeof schema_numbers / sizeof *schema_numbers;

const struct schema_text schema_texts[] = {
	{ "server.address", "127.0.0.1", AT(server.address) },
	{ "server.metrics_address", "127.0.0.1", AT(server.metrics_address) },
	{ "centre.name", "Vertrouwenscentrum Kindermishandeling", AT(centre.name) },
	{ "centre.team", "Vertrouwenscentrum Kindermishandeling", AT(centre.team) },
	{ "centre.timezone", "Europe/Brussels", AT(centre.timezone) },
	{ "centre.language", "nl", AT(centre.language) },
	{ "sip.user", "intake", AT(sip.user) },
	{ "data", ".", AT(data) },
	{ "rules", ONTHAAL_SHARE "/rules", AT(rules) },
	{ "languages", ONTHAAL_SHARE "/languages", AT(languages) },
	{ "pages", ONTHAAL_SHARE "/pages", AT(pages) },
	{ "telephone.script", ONTHAAL_SHARE "/ivr.yaml", AT(telephone.script) },
	{ "telephone.prompts", ONTHAAL_SHARE "/prompts", AT(telephone.prompts) },
};
const size_t schema_texts_count = sizeof schema_texts / sizeof *schema_texts;
