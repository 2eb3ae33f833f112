#include "base/json.h"
#include "command/command.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_MAX = 16384, SECONDS_MAX = 5 };

struct answer {
	char bytes[ANSWER_MAX];
	size_t length;
};

static size_t on_bytes(char *bytes, size_t size, size_t count, void *arg)
{
	struct answer *answer = arg;
	size_t length = size * count;

	if (answer->length + length >= ANSWER_MAX)
		return 0;
	memcpy(answer->bytes + answer->length, bytes, length);
	answer->length += length;
	return length;
}

static CURLcode get(const char *url, struct answer *answer)
{
	CURL *curl = curl_easy_init();
	CURLcode code;

	if (!curl)
		return CURLE_FAILED_INIT;
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)SECONDS_MAX);
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	code = curl_easy_perform(curl);
	curl_easy_cleanup(curl);
	return code;
}

static void print(const json_t *status)
{
	long long longest = json_get_number(status, "longest_seconds", 0);

	printf("onthaal %s, %s, %s\n", json_get_text(status, "version"),
		json_get_flag(status, "open") ? "open" : "closed now",
		json_get_flag(status, "trouble") ? "NOTHING CAN BE STORED" : "storing");
	printf("waiting   immediate %lld, serious %lld, elevated %lld, none %lld",
		(long long)json_get_number(status, "immediate", 0),
		(long long)json_get_number(status, "serious", 0),
		(long long)json_get_number(status, "elevated", 0),
		(long long)json_get_number(status, "none", 0));
	printf("; longest %lld:%02lld; visitor away %lld\n", longest / 60, longest % 60,
		(long long)json_get_number(status, "gone", 0));
	printf("taken     %lld by %lld on duty\n", (long long)json_get_number(status, "taken", 0),
		(long long)json_get_number(status, "counsellors_on", 0));
	printf("open      %lld visitors' pages, %lld consoles\n",
		(long long)json_get_number(status, "visitors", 0),
		(long long)json_get_number(status, "consoles", 0));
	printf("rules     %.12s\n", json_get_text(status, "rules"));
}

int command_status(int argc, char **argv)
{
	static struct answer answer;
	struct command_options options;
	struct config *config;
	json_t *status;
	char url[300];
	CURLcode code;
	int first;

	if (!command_options(argc, argv, &options, &first) || !command_no_more(argc, argv, first))
		return 2;
	config = command_config(&options);
	if (!config)
		return 1;
	snprintf(url, sizeof url, strchr(config->server.metrics_address, ':') ? "http://[%s]:%u/status"
									      : "http://%s:%u/status",
		config->server.metrics_address, config->server.metrics_port);
	code = config->server.metrics_port ? get(url, &answer) : CURLE_OK;
	status = json_loadb(answer.bytes, answer.length, 0, NULL);
	if (!config->server.metrics_port)
		fputs("onthaal: server.metrics_port is 0: nothing can be asked\n", stderr);
	else if (code)
		fprintf(stderr, "onthaal: nobody answers at %s (%s): is it running?\n", url,
			curl_easy_strerror(code));
	else if (!status)
		fprintf(stderr, "onthaal: another program answers at %s\n", url);
	else
		print(status);
	first = status ? 0 : 1;
	json_decref(status);
	config_destroy(&config);
	return first;
}
