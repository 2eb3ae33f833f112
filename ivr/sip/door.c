#include "ivr/sip/door.h"

#include <sys/socket.h>

struct guest {
	bool used;
	int fd;
	struct sa peer;
	uint64_t since; /* of its coming: a number that rises */
};

static struct guest guests[DOOR_STRANGERS];
static uint64_t count;

static bool peer_of(int fd, struct sa *peer_r)
{
	sa_init(peer_r, AF_UNSPEC);
	peer_r->len = sizeof peer_r->u;
	return getpeername(fd, &peer_r->u.sa, &peer_r->len) == 0;
}

/* libre does not tell when it closes one; its descriptor may be another's by now. */
static bool here(const struct guest *guest)
{
	struct sa peer;
	return guest->used && peer_of(guest->fd, &peer) && sa_cmp(&peer, &guest->peer, SA_ALL);
}

void door_enter(int fd)
{
	struct guest *place = &guests[0];
	struct sa peer;

	if (!peer_of(fd, &peer))
		return;
	for (size_t i = 0; i < DOOR_STRANGERS; i++) {
		if (!here(&guests[i])) {
			place = &guests[i];
			place->used = false;
			break;
		}
		if (guests[i].since < place->since)
			place = &guests[i];
	}
	if (place->used)
		(void)shutdown(place->fd, SHUT_RDWR);
	*place = (struct guest) { .used = true, .fd = fd, .peer = peer, .since = ++count };
}

void door_known(const struct sip_msg *msg)
{
	struct tcp_conn *conn = sip_msg_tcpconn(msg);
	int fd = conn ? tcp_conn_fd(conn) : -1;

	for (size_t i = 0; conn && i < DOOR_STRANGERS; i++)
		if (guests[i].used && guests[i].fd == fd)
			guests[i].used = false;
}
