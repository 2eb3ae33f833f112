/* The two pages, their scripts and styles, as built into the program; filled in for each language.
 *   /  /?lang=fr      the visitor's page          /console/   the counsellor's
 *   /console/signed-out  leads there, and the browser forgets what it has of us
 *   /texts/fr.json    /console/texts/fr.json      texts alone, to change the language
 *   /cards/fr.json    what is read while one waits
 *   /assets/HASH/NAME scripts and styles, kept by browsers for ever */
#ifndef PAGES_PAGES_H
#define PAGES_PAGES_H

#include "config/languages.h"
#include "server/server.h"

struct pages;

/* The configuration and the languages' set are borrowed, until others are given. demo: pages show that this is practice. */
struct pages *pages_create(const struct config *config, const struct languages *set, bool demo);
void pages_destroy(struct pages **pages);
void pages_configure(struct pages *pages, const struct config *config, const struct languages *set);

/* Which texts of a section ("visitor", "console") the page uses: see languages_unused. */
const char *pages_keys(const char *section);

/* The path at which browsers get a file of the pages ("visitor/plain.css"). */
enum { PAGES_PATH = 96 };
void pages_path(const struct pages *pages, const char *name, char path_r[PAGES_PATH]);

/* At most most; gives how many. */
size_t pages_routes(struct pages *pages, struct server_route *routes_r, size_t most);

#endif
