/* onthaal recovery: the key of last resort, on paper. */
#include "base/mem.h"
#include "command/command.h"
#include "desk/contact.h"
#include "store/archive.h"
#include "store/shares.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct task {
	const struct config *config;
	struct staff_db *db;
	const char *contact;
	uint8_t private[HPKE_KEY_SIZE];
	struct sealing_key key, coordinators; /* recovery's, the coordinators' */
	uint32_t resealed, failed;
};

static void print_time(int64_t time, const char *format)
{
	time_t seconds = (time_t)(time / 1000);
	char text[32];

	strftime(text, sizeof text, format, localtime(&seconds));
	fputs(text, stdout);
}

static const char made_format[] = "%Y-%m-%d %H:%M"; /* two of one day are told apart */

/* For 80 columns, and for copying by hand: lines of four groups. */
static void print_share(const struct task *task, const struct share *share)
{
	enum { GROUPS = 4 * 5, LINES = 4 };
	char text[SHARES_TEXT];
	int begin;

	shares_write(share, text);
	begin = (int)(strchr(strchr(text, '-') + 1, '-') + 1 - text);
	printf("  ------------------------------------------------------------------------\n"
	       "  %s\n  Onthaal, recovery key of ", task->config->centre.name);
	print_time(task->key.created, made_format);
	printf(", share %d of %d\n\n", share->number, SHARES_COUNT);
	for (int i = 0; i < LINES; i++)
		printf("      %*.*s%.*s\n", begin, i ? 0 : begin, text,
			i + 1 < LINES ? GROUPS : GROUPS - 1, text + begin + i * GROUPS);
	printf("\n  Kept by: ______________________________\n"
	       "  Any two of the three open what was closed since that day. One opens nothing.\n"
	       "  Lost, or seen by somebody? Say so at once: new ones are made.\n\n");
	sodium_memzero(text, sizeof text);
}

/* 0: it stays until it is forgotten by hand. */
static int64_t gone_at(int64_t last, uint32_t days)
{
	return last && days ? last + days * INT64_C(86400000) : 0;
}

struct older {
	const struct task *task;
	bool any;
	enum err err;
};

static void print_older(void *arg, const struct sealing_key *key)
{
	struct older *older = arg;
	const struct config *config = older->task->config;
	struct keys_opens opens;
	int64_t chat, call;

	if (key->kind != KEY_RECOVERY || !key->retired || older->err)
		return;
	older->err = keys_opens(older->task->db, key->id, &opens);
	if (older->err)
		return;
	if (!older->any)
		puts("The new shares do not open what was closed before, and cannot be made to.\n"
		     "What becomes of the older ones:\n\n"
		     "  made               open");
	older->any = true;
	chat = gone_at(opens.last_chat, config->retention.chat_days);
	call = gone_at(opens.last_call, config->retention.telephone_days);
	fputs("  ", stdout);
	print_time(key->created, made_format);
	if (!opens.chats && !opens.calls) {
		puts("   nothing any more   burn them now");
		return;
	}
	printf("   %-5u %-9s ", opens.chats + opens.calls,
		opens.chats + opens.calls == 1 ? "contact" : "contacts");
	if ((opens.chats && !chat) || (opens.calls && !call)) {
		puts("keep them for good: retention is 0");
	} else {
		fputs("keep them until ", stdout);
		print_time(chat > call ? chat : call, "%Y-%m-%d");
		puts(", then burn them");
	}
}

static int do_create(struct task *task)
{
	struct share shares[SHARES_COUNT];
	struct older older = { .task = task };
	enum err err;

	task->key.kind = KEY_RECOVERY;
	hpke_pair(task->private, task->key.public);
	err = keys_put(task->db, &task->key);
	if (!err)
		err = audit_add(task->db, 0, "recovery.created", "{}");
	if (err)
		return command_failed("the key cannot be stored", err);
	shares_split(task->private, shares);
	puts("The recovery key is made. Two of its three shares open every conversation that\n"
	     "is closed from now on, when nobody else can. It exists nowhere but here, and is\n"
	     "shown once. Write each share on a paper of its own, with the lines around it,\n"
	     "and give the papers to three people outside the counsellors' team.\n");
	for (int i = 0; i < SHARES_COUNT; i++)
		print_share(task, &shares[i]);
	sodium_memzero(shares, sizeof shares);
	puts("Try two of the papers now, then clear this screen:\n  onthaal recovery combine\n");
	err = keys_each(task->db, print_older, &older);
	if (err || older.err)
		return command_failed("what older shares open cannot be read", err ? err : older.err);
	return 0;
}

static const char *why_unread(const char *text, enum err err)
{
	if (err == ERR_CORRUPT)
		return "there is a slip in this share: compare it letter by letter";
	return *text && shares_begins(text)
		? "this share is not whole: it has 16 groups of four"
		: "this is not a share: it is written ONTHAAL-1-… in 16 groups of four";
}

/* In one line or several; an empty one ends it. */
static bool read_share(int which, struct share *share_r)
{
	char text[512] = "", line[256];
	enum err err = ERR_INVALID;

	fprintf(stderr, "share %d: ", which);
	while (fgets(line, sizeof line, stdin) && (line[strspn(line, " \t\r\n")] || !*text)
		&& strlen(text) + strlen(line) < sizeof text) {
		strcat(text, line);
		err = shares_read(text, share_r);
		if (err != ERR_INVALID || !shares_begins(text))
			break;
	}
	sodium_memzero(line, sizeof line);
	if (!*text)
		fputs("onthaal: two shares are needed, each on a line of its own\n", stderr);
	else if (err)
		fprintf(stderr, "onthaal: %s\n", why_unread(text, err));
	sodium_memzero(text, sizeof text);
	return !err;
}

struct search {
	uint8_t public[HPKE_KEY_SIZE];
	struct sealing_key found;
};

static void match(void *arg, const struct sealing_key *key)
{
	struct search *search = arg;
	if (key->kind == KEY_RECOVERY && !memcmp(key->public, search->public, HPKE_KEY_SIZE))
		search->found = *key;
}

static bool combine(struct task *task)
{
	struct share one, two;
	struct search search = { .found = { 0 } };
	bool good = read_share(1, &one) && read_share(2, &two);

	if (good && shares_combine(&one, &two, task->private)) {
		fputs("onthaal: these shares do not belong together, or are the same one\n", stderr);
		good = false;
	}
	if (good
		&& (hpke_public(task->private, search.public)
			|| keys_each(task->db, match, &search) || !search.found.id)) {
		fputs("onthaal: they fit each other, but this data folder has no such recovery key\n",
			stderr);
		good = false;
	}
	task->key = search.found;
	sodium_memzero(&one, sizeof one);
	sodium_memzero(&two, sizeof two);
	return good;
}

static int do_combine(struct task *task)
{
	char when[32];
	time_t made;

	if (!combine(task))
		return 1;
	made = (time_t)(task->key.created / 1000);
	strftime(when, sizeof when, "%Y-%m-%d", localtime(&made));
	printf("The shares fit: the recovery key of %s%s.\n", when,
		task->key.retired ? ", which a newer one has replaced" : "");
	return 0;
}

struct opening {
	struct task *task;
	uint64_t contact;
	uint8_t key[SEAL_KEY_SIZE];
	bool open, failed;
};

static void try_seal(void *arg, const struct archive_seal *seal)
{
	struct opening *opening = arg;
	if (!opening->open && seal->key == opening->task->key.id)
		opening->open = !keys_open(
			opening->task->private, opening->contact, seal->sealed, opening->key);
}

static bool print_event(void *arg, const struct archive_event *event)
{
	static const char *const who[] = { "-", "visitor", "counsellor" };
	struct opening *opening = arg;
	bool text = event->kind == EVENT_MESSAGE || event->kind == EVENT_NOTE;
	char *plain;

	if (!text || !event->body)
		return true;
	plain = mem_alloc(event->body_length);
	if (archive_open(opening->key, opening->contact, event, false, (uint8_t *)plain))
		opening->failed = true;
	else
		printf("%s%s: %s\n", who[event->author], event->kind == EVENT_NOTE ? " (note)" : "",
			plain);
	sodium_memzero(plain, event->body_length);
	free(plain);
	return true;
}

static int do_read(struct task *task)
{
	struct opening opening = { .task = task };
	char detail[64];
	enum err err;

	if (contact_public_parse(task->contact, &opening.contact)) {
		fputs("onthaal: a contact is named by its 16 digits and letters a-f\n", stderr);
		return 2;
	}
	if (!combine(task))
		return 1;
	err = archive_seals(task->db, opening.contact, try_seal, &opening);
	if (!err && !opening.open) {
		fputs("onthaal: there is no such closed contact, or it was sealed to another "
		      "recovery key\n",
			stderr);
		return 1;
	}
	snprintf(detail, sizeof detail, "{\"contact\":\"%s\"}", task->contact);
	if (!err) /* before a word of it is shown */
		err = audit_add(task->db, 0, "recovery.opened", detail);
	if (!err)
		err = archive_events(task->db, opening.contact, 0, print_event, &opening);
	sodium_memzero(opening.key, sizeof opening.key);
	return err || opening.failed ? command_failed("it cannot be read whole", err ? err : ERR_CORRUPT) : 0;
}

struct ids {
	uint64_t *ids;
	size_t count;
};

static void gather(void *arg, const struct archive_contact *contact)
{
	struct ids *ids = arg;
	ids->ids = mem_grow(ids->ids, ids->count + 1, sizeof *ids->ids);
	ids->ids[ids->count++] = contact->id;
}

static void reseal_one(struct task *task, uint64_t contact)
{
	struct opening opening = { .task = task, .contact = contact };
	uint8_t sealed[KEYS_SEALED_SIZE];
	enum err err = archive_seals(task->db, contact, try_seal, &opening);

	if (!err && !opening.open)
		err = ERR_NOT_FOUND;
	if (!err)
		err = keys_seal(task->coordinators.public, contact, opening.key, sealed);
	if (!err)
		err = archive_reseal(task->db, contact, task->coordinators.id, sealed);
	task->resealed += !err;
	task->failed += err != OK;
	sodium_memzero(opening.key, sizeof opening.key);
}

/* When every coordinator's password is lost: what is closed is sealed to their new key. */
static int do_reseal(struct task *task)
{
	struct ids ids = { 0 };
	char detail[64];
	enum err err;

	if (!combine(task))
		return 1;
	if (keys_current(task->db, KEY_COORDINATORS, 0, &task->coordinators)) {
		fputs("onthaal: there is no coordinators' key yet: let a coordinator sign in first\n",
			stderr);
		return 1;
	}
	err = archive_all(task->db, gather, &ids);
	for (size_t i = 0; i < ids.count && !err; i++)
		reseal_one(task, ids.ids[i]);
	free(ids.ids);
	snprintf(detail, sizeof detail, "{\"contacts\":%u}", task->resealed);
	if (!err)
		err = audit_add(task->db, 0, "recovery.resealed", detail);
	if (err)
		return command_failed("not everything could be sealed anew", err);
	printf("%u contacts are sealed to the coordinators' key; %u were not sealed to these shares.\n",
		task->resealed, task->failed);
	return 0;
}

static int run(struct task *task, const char *what)
{
	static const struct {
		const char *word;
		bool named;
		int (*act)(struct task *task);
	} acts[] = { { "create", false, do_create }, { "combine", false, do_combine },
		{ "read", true, do_read }, { "reseal", false, do_reseal } };

	for (size_t i = 0; what && i < sizeof acts / sizeof *acts; i++)
		if (!strcmp(what, acts[i].word) && acts[i].named == (task->contact != NULL))
			return acts[i].act(task);
	fputs("onthaal recovery create|combine|reseal, or onthaal recovery read CONTACT\n", stderr);
	return 2;
}

static int on_staff(const struct command_work *work)
{
	struct task task = { .config = work->config, .contact = work->first, .db = work->db };
	int status = run(&task, work->what);
	sodium_memzero(&task, sizeof task);
	return status;
}

int command_recovery(int argc, char **argv)
{
	return command_with_staff(argc, argv, 1, on_staff);
}
