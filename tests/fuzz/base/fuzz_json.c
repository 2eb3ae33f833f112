/* JSON both ways. The first byte chooses: what a peer sends is read strictly and, once read, written by
 * ours so that it reads the same again; or a program of puts, each a byte and what follows it, whose
 * outcome is always one whole document in UTF-8. */
#include "base/json.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { DEPTH = 40, INPUT_MAX = 2048 };

static void must(bool good)
{
	if (!good)
		abort();
}

static void put(struct json_out *out, const char *key, const json_t *value)
{
	const char *name;
	json_t *inner;
	size_t i;
	char number[40];

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		json_put_object(out, key);
		json_object_foreach ((json_t *)value, name, inner)
			put(out, name, inner);
		json_put_object_end(out);
		break;
	case JSON_ARRAY:
		json_put_list(out, key);
		json_array_foreach (value, i, inner)
			put(out, NULL, inner);
		json_put_list_end(out);
		break;
	case JSON_STRING:
		json_put_text_n(out, key, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		json_put_number(out, key, json_integer_value(value));
		break;
	case JSON_REAL:
		i = json_dumpb(value, number, sizeof number, JSON_ENCODE_ANY);
		must(i <= sizeof number);
		json_put_raw(out, key, number, i);
		break;
	case JSON_NULL:
		json_put_text(out, key, NULL);
		break;
	default:
		json_put_flag(out, key, json_is_true(value));
	}
}

/* The quick reading of plain frames takes nothing that the whole one reads otherwise. */
static void plain(const char *text, size_t length)
{
	struct json_plain fields[JSON_PLAIN_MAX];
	size_t count = json_plain(text, length, fields);
	json_t *read;

	must(count <= JSON_PLAIN_MAX);
	if (!count)
		return;
	read = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	must(json_is_object(read) && json_object_size(read) == count);
	for (size_t i = 0; i < count; i++) {
		json_t *value = json_object_getn(read, fields[i].key, fields[i].key_length);
		must(json_is_string(value) && json_string_length(value) == fields[i].length
			&& !memcmp(json_string_value(value), fields[i].text, fields[i].length));
	}
	json_decref(read);
}

/* As frames are read. */
static void both_ways(const char *text, size_t length)
{
	json_t *read = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL), *again;
	const char *t = json_get_text(read, "t");
	int64_t n = json_get_number(read, "n", -7);
	struct json_out out;

	plain(text, length);
	must(!t || json_is_string(json_object_get(read, "t")));
	must(n == -7 || json_is_integer(json_object_get(read, "n")));
	must(!json_get_flag(read, "on") || json_is_true(json_object_get(read, "on")));
	if (!read)
		return;
	json_out_init(&out, text[0] & 15);
	put(&out, NULL, read);
	again = json_loadb(out.bytes + out.reserve, out.length - out.reserve,
		JSON_REJECT_DUPLICATES, NULL);
	must(again && json_equal(read, again));
	json_decref(read);
	json_decref(again);
	json_out_finish(&out);
}

struct program {
	const uint8_t *at, *end;
	struct json_out out;
	bool object[DEPTH];
	int depth, keys;
};

/* Up to 255 bytes; what is not UTF-8 becomes ASCII. */
static size_t take_text(struct program *program, char text_r[256])
{
	size_t length = program->at < program->end ? *program->at++ : 0;
	json_t *good;

	if (length > (size_t)(program->end - program->at))
		length = (size_t)(program->end - program->at);
	memcpy(text_r, program->at, length);
	program->at += length;
	good = json_stringn(text_r, length);
	must(text_is_utf8(text_r, length) == (good != NULL));
	for (size_t i = 0; i < length && !good; i++)
		text_r[i] &= 0x7f;
	json_decref(good);
	text_r[length] = '\0';
	return length;
}

static int64_t take_number(struct program *program)
{
	int64_t number = 0;
	size_t size = (size_t)(program->end - program->at);

	memcpy(&number, program->at, size < sizeof number ? size : sizeof number);
	program->at += size < sizeof number ? size : sizeof number;
	return number;
}

static void one(struct program *program)
{
	char text[256], name[16];
	const char *key = program->object[program->depth] ? name : NULL;
	size_t length;

	snprintf(name, sizeof name, "%d\"\\\n\x7f", program->keys++);
	switch (*program->at++ % 8) {
	case 0:
	case 1:
		if (program->depth + 1 == DEPTH)
			return;
		program->object[++program->depth] = program->at[-1] % 8 == 0;
		(program->object[program->depth] ? json_put_object : json_put_list)(
			&program->out, key);
		break;
	case 2:
		if (program->depth == 0)
			return;
		(program->object[program->depth--] ? json_put_object_end : json_put_list_end)(
			&program->out);
		break;
	case 3:
		length = take_text(program, text);
		json_put_text_n(&program->out, key, text, length);
		break;
	case 4:
		take_text(program, text);
		json_put_text(&program->out, key, text);
		break;
	case 5:
		json_put_number(&program->out, key, take_number(program));
		break;
	case 6:
		json_put_flag(&program->out, key, program->at < program->end && *program->at++ & 1);
		break;
	default:
		json_put_raw(&program->out, key, "[1,{}]", 6);
	}
}

static void by_program(const uint8_t *bytes, size_t length)
{
	struct program program = { .at = bytes, .end = bytes + length };
	json_t *read;

	json_out_init(&program.out, 0);
	json_put_list(&program.out, NULL);
	while (program.at < program.end)
		one(&program);
	while (program.depth)
		(program.object[program.depth--] ? json_put_object_end : json_put_list_end)(
			&program.out);
	json_put_list_end(&program.out);
	read = json_loadb(program.out.bytes, program.out.length,
		JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	must(read != NULL);
	json_decref(read);
	json_out_finish(&program.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length < 2 || length > INPUT_MAX)
		return 0;
	if (bytes[0] & 1)
		by_program(bytes + 1, length - 1);
	else
		both_ways((const char *)bytes + 1, length - 1);
	return 0;
}
