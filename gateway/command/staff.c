#include "base/clock.h"
#include "base/json.h"
#include "command/command.h"
#include "console/signin.h"
#include "console/show.h"
#include "console/window.h"
#include "store/keys.h"
#include "store/signons.h"
#include "store/passkeys.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ENDED_SECONDS = WINDOW_CHECK_SECONDS + 2 }; /* a running daemon has seen that a session ended */

struct task {
	const struct config *config;
	const struct command_options *options;
	struct staff_db *db;
	const char *name, *telephone;
};

static int print_link(const struct task *task, struct staff *person)
{
	char token[SIGNIN_TOKEN_SIZE], url[300];
	enum err err = signin_invite(task->db, person, token);

	if (err)
		return command_failed("the link cannot be stored", err);
	command_link(task->config, command_port(task->config), url, sizeof url);
	printf("%s signs in with the name %s. One-time link, good for %d hours:\n"
	       "  %s/console/#invite=%s\n",
		person->display, person->name, SIGNIN_INVITE_HOURS, url, token);
	command_link_note(task->options, task->config, url, stdout);
	return 0;
}

static bool role_parse(const char *word, enum staff_role *role_r)
{
	for (int role = ROLE_COUNSELLOR; role <= ROLE_AUDITOR; role++)
		if (!strcmp(word, show_role_word((enum staff_role)role))) {
			*role_r = (enum staff_role)role;
			return true;
		}
	fprintf(stderr, "onthaal: --role is counsellor, coordinator, administrator or auditor\n");
	return false;
}

static bool name_good(const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@";
	size_t length = strlen(name);
	if (length && length <= STAFF_NAME_MAX && strspn(name, good) == length)
		return true;
	fprintf(stderr, "onthaal: a name has 1 to %d of a-z A-Z 0-9 . _ - @\n", STAFF_NAME_MAX);
	return false;
}

/* It travels to every page and stands in the terminal. */
static bool display_good(const char *display)
{
	json_t *text = json_string(display); /* NULL: not UTF-8 */
	bool good = text && *display && strlen(display) <= STAFF_NAME_MAX;

	json_decref(text);
	for (const char *at = display; *at; at++)
		good = good && (unsigned char)*at >= ' ' && *at != 0x7f;
	if (!good)
		fprintf(stderr, "onthaal: --display has 1 to %d bytes of text, on one line\n",
			STAFF_NAME_MAX);
	return good;
}

/* Whom, and as what: whoever reads the log later knows the number alone. */
static enum err tell_role(struct staff_db *db, const struct staff *person, const char *what)
{
	char detail[64];

	snprintf(detail, sizeof detail, "{\"role\":\"%s\"}", show_role_word(person->role));
	return audit_add(db, person->id, what, detail);
}

static int do_add(const struct task *task)
{
	struct staff person = { .role = ROLE_COUNSELLOR }, known;
	const char *display = task->options->display ? task->options->display : task->name;

	if (!name_good(task->name)
		|| (task->options->role && !role_parse(task->options->role, &person.role)))
		return 2;
	if (!display_good(display))
		return 2;
	if (!staff_by_name(task->db, task->name, &known)) {
		fprintf(stderr, "onthaal: %s is there already: staff reset %s gives a new link\n",
			task->name, task->name);
		return 1;
	}
	strcpy(person.name, task->name);
	strcpy(person.display, display);
	enum err err = staff_put(task->db, &person);
	if (!err)
		err = tell_role(task->db, &person, "staff.added");
	return err ? command_failed("cannot be stored", err) : print_link(task, &person);
}

static int find(const struct task *task, struct staff *person_r)
{
	enum err err = staff_by_name(task->db, task->name, person_r);
	if (err == ERR_NOT_FOUND)
		fprintf(stderr, "onthaal: there is no %s: see staff list\n", task->name);
	else if (err)
		return command_failed("cannot be read", err);
	return err ? 1 : 0;
}

static int do_reset(const struct task *task)
{
	struct staff person;
	enum err err;

	if (find(task, &person))
		return 1;
	*person.password = '\0';
	sodium_memzero(person.totp, sizeof person.totp);
	person.totp_step = 0;
	person.disabled = false;
	err = staff_put(task->db, &person);
	if (!err)
		err = staff_sessions_end(task->db, person.id);
	if (!err)
		err = staff_codes_drop(task->db, person.id);
	if (!err)
		err = passkeys_drop(task->db, person.id);
	if (!err)
		err = signons_drop(task->db, person.id);
	if (!err) /* the old password and those passkeys alone opened it */
		err = keys_drop_person(task->db, person.id);
	if (!err)
		err = audit_add(task->db, person.id, "staff.reset", "{}");
	if (err)
		return command_failed("cannot be stored", err);
	printf("Open windows of %s close within %d seconds.\n", person.name, ENDED_SECONDS);
	return print_link(task, &person);
}

static int do_role(const struct task *task)
{
	struct staff person;
	char detail[64];
	enum staff_role role;
	enum err err;

	if (!task->options->role || !role_parse(task->options->role, &role))
		return 2;
	if (find(task, &person))
		return 1;
	snprintf(detail, sizeof detail, "{\"from\":\"%s\",\"to\":\"%s\"}",
		show_role_word(person.role), show_role_word(role));
	person.role = role;
	err = staff_put(task->db, &person);
	if (!err) /* open windows have the old role */
		err = staff_sessions_end(task->db, person.id);
	if (!err && role != ROLE_COORDINATOR)
		err = keys_drop_shares(task->db, person.id);
	if (!err)
		err = audit_add(task->db, person.id, "staff.role", detail);
	if (err)
		return command_failed("cannot be stored", err);
	printf("%s is %s from the next sign-in on; open windows close within %d seconds.\n", person.name,
		show_role_word(role), ENDED_SECONDS);
	return 0;
}

static int do_disable(const struct task *task)
{
	struct staff person;
	enum err err;

	if (find(task, &person))
		return 1;
	person.disabled = true;
	err = staff_put(task->db, &person);
	if (!err)
		err = staff_sessions_end(task->db, person.id);
	if (!err)
		err = passkeys_drop(task->db, person.id);
	if (!err)
		err = signons_drop(task->db, person.id);
	if (!err)
		err = keys_drop_person(task->db, person.id);
	if (!err)
		err = staff_settings_drop(task->db, person.id);
	if (!err)
		err = audit_add(task->db, person.id, "staff.disabled", "{}");
	if (err)
		return command_failed("cannot be stored", err);
	printf("%s is disabled; open windows close within %d seconds.\n", person.name,
		ENDED_SECONDS);
	return 0;
}

static void print_person(void *arg, const struct staff *person)
{
	const struct task *task = arg;
	bool connected = false;

	(void)!signons_bound(task->db, person->id, &connected);
	printf("%-24s %-24s %-14s %s%s\n", person->name, person->display,
		show_role_word(person->role),
		person->disabled       ? "disabled"
			: *person->password ? "active"
			: person->invite_expires > clock_wall() ? "invited"
								 : "link expired: staff reset",
		connected ? ", oidc" : "");
}

static int do_telephone(const struct task *task)
{
	const char *number = strcmp(task->telephone, "-") ? task->telephone : "";
	struct staff person;
	enum err err;

	if (!staff_telephone_fits(number)) {
		fprintf(stderr,
			"onthaal: a telephone is a number (+32…), a SIP URI (sip:name@host) or an "
			"extension, at most %d characters; - for none\n",
			STAFF_TELEPHONE_MAX);
		return 2;
	}
	if (find(task, &person))
		return 1;
	strcpy(person.telephone, number);
	err = staff_put(task->db, &person);
	if (!err)
		err = audit_add(task->db, person.id, "staff.telephone", "{}");
	if (err)
		return command_failed("cannot be stored", err);
	printf("%s %s. A running daemon knows at the next sign-in, or by SIGHUP.\n", person.name,
		*number ? "is called on that telephone" : "has no telephone now");
	return 0;
}

static int disconnect(const struct task *task, const struct staff *person)
{
	enum err err = signons_drop(task->db, person->id);

	if (!err)
		err = audit_add(task->db, person->id, "signon.disconnected", "{}");
	if (err)
		return command_failed("cannot be stored", err);
	printf("%s signs in by password and code alone. Open windows go on: see staff reset.\n",
		person->name);
	return 0;
}

/* The word behind the name is "-", or there is none. */
static int do_oidc(const struct task *task)
{
	char token[SIGNIN_TOKEN_SIZE], url[300];
	struct staff person;
	enum err err;

	if (task->telephone && strcmp(task->telephone, "-") != 0) {
		fputs("onthaal: staff oidc NAME gives a link, staff oidc NAME - takes the account away\n",
			stderr);
		return 2;
	}
	if (find(task, &person))
		return 1;
	if (task->telephone)
		return disconnect(task, &person);
	if (!task->config->oidc.issuer || person.disabled || !*person.password) {
		fprintf(stderr, task->config->oidc.issuer
				? "onthaal: %s has no password and code yet, or is disabled: first staff reset\n"
				: "onthaal: for %s's account the section oidc of onthaal.yaml is needed first\n",
			person.name);
		return 1;
	}
	err = signin_connect(task->db, person.id, token);
	if (!err)
		err = audit_add(task->db, person.id, "signon.link", "{}");
	if (err)
		return command_failed("the link cannot be stored", err);
	command_link(task->config, command_port(task->config), url, sizeof url);
	printf("%s connects an account of %s by this one-time link, good for %d hours, with a code of the "
	       "authenticator:\n  %s/console/#oidc=%s\n",
		person.name, task->config->oidc.label, SIGNIN_INVITE_HOURS, url, token);
	return 0;
}

static int do_list(const struct task *task)
{
	enum err err;
	printf("%-24s %-24s %-14s %s\n", "NAME", "DISPLAY", "ROLE", "STATE");
	err = staff_each(task->db, print_person, (void *)task);
	return err ? command_failed("cannot be read", err) : 0;
}

static int run(const struct task *task, const char *what)
{
	static const struct {
		const char *word;
		bool named;
		int (*act)(const struct task *task);
	} acts[] = { { "add", true, do_add }, { "list", false, do_list },
		{ "reset", true, do_reset }, { "role", true, do_role }, { "disable", true, do_disable } };

	if (what && !strcmp(what, "telephone") && task->name && task->telephone)
		return do_telephone(task);
	if (what && !strcmp(what, "oidc") && task->name)
		return do_oidc(task);

	for (size_t i = 0; what && i < sizeof acts / sizeof *acts; i++)
		if (!strcmp(what, acts[i].word) && acts[i].named == (task->name != NULL)
			&& !task->telephone)
			return acts[i].act(task);
	fputs("onthaal staff add|reset|disable NAME, staff role NAME --role ROLE, staff telephone NAME "
	      "NUMBER, staff oidc NAME [-], or staff list\n", stderr);
	return 2;
}

static int on_staff(const struct command_work *work)
{
	struct task task = { .config = work->config,
		.options = &work->options,
		.db = work->db,
		.name = work->first,
		.telephone = work->second };
	return run(&task, work->what);
}

int command_staff(int argc, char **argv)
{
	return command_with_staff(argc, argv, 2, on_staff);
}
