/* What platforms bring of a message: multipart forms, WAV files, streams of samples, the first words of a
 * websocket. The first byte chooses; the second is the size of the pieces, which must make no difference. */
#include "base/multipart.h"
#include "ivr/adapters/jambonz.h"
#include "ivr/voice.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct seen {
	uint8_t hash[16];
	size_t files, fields, size;
	enum err err;
	crypto_generichash_state state;
};

static bool on_file(void *arg, const char *name, const struct form *form)
{
	struct seen *seen = arg;
	seen->files++;
	if (strlen(name) > MULTIPART_HEAD_MAX || form->count > FORM_FIELDS_MAX)
		abort();
	(void)form_get(form, name);
	return seen->files % 2;
}

static void on_bytes(void *arg, const char *bytes, size_t length)
{
	struct seen *seen = arg;
	seen->size += length;
	crypto_generichash_update(&seen->state, (const unsigned char *)bytes, length);
}

static struct seen form_of(const char *text, size_t length, size_t piece)
{
	struct seen seen = { 0 };
	const struct multipart_file file = { .on_file = on_file, .on_bytes = on_bytes, .arg = &seen };
	struct multipart *multipart = multipart_create("multipart/form-data; boundary=b", &file);
	const struct form *form;

	crypto_generichash_init(&seen.state, NULL, 0, sizeof seen.hash);
	for (size_t at = 0; at < length && !seen.err; at += piece)
		seen.err = multipart_take(multipart, text + at, length - at < piece ? length - at : piece);
	form = multipart_form(multipart);
	if (form && seen.err)
		abort();
	seen.fields = form ? form->count : 0;
	for (size_t i = 0; i < seen.fields; i++)
		crypto_generichash_update(&seen.state, (const unsigned char *)form->fields[i].value,
			strlen(form->fields[i].value));
	crypto_generichash_final(&seen.state, seen.hash, sizeof seen.hash);
	multipart_destroy(&multipart);
	return seen;
}

static struct seen file_of(const char *text, size_t length, size_t piece)
{
	struct seen seen = { 0 };
	struct voice_file file = { 0 };
	uint32_t seconds = 0;
	uint8_t *bytes;
	bool good = true;

	voice_file_start(&file, 2);
	for (size_t at = 0; at < length && good; at += piece)
		good = voice_file_put(&file, text + at, length - at < piece ? length - at : piece);
	bytes = voice_take(&file.voice, &seen.size, &seconds);
	if (bytes && (seen.size > TAPE_HEAD + 2 * LAW_RATE || seconds > 2))
		abort();
	seen.err = good ? OK : ERR_INVALID;
	if (bytes)
		crypto_generichash(seen.hash, sizeof seen.hash, bytes, seen.size, NULL, 0);
	free(bytes);
	return seen;
}

static void same(const struct seen *a, const struct seen *b)
{
	if (a->err != b->err || (!a->err && (a->files != b->files || a->fields != b->fields || a->size != b->size
						    || memcmp(a->hash, b->hash, sizeof a->hash) != 0)))
		abort();
}

static void stream_of(const uint8_t *bytes, size_t length)
{
	struct voice voice = { 0 };
	uint32_t seconds;
	size_t size;

	if (length < 3 || !voice_start(&voice, 1, bytes[0] * 200u, bytes[1] % 4))
		return;
	(void)voice_put(&voice, bytes + 2, length - 2);
	free(voice_take(&voice, &size, &seconds));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *text = (const char *)bytes + 2;
	struct jambonz_hello hello;
	struct seen whole, cut;
	size_t piece;

	if (length < 2)
		return 0;
	piece = bytes[1] ? bytes[1] : 1;
	switch (bytes[0] % 4) {
	case 0:
		whole = form_of(text, length - 2, length);
		cut = form_of(text, length - 2, piece);
		same(&whole, &cut);
		break;
	case 1:
		whole = file_of(text, length - 2, length);
		cut = file_of(text, length - 2, piece);
		same(&whole, &cut);
		break;
	case 2:
		if (!jambonz_parse_hello(text, length - 2, &hello) && (!*hello.call || !hello.rate))
			abort();
		break;
	default:
		stream_of(bytes + 2, length - 2);
	}
	return 0;
}
