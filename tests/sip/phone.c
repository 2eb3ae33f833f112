/* The SIP endpoint alone, behind a call script of a few lines: for tests and benchmarks that want to
 * say exactly what a line does. It stands in for the contract of ivr/ivr.h.
 *
 *   sip_phone CONFIG [PROMPTS]      PROMPTS: a folder of <lang>/<id>.wav
 *
 * Commands on stdin, a line each:
 *   on EVENT[:KEYS] STEP; STEP …    the turn that answers an event (incoming, keys, poll, recorded,
 *                                   dropped); with keys before without
 *   leg ask|join|drop               on a counsellor's leg; ask: "1" joins, twice anything else drops
 *   poll | end                      interrupt or hang up every call
 *   dial NAME TARGET | query NAME | drain | figures | quit
 *   stall N                         says "stalled", and does nothing for N ms
 * A step: answer · pause N · prompt P… · menu P… seconds=N keys=… · collect P… most=N finish=K
 *   seconds=N · hold P… segment=P seconds=N · connect target=T seconds=N accept=P cli=N · record
 *   most=N finish=K · reject busy|closed · hangup          P: id@lang
 * It prints "ready PORT TLSPORT", then each event as "event=… call=… turn=… keys=… cause=…". */
#include "base/log.h"
#include "base/mem.h"
#include "config/config.h"
#include "ivr/sip/clip.h"
#include "ivr/sip/endpoint.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { RULES_MAX = 64, CALLS_MAX = 8192, RECORDINGS_MAX = 64, LINE_MAX_BYTES = 4096 };

struct rule {
	char event[40];
	struct ivr_turn turn;
};

struct ivr_call { /* the contract's, of this stand-in */
	char id[IVR_CALL_ID_MAX + 1];
	uint32_t turn;
};

struct recording { /* on its way to its file */
	char call[IVR_CALL_ID_MAX + 1], reference[40], told[250];
};

struct ivr {
	struct ivr_adapter adapter;
	struct ivr_caller_key key;
	struct rule rules[RULES_MAX];
	size_t rule_count;
	struct ivr_call calls[CALLS_MAX];
	struct recording recordings[RECORDINGS_MAX];
	char leg[8];
	bool quiet;
};

static const char *const events[]
	= { "incoming", "keys", "poll", "recorded", "ringing", "accepted", "dropped", "gone" };
static const char *const causes[]
	= { "none", "done", "busy", "no_answer", "declined", "failed", "caller", "closed", "cut" };
static struct ivr phone_ivr;
static int wake_fd;

/* ---- the contract ---- */

enum err ivr_adapter_add(struct ivr *ivr, const struct ivr_adapter *adapter)
{
	ivr->adapter = *adapter;
	return OK;
}

const struct ivr_caller_key *ivr_caller_key(const struct ivr *ivr)
{
	return &ivr->key;
}

uint64_t ivr_caller(const struct ivr_caller_key *key, const char *number, size_t length)
{
	uint64_t hash = 14695981039346656037u ^ key->bytes[0];
	bool any = false;

	for (size_t i = 0; i < length; i++) {
		if (number[i] < '0' || number[i] > '9')
			continue;
		hash = (hash ^ (uint8_t)number[i]) * 1099511628211u;
		any = true;
	}
	return any ? hash : 0;
}

const char *ivr_call_id(const struct ivr_call *call)
{
	return call->id;
}

static struct ivr_call *find(struct ivr *ivr, const char *id)
{
	struct ivr_call *empty = NULL;

	for (size_t i = 0; i < CALLS_MAX; i++) {
		if (strcmp(ivr->calls[i].id, id) == 0)
			return &ivr->calls[i];
		if (!empty && !*ivr->calls[i].id)
			empty = &ivr->calls[i];
	}
	if (!empty)
		abort();
	snprintf(empty->id, sizeof empty->id, "%s", id);
	empty->turn = 0;
	return empty;
}

static const struct ivr_turn *rule_for(const struct ivr *ivr, const char *event, const char *keys)
{
	const struct ivr_turn *found = NULL;
	char whole[80];

	snprintf(whole, sizeof whole, "%s:%s", event, keys);
	for (size_t i = 0; i < ivr->rule_count; i++) {
		if (strcmp(ivr->rules[i].event, whole) == 0)
			return &ivr->rules[i].turn;
		if (strcmp(ivr->rules[i].event, event) == 0)
			found = &ivr->rules[i].turn;
	}
	return found;
}

static struct recording *find_recording(struct ivr *ivr, const char *call)
{
	for (size_t i = 0; i < RECORDINGS_MAX; i++)
		if (strcmp(ivr->recordings[i].call, call) == 0)
			return &ivr->recordings[i];
	abort();
}

/* Told when its file is there, and forgotten. */
static void fetch(struct ivr *ivr, const struct ivr_event *event)
{
	struct recording *recording = find_recording(ivr, "");

	snprintf(recording->call, sizeof recording->call, "%s", event->call);
	snprintf(recording->reference, sizeof recording->reference, "%s", event->recording);
	snprintf(recording->told, sizeof recording->told, "event=recorded call=%s turn=%u seconds=%u",
		event->call, event->turn, event->seconds);
	if (ivr->adapter.fetch(ivr->adapter.arg, event->call, event->recording))
		abort();
}

void ivr_fetched(struct ivr *ivr, const char *adapter, const char *call, enum err err, bool absent,
	const void *bytes, size_t length)
{
	struct recording *recording = find_recording(ivr, call);
	char path[100];
	FILE *file;

	(void)adapter;
	snprintf(path, sizeof path, "/tmp/%s.wav", recording->reference);
	file = fopen(path, "w");
	if (err || absent || !file || fwrite(bytes, 1, length, file) != length)
		abort();
	fclose(file);
	printf("%s recording=%s\n", recording->told, path);
	fflush(stdout);
	ivr->adapter.forget(ivr->adapter.arg, recording->reference);
	*recording->call = '\0';
}

enum err ivr_drive(struct ivr *ivr, const char *adapter, const struct ivr_event *event,
	struct ivr_turn *turn_r)
{
	struct ivr_call *call = find(ivr, event->call);
	const struct ivr_turn *turn;

	(void)adapter;
	if (event->kind == IVR_EVENT_RECORDED) {
		fetch(ivr, event);
	} else if (!ivr->quiet) {
		printf("event=%s call=%s turn=%u keys=%s cause=%s caller=%d\n",
			events[event->kind], event->call, event->turn, event->keys,
			causes[event->cause], event->caller != 0);
		fflush(stdout);
	}
	if (event->kind == IVR_EVENT_GONE)
		*call->id = '\0';
	if (event->kind >= IVR_EVENT_RINGING && event->kind != IVR_EVENT_DROPPED)
		return ERR_EXISTS;
	turn = rule_for(ivr, events[event->kind], event->keys);
	if (!turn)
		return ERR_EXISTS;
	*turn_r = *turn;
	turn_r->number = ++call->turn;
	return OK;
}

enum ivr_leg ivr_leg(struct ivr *ivr, const char *adapter, const char *call, uint32_t turn,
	const char *keys, uint32_t tries)
{
	(void)adapter;
	(void)call;
	(void)turn;
	if (!ivr->quiet) {
		printf("leg keys=%s tries=%u\n", keys ? keys : "-", tries);
		fflush(stdout);
	}
	if (strcmp(ivr->leg, "join") == 0)
		return IVR_LEG_JOIN;
	if (strcmp(ivr->leg, "drop") == 0)
		return IVR_LEG_DROP;
	if (!keys)
		return IVR_LEG_ASK;
	if (strcmp(keys, "1") == 0)
		return IVR_LEG_JOIN;
	return tries < 2 ? IVR_LEG_ASK : IVR_LEG_DROP;
}

/* ---- the little script ---- */

static void set_prompt(struct ivr_prompt *prompt, const char *text)
{
	const char *at = strchr(text, '@');

	snprintf(prompt->id, sizeof prompt->id, "%.*s",
		at ? (int)(at - text) : (int)strlen(text), text);
	snprintf(prompt->lang, sizeof prompt->lang, "%s", at ? at + 1 : "nl");
}

static void set_word(struct ivr_step *step, const char *word)
{
	if (strncmp(word, "seconds=", 8) == 0)
		step->seconds = (uint32_t)atoi(word + 8);
	else if (strncmp(word, "most=", 5) == 0)
		step->most = (uint32_t)atoi(word + 5);
	else if (strncmp(word, "finish=", 7) == 0)
		step->finish = word[7];
	else if (strncmp(word, "keys=", 5) == 0)
		snprintf(step->keys, sizeof step->keys, "%s", word + 5);
	else if (strncmp(word, "target=", 7) == 0)
		snprintf(step->target, sizeof step->target, "%s", word + 7);
	else if (strncmp(word, "cli=", 4) == 0)
		snprintf(step->cli, sizeof step->cli, "%s", word + 4);
	else if (strncmp(word, "accept=", 7) == 0)
		set_prompt(&step->accept, word + 7);
	else if (strncmp(word, "segment=", 8) == 0)
		set_prompt(&step->segment, word + 8);
	else if (strcmp(word, "busy") == 0)
		step->cause = IVR_CAUSE_BUSY;
	else if (strcmp(word, "closed") == 0)
		step->cause = IVR_CAUSE_CLOSED;
	else if (*word >= '0' && *word <= '9')
		step->seconds = (uint32_t)atoi(word);
	else if (step->prompt_count < IVR_PROMPTS_MAX)
		set_prompt(&step->prompts[step->prompt_count++], word);
}

static bool set_step(struct ivr_step *step, char *text)
{
	static const char *const kinds[] = { "answer", "pause", "prompt", "menu", "collect", "hold",
		"connect", "record", "reject", "hangup" };
	char *rest, *word = strtok_r(text, " ", &rest);

	memset(step, 0, sizeof *step);
	if (!word)
		return false;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(word, kinds[i]) != 0)
			continue;
		step->kind = (enum ivr_step_kind)i;
		while ((word = strtok_r(NULL, " ", &rest)))
			set_word(step, word);
		return true;
	}
	fprintf(stderr, "no such step: %s\n", word);
	exit(2);
}

static void add_rule(struct ivr *ivr, char *text)
{
	char *rest, *event = strtok_r(text, " ", &rest), *part = rest, *end;
	struct rule *rule = NULL;

	for (size_t i = 0; i < ivr->rule_count; i++)
		if (strcmp(ivr->rules[i].event, event) == 0)
			rule = &ivr->rules[i];
	if (!rule)
		rule = &ivr->rules[ivr->rule_count++];
	memset(rule, 0, sizeof *rule);
	snprintf(rule->event, sizeof rule->event, "%s", event);
	while (part && rule->turn.count < IVR_STEPS_MAX) {
		end = strchr(part, ';');
		if (end)
			*end = '\0';
		if (set_step(&rule->turn.steps[rule->turn.count], part))
			rule->turn.count++;
		part = end ? end + 1 : NULL;
	}
}

/* ---- the rest ---- */

static void wake(void *arg)
{
	uint64_t one = 1;
	(void)arg;
	(void)!write(wake_fd, &one, sizeof one);
}

static void load_language(struct clips *clips, const char *folder, const char *lang)
{
	char path[1024], error[400];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof path, "%s/%s", folder, lang);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		struct ivr_prompt prompt;
		char *dot = strrchr(entry->d_name, '.');
		if (!dot || strcmp(dot, ".wav") != 0)
			continue;
		snprintf(path, sizeof path, "%s/%s/%s", folder, lang, entry->d_name);
		*dot = '\0';
		snprintf(prompt.id, sizeof prompt.id, "%.*s", IVR_PROMPT_ID_MAX, entry->d_name);
		snprintf(prompt.lang, sizeof prompt.lang, "%.*s", IVR_LANG_MAX, lang);
		if (clips_add(clips, &prompt, path, error, sizeof error)) {
			fprintf(stderr, "%s\n", error);
			exit(1);
		}
	}
	if (dir)
		closedir(dir);
}

static struct clips *load_clips(const char *folder)
{
	struct clips *clips = clips_create();
	struct dirent *entry;
	DIR *dir = folder ? opendir(folder) : NULL;

	while (dir && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			load_language(clips, folder, entry->d_name);
	if (dir)
		closedir(dir);
	return clips;
}

static void each_call(struct ivr *ivr, void (*act)(void *arg, const struct ivr_call *call))
{
	for (size_t i = 0; i < CALLS_MAX; i++)
		if (*ivr->calls[i].id)
			act(ivr->adapter.arg, &ivr->calls[i]);
}

static void show_figures(const struct endpoint *endpoint)
{
	char text[16384];
	struct rusage usage;

	endpoint_figures(endpoint, text, sizeof text);
	getrusage(RUSAGE_SELF, &usage);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (*line != '#')
			printf("figure %s\n", line);
	printf("figure cpu_seconds %.3f\nfigure peak_kib %ld\nfigures end\n",
		(double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6
			+ (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6,
		usage.ru_maxrss);
	fflush(stdout);
}

static bool command(struct endpoint *endpoint, struct ivr *ivr, char *line)
{
	char name[100], target[200];
	struct ivr_call call = { 0 };

	line[strcspn(line, "\r\n")] = '\0';
	if (strncmp(line, "on ", 3) == 0) {
		add_rule(ivr, line + 3);
	} else if (strncmp(line, "leg ", 4) == 0) {
		snprintf(ivr->leg, sizeof ivr->leg, "%.7s", line + 4);
	} else if (strcmp(line, "poll") == 0) {
		each_call(ivr, ivr->adapter.interrupt);
	} else if (strcmp(line, "end") == 0) {
		each_call(ivr, ivr->adapter.end);
	} else if (sscanf(line, "dial %99s %199s", name, target) == 2) {
		if (ivr->adapter.dial(ivr->adapter.arg, name, target))
			printf("refused\n");
	} else if (sscanf(line, "query %99s", call.id) == 1) {
		ivr->adapter.query(ivr->adapter.arg, &call);
	} else if (strncmp(line, "stall ", 6) == 0) {
		printf("stalled\n");
		fflush(stdout);
		usleep((useconds_t)atoi(line + 6) * 1000);
	} else if (strcmp(line, "drain") == 0) {
		endpoint_drain(endpoint);
	} else if (strcmp(line, "figures") == 0) {
		show_figures(endpoint);
	} else if (strcmp(line, "quiet") == 0) {
		ivr->quiet = true;
	} else if (strcmp(line, "quit") == 0) {
		return false;
	} else {
		fprintf(stderr, "no such command: %s\n", line);
	}
	return true;
}

/* What is on stdin by now, line by line. false: the end. */
static bool read_commands(struct endpoint *endpoint, struct ivr *ivr)
{
	static char buffer[LINE_MAX_BYTES];
	static size_t length;
	ssize_t more = read(STDIN_FILENO, buffer + length, sizeof buffer - 1 - length);
	char *end;

	if (more <= 0)
		return false;
	length += (size_t)more;
	buffer[length] = '\0';
	while ((end = strchr(buffer, '\n'))) {
		size_t size = (size_t)(end + 1 - buffer);
		char line[LINE_MAX_BYTES];
		memcpy(line, buffer, size);
		line[size] = '\0';
		memmove(buffer, end + 1, length - size + 1);
		length -= size;
		if (!command(endpoint, ivr, line))
			return false;
	}
	return true;
}

static void serve(struct endpoint *endpoint, struct ivr *ivr)
{
	struct pollfd fds[] = { { .fd = wake_fd, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN } };
	time_t second = 0;
	uint64_t count;

	for (;;) {
		(void)!poll(fds, 2, 500);
		if (fds[0].revents && read(wake_fd, &count, sizeof count) > 0)
			endpoint_pump(endpoint);
		if (time(NULL) != second) {
			second = time(NULL);
			endpoint_second(endpoint);
		}
		if (fds[1].revents && !read_commands(endpoint, ivr))
			return;
	}
}

int main(int argc, char **argv)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;
	struct endpoint *endpoint = NULL;
	struct endpoint_hooks hooks = { .wake = wake };
	struct rlimit limit;
	char error[500] = "";

	if (argc < 2 || sodium_init() < 0)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (config_load(argv[1], &config, &errors)) {
		for (uint32_t i = 0; i < errors.count; i++)
			fprintf(stderr, "%s\n", errors.texts[i]);
		config_errors_finish(&errors);
		return 1;
	}
	wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (endpoint_create(config, &phone_ivr, load_clips(argc > 2 ? argv[2] : NULL), &hooks,
		    &endpoint, error, sizeof error)) {
		fprintf(stderr, "%s\n", error);
		config_destroy(&config);
		close(wake_fd);
		return 1;
	}
	printf("ready %d %d\n", endpoint_port(endpoint), endpoint_tls_port(endpoint));
	fflush(stdout);
	serve(endpoint, &phone_ivr);
	endpoint_destroy(&endpoint);
	config_destroy(&config);
	close(wake_fd);
	return 0;
}
