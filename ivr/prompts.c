#include "ivr/prompts.h"
#include "base/mem.h"
#include "ivr/speak.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uthash.h>

enum { KEY_MAX = IVR_LANG_MAX + IVR_PROMPT_ID_MAX + 2 };

struct sound {
	char key[KEY_MAX]; /* "nl/greeting" */
	struct ivr_prompt prompt;
	const char *text;
	enum prompt_source source;
	char *file;
	char *bytes;
	size_t length;
	char hash[9];
	const char *fault;
	UT_hash_handle hh;
};

struct prompts {
	const struct script *script;
	char *recorded, *data;
	struct sound *sounds;
};

static uint32_t number(const char *bytes, int size)
{
	uint32_t value = 0;
	for (int i = size; i-- > 0;)
		value = value << 8 | (unsigned char)bytes[i];
	return value;
}

double prompts_check_wav(const char *bytes, size_t length, const char **fault_r)
{
	size_t at = 12;
	bool format = false;

	*fault_r = "is no WAV file";
	if (length < 44 || memcmp(bytes, "RIFF", 4) != 0 || memcmp(bytes + 8, "WAVE", 4) != 0)
		return -1;
	while (at + 8 <= length) {
		size_t size = number(bytes + at + 4, 4);
		const char *chunk = bytes + at + 8;
		if (!memcmp(bytes + at, "fmt ", 4) && size >= 16 && at + 8 + 16 <= length) {
			*fault_r = "is not 8000 Hz, mono, 16 bit PCM: sox in.wav -r 8000 -c 1 -b 16 "
				   "out.wav";
			if (number(chunk, 2) != 1 || number(chunk + 2, 2) != 1
				|| number(chunk + 4, 4) != PROMPTS_RATE
				|| number(chunk + 14, 2) != 16)
				return -1;
			format = true;
		} else if (format && !memcmp(bytes + at, "data", 4)) {
			if (size > length - at - 8)
				size = length - at - 8; /* written by a pipe */
			*fault_r = NULL;
			return (double)size / 2 / PROMPTS_RATE;
		}
		if (size > length - at - 8)
			break;
		at += 8 + size + (size & 1);
	}
	return -1;
}

static char *read_file(const char *path, size_t *length_r)
{
	struct stat about;
	FILE *file = fopen(path, "re");
	char *bytes;

	if (!file)
		return NULL;
	if (fstat(fileno(file), &about) || about.st_size > PROMPTS_FILE_MAX
		|| !S_ISREG(about.st_mode)) {
		fclose(file);
		return NULL;
	}
	bytes = mem_alloc((size_t)about.st_size + 1);
	*length_r = fread(bytes, 1, (size_t)about.st_size, file);
	fclose(file);
	return bytes;
}

static void hash_of(const char *bytes, size_t length, char hash_r[9])
{
	uint8_t hash[16];
	crypto_generichash(hash, sizeof hash, (const unsigned char *)bytes, length, NULL, 0);
	sodium_bin2hex(hash_r, 9, hash, 4);
}

static void made_path(const struct prompts *prompts, const struct sound *sound, char path_r[4096])
{
	char hash[9];
	const char *text = sound->text ? sound->text : "";
	hash_of(text, strlen(text), hash);
	snprintf(path_r, 4096, "%s/prompts/%s.%s.wav", prompts->data, sound->key, hash);
}

static void forget(struct sound *sound)
{
	free(sound->file);
	free(sound->bytes);
	sound->file = sound->bytes = NULL;
	sound->source = PROMPT_MISSING;
	sound->fault = NULL;
}

static bool take(struct sound *sound, const char *path, enum prompt_source source)
{
	size_t length = 0;
	char *bytes = read_file(path, &length);
	const char *fault = NULL;

	if (!bytes)
		return false;
	if (prompts_check_wav(bytes, length, &fault) < 0) {
		sound->fault = fault;
		free(bytes);
		return false;
	}
	sound->source = source;
	sound->file = mem_dup(path);
	sound->bytes = bytes;
	sound->length = length;
	hash_of(bytes, length, sound->hash);
	return true;
}

void prompts_refresh(struct prompts *prompts)
{
	char path[4096];

	for (struct sound *sound = prompts->sounds; sound; sound = sound->hh.next) {
		if (sound->source == PROMPT_RECORDED)
			continue;
		forget(sound);
		snprintf(path, sizeof path, "%s/%s.wav", prompts->recorded, sound->key);
		if (take(sound, path, PROMPT_RECORDED))
			continue;
		made_path(prompts, sound, path);
		take(sound, path, PROMPT_MADE);
	}
}

static void add_sound(void *arg, const struct ivr_prompt *prompt, const char *text)
{
	struct prompts *prompts = arg;
	struct sound *sound = mem_alloc(sizeof *sound);

	sound->prompt = *prompt;
	sound->text = text;
	snprintf(sound->key, sizeof sound->key, "%s/%s", prompt->lang, prompt->id);
	HASH_ADD_STR(prompts->sounds, key, sound);
}

struct prompts *prompts_create(
	const struct script *script, const char *recorded_folder, const char *data_folder)
{
	struct prompts *prompts = mem_alloc(sizeof *prompts);

	prompts->script = script;
	prompts->recorded = mem_dup(recorded_folder);
	prompts->data = mem_dup(data_folder);
	script_each_prompt(script, add_sound, prompts);
	prompts_refresh(prompts);
	return prompts;
}

void prompts_destroy(struct prompts **prompts)
{
	struct sound *each, *next;

	if (!*prompts)
		return;
	HASH_ITER (hh, (*prompts)->sounds, each, next) {
		HASH_DEL((*prompts)->sounds, each);
		forget(each);
		free(each);
	}
	free((*prompts)->recorded);
	free((*prompts)->data);
	free(*prompts);
	*prompts = NULL;
}

static struct sound *find(const struct prompts *prompts, const struct ivr_prompt *prompt)
{
	char key[KEY_MAX];
	struct sound *sound;

	snprintf(key, sizeof key, "%s/%s", prompt->lang, prompt->id);
	HASH_FIND_STR(prompts->sounds, key, sound);
	return sound && sound->source != PROMPT_MISSING ? sound : NULL;
}

bool prompts_name(const struct prompts *prompts, const struct ivr_prompt *prompt,
	char name_r[PROMPTS_NAME_MAX])
{
	const struct sound *sound = prompts ? find(prompts, prompt) : NULL;
	if (sound)
		snprintf(name_r, PROMPTS_NAME_MAX, "%s.%s.wav", sound->key, sound->hash);
	return sound;
}

const char *prompts_file(const struct prompts *prompts, const struct ivr_prompt *prompt)
{
	const struct sound *sound = find(prompts, prompt);
	return sound ? sound->file : NULL;
}

/* "nl/greeting.1a2b3c4d.wav", of which the hash only keeps caches right. */
const char *prompts_bytes(struct prompts *prompts, const char *name, size_t *length_r)
{
	char key[KEY_MAX];
	size_t length = strlen(name);
	struct sound *sound;

	if (length <= 13 || length - 13 >= sizeof key || strcmp(name + length - 4, ".wav") != 0
		|| name[length - 13] != '.')
		return NULL;
	snprintf(key, sizeof key, "%.*s", (int)(length - 13), name);
	HASH_FIND_STR(prompts->sounds, key, sound);
	if (!sound || sound->source == PROMPT_MISSING)
		return NULL;
	*length_r = sound->length;
	return sound->bytes;
}

void prompts_each(const struct prompts *prompts,
	void (*on_prompt)(void *arg, const struct ivr_prompt *prompt, enum prompt_source source,
		const char *text, const char *fault),
	void *arg)
{
	for (const struct sound *sound = prompts->sounds; sound; sound = sound->hh.next)
		on_prompt(arg, &sound->prompt, sound->source, sound->text, sound->fault);
}

size_t prompts_make(struct prompts *prompts, char *error, size_t error_size)
{
	char path[4096], folder[4096];
	size_t failed = 0;

	snprintf(folder, sizeof folder, "%s/prompts", prompts->data);
	mkdir(folder, 0700);
	for (struct sound *sound = prompts->sounds; sound; sound = sound->hh.next) {
		if (sound->source != PROMPT_MISSING)
			continue;
		snprintf(folder, sizeof folder, "%s/prompts/%s", prompts->data, sound->prompt.lang);
		mkdir(folder, 0700);
		made_path(prompts, sound, path);
		if (speak(&sound->prompt, sound->text, path, error, error_size)
			|| !take(sound, path, PROMPT_MADE))
			failed++;
	}
	return failed;
}
