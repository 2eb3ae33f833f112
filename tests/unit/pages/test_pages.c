/* The pages as built in: filled in by language, safe with whatever the configuration holds. */
#include "pages/pages.h"
#include "tests/unit/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct config *config;
static struct languages *set;
static struct pages *pages;
static struct server_route routes[SERVER_ROUTES_MAX];
static size_t count;
static struct server_answer answer;
static const char *fetch_site = "";

static int set_up(void **state)
{
	static char name[] = "Centrum \"<script>alert('&')</script>\"";
	struct config_errors errors = { 0 };
	(void)state;
	if (config_load("config/onthaal.yaml", &config, &errors)
		|| languages_load(config->languages, "nl", &set, &errors)
		|| languages_load_cards(set, config->pages, &errors))
		return -1;
	free(config->centre.name);
	config->centre.name = strdup(name);
	pages = pages_create(config, set, false);
	count = pages_routes(pages, routes, SERVER_ROUTES_MAX);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(answer.body);
	pages_destroy(&pages);
	languages_destroy(&set);
	config_destroy(&config);
	return 0;
}

static const char *get(const char *path, const char *query, const char *accept, bool gzip)
{
	free(answer.body);
	answer = (struct server_answer) { .status = 404 };
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(routes[i].path);
		bool any = routes[i].path[length - 1] == '*';
		if (any ? strncmp(path, routes[i].path, length - 1) : strcmp(path, routes[i].path))
			continue;
		answer.status = 200;
		routes[i].get(routes[i].arg,
			&(struct server_request) {
				.path = path, .query = query, .accept_language = accept, .gzip = gzip,
				.header_names = routes[i].headers, .header_values = &fetch_site },
			&answer);
		if (answer.still)
			return answer.still; /* one more of it is its NUL */
		answer.body = realloc(answer.body, answer.length + 1);
		answer.body[answer.length] = '\0';
		return answer.body;
	}
	return "";
}

static void a_page_comes_in_the_language_asked_for(void **state)
{
	(void)state;
	assert_non_null(strstr(get("/", "", "fr-BE,fr;q=0.9", false), "<html lang=\"fr\""));
	assert_non_null(strstr(get("/", "lang=en", "fr", false), "<html lang=\"en\""));
	assert_non_null(strstr(get("/", "lang=xx&a=b", "", false), "<html lang=\"nl\""));
	assert_non_null(strstr(get("/console/", "", "fr", false), "<html lang=\"fr\""));
	assert_non_null(strstr(get("/", "", "ar-MA,fr;q=0.5", false), "<html lang=\"ar\" dir=\"rtl\""));
	assert_non_null(strstr(get("/console/", "", "ar,fr;q=0.5", false), "<html lang=\"fr\""));
	assert_non_null(strstr(get("/console/", "lang=ar", "", false), "<html lang=\"nl\""));
	assert_non_null(strstr(get("/", "", "", false), "<div id=\"app\" data-open=\"1\">")); /* no hours */
	assert_int_equal(answer.cache, SERVER_NO_STORE);
	get("/console", "", "", false);
	assert_int_equal(answer.status, 301);
	assert_string_equal(answer.location, "/console/");
	assert_false(answer.clear);
	get("/console/signed-out", "", "", false);
	assert_int_equal(answer.status, 303);
	assert_string_equal(answer.location, "/console/");
	assert_false(answer.clear);
	fetch_site = "cross-site";
	get("/console/signed-out", "", "", false);
	assert_false(answer.clear);
	fetch_site = "same-origin";
	get("/console/signed-out", "", "", false);
	assert_int_equal(answer.status, 303);
	assert_true(answer.clear);
}

static void what_the_configuration_holds_cannot_break_out(void **state)
{
	static const char *const paths[] = { "/", "/console/" };
	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *html = get(paths[i], "", "nl", false);
		assert_null(strstr(html, "<script>alert"));
		assert_null(strstr(html, "{{")); /* every mark is filled in */
		assert_null(strstr(html, "style=")); /* as the policy demands */
		assert_null(strstr(html, "onclick"));
		assert_true(i || strstr(html, "<a href=\"tel:080032123\"") || strstr(html, "<a href=\"tel:112\""));
	}
}

static void texts_are_json_in_each_language(void **state)
{
	static const char *const paths[]
		= { "/texts/nl.json", "/texts/fr.json", "/texts/en.json", "/console/texts/nl.json" };
	(void)state;
	json_t *cards = json_loads(get("/cards/ar.json", "", "", false), 0, NULL);
	assert_true(json_array_size(json_object_get(cards, "cards")) >= 5);
	json_decref(cards);
	for (int i = 0; i < 4; i++) {
		json_t *read = json_loads(get(paths[i], "", "", false), 0, NULL);
		assert_non_null(read);
		assert_string_equal(answer.type, "application/json");
		assert_string_equal(json_string_value(json_object_get(read, "centre")), config->centre.name);
		json_decref(read);
	}
}

static void every_text_is_used_and_every_used_one_is_there(void **state)
{
	struct config_errors errors = { 0 };
	(void)state;
	assert_non_null(strstr(pages_keys("visitor"), "text chat.send\n"));
	languages_unused(set, "visitor", pages_keys("visitor"), &errors);
	languages_unused(set, "console", pages_keys("console"), &errors);
	for (uint32_t i = 0; i < errors.count; i++)
		print_message("%s\n", errors.texts[i]);
	assert_int_equal(errors.count, 0);
}

static void assets_are_kept_for_ever_under_their_hash_alone(void **state)
{
	char path[256], wrong[256];
	const char *html = get("/", "", "nl", false), *at = strstr(html, "/assets/");
	(void)state;
	assert_non_null(at);
	snprintf(path, sizeof path, "%.*s", (int)strcspn(at, "\"'"), at);
	get(path, "", "", false);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.cache, SERVER_FOREVER);
	assert_null(answer.encoding);
	size_t plain = answer.length;
	get(path, "", "", true);
	assert_string_equal(answer.encoding, "gzip");
	assert_true(answer.length < plain);
	assert_null(answer.body); /* a thousand who ask for it at once cost no copy */
	assert_int_equal((unsigned char)answer.still[0], 0x1f);
	strcpy(wrong, path);
	wrong[strlen("/assets/")] ^= 1;
	get(wrong, "", "", false);
	assert_int_equal(answer.status, 404);
}

static void nothing_else_is_there(void **state)
{
	static const char *const paths[] = { "/assets/", "/assets/x", "/assets/../onthaal.yaml",
		"/assets/0123456789abcdef/", "/assets/0123456789abcdef/../../etc/passwd", "/texts/",
		"/texts/nl", "/texts/xx.json", "/texts/nl.json.gz", "/texts/../nl.yaml", "/other",
		"/cards/", "/cards/xx.json", "/cards/../pages/nl.yaml",
		"/index.html" };
	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		get(paths[i], "", "", false);
		if (answer.status != 404)
			fail_msg("%s: %d", paths[i], answer.status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_comes_in_the_language_asked_for),
		cmocka_unit_test(what_the_configuration_holds_cannot_break_out),
		cmocka_unit_test(texts_are_json_in_each_language),
		cmocka_unit_test(every_text_is_used_and_every_used_one_is_there),
		cmocka_unit_test(assets_are_kept_for_ever_under_their_hash_alone),
		cmocka_unit_test(nothing_else_is_there),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
