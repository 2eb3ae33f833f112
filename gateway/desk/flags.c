#include "base/json.h"
#include "base/mem.h"
#include "desk/private.h"

#include <stdlib.h>
#include <string.h>

char *flags_write(const struct triage *rules, const struct triage_result *result)
{
	struct json_out out;
	char *meta;

	if (!result->count && result->complete)
		return NULL;
	json_out_init(&out, 0);
	json_put_object(&out, NULL);
	json_put_text(&out, "set", triage_hash(rules));
	json_put_flag(&out, "complete", result->complete);
	json_put_list(&out, "flags");
	for (size_t i = 0; i < result->count; i++) {
		const struct triage_flag *flag = &result->flags[i];
		size_t before = out.length;
		bool comma = out.comma;
		json_put_object(&out, NULL);
		json_put_text(&out, "rule", flag->rule);
		json_put_text(&out, "category", flag->category);
		json_put_text(&out, "level", triage_level_word(flag->level));
		json_put_text(&out, "why", flag->why);
		if (flag->lowered_by)
			json_put_text(&out, "lowered_by", flag->lowered_by);
		json_put_number(&out, "from", flag->from);
		json_put_number(&out, "to", flag->to);
		json_put_object_end(&out);
		if (out.length > EVENT_META_MAX - 4) { /* the level is kept in any case */
			out.length = before;
			out.comma = comma;
			break;
		}
	}
	json_put_list_end(&out);
	json_put_object_end(&out);
	meta = mem_alloc(out.length + 1);
	memcpy(meta, out.bytes, out.length);
	json_out_finish(&out);
	return meta;
}

static char *dup_field(const json_t *object, const char *key)
{
	return mem_dup(json_get_text(object, key));
}

static void keep_flag(struct contact *contact, uint32_t seq, const json_t *read,
	enum triage_level level)
{
	if (contact->flag_count == CONTACT_FLAGS_MAX) {
		struct contact_flag *oldest = &contact->flags[0];
		free(oldest->rule);
		free(oldest->category);
		free(oldest->why);
		free(oldest->lowered_by);
		memmove(oldest, oldest + 1, (CONTACT_FLAGS_MAX - 1) * sizeof *oldest);
		contact->flag_count--;
	}
	contact->flags = mem_grow(contact->flags, contact->flag_count + 1, sizeof *contact->flags);
	contact->flags[contact->flag_count++] = (struct contact_flag) {
		.rule = dup_field(read, "rule"),
		.category = dup_field(read, "category"),
		.why = dup_field(read, "why"),
		.lowered_by = dup_field(read, "lowered_by"),
		.level = level,
		.seq = seq,
		.from = (uint32_t)json_get_number(read, "from", 0),
		.to = (uint32_t)json_get_number(read, "to", 0),
	};
}

void flags_read(struct contact *contact, uint32_t seq, const char *meta, size_t length,
	enum triage_level *level_r)
{
	json_t *read = length ? json_loadb(meta, length, 0, NULL) : NULL;
	json_t *flag;
	size_t i;

	*level_r = LEVEL_NONE;
	if (!read)
		return;
	if (!json_get_flag(read, "complete")) {
		contact->complete = false;
		*level_r = LEVEL_ELEVATED;
	}
	json_array_foreach (json_object_get(read, "flags"), i, flag) {
		const char *word = json_get_text(flag, "level");
		enum triage_level level;
		if (!word || !triage_level_parse(word, &level) || !json_get_text(flag, "rule")
			|| !json_get_text(flag, "category"))
			continue;
		if (level > *level_r)
			*level_r = level;
		keep_flag(contact, seq, flag, level);
	}
	json_decref(read);
}
