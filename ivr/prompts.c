#include "ivr/prompts.h"
#include "base/mem.h"
#include "ivr/speak.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uthash.h>

enum { KEY_MAX = IVR_LANG_MAX + IVR_PROMPT_ID_MAX + 2,
	HASH_PART = 9, /* ".1a2b3c4d" */
	WAV_HEAD = 44,
	SAMPLE = 2 };

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
	char *piece; /* the last one that was asked for */
};

static uint32_t number(const char *bytes, int size)
{
	uint32_t value = 0;
	for (int i = size; i-- > 0;)
		value = value << 8 | (unsigned char)bytes[i];
	return value;
}

/* Bytes of samples, which begin at *begin_r; < 0: not of the format. */
static double find_samples(
	const char *bytes, size_t length, size_t *begin_r, const char **fault_r)
{
	size_t at = 12;
	bool format = false;

	*begin_r = 0;
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
			*begin_r = at + 8;
			return (double)size;
		}
		if (size > length - at - 8)
			break;
		at += 8 + size + (size & 1);
	}
	return -1;
}

double prompts_check_wav(const char *bytes, size_t length, const char **fault_r)
{
	size_t begin;
	double size = find_samples(bytes, length, &begin, fault_r);

	return size < 0 ? -1 : size / SAMPLE / PROMPTS_RATE;
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
	free((*prompts)->piece);
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

/* Whole pieces; what is left over belongs to the last one. */
static uint32_t piece_count(size_t size, uint32_t seconds)
{
	size_t count = size / ((size_t)seconds * PROMPTS_RATE * SAMPLE);
	return count ? (uint32_t)count : 1;
}

bool prompts_piece(const struct prompts *prompts, const struct ivr_prompt *prompt, uint32_t seconds,
	uint32_t index, char name_r[PROMPTS_NAME_MAX])
{
	const struct sound *sound = prompts ? find(prompts, prompt) : NULL;
	const char *fault;
	size_t begin;

	if (!sound || !seconds || seconds > PROMPTS_PIECE_SECONDS)
		return false;
	double size = find_samples(sound->bytes, sound->length, &begin, &fault);
	snprintf(name_r, PROMPTS_NAME_MAX, "%s.%s.%u-%u.wav", sound->key, sound->hash, seconds,
		index % piece_count((size_t)size, seconds));
	return true;
}

static void put_number(char *bytes, size_t value, int size)
{
	for (int i = 0; i < size; i++)
		bytes[i] = (char)(value >> 8 * i);
}

/* A file of its own, of some of the samples of another. */
static char *wav_of(const char *samples, size_t size)
{
	static const char head[WAV_HEAD + 1] = "RIFF----WAVEfmt \x10\0\0\0\1\0\1\0----------\x10\0data";
	char *bytes = mem_alloc(WAV_HEAD + size);

	memcpy(bytes, head, WAV_HEAD);
	put_number(bytes + 4, WAV_HEAD - 8 + size, 4);
	put_number(bytes + 24, PROMPTS_RATE, 4);
	put_number(bytes + 28, PROMPTS_RATE * SAMPLE, 4);
	put_number(bytes + 32, SAMPLE, 2);
	put_number(bytes + 40, size, 4);
	memcpy(bytes + WAV_HEAD, samples, size);
	return bytes;
}

static const char *piece_of(struct prompts *prompts, const struct sound *sound, uint32_t seconds,
	uint32_t index, size_t *length_r)
{
	size_t begin, each = (size_t)seconds * PROMPTS_RATE * SAMPLE;
	const char *fault;
	double size = find_samples(sound->bytes, sound->length, &begin, &fault);
	uint32_t count = piece_count((size_t)size, seconds);

	if (index >= count)
		return NULL;
	if (index == count - 1)
		each = (size_t)size - index * each;
	free(prompts->piece);
	prompts->piece = wav_of(
		sound->bytes + begin + (size_t)index * seconds * PROMPTS_RATE * SAMPLE, each);
	*length_r = WAV_HEAD + each;
	return prompts->piece;
}

/* "5-3" of a piece; a hash has no hyphen. */
static bool read_piece(const char *from, const char *end, uint32_t *seconds_r, uint32_t *index_r)
{
	int read = 0;
	return sscanf(from, "%2" SCNu32 "-%6" SCNu32 "%n", seconds_r, index_r, &read) == 2
		&& from + read == end && *seconds_r && *seconds_r <= PROMPTS_PIECE_SECONDS;
}

/* The last dot before end, NULL when there is none. */
static const char *dot_before(const char *name, const char *end)
{
	while (end > name && end[-1] != '.')
		end--;
	return end > name ? end - 1 : NULL;
}

/* "nl/greeting.1a2b3c4d.wav", of which the hash only keeps caches right; or ".5-3.wav" behind it. */
const char *prompts_bytes(struct prompts *prompts, const char *name, size_t *length_r)
{
	char key[KEY_MAX];
	const char *end = dot_before(name, name + strlen(name)), *dot;
	uint32_t seconds = 0, index = 0;
	struct sound *sound;

	if (!end || strcmp(end, ".wav") != 0)
		return NULL;
	dot = dot_before(name, end);
	if (dot && memchr(dot, '-', (size_t)(end - dot))) {
		if (!read_piece(dot + 1, end, &seconds, &index))
			return NULL;
		end = dot;
		dot = dot_before(name, end);
	}
	if (!dot || end - dot != HASH_PART || (size_t)(dot - name) >= sizeof key)
		return NULL;
	snprintf(key, sizeof key, "%.*s", (int)(dot - name), name);
	HASH_FIND_STR(prompts->sounds, key, sound);
	if (!sound || sound->source == PROMPT_MISSING)
		return NULL;
	if (seconds)
		return piece_of(prompts, sound, seconds, index, length_r);
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
