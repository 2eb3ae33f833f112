#include "base/json.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void json_out_init(struct json_out *out, size_t reserve)
{
	*out = (struct json_out) { .reserve = reserve };
	json_out_reset(out);
}

static void room_for(struct json_out *out, size_t more)
{
	if (out->length + more <= out->capacity)
		return;
	out->capacity = (out->length + more) * 2 > 256 ? (out->length + more) * 2 : 256;
	out->bytes = mem_grow(out->bytes, out->capacity, 1);
}

void json_out_reset(struct json_out *out)
{
	out->length = 0;
	out->comma = false;
	room_for(out, out->reserve);
	out->length = out->reserve;
}

void json_out_finish(struct json_out *out)
{
	free(out->bytes);
	*out = (struct json_out) { 0 };
}

static void put(struct json_out *out, const char *bytes, size_t length)
{
	room_for(out, length);
	memcpy(out->bytes + out->length, bytes, length);
	out->length += length;
}

static void put_quoted(struct json_out *out, const char *text, size_t length)
{
	static const char hex[] = "0123456789abcdef";

	room_for(out, length * 6 + 2);
	char *to = out->bytes + out->length;
	*to++ = '"';
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c >= ' ' && c != '"' && c != '\\' && c != 0x7f) {
			*to++ = (char)c;
		} else if (c == '"' || c == '\\') {
			*to++ = '\\';
			*to++ = (char)c;
		} else if (c == '\n') {
			*to++ = '\\';
			*to++ = 'n';
		} else {
			memcpy(to, "\\u00", 4);
			to[4] = hex[c >> 4];
			to[5] = hex[c & 15];
			to += 6;
		}
	}
	*to++ = '"';
	out->length = (size_t)(to - out->bytes);
}

static void begin_value(struct json_out *out, const char *key)
{
	if (out->comma)
		put(out, ",", 1);
	out->comma = true;
	if (key) {
		put_quoted(out, key, strlen(key));
		put(out, ":", 1);
	}
}

static void open_with(struct json_out *out, const char *key, const char *bracket)
{
	begin_value(out, key);
	put(out, bracket, 1);
	out->comma = false;
}

static void close_with(struct json_out *out, const char *bracket)
{
	put(out, bracket, 1);
	out->comma = true;
}

void json_put_object(struct json_out *out, const char *key)
{
	open_with(out, key, "{");
}

void json_put_object_end(struct json_out *out)
{
	close_with(out, "}");
}

void json_put_list(struct json_out *out, const char *key)
{
	open_with(out, key, "[");
}

void json_put_list_end(struct json_out *out)
{
	close_with(out, "]");
}

void json_put_text(struct json_out *out, const char *key, const char *text)
{
	if (text)
		json_put_text_n(out, key, text, strlen(text));
	else
		json_put_raw(out, key, "null", 4);
}

void json_put_text_n(struct json_out *out, const char *key, const char *text, size_t length)
{
	begin_value(out, key);
	put_quoted(out, text, length);
}

void json_put_number(struct json_out *out, const char *key, int64_t number)
{
	char digits[24], *at = digits + sizeof digits;
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do
		*--at = (char)('0' + rest % 10);
	while (rest /= 10);
	if (number < 0)
		*--at = '-';
	json_put_raw(out, key, at, (size_t)(digits + sizeof digits - at));
}

void json_put_flag(struct json_out *out, const char *key, bool flag)
{
	json_put_raw(out, key, flag ? "true" : "false", flag ? 4 : 5);
}

void json_put_raw(struct json_out *out, const char *key, const char *json, size_t length)
{
	begin_value(out, key);
	put(out, json, length);
}

/* The length of the character at `at`, which is beyond ASCII; 0: it is none (RFC 3629, table 3-7 of Unicode). */
static size_t character(const unsigned char *at, const unsigned char *end)
{
	unsigned char least = 0x80, most = 0xbf;
	size_t length = *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;

	if (*at < 0xc2 || *at > 0xf4 || (size_t)(end - at) < length)
		return 0;
	if (*at == 0xe0)
		least = 0xa0;
	else if (*at == 0xed)
		most = 0x9f;
	else if (*at == 0xf0)
		least = 0x90;
	else if (*at == 0xf4)
		most = 0x8f;
	if (at[1] < least || at[1] > most)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* From behind the first quote to the other one; NULL: there is none, or something before it. */
static const char *plain_end(const char *from, const char *end)
{
	const unsigned char *at = (const unsigned char *)from, *last = (const unsigned char *)end;

	while (at < last && *at != '"') {
		size_t length = *at < 0x80 ? *at >= ' ' && *at != '\\' : character(at, last);
		if (!length)
			return NULL;
		at += length;
	}
	return at < last ? (const char *)at : NULL;
}

/* "key":"text" */
static const char *plain_field(const char *at, const char *end, struct json_plain *field_r)
{
	const char *to;

	if (at == end || *at != '"' || !(to = plain_end(at + 1, end)) || end - to < 3 || to[1] != ':'
		|| to[2] != '"')
		return NULL;
	field_r->key = at + 1;
	field_r->key_length = (size_t)(to - at - 1);
	field_r->text = to + 3;
	to = plain_end(to + 3, end);
	if (!to)
		return NULL;
	field_r->length = (size_t)(to - field_r->text);
	return to + 1;
}

static bool named(const struct json_plain *field, const char *key, size_t length)
{
	return field->key_length == length && !memcmp(field->key, key, length);
}

size_t json_plain(const char *bytes, size_t length, struct json_plain fields_r[JSON_PLAIN_MAX])
{
	const char *at = bytes, *end;
	size_t count = 0;

	if (length < 2 || *at != '{')
		return 0;
	end = bytes + length;
	do {
		struct json_plain *field = &fields_r[count];
		if (count == JSON_PLAIN_MAX || !(at = plain_field(at + 1, end, field)) || at == end)
			return 0;
		for (size_t i = 0; i < count; i++)
			if (named(&fields_r[i], field->key, field->key_length))
				return 0;
		count++;
	} while (*at == ',');
	return *at == '}' && at + 1 == end ? count : 0;
}

const struct json_plain *json_plain_find(
	const struct json_plain *fields, size_t count, const char *key)
{
	size_t length = strlen(key);

	for (size_t i = 0; i < count; i++)
		if (named(&fields[i], key, length))
			return &fields[i];
	return NULL;
}

bool json_refused_id(const char *bytes, size_t length, char *id_r, size_t size)
{
	json_t *frame = json_loadb(bytes, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	const json_t *id = json_object_get(frame, "id");
	size_t id_length = json_string_length(id);
	bool good = id_length && id_length < size && strlen(json_string_value(id)) == id_length;

	if (good)
		memcpy(id_r, json_string_value(id), id_length + 1);
	json_decref(frame);
	return good;
}

const char *json_get_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

int64_t json_get_number(const json_t *object, const char *key, int64_t fallback)
{
	const json_t *value = json_object_get(object, key);
	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool json_get_flag(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}
