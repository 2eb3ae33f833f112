/* What platforms post, to the adapters on a desk, with and without their signature. The input is lines, each
 * an act. t, s, o, j, h: a request to one of five lines: [which][flags][path below it] TAB [query] TAB
 * [body], in which $ is the token that this line was last given; flags: 1 signed (by a computation of our
 * own), 2 said to be JSON. Others are the counsellor's and the clock's. Without its signature a request is
 * refused, counted, and touches nothing; signed and sent again it gets the very bytes; and the number that
 * calls stands nowhere. */
#include "base/clock.h"
#include "base/log.h"
#include "ivr/adapters/httapi.h"
#include "ivr/adapters/jambonz.h"
#include "ivr/adapters/twilio.h"
#include "tests/fuzz/memory_store.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { LINES = 5, INPUT_MAX = 4096, HEADER_MAX = 512 };

static char twilio_name[] = "twilio", signalwire_name[] = "signalwire", somleng_name[] = "somleng",
	    jambonz_name[] = "jambonz", httapi_name[] = "httapi", secret[] = "a secret that nobody guesses",
	    old[] = "an old one", account[] = "AC1", user[] = "fs", *secrets[] = { old, secret };

static struct line {
	char letter;
	const struct web_kind *kind;
	struct config_line config;
	struct web *web;
	char token[IVR_TOKEN_MAX];
} lines[LINES] = {
	{ .letter = 't', .kind = &twilio_kind, .config = { .name = twilio_name } },
	{ .letter = 's', .kind = &twilio_kind,
		.config = { .name = signalwire_name, .dialect = signalwire_name } },
	{ .letter = 'o', .kind = &twilio_kind, .config = { .name = somleng_name, .dialect = somleng_name } },
	{ .letter = 'j', .kind = &jambonz_kind, .config = { .name = jambonz_name } },
	{ .letter = 'h', .kind = &httapi_kind, .config = { .name = httapi_name, .user = user } },
};

static const char root[] = "https://phone.invalid";
static struct config config;
static struct script *script;
static struct desk *desk;
static struct ivr *ivr;
static uint64_t counsellor;
static unsigned requests;

static void must(bool good)
{
	if (!good)
		abort();
}

/* ---- signing, as the platforms' documents say */

static void hmac(const EVP_MD *kind, const struct text *text, unsigned char mac_r[EVP_MAX_MD_SIZE],
	unsigned *length_r)
{
	must(HMAC(kind, secret, (int)strlen(secret), (const unsigned char *)text->bytes, text->length,
		     mac_r, length_r)
		!= NULL);
}

/* The next field in order: by name, and by value or as it came; -1: there is none. */
static int next_field(const struct form *form, const bool *used, bool by_value)
{
	int best = -1;

	for (size_t i = 0; i < form->count; i++) {
		const struct form_field *field = &form->fields[i], *before = &form->fields[best < 0 ? 0 : best];
		int order = strcmp(field->name, before->name);
		if (used[i])
			continue;
		if (best < 0 || order < 0 || (!order && by_value && strcmp(field->value, before->value) < 0))
			best = (int)i;
	}
	return best;
}

static void sign_form(const struct server_request *request, bool repeated, char header_r[HEADER_MAX])
{
	static struct form form;
	bool used[FORM_FIELDS_MAX] = { false };
	struct text text = { 0 };
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned length;

	strcpy(header_r, "none");
	if (form_parse(request->body, request->length, &form))
		return;
	text_put(&text, root);
	text_put(&text, request->path);
	if (*request->query) {
		text_put(&text, "?");
		text_put(&text, request->query);
	}
	text.length = strcspn(text.bytes, "#");
	text.bytes[text.length] = '\0';
	for (int i, last = -1; (i = next_field(&form, used, !repeated)) >= 0; last = i) {
		used[i] = true;
		if (!repeated && last >= 0 && !strcmp(form.fields[i].name, form.fields[last].name)
			&& !strcmp(form.fields[i].value, form.fields[last].value))
			continue;
		text_put(&text, form.fields[i].name);
		text_put(&text, form.fields[i].value);
	}
	hmac(EVP_sha1(), &text, mac, &length);
	EVP_EncodeBlock((unsigned char *)header_r, mac, (int)length);
	text_free(&text);
	form_finish(&form);
}

static void sign_body(const struct server_request *request, char header_r[HEADER_MAX])
{
	struct text text = { 0 };
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned length;
	int at = snprintf(header_r, HEADER_MAX, "t=%lld,v1=", (long long)(clock_wall() / 1000));

	text_format(&text, "%lld.", (long long)(clock_wall() / 1000));
	text_put_n(&text, request->body, request->length);
	hmac(EVP_sha256(), &text, mac, &length);
	for (unsigned i = 0; i < length; i++)
		at += snprintf(header_r + at, HEADER_MAX - (size_t)at, "%02x", mac[i]);
	text_free(&text);
}

static void sign(const struct line *line, const struct server_request *request, char header_r[HEADER_MAX])
{
	char plain[100];

	if (line->kind == &twilio_kind) {
		sign_form(request, line->letter == 's', header_r);
	} else if (line->kind == &jambonz_kind) {
		sign_body(request, header_r);
	} else {
		int length = snprintf(plain, sizeof plain, "%s:%s", user, secret);
		strcpy(header_r, "Basic ");
		EVP_EncodeBlock((unsigned char *)header_r + 6, (const unsigned char *)plain, length);
	}
}

/* ---- answers */

/* Every tag is closed, in order. */
static void must_be_xml(const char *text)
{
	int depth = 0;

	for (const char *at = strchr(text, '<'); at; at = strchr(at + 1, '<')) {
		const char *end = strpbrk(at + 1, "<>");
		must(end && *end == '>');
		if (at[1] == '?')
			continue;
		must(at[1] == '/' || (at[1] >= 'A' && at[1] <= 'z'));
		depth += at[1] == '/' ? -1 : end[-1] == '/' ? 0 : 1;
		must(depth >= 0);
	}
	must(!depth);
}

static void keep_token(struct line *line, const char *body)
{
	char start[60];
	const char *at;

	snprintf(start, sizeof start, "/ivr/%s/t/", line->config.name);
	at = strstr(body, start);
	if (!at)
		return;
	at += strlen(start);
	snprintf(line->token, sizeof line->token, "%.*s",
		(int)strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"), at);
}

static void see(struct line *line, const struct server_answer *answer)
{
	json_t *read;

	must(answer->status == 0 || answer->status == 200 || answer->status == 204 || answer->status == 400);
	if (!answer->length)
		return;
	must(text_is_utf8(answer->body, answer->length));
	must(!memmem(answer->body, answer->length, MEMORY_MARK, 3));
	if (answer->status == 400)
		return;
	if (line->kind == &jambonz_kind) {
		read = json_loadb(answer->body, answer->length, JSON_REJECT_DUPLICATES, NULL);
		must(json_is_array(read));
		json_decref(read);
	} else {
		must_be_xml(answer->body);
	}
	keep_token(line, answer->body);
}

static void post(const struct line *line, const struct server_request *request, const char *signature,
	bool json, struct server_answer *answer_r)
{
	const char *values[SERVER_HEADERS_MAX] = { "" };
	struct server_request whole = *request;

	for (int i = 0; line->kind->headers[i]; i++) {
		const char *name = line->kind->headers[i];
		bool signs = !strcmp(name, "authorization") || strstr(name, "-signature");
		values[i] = !strcmp(name, "content-type") ? json ? "application/json" : "text/x"
			: signs && !(line->letter == 's' && strstr(name, "twilio")) ? signature
										    : "";
	}
	whole.header_names = line->kind->headers;
	whole.header_values = values;
	*answer_r = (struct server_answer) { .status = 0 };
	line->kind->post(line->web, &whole, answer_r);
}

static void unsigned_one(struct line *line, const struct server_request *request, bool json)
{
	struct ivr_figures before, after;
	struct server_answer answer;
	size_t appended = memory_appended;

	ivr_figures(ivr, &before);
	post(line, request, *request->query ? request->query : "x", json, &answer);
	ivr_figures(ivr, &after);
	must(answer.status == 403 && memory_appended == appended);
	before.refused++;
	must(!memcmp(&before, &after, sizeof before));
	free(answer.body);
}

static void signed_one(struct line *line, const struct server_request *request, bool json)
{
	struct server_answer answer, again;
	char signature[HEADER_MAX];
	bool leg = strstr(request->path, "/l/") || strstr(request->path, "/a/");

	sign(line, request, signature);
	post(line, request, signature, json, &answer);
	if (answer.status == 403) { /* what is no form cannot have been signed */
		must(line->kind == &twilio_kind && (json || !strcmp(signature, "none")));
		free(answer.body);
		return;
	}
	see(line, &answer);
	post(line, request, signature, json, &again);
	must(leg || (answer.status == again.status && answer.length == again.length
			    && (!answer.length || !memcmp(answer.body, again.body, answer.length))));
	free(answer.body);
	free(again.body);
}

/* ---- acts */

/* The number that calls has the mark; $ is the token. */
static void fill(struct text *to, const struct line *line, const char *from, size_t length, bool body)
{
	const char *caller = !body ? "" : line->kind == &jambonz_kind ? ""
		: line->kind == &httapi_kind
		? "Caller-Caller-ID-Number=%2B32470009999%EE%80%80&"
		: "From=%2B32470009999%EE%80%80&";

	text_put(to, caller);
	for (size_t i = 0; i < length; i++) {
		if (from[i] == '$')
			text_put(to, line->token);
		else
			text_put_n(to, from + i, 1);
	}
	if (!to->bytes)
		text_put(to, "");
}

static void request(struct line *line, uint8_t flags, const char *from, size_t length)
{
	const char *tab = memchr(from, '\t', length), *second;
	size_t rest = tab ? length - (size_t)(tab + 1 - from) : 0;
	struct text path = { 0 }, query = { 0 }, body = { 0 };

	second = tab ? memchr(tab + 1, '\t', rest) : NULL;
	text_put(&path, "/ivr/");
	text_put(&path, line->config.name);
	fill(&path, line, from, tab ? (size_t)(tab - from) : length, false);
	fill(&query, line, tab ? tab + 1 : "", second ? (size_t)(second - tab - 1) : rest, false);
	fill(&body, line, second ? second + 1 : "", second ? rest - (size_t)(second + 1 - (tab + 1)) : 0,
		true);
	(flags & 1 ? signed_one : unsigned_one)(line,
		&(struct server_request) { .path = path.bytes, .query = query.bytes, .body = body.bytes,
			.length = body.length, .accept_language = "", .peer = "192.0.2.1" },
		flags & 2);
	text_free(&path);
	text_free(&query);
	text_free(&body);
}

static void counsel(enum command_kind kind)
{
	char id[20];
	struct command command = { .kind = kind, .author = AUTHOR_COUNSELLOR, .staff = 1, .port = counsellor,
		.id = id };

	snprintf(id, sizeof id, "k%u", requests++);
	for (size_t i = 0; i < memory_count && kind != COMMAND_TAKE; i++) {
		const struct contact *contact = desk_contact(desk, memory[i].row.id);
		if (contact && contact->owner == 1)
			command.contact = contact->id;
	}
	(void)!desk_submit(desk, &command);
}

static void pass_time(int64_t ms)
{
	clock_advance(ms);
	desk_heard(desk, counsellor);
	desk_attended(desk, counsellor);
	desk_tick(desk);
	ivr_second(ivr);
}

static void act(const char *at, size_t length)
{
	for (int i = 0; i < LINES; i++)
		if (lines[i].letter == *at && length > 1) {
			request(&lines[i], (uint8_t)at[1], at + 2, length - 2);
			return;
		}
	switch (*at) {
	case 'k':
		counsel(COMMAND_TAKE);
		break;
	case 'r':
		counsel(COMMAND_RETURN);
		break;
	case 'c':
		counsel(COMMAND_CLOSE);
		break;
	case 'p':
		desk_pump(desk);
		break;
	case 'T':
		pass_time(1000);
		break;
	case 'M':
		pass_time(70000);
		break;
	case 'f':
		memory_full = !memory_full;
		break;
	default:
		break;
	}
}

static void prepare(void)
{
	static char zone[] = "Europe/Brussels";
	struct config_errors errors = { 0 };

	log_threshold(LOG_ERROR);
	must(!script_load("config/ivr.yaml", &script, &errors));
	config.centre.timezone = zone;
	config.desk.capacity = 3;
	config.desk.lease_seconds = 600;
	config.desk.gone_seconds = 60;
	config.desk.abandon_minutes = 30;
	config.desk.serious_minutes = 5;
	config.desk.elevated_minutes = 15;
	config.desk.none_minutes = 30;
	config.desk.wait_sample = 8;
	config.limits.messages_per_minute = 100;
	config.limits.message_characters = 100;
	config.limits.contact_messages = 100;
	config.limits.waiting = 100;
	for (int i = 0; i < LINES; i++) {
		lines[i].config.secrets = secrets;
		lines[i].config.secrets_count = 2;
		lines[i].config.account = account;
	}
}

static void begin(void)
{
	static const struct desk_listener deaf;
	const struct ivr_settings settings = { .cli = "+3220000000", .ring_seconds = 25,
		.wrapup_seconds = 60, .calls_per_hour = 5, .callback_attempts = 2, .voicemail = true,
		.config = &config };
	char error[200];

	clock_fake(INT64_C(1700000000000), 100000);
	requests = 0;
	must(!desk_create(&config, NULL, "", NULL, NULL, &desk, error, sizeof error));
	ivr = ivr_create(desk, script, &settings);
	for (int i = 0; i < LINES; i++) {
		struct line *line = &lines[i];
		struct web web = { .ivr = ivr, .script = script, .line = &line->config };
		struct ivr_adapter adapter = line->kind->adapter;
		memcpy(web.root, root, sizeof root);
		line->web = line->kind->create(&web);
		*line->token = '\0';
		adapter.name = line->config.name;
		adapter.arg = line->web;
		must(!ivr_adapter_add(ivr, &adapter));
	}
	counsellor = desk_counsellor_attach(desk, 1, "Anke", &deaf, NULL);
	desk_staff_telephone(desk, 1, "sip:anke@127.0.0.1");
	desk_counsellor_duty(desk, 1, DUTY_ON);
}

static void end(void)
{
	desk_pump(desk);
	desk_pump(desk);
	for (size_t i = 0; i < memory_count; i++)
		for (uint32_t e = 0; e < memory[i].count; e++)
			must(!memory[i].events[e].body
				|| !memmem(memory[i].events[e].body, memory[i].events[e].body_length,
					MEMORY_MARK, 3));
	ivr_destroy(&ivr);
	for (int i = 0; i < LINES; i++)
		lines[i].kind->destroy(lines[i].web);
	desk_destroy(&desk);
	memory_forget();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *at = (const char *)bytes, *stop = at + length;

	if (length > INPUT_MAX || memory_marked(at, length) || memchr(at, '\0', length)
		|| memmem(at, length, "%ee", 3) || memmem(at, length, "%EE", 3)
		|| memmem(at, length, "%eE", 3) || memmem(at, length, "%Ee", 3))
		return 0;
	if (!script)
		prepare();
	begin();
	while (at < stop) {
		const char *feed = memchr(at, '\n', (size_t)(stop - at));
		size_t size = (size_t)((feed ? feed : stop) - at);
		if (size)
			act(at, size);
		at += size + (feed != NULL);
	}
	end();
	return 0;
}
