/* Multipart forms: the same however they are cut into pieces, both sides of each limit, and what is none. */
#include "base/mem.h"
#include "base/multipart.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char file[70000], file_name[40];
static size_t file_length;
static bool wanted;
static size_t fields_before;

static bool on_file(void *arg, const char *name, const struct form *form)
{
	(void)arg;
	snprintf(file_name, sizeof file_name, "%s", name);
	fields_before = form->count;
	return wanted;
}

static void on_bytes(void *arg, const char *bytes, size_t length)
{
	(void)arg;
	assert_true(file_length + length <= sizeof file);
	memcpy(file + file_length, bytes, length);
	file_length += length;
}

static struct multipart *begin(const char *type)
{
	static const struct multipart_file to = { .on_file = on_file, .on_bytes = on_bytes };

	file_length = fields_before = 0;
	*file_name = '\0';
	wanted = true;
	return multipart_create(type, &to);
}

#define TYPE "multipart/form-data; boundary=----b"
#define FIELD(name, value) "------b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_HEAD "------b\r\nContent-Disposition: form-data; name=\"message\"; filename=\"a.wav\"\r\nContent-Type: x/y\r\n\r\n"

/* A file with all that a boundary is made of, but the boundary. */
static const char content[] = "RIFF\0\r\n\r\r\n--\r\n-----\r\n------a\r\n------\r\r\n------";
static const char before[] = FIELD("session_id", "5b-1") FIELD("empty", "") FILE_HEAD;
static const char behind[] = "\r\n" FIELD("exiting", "true") "------b--\r\nwhat stands behind";

static size_t whole(char *to)
{
	size_t length = sizeof before - 1;
	memcpy(to, before, length);
	memcpy(to + length, content, sizeof content - 1);
	length += sizeof content - 1;
	memcpy(to + length, behind, sizeof behind - 1);
	return length + sizeof behind - 1;
}

static void is_whole(struct multipart *multipart)
{
	const struct form *form = multipart_form(multipart);

	assert_non_null(form);
	assert_int_equal(form->count, 3);
	assert_string_equal(form_get(form, "session_id"), "5b-1");
	assert_string_equal(form_get(form, "empty"), "");
	assert_string_equal(form_get(form, "exiting"), "true");
	assert_string_equal(file_name, "message");
	assert_int_equal(fields_before, 2);
	assert_int_equal(file_length, sizeof content - 1);
	assert_memory_equal(file, content, sizeof content - 1);
}

static void the_same_however_it_is_cut(void **state)
{
	char text[1000];
	size_t length = whole(text);
	(void)state;

	for (size_t cut = 0; cut <= length; cut++) {
		struct multipart *multipart = begin(TYPE);
		assert_int_equal(multipart_take(multipart, text, cut), OK);
		assert_int_equal(multipart_take(multipart, text + cut, length - cut), OK);
		is_whole(multipart);
		multipart_destroy(&multipart);
	}
	for (size_t size = 1; size < 8; size++) {
		struct multipart *multipart = begin(TYPE "; charset=utf-8");
		for (size_t at = 0; at < length; at += size)
			assert_int_equal(multipart_take(multipart, text + at,
						 at + size > length ? length - at : size),
				OK);
		is_whole(multipart);
		multipart_destroy(&multipart);
	}
}

static void what_is_not_wanted_passes_by(void **state)
{
	char text[1000];
	size_t length = whole(text);
	struct multipart *multipart = begin("Multipart/Form-Data;boundary=\"----b\"");
	(void)state;

	wanted = false;
	assert_int_equal(multipart_take(multipart, text, length), OK);
	assert_int_equal(file_length, 0);
	assert_string_equal(form_get(multipart_form(multipart), "exiting"), "true");
	multipart_destroy(&multipart);
	multipart_destroy(&multipart);
}

static void what_has_no_boundary_is_none(void **state)
{
	char longest[200] = "multipart/form-data; boundary=";
	struct multipart *multipart;
	(void)state;

	assert_null(begin(""));
	assert_null(begin("multipart/form-data"));
	assert_null(begin("multipart/form-data; boundary="));
	assert_null(begin("multipart/mixed; boundary=b"));
	assert_null(begin("multipart/form-data; boundary=\x80"));
	memset(longest + strlen(longest), 'b', MULTIPART_BOUNDARY_MAX);
	multipart = begin(longest);
	assert_non_null(multipart);
	multipart_destroy(&multipart);
	strcat(longest, "b");
	assert_null(begin(longest));
}

static enum err take(const char *text, size_t length)
{
	struct multipart *multipart = begin(TYPE);
	enum err err = multipart_take(multipart, text, length);

	if (err) { /* and so it stays */
		assert_int_equal(multipart_take(multipart, "------b--", 9), err);
		assert_null(multipart_form(multipart));
	} else if (!multipart_form(multipart)) {
		err = ERR_STALE; /* not whole */
	}
	multipart_destroy(&multipart);
	return err;
}

#define TAKE(text) take((text), sizeof(text) - 1)

static void what_is_no_form(void **state)
{
	(void)state;
	assert_int_equal(TAKE(FIELD("a", "b") "------b--"), OK);
	assert_int_equal(TAKE("preamble\r\n" FIELD("a", "b") "------b--"), OK);
	assert_int_equal(TAKE(""), ERR_STALE);
	assert_int_equal(TAKE(FIELD("a", "b")), ERR_STALE);
	assert_int_equal(TAKE(FIELD("a", "b") "------b"), ERR_STALE);
	assert_int_equal(TAKE(FIELD("a", "b") "------b-"), ERR_STALE);
	assert_int_equal(TAKE(FIELD("a", "b") "------b-x"), ERR_INVALID);
	assert_int_equal(TAKE("------bx\r\n"), ERR_INVALID);
	assert_int_equal(TAKE("------b\0\r\n"), ERR_INVALID);
	assert_int_equal(TAKE("------b \t\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n------b--"), OK);
	assert_int_equal(TAKE("------b\r\n\r\nno head\r\n------b--"), ERR_INVALID);
	assert_int_equal(TAKE("------b\r\nX: y\r\n\r\nb\r\n------b--"), ERR_INVALID);
	assert_int_equal(TAKE("------b\r\nContent-Disposition: form-data\r\n\r\nb\r\n------b--"), ERR_INVALID);
	assert_int_equal(TAKE("------b\r\nContent-Disposition: form-data; name=a\r\n\r\nb"), ERR_INVALID);
	assert_int_equal(TAKE("------b\r\nContent-Disposition: form-data; name=\"a\r\n\r\nb"), ERR_INVALID);
	assert_int_equal(TAKE("------b\r\nContent-Disposition: form-data; name=\"\0\"\r\n\r\n"), ERR_INVALID);
	assert_int_equal(TAKE(FIELD("a", "b\0c")), ERR_INVALID);
}

static void a_name_may_have_quotes(void **state)
{
	struct multipart *multipart = begin(TYPE);
	static const char text[] = "------b\r\nX: y\r\ncontent-disposition:form-data;name=\"a\\\"b\"\r\n\r\nc\r\n------b--";
	(void)state;

	assert_int_equal(multipart_take(multipart, text, sizeof text - 1), OK);
	assert_string_equal(form_get(multipart_form(multipart), "a\"b"), "c");
	multipart_destroy(&multipart);
}

static void both_sides_of_the_limits(void **state)
{
	static const char head[] = "------b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n", end[] = "\r\n------b--";
	char *text = mem_alloc(MULTIPART_FORM_MAX + 1000);
	size_t value = MULTIPART_FORM_MAX - 3, length; /* "a", its NUL, and that of the value */
	(void)state;

	for (int over = 0; over < 2; over++) {
		length = sizeof head - 1;
		memcpy(text, head, length);
		memset(text + length, 'v', value + (size_t)over);
		length += value + (size_t)over;
		memcpy(text + length, end, sizeof end - 1);
		assert_int_equal(take(text, length + sizeof end - 1), over ? ERR_TOO_LONG : OK);
	}
	for (int over = 0; over < 2; over++) { /* a head of so many bytes */
		static const char rest[] = "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
		size_t fill = MULTIPART_HEAD_MAX - (sizeof rest - 1) + (size_t)over;
		length = (size_t)sprintf(text, "------b\r\n");
		memset(text + length, 'x', fill);
		length += fill;
		length += (size_t)sprintf(text + length, "%sv%s", rest, end);
		assert_int_equal(take(text, length), over ? ERR_TOO_LONG : OK);
	}
	for (int over = 0; over < 2; over++) { /* so many fields */
		length = 0;
		for (int i = 0; i < FORM_FIELDS_MAX + over; i++)
			length += (size_t)sprintf(text + length, "%s", FIELD("a", ""));
		length += (size_t)sprintf(text + length, "------b--");
		assert_int_equal(take(text, length), over ? ERR_TOO_LONG : OK);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_same_however_it_is_cut),
		cmocka_unit_test(what_is_not_wanted_passes_by), cmocka_unit_test(what_has_no_boundary_is_none),
		cmocka_unit_test(what_is_no_form), cmocka_unit_test(a_name_may_have_quotes),
		cmocka_unit_test(both_sides_of_the_limits) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
