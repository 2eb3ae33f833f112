/* Links: websockets that we open. */
#include "base/log.h"
#include "base/mem.h"
#include "server/private.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_MAX = 255,
	PATH_MAX_BYTES = 500,
	LOOK_TENTHS = 100, /* for a name */
	ADDRESSES_MAX = 4 /* of a name, tried one after the other */ };

struct addresses {
	unsigned count;
	char texts[ADDRESSES_MAX][INET6_ADDRSTRLEN];
};

struct lookup { /* the last of its two holders frees it */
	atomic_int holders;
	atomic_bool done;
	char host[HOST_MAX + 1];
	struct addresses found;
};

struct server_link {
	struct server *server;
	struct server_link *next;
	struct server_link_to to;
	char host[HOST_MAX + 1], path[PATH_MAX_BYTES + 1];
	char *credentials; /* the header's value, or NULL */
	int port;
	bool tls, up, failed, down; /* down: was told */
	struct lookup *lookup;
	unsigned looked, tried;
	struct addresses addresses;
	ev_timer timer; /* while a name is looked up, or a failure is to be told */
	struct lws *wsi;
	char *frame;
	size_t length;
};

static const lws_retry_bo_t beat = { .secs_since_valid_ping = SERVER_LINK_BEAT_SECONDS,
	.secs_since_valid_hangup = 2 * SERVER_LINK_BEAT_SECONDS };

static void let_go(struct lookup **lookup)
{
	if (*lookup && atomic_fetch_sub(&(*lookup)->holders, 1) == 1)
		free(*lookup);
	*lookup = NULL;
}

static void *look_up(void *arg)
{
	struct lookup *lookup = arg;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	struct addrinfo *found = NULL;
	struct addresses *to = &lookup->found;

	if (getaddrinfo(lookup->host, NULL, &hints, &found))
		found = NULL;
	for (const struct addrinfo *at = found; at && to->count < ADDRESSES_MAX; at = at->ai_next)
		if (!getnameinfo(at->ai_addr, at->ai_addrlen, to->texts[to->count],
			    sizeof to->texts[0], NULL, 0, NI_NUMERICHOST))
			to->count++;
	if (found)
		freeaddrinfo(found);
	lookup->done = true;
	let_go(&lookup);
	return NULL;
}

static bool begin_lookup(struct server_link *link)
{
	struct lookup *lookup = mem_alloc(sizeof *lookup);
	pthread_attr_t attributes;
	pthread_t thread;
	bool good;

	memcpy(lookup->host, link->host, sizeof lookup->host);
	lookup->holders = 2;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	good = !pthread_create(&thread, &attributes, look_up, lookup);
	pthread_attr_destroy(&attributes);
	if (!good)
		lookup->holders = 1;
	link->lookup = lookup;
	return good;
}

static void forget_frame(struct server_link *link)
{
	if (link->frame)
		explicit_bzero(link->frame, link->length);
	free(link->frame);
	link->frame = NULL;
	link->length = 0;
}

static void down(struct server_link *link)
{
	ev_timer_stop(link->server->loop, &link->timer);
	let_go(&link->lookup);
	forget_frame(link);
	if (link->down)
		return;
	link->down = true;
	link->to.on_down(link->to.arg);
}

static bool numeric(const char *host)
{
	unsigned char address[16];
	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

static int link_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
	size_t length);

static bool go_outward(struct server *server)
{
	static const struct lws_protocols protocols[]
		= { { .name = "link", .callback = link_callback, .rx_buffer_size = 4096 },
			  { .name = NULL } };
	struct lws_context_creation_info info = { .vhost_name = "outward",
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
		.ssl_client_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1,
		.timeout_secs = SERVER_HEADER_SECONDS,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1 };

	if (!server->outward)
		server->outward = lws_create_vhost(server->context, &info);
	return server->outward;
}

static void try_next(struct server_link *link)
{
	const char *address = link->addresses.texts[link->tried++];
	char host[HOST_MAX + 10];
	struct lws_client_connect_info info = { .context = link->server->context,
		.vhost = link->server->outward,
		.address = address,
		.port = link->port,
		.path = link->path,
		.host = host,
		.protocol = link->to.subprotocol,
		.local_protocol_name = "link",
		.ssl_connection = link->tls ? LCCSCF_USE_SSL : 0,
		.alpn = "http/1.1",
		.ietf_version_or_minus_one = -1,
		.retry_and_idle_policy = &beat,
		.userdata = link,
		.pwsi = &link->wsi };

	link->failed = false;
	snprintf(host, sizeof host, strchr(link->host, ':') ? "[%s]:%d" : "%s:%d", link->host,
		link->port);
	if (!lws_client_connect_via_info(&info) || link->failed) {
		link->wsi = NULL;
		link->failed = true;
		ev_timer_start(link->server->loop, &link->timer);
	}
}

static void looked_up(struct server_link *link)
{
	link->addresses = link->lookup->found;
	let_go(&link->lookup);
	link->failed = true; /* with none, it stays so */
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct server_link *link = timer->data;

	(void)events;
	if (link->lookup && link->lookup->done)
		looked_up(link);
	else if (link->lookup && ++link->looked <= LOOK_TENTHS)
		return;
	if (link->lookup || !link->failed || link->tried >= link->addresses.count) {
		down(link);
		return;
	}
	ev_timer_stop(loop, timer);
	try_next(link);
}

/* "wss://host:port/path?query" */
static bool take_url(struct server_link *link, const char *url)
{
	size_t length;
	bool bracket;

	link->tls = !strncmp(url, "wss://", 6);
	if (!link->tls && strncmp(url, "ws://", 5) != 0)
		return false;
	url += link->tls ? 6 : 5;
	link->port = link->tls ? 443 : 80;
	bracket = *url == '[';
	length = bracket ? strcspn(++url, "]/") : strcspn(url, ":/?");
	if (!length || length > HOST_MAX)
		return false;
	memcpy(link->host, url, length);
	url += length;
	if (bracket && *url++ != ']')
		return false;
	if (*url == ':')
		link->port = (int)strtol(url + 1, (char **)&url, 10);
	if (link->port < 1 || link->port > 65535 || (*url && *url != '/'))
		return false;
	return snprintf(link->path, sizeof link->path, "%s", *url ? url : "/") < (int)sizeof link->path;
}

static void take_credentials(struct server_link *link, const char *user, const char *password)
{
	size_t length = strlen(user) + strlen(password) + 2, size;
	char *plain = mem_alloc(length);
	static const char scheme[] = "Basic ";

	snprintf(plain, length, "%s:%s", user, password);
	size = sodium_base64_ENCODED_LEN(length - 1, sodium_base64_VARIANT_ORIGINAL);
	link->credentials = mem_alloc(sizeof scheme + size);
	strcpy(link->credentials, scheme);
	sodium_bin2base64(link->credentials + strlen(scheme), size, (unsigned char *)plain,
		length - 1, sodium_base64_VARIANT_ORIGINAL);
	explicit_bzero(plain, length);
	free(plain);
}

static void release(struct server_link *link)
{
	if (link->credentials)
		explicit_bzero(link->credentials, strlen(link->credentials));
	free(link->credentials);
	free(link);
}

enum err server_link_open(
	struct server *server, const struct server_link_to *to, struct server_link **link_r)
{
	struct server_link *link = mem_alloc(sizeof *link);

	link->server = server;
	link->to = *to;
	if (!take_url(link, to->url)) {
		free(link);
		return ERR_INVALID;
	}
	if (to->user)
		take_credentials(link, to->user, to->password ? to->password : "");
	ev_timer_init(&link->timer, on_timer, 0.1, 0.1);
	link->timer.data = link;
	link->next = server->links;
	server->links = link;
	*link_r = link;
	link->failed = !go_outward(server);
	if (!link->failed && numeric(link->host)) {
		link->addresses.count = 1;
		memcpy(link->addresses.texts[0], link->host, INET6_ADDRSTRLEN - 1);
		try_next(link);
	} else {
		link->failed = link->failed || !begin_lookup(link);
		ev_timer_start(server->loop, &link->timer);
	}
	return OK;
}

void server_link_close(struct server_link **link)
{
	struct server_link *l = *link, **at;

	if (!l)
		return;
	*link = NULL;
	if (!l->down)
		ev_timer_stop(l->server->loop, &l->timer);
	let_go(&l->lookup);
	forget_frame(l);
	if (l->wsi) {
		lws_set_wsi_user(l->wsi, NULL);
		lws_set_timeout(l->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	}
	if (l->server) {
		for (at = &l->server->links; *at && *at != l; at = &(*at)->next)
			;
		if (*at)
			*at = l->next;
	}
	release(l);
}

/* The server ends: their owners close them, and are told nothing. */
void link_fail_all(struct server *server)
{
	struct server_link *link;

	while ((link = server->links)) {
		server->links = link->next;
		if (link->wsi)
			lws_set_wsi_user(link->wsi, NULL);
		link->wsi = NULL;
		ev_timer_stop(server->loop, &link->timer);
		link->server = NULL;
		let_go(&link->lookup);
		forget_frame(link);
		link->down = true;
	}
}

static int sign_in(struct server_link *link, struct lws *wsi, unsigned char **at, size_t length)
{
	if (!link->credentials)
		return 0;
	return lws_add_http_header_by_name(wsi, (const unsigned char *)"authorization:",
		(const unsigned char *)link->credentials, (int)strlen(link->credentials), at,
		*at + length);
}

static int take_in(struct server_link *link, struct lws *wsi, const char *in, size_t length)
{
	bool last = lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi);
	char *whole;
	size_t size;

	if (lws_frame_is_binary(wsi))
		return 0;
	if (link->length + length > SERVER_LINK_FRAME_MAX) {
		log_warn("a link is cut", "why=\"a message of more than %d bytes\"",
			SERVER_LINK_FRAME_MAX);
		return -1;
	}
	whole = link->frame = mem_grow(link->frame, link->length + length + 1, 1);
	memcpy(whole + link->length, in, length);
	link->length += length;
	if (!last)
		return 0;
	size = link->length;
	link->frame = NULL;
	link->length = 0;
	link->to.on_text(link->to.arg, whole, size); /* the link may be closed now */
	explicit_bzero(whole, size);
	free(whole);
	return 0;
}

static int link_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
	size_t length)
{
	struct server_link *link = user;
	int result;

	if (reason == LWS_CALLBACK_CLIENT_RECEIVE) {
		result = link ? take_in(link, wsi, in, length) : -1;
		explicit_bzero(in, length);
		return result;
	}
	if (!link)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return sign_in(link, wsi, in, length);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		link->up = true;
		link->to.on_up(link->to.arg);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		link->wsi = NULL; /* perhaps still in the call that connects: told later */
		link->failed = true;
		ev_timer_start(link->server->loop, &link->timer);
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		link->wsi = NULL;
		down(link);
		return 0;
	default:
		return 0;
	}
}
