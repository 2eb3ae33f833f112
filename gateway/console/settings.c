/* What a person chose for the own console: kept for the page, which alone knows what it means. */
#include "base/json.h"
#include "console/archive.h"

#include <sodium.h>
#include <string.h>

enum err settings_answer(
	struct staff_db *db, const struct archive_question *question, struct json_out *out)
{
	char settings[STAFF_SETTINGS_MAX + 1];
	struct staff person;
	enum err err;

	if (*question->settings)
		return staff_settings_put(db, question->staff, question->settings);
	err = staff_settings_get(db, question->staff, settings);
	if (!err)
		err = staff_by_id(db, question->staff, &person);
	if (err)
		return err;
	if (*settings)
		json_put_raw(out, "settings", settings, strlen(settings));
	else
		json_put_raw(out, "settings", "{}", 2);
	json_put_text(out, "telephone", person.telephone);
	sodium_memzero(&person, sizeof person);
	sodium_memzero(settings, sizeof settings);
	return OK;
}
