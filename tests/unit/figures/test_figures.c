#include "figures/figures.h"
#include "base/json.h"
#include "tests/unit/desk/real.h"

static struct server_route routes[SERVER_ROUTES_MAX];
static size_t count;

static size_t three(void *arg)
{
	(void)arg;
	return 3;
}

static struct figures_source source
	= { .visitors = three, .consoles = three, .rules = "0123456789abcdef" };

static int set_up(void **state)
{
	int failed = real_set_up(state);
	source.desk = desk;
	count = figures_routes(&source, routes, SERVER_ROUTES_MAX);
	return failed;
}

static int tear_down(void **state)
{
	return real_tear_down(state);
}

static int get(enum server_listener listener, const char *path, const char **type_r)
{
	for (size_t i = 0; i < count; i++) {
		struct server_answer answer = { .status = 200 };
		if (routes[i].listener != listener || strcmp(routes[i].path, path) != 0)
			continue;
		routes[i].get(routes[i].arg,
			&(struct server_request) { .path = path, .query = "", .accept_language = "" },
			&answer);
		*said = '\0';
		real_send(NULL, answer.body, answer.length);
		free(answer.body);
		*type_r = answer.type;
		return answer.status;
	}
	return 404;
}

static void metrics_stay_off_the_public_listener(void **state)
{
	const char *type;
	(void)state;
	assert_int_equal(get(SERVER_PUBLIC, "/metrics", &type), 404);
	assert_int_equal(get(SERVER_PUBLIC, "/status", &type), 404);
	assert_int_equal(get(SERVER_PUBLIC, "/healthz", &type), 200);
	assert_string_equal(said, "ok\n\n");
}

/* Each sample stands under its own HELP and TYPE, and none was cut off for want of room. */
static void metrics_are_whole_and_well_formed(void **state)
{
	char *line, *rest = NULL, name[128] = "", typed[128] = "";
	const char *type;
	int samples = 0;
	(void)state;
	assert_int_equal(get(SERVER_METRICS, "/metrics", &type), 200);
	assert_string_equal(type, "text/plain; version=0.0.4; charset=utf-8");
	real_expect("onthaal_lines_visitors 3\n");
	real_expect("onthaal_waiting{level=\"immediate\"} 0\n");
	real_expect("onthaal_store_trouble 0\n");
	real_expect("onthaal_contacts_unsealed 0\n");
	real_expect("onthaal_forgetting_held 0\n");
	real_expect("onthaal_contacts_sealed_total 0\n");
	real_expect("onthaal_store_wal_bytes ");
	for (line = strtok_r(said, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "# HELP %127s", name) == 1)
			continue;
		if (sscanf(line, "# TYPE %127s", typed) == 1) {
			assert_string_equal(typed, name);
			continue;
		}
		size_t length = strcspn(line, "{ ");
		assert_int_equal(length, strlen(name));
		assert_memory_equal(line, name, length);
		samples++;
	}
	assert_true(samples > 20);
}

static void the_status_is_json(void **state)
{
	const char *type;
	(void)state;
	assert_int_equal(get(SERVER_METRICS, "/status", &type), 200);
	json_t *status = json_loads(said, 0, NULL);
	assert_non_null(status);
	assert_true(json_is_true(json_object_get(status, "open")));
	assert_int_equal(json_integer_value(json_object_get(status, "consoles")), 3);
	assert_string_equal(json_string_value(json_object_get(status, "rules")), source.rules);
	json_decref(status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_A_DESK(metrics_stay_off_the_public_listener),
		WITH_A_DESK(metrics_are_whole_and_well_formed),
		WITH_A_DESK(the_status_is_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
