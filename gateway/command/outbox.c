/* onthaal outbox list | retry [ID]: what has not gone out yet, and what never will by itself. */
#include "command/command.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/letters.h"

#include <stdio.h>
#include <string.h>

struct tally {
	size_t waiting, dead;
};

/* The host alone: paths and bodies may hold secrets. */
static void host_of(const struct letter *letter, char host_r[64])
{
	json_t *read = letter->bytes ? json_loadb(letter->bytes, letter->length, 0, NULL) : NULL;
	const char *url = json_get_text(read, "url"), *host = url ? strstr(url, "://") : NULL;

	snprintf(host_r, 64, "%.*s", host ? (int)strcspn(host + 3, "/?#") : 7,
		host ? host + 3 : "unknown");
	json_decref(read);
}

static void print(void *arg, const struct letter *letter)
{
	struct tally *tally = arg;
	char host[64];

	host_of(letter, host);
	printf("%-7s %-40s %-32s %3u tries, %lld min old%s%s\n", letter->dead ? "dead" : "waiting",
		letter->id, host, letter->attempts,
		(long long)((clock_wall() - letter->since) / 60000), *letter->error ? ": " : "",
		letter->error);
	tally->waiting += !letter->dead;
	tally->dead += letter->dead;
}

static int list(struct letters *letters)
{
	struct tally tally = { 0 };

	if (letters_each(letters, LETTER_REQUEST, print, &tally)) {
		fputs("onthaal: the list cannot be read: run onthaal check\n", stderr);
		return 1;
	}
	printf("%zu waiting, %zu dead%s\n", tally.waiting, tally.dead,
		tally.dead ? ": onthaal outbox retry" : "");
	return 0;
}

static int retry(struct letters *letters, const char *id)
{
	enum err err = letters_revive(letters, id);

	if (err)
		fprintf(stderr, "onthaal: %s\n",
			err == ERR_NOT_FOUND ? "no dead letter has that id: onthaal outbox list"
					     : err_word(err));
	else
		puts("Tried again within a minute, while the daemon runs.");
	return err ? 1 : 0;
}

int command_outbox(int argc, char **argv)
{
	struct command_options options;
	struct config *config;
	struct letters *letters = NULL;
	char error[1024];
	int first, count, status = 1;

	if (!command_options(argc, argv, &options, &first))
		return 2;
	count = argc - first;
	if (!(count == 1 && !strcmp(argv[first], "list"))
		&& !(count >= 1 && count <= 2 && !strcmp(argv[first], "retry"))) {
		fputs("onthaal outbox list, or onthaal outbox retry [ID]\n", stderr);
		return 2;
	}
	config = command_config(&options);
	if (config && letters_open(config->data, &letters, error, sizeof error))
		fprintf(stderr, "onthaal: %s\n", error);
	else if (config)
		status = !strcmp(argv[first], "list")
			? list(letters)
			: retry(letters, count == 2 ? argv[first + 1] : NULL);
	letters_close(&letters);
	config_destroy(&config);
	return status;
}
