#include "pages/pages.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "config/hours.h"
#include "pages/assets.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_BYTES = 8, HASH_TEXT = 2 * HASH_BYTES + 1 };

enum how { AS_TEXT, AS_JSON, AS_IT_IS }; /* a value comes into the page */
enum page { PAGE_VISITOR, PAGE_CONSOLE, PAGES };

static const char *const folders[PAGES] = { "visitor/", "console/" };
static const char *const sections[PAGES] = { "visitor", "console" };

/* Before one character of the visitor's page, which says whether the chat is open as it is asked for. */
#define OPEN_MARK " data-open=\""

struct pages {
	char *name, *language; /* of the centre */
	const struct languages *set;
	const struct config *config;
	bool demo;
	char (*hashes)[HASH_TEXT]; /* by asset */
	char **html[PAGES], **json[PAGES]; /* by language */
};

static const struct asset *find_asset(const char *folder, const char *name, size_t length)
{
	size_t prefix = strlen(folder);
	for (size_t i = 0; i < assets_count; i++)
		if (!strncmp(assets_all[i].name, folder, prefix)
			&& strlen(assets_all[i].name + prefix) == length
			&& !strncmp(assets_all[i].name + prefix, name, length))
			return &assets_all[i];
	return NULL;
}

const char *pages_keys(const char *section)
{
	char folder[32];
	const struct asset *list;

	snprintf(folder, sizeof folder, "%s/", section);
	list = find_asset(folder, "keys.txt", 8);
	return list ? list->bytes : "";
}

static void hash_assets(struct pages *pages)
{
	unsigned char hash[crypto_generichash_BYTES];

	pages->hashes = mem_array(assets_count, sizeof *pages->hashes);
	for (size_t i = 0; i < assets_count; i++) {
		crypto_generichash(hash, sizeof hash, (const unsigned char *)assets_all[i].bytes,
			assets_all[i].length, NULL, 0);
		sodium_bin2hex(pages->hashes[i], HASH_TEXT, hash, HASH_BYTES);
	}
}

static void put_helplines(struct json_out *out, const struct config *config, const char *code)
{
	json_put_list(out, "helplines");
	for (uint32_t i = 0; i < config->centre.helplines_count; i++) {
		const struct config_helpline *line = &config->centre.helplines[i];
		if (!config_helpline_shown(line, code))
			continue;
		json_put_object(out, NULL);
		json_put_text(out, "number", line->number);
		json_put_text(out, "name", line->name);
		json_put_flag(out, "emergency", line->emergency);
		json_put_object_end(out);
	}
	json_put_list_end(out);
}

/* console: whether its own texts are there too. */
static void put_languages(struct json_out *out, const struct languages *set)
{
	json_put_list(out, "languages");
	for (size_t i = 0; i < languages_count(set); i++) {
		json_put_object(out, NULL);
		json_put_text(out, "code", languages_code(set, i));
		json_put_text(out, "name", languages_name(set, i));
		json_put_text(out, "dir", languages_right_to_left(set, i) ? "rtl" : "ltr");
		json_put_flag(out, "console", languages_has(set, i, "console"));
		json_put_object_end(out);
	}
	json_put_list_end(out);
}

static char *text_end(struct json_out *out)
{
	char *text = mem_alloc(out->length + 1);
	if (out->length)
		memcpy(text, out->bytes, out->length);
	json_out_finish(out);
	return text;
}

static char *page_json(const struct pages *pages, const struct config *config, enum page page,
	size_t language)
{
	const struct languages *set = pages->set;
	const char *texts = languages_json(set, language, sections[page]);
	struct json_out out;

	json_out_init(&out, 0);
	json_put_object(&out, NULL);
	json_put_text(&out, "lang", languages_code(set, language));
	json_put_text(&out, "dir", languages_right_to_left(set, language) ? "rtl" : "ltr");
	put_languages(&out, set);
	json_put_text(&out, "centre", config->centre.name);
	json_put_text(&out, "team", config->centre.team);
	put_helplines(&out, config, languages_code(set, language));
	json_put_raw(&out, "texts", texts, strlen(texts));
	json_put_flag(&out, "demo", pages->demo);
	json_put_object_end(&out);
	return text_end(&out);
}

static void add(struct json_out *out, const char *text, size_t length)
{
	out->bytes = mem_grow(out->bytes, out->length + length + 1, 1);
	memcpy(out->bytes + out->length, text, length);
	out->length += length;
}

/* Within HTML, and also within a script element of JSON, where "<" must not stand. */
static void add_escaped(struct json_out *out, const char *text, bool json)
{
	for (; *text; text++) {
		const char *special = strchr("<>&\"'", *text);
		char escaped[16];
		if (!special || (json && strchr("\"'", *text))) {
			add(out, text, 1);
			continue;
		}
		snprintf(escaped, sizeof escaped, json ? "\\u%04x" : "&#%d;", *text);
		add(out, escaped, strlen(escaped));
	}
}

static void add_asset(
	struct json_out *out, const struct pages *pages, enum page page, const char *name, size_t length)
{
	const struct asset *asset = find_asset(folders[page], name, length);

	add(out, "/assets/", 8);
	if (asset) {
		add(out, pages->hashes[asset - assets_all], HASH_TEXT - 1);
		add(out, "/", 1);
		add(out, folders[page], strlen(folders[page]));
	}
	add(out, name, length);
}

/* For a browser that cannot run the script: the numbers to call, as plain links. */
static char *plain_helplines(const struct config *config, const char *code)
{
	struct json_out out = { 0 };

	for (uint32_t i = 0; i < config->centre.helplines_count; i++) {
		const struct config_helpline *line = &config->centre.helplines[i];
		if (!config_helpline_shown(line, code))
			continue;
		add(&out, "<li><a href=\"tel:", 17);
		for (const char *digit = line->number; *digit; digit++)
			if (*digit != ' ')
				add_escaped(&out, (char[]) { *digit, '\0' }, false);
		add(&out, "\"><bdi>", 7);
		add_escaped(&out, line->number, false);
		add(&out, "</bdi> <bdi>", 12);
		add_escaped(&out, line->name, false);
		add(&out, "</bdi></a></li>", 15);
	}
	return text_end(&out);
}

static char *page_html(const struct pages *pages, const struct config *config, enum page page,
	size_t language)
{
	const struct asset *form = find_asset(folders[page], "index.html", 10);
	char *helplines = plain_helplines(config, languages_code(pages->set, language));
	struct { const char *mark; const char *value; enum how how; } marks[] = {
		{ "{{lang}}", languages_code(pages->set, language), AS_TEXT },
		{ "{{dir}}", languages_right_to_left(pages->set, language) ? "rtl" : "ltr", AS_TEXT },
		{ "{{title}}", pages->name, AS_TEXT },
		{ "{{old.title}}", languages_text(pages->set, language, "visitor.old.title"), AS_TEXT },
		{ "{{old.text}}", languages_text(pages->set, language, "visitor.old.text"), AS_TEXT },
		{ "{{plain.lead}}", languages_text(pages->set, language, "visitor.plain.lead"), AS_TEXT },
		{ "{{helplines}}", helplines, AS_IT_IS },
		{ "{{page}}", pages->json[page][language], AS_JSON },
	};
	struct json_out out = { 0 };
	const char *at = form ? form->bytes : "", *end = at + (form ? form->length : 0);

	while (at < end) {
		size_t length = 1, i = 0;
		for (; i < sizeof marks / sizeof *marks; i++)
			if (!strncmp(at, marks[i].mark, strlen(marks[i].mark)))
				break;
		if (i < sizeof marks / sizeof *marks) {
			if (marks[i].how == AS_IT_IS)
				add(&out, marks[i].value, strlen(marks[i].value));
			else
				add_escaped(&out, marks[i].value, marks[i].how == AS_JSON);
			at += strlen(marks[i].mark);
		} else if (!strncmp(at, "/assets/", 8)) {
			length = strcspn(at + 8, "\"' >");
			add_asset(&out, pages, page, at + 8, length);
			at += 8 + length;
		} else {
			add(&out, at, 1);
			at++;
		}
	}
	free(helplines);
	return text_end(&out);
}

static void forget(struct pages *pages)
{
	for (int page = 0; page < PAGES; page++) {
		for (size_t i = 0; pages->html[page] && i < languages_count(pages->set); i++) {
			free(pages->html[page][i]);
			free(pages->json[page][i]);
		}
		free(pages->html[page]);
		free(pages->json[page]);
	}
	free(pages->name);
	free(pages->language);
}

static void fill(struct pages *pages, const struct config *config, const struct languages *set)
{
	size_t count = languages_count(set);

	pages->set = set;
	pages->config = config;
	pages->name = mem_dup(config->centre.name);
	pages->language = mem_dup(config->centre.language);
	for (int page = 0; page < PAGES; page++) {
		pages->json[page] = mem_array(count, sizeof(char *));
		pages->html[page] = mem_array(count, sizeof(char *));
		for (size_t i = 0; i < count; i++) {
			pages->json[page][i] = page_json(pages, config, (enum page)page, i);
			pages->html[page][i] = page_html(pages, config, (enum page)page, i);
		}
	}
}

struct pages *pages_create(const struct config *config, const struct languages *set, bool demo)
{
	struct pages *pages = mem_alloc(sizeof *pages);

	if (sodium_init() < 0)
		abort();
	pages->demo = demo;
	hash_assets(pages);
	fill(pages, config, set);
	return pages;
}

void pages_destroy(struct pages **pages)
{
	if (!*pages)
		return;
	forget(*pages);
	free((*pages)->hashes);
	free(*pages);
	*pages = NULL;
}

void pages_configure(struct pages *pages, const struct config *config, const struct languages *set)
{
	forget(pages);
	fill(pages, config, set);
}

static void answer_text(struct server_answer *answer, const char *type, const char *text)
{
	answer->type = type;
	answer->body = mem_dup(text);
	answer->length = strlen(text);
}

static void not_found(struct server_answer *answer)
{
	answer->status = 404;
	answer_text(answer, "text/plain; charset=utf-8", "There is nothing here.\n");
}

static size_t language_of(
	const struct pages *pages, enum page page, const struct server_request *request)
{
	const char *wish = strstr(request->query, "lang=");
	char code[12];

	if (!wish)
		return languages_pick(
			pages->set, sections[page], request->accept_language, pages->language);
	snprintf(code, sizeof code, "%.*s", (int)strcspn(wish + 5, "&"), wish + 5);
	return languages_pick(pages->set, sections[page], code, pages->language);
}

static void get_page(struct pages *pages, enum page page, const struct server_request *request,
	struct server_answer *answer)
{
	answer_text(answer, "text/html; charset=utf-8",
		pages->html[page][language_of(pages, page, request)]);
}

static void get_visitor(
	void *arg, const struct server_request *request, struct server_answer *answer)
{
	const struct pages *pages = arg;
	char *open;

	get_page(arg, PAGE_VISITOR, request, answer);
	open = strstr(answer->body, OPEN_MARK);
	if (open)
		open[strlen(OPEN_MARK)] = hours_open(pages->config, clock_wall()) ? '1' : '0';
}

static void get_console(
	void *arg, const struct server_request *request, struct server_answer *answer)
{
	get_page(arg, PAGE_CONSOLE, request, answer);
	answer->policy = SERVER_CONSOLE;
}

static void get_texts(
	void *arg, const struct server_request *request, struct server_answer *answer)
{
	const struct pages *pages = arg;
	const char *name = strrchr(request->path, '/') + 1;
	enum page page = !strncmp(request->path, "/console/", 9) ? PAGE_CONSOLE : PAGE_VISITOR;

	for (size_t i = 0; i < languages_count(pages->set); i++) {
		const char *code = languages_code(pages->set, i);
		size_t length = strlen(code);
		if (!strncmp(name, code, length) && !strcmp(name + length, ".json")) {
			answer_text(answer, "application/json", pages->json[page][i]);
			return;
		}
	}
	not_found(answer);
}

static void get_cards(
	void *arg, const struct server_request *request, struct server_answer *answer)
{
	const struct pages *pages = arg;
	const char *name = request->path + strlen("/cards/");

	for (size_t i = 0; i < languages_count(pages->set); i++) {
		const char *code = languages_code(pages->set, i);
		size_t length = strlen(code);
		if (!strncmp(name, code, length) && !strcmp(name + length, ".json")) {
			answer_text(answer, "application/json", languages_cards(pages->set, i));
			return;
		}
	}
	not_found(answer);
}

static void redirect(void *arg, const struct server_request *request, struct server_answer *answer)
{
	(void)arg;
	(void)request;
	answer->status = 301;
	answer->location = "/console/";
	answer_text(answer, "text/plain; charset=utf-8", "/console/\n");
}

/* Whoever signs out leaves nothing of us in that browser. By our own page alone: a picture of this address
 * in a page of others would empty a tab in which somebody is talking. */
static void signed_out(void *arg, const struct server_request *request, struct server_answer *answer)
{
	redirect(arg, request, answer);
	answer->status = 303;
	answer->clear = !strcmp(server_header(request, "sec-fetch-site"), "same-origin");
}

static const char *type_of(const char *name)
{
	const char *dot = strrchr(name, '.');
	static const char *const types[][2] = { { ".js", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" }, { ".svg", "image/svg+xml" },
		{ ".wav", "audio/wav" }, { ".png", "image/png" } };

	for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
		if (!strcmp(dot, types[i][0]))
			return types[i][1];
	return "application/octet-stream";
}

static void get_asset(
	void *arg, const struct server_request *request, struct server_answer *answer)
{
	const struct pages *pages = arg;
	const char *hash = request->path + strlen("/assets/");
	const char *name = strlen(hash) > HASH_TEXT ? hash + HASH_TEXT : "";
	const struct asset *asset = find_asset("", name, strlen(name)), *packed;
	char packed_name[128];

	if (!asset || strncmp(hash, pages->hashes[asset - assets_all], HASH_TEXT - 1) != 0) {
		not_found(answer);
		return;
	}
	answer->type = type_of(name);
	answer->cache = SERVER_FOREVER;
	snprintf(packed_name, sizeof packed_name, "%s.gz", name);
	packed = find_asset("", packed_name, strlen(packed_name));
	if (request->gzip && packed) {
		answer->encoding = "gzip";
		asset = packed;
	}
	answer->still = asset->bytes; /* it may be large, and asked for by everybody at once */
	answer->length = asset->length;
}

void pages_path(const struct pages *pages, const char *name, char path_r[PAGES_PATH])
{
	const struct asset *asset = find_asset("", name, strlen(name));

	snprintf(path_r, PAGES_PATH, "/assets/%s/%s", asset ? pages->hashes[asset - assets_all] : "-", name);
}

size_t pages_routes(struct pages *pages, struct server_route *routes_r, size_t most)
{
	static const char *const fetched_from[] = { "sec-fetch-site", NULL };
	static const struct server_route routes[] = {
		{ .path = "/", .get = get_visitor },
		{ .path = "/console/", .get = get_console },
		{ .path = "/console", .get = redirect },
		{ .path = "/console/signed-out", .get = signed_out, .headers = fetched_from },
		{ .path = "/assets/*", .get = get_asset },
		{ .path = "/texts/*", .get = get_texts },
		{ .path = "/cards/*", .get = get_cards },
		{ .path = "/console/texts/*", .get = get_texts },
	};
	size_t count = sizeof routes / sizeof *routes;

	if (count > most)
		abort();
	for (size_t i = 0; i < count; i++) {
		routes_r[i] = routes[i];
		routes_r[i].listener = SERVER_PUBLIC;
		routes_r[i].arg = pages;
	}
	return count;
}
