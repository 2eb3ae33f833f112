/* The commands of the program, one file each. argv[0] is the command's name. Each gives the exit
 * status: 0 done, 1 failed (said on stderr), 2 called wrongly. */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include "config/config.h"
#include "store/staff.h"

#include <stddef.h>
#include <stdio.h>

int command_serve(int argc, char **argv);
int command_check(int argc, char **argv);
int command_staff(int argc, char **argv);
int command_status(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_restore(int argc, char **argv);
int command_languages(int argc, char **argv);
int command_rules(int argc, char **argv);
int command_recovery(int argc, char **argv);
int command_forget(int argc, char **argv);
int command_audit(int argc, char **argv);
int command_proof(int argc, char **argv);
int command_ivr(int argc, char **argv);
int command_prompts(int argc, char **argv);
int command_outbox(int argc, char **argv);

extern const char command_help[];

/* Options that every command knows: --config FILE, --data DIR, --port N. */
struct command_options {
	const char *config; /* --config, else DIR/onthaal.yaml, else /etc/onthaal/onthaal.yaml */
	const char *data;
	int port; /* -1: as configured */
	bool demo, first_link; /* serve */
	const char *display, *role; /* staff add */
	bool open; /* forget */
};

/* false: called wrongly (said). What is left of argv after the options stands from *first_r. */
bool command_options(int argc, char **argv, struct command_options *options_r, int *first_r);
/* false: something is left, and said. */
bool command_no_more(int argc, char **argv, int first);
void command_config_path(const struct command_options *options, char *path_r, size_t size);
/* NULL: every error was said. */
struct config *command_config(const struct command_options *options);
void command_say_errors(struct config_errors *errors); /* on stderr; and empties it */
struct command_work { /* of a command like "staff add NAME" */
	struct command_options options;
	struct config *config;
	struct staff_db *db;
	const char *what; /* "add"; NULL: none, or more words than most */
	const char *first, *second; /* the words after it, or NULL */
};
/* Opens the data folder's staff for it and closes it; most: how many words may follow `what`, 0 to 2. */
int command_with_staff(
	int argc, char **argv, int most, int (*run)(const struct command_work *work));
int command_failed(const char *what, enum err err); /* said on stderr; gives 1 */
/* "https://chat.example.org": where people reach it. */
void command_url(const struct config *config, int port, char *url_r, size_t size);
/* The same for a one-time link, which a browser opens: "http://localhost:8080" where that is us. And what
 * is to be said beside it where other machines' browsers do not come by it, or have no passkeys there. */
void command_link(const struct config *config, int port, char *url_r, size_t size);
void command_link_note(const struct command_options *options, const struct config *config,
	const char *url, FILE *to);
/* The certificates that the configuration names, and their keys. */
must_check enum err command_check_files(
	const struct config *config, struct config_errors *errors);
/* The port that a running daemon has, noted in the folder's lock; else the configured one. */
void command_note_port(const struct config *config, int port);
int command_port(const struct config *config);

#endif
