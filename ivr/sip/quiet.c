/* Functions of libre that are replaced for the whole program: the linker lets libre find these.
 * Its timers run on the wall clock, so that a clock set back by an hour would freeze every call; it
 * prints what peers sent to stderr, which is our log; and it accepts every connection, so that a
 * stranger could take all of the program's descriptors (door.c; those of strangers that speak are cut
 * by stack.c); it answers STUN, and it follows redirections. */
#include "ivr/sip/door.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ACCEPTS_PER_SECOND = 40 };

#define REPLACES __attribute__((visibility("default")))

int re_fprintf(FILE *stream, const char *fmt, ...); /* NOLINT(readability-redundant-declaration) */
int re_printf(const char *fmt, ...); /* NOLINT(readability-redundant-declaration) */

REPLACES uint64_t tmr_jiffies(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

REPLACES int re_fprintf(FILE *stream, const char *fmt, ...)
{
	(void)stream;
	(void)fmt;
	return 0;
}

REPLACES int re_printf(const char *fmt, ...)
{
	(void)fmt;
	return 0;
}

REPLACES void dbg_printf(int level, const char *fmt, ...);
REPLACES void dbg_printf(int level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
}

/* Its SIP port would answer STUN binding requests of anybody, forged sources included. */
REPLACES int stun_msg_decode(struct stun_msg **msg, struct mbuf *mb, struct stun_unknown_attr *unknown)
{
	(void)msg;
	(void)mb;
	(void)unknown;
	return EBADMSG;
}

static void *libres(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);
	if (!found)
		abort();
	return found;
}

/* It would follow a redirection: a call of somebody in need goes where we were told, nowhere else. */
REPLACES int sip_dialog_update(struct sip_dialog *dialog, const struct sip_msg *msg)
{
	static int (*libre)(struct sip_dialog *dialog, const struct sip_msg *msg);
	void *found;

	if (!msg->req && msg->scode >= 300)
		return EACCES;
	if (!libre) {
		found = libres("sip_dialog_update");
		memcpy(&libre, &found, sizeof libre);
	}
	return libre(dialog, msg);
}

typedef int accept_fn(struct tcp_conn **conn, struct tcp_sock *sock, tcp_estab_h *on_estab,
	tcp_recv_h *on_recv, tcp_close_h *on_close, void *arg);

/* On the SIP thread alone. */
REPLACES int tcp_accept(struct tcp_conn **conn, struct tcp_sock *sock, tcp_estab_h *on_estab,
	tcp_recv_h *on_recv, tcp_close_h *on_close, void *arg)
{
	static accept_fn *libre;
	static uint64_t second;
	static unsigned accepted;
	uint64_t now = tmr_jiffies() / 1000;
	int err;

	if (!libre) {
		void *found = libres("tcp_accept");
		memcpy(&libre, &found, sizeof libre);
	}
	accepted = now == second ? accepted + 1 : 1;
	second = now;
	if (accepted > ACCEPTS_PER_SECOND)
		return ECONNREFUSED;
	err = libre(conn, sock, on_estab, on_recv, on_close, arg);
	if (!err)
		door_enter(tcp_conn_fd(*conn));
	return err;
}
