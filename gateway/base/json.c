#include "base/json.h"
#include "base/mem.h"

#include <stdio.h>
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
		if (c == '"' || c == '\\') {
			*to++ = '\\';
			*to++ = (char)c;
		} else if (c == '\n') {
			*to++ = '\\';
			*to++ = 'n';
		} else if (c < ' ' || c == 0x7f) {
			memcpy(to, "\\u00", 4);
			to[4] = hex[c >> 4];
			to[5] = hex[c & 15];
			to += 6;
		} else {
			*to++ = (char)c;
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
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%lld", (long long)number);
	json_put_raw(out, key, digits, (size_t)length);
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
