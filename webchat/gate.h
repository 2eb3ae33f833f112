/* Who may begin a conversation at once, and who has to work for it, when too many want to. Nobody is
 * named: a crowd is a number that lines from one network share for some minutes (server_line_crowd); 0,
 * the machine itself, is never asked to work.
 *
 * A visitor begins at once while their crowd and all together begin few. Beyond, and while many wait,
 * the page is given a piece of work: a text of which, with a number after it, the SHA-256 begins with
 * so many zero bits. It is bound to the id of the start, so it serves once; the bits are capped, so
 * that an old phone needs seconds. Conversations that began are never asked. */
#ifndef WEBCHAT_GATE_H
#define WEBCHAT_GATE_H

#include <stdbool.h>
#include <stdint.h>

enum { GATE_CROWD_STARTS = 20, /* at once from one crowd, and then */
	GATE_CROWD_SECONDS = 5, /* one more each 5 s */
	GATE_ALL_STARTS = 120, /* at once from all together, and then */
	GATE_ALL_SECOND = 4, /* so many more each second */
	GATE_BITS = 14, /* 16,384 hashes on average */
	GATE_BITS_MOST = 17,
	GATE_WORK_SECONDS = 600, /* a piece of work is good for so long */
	GATE_WAIT_MOST = 180, /* s of waiting instead of work */
	GATE_TEXT = 64,
	GATE_NUMBER = 16 }; /* digits of the answer, at most */

struct gate;

struct gate *gate_create(void);
void gate_destroy(struct gate **gate);
/* true: it may begin. false: text_r and bits_r are its work. load: 0 (quiet) to 100 (full). work and
 * number: what the page answers, or NULL. */
bool gate_pass(struct gate *gate, uint64_t crowd, const char *start_id, int load,
	const char *work, const char *number, char text_r[GATE_TEXT], int *bits_r);

/* For a page that cannot work: a ticket, bound to the id of the start, that is good after some seconds,
 * and for GATE_WORK_SECONDS. Tickets are a line: each begins its share of time after the one before, in
 * its crowd and among all. false: ticket_r is a new one, or the old one again, and seconds_r what is
 * left to wait; 0: the line is too long, there is no ticket. */
bool gate_wait(struct gate *gate, uint64_t crowd, const char *start_id, int load,
	const char *ticket, char ticket_r[GATE_TEXT], int *seconds_r);

#endif
