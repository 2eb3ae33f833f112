#include "server/server.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/private.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RX_BYTES = 512, TX_BYTES = 16 * 1024 };
#define GATHER_SECONDS 0.003

#define HEADER(next, header, text)                                                                 \
	{                                                                                          \
		next, NULL, header, text                                                           \
	}
static const struct lws_protocol_vhost_options header_permissions = HEADER(NULL,
	"permissions-policy:",
	"camera=(), microphone=(), geolocation=(), browsing-topics=(), interest-cohort=()");
static const struct lws_protocol_vhost_options header_corp
	= HEADER(&header_permissions, "cross-origin-resource-policy:", "same-origin");
static const struct lws_protocol_vhost_options header_coop
	= HEADER(&header_corp, "cross-origin-opener-policy:", "same-origin");
static struct lws_protocol_vhost_options header_frame
	= HEADER(&header_coop, "x-frame-options:", "DENY");
static const struct lws_protocol_vhost_options header_sniff
	= HEADER(&header_frame, "x-content-type-options:", "nosniff");
static const struct lws_protocol_vhost_options header_referrer
	= HEADER(&header_sniff, "referrer-policy:", "no-referrer");

#define NO_SCRIPT                                                                                  \
	"default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "           \
	"base-uri 'none'; form-action 'self'; frame-ancestors "
#define PAGE                                                                                       \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "          \
	"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
static const char *const policies[SERVER_POLICIES] = { [SERVER_PAGE] = PAGE,
	[SERVER_CONSOLE] = PAGE "; media-src blob:",
	[SERVER_NO_SCRIPT] = NO_SCRIPT "'none'",
	[SERVER_FRAMED] = NO_SCRIPT "'self'" };
/* libwebsockets writes them all by itself into each answer, its own errors included. */
static struct lws_protocol_vhost_options server_headers
	= HEADER(&header_referrer, "content-security-policy:", NULL);
/* Only where TLS is ours: behind a proxy it says so itself. */
static const struct lws_protocol_vhost_options server_headers_tls
	= HEADER(&server_headers, "strict-transport-security:", "max-age=63072000");

void server_say_policy(enum server_policy policy)
{
	server_headers.value = policies[policy];
	header_frame.value = policy == SERVER_FRAMED ? "SAMEORIGIN" : "DENY";
}

struct server *server_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

enum server_listener server_listener_of(const struct server *server, struct lws *wsi)
{
	return lws_get_vhost(wsi) == server->vhosts[SERVER_METRICS] ? SERVER_METRICS
								     : SERVER_PUBLIC;
}

static void on_wake(struct ev_loop *loop, ev_async *watcher, int events)
{
	struct server *server = watcher->data;
	(void)loop;
	(void)events;
	server->hooks.on_wake(server->hooks.arg);
}

/* While more comes in, what goes out gathers for a moment. */
static void on_before(struct ev_loop *loop, ev_prepare *watcher, int events)
{
	struct server *server = watcher->data;

	(void)events;
	if (server->due && ev_now(loop) - server->due_since >= GATHER_SECONDS)
		line_write_due(server);
	if (server->due)
		ev_idle_start(loop, &server->idle);
}

static void on_idle(struct ev_loop *loop, ev_idle *watcher, int events)
{
	(void)events;
	ev_idle_stop(loop, watcher);
	line_write_due(watcher->data);
}

static void on_second(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct server *server = watcher->data;
	(void)loop;
	(void)events;
	if (server->hooks.on_second)
		server->hooks.on_second(server->hooks.arg);
}

static void on_signal(struct ev_loop *loop, ev_signal *watcher, int events)
{
	struct server *server = watcher->data;
	(void)loop;
	(void)events;
	server->hooks.on_signal(server->hooks.arg, watcher->signum);
}

/* libwebsockets' timer on libev, once set, is not set earlier: without this a timeout that comes
 * after a later one waits for that, 30 s measured. */
static void on_tick(lws_sorted_usec_list_t *tick)
{
	struct server *server = lws_container_of(tick, struct server, tick);
	lws_sul_schedule(server->context, 0, &server->tick, on_tick, LWS_US_PER_SEC);
}

static void start_watchers(struct server *server)
{
	static const int numbers[3] = { SIGTERM, SIGINT, SIGHUP };

	ev_async_init(&server->wake, on_wake);
	server->wake.data = server;
	ev_async_start(server->loop, &server->wake);
	accept_begin(server);
	ev_prepare_init(&server->before, on_before);
	server->before.data = server;
	ev_prepare_start(server->loop, &server->before);
	ev_idle_init(&server->idle, on_idle);
	server->idle.data = server;
	ev_timer_init(&server->second, on_second, 1, 1);
	server->second.data = server;
	ev_timer_start(server->loop, &server->second);
	for (int i = 0; i < 3 && server->hooks.on_signal; i++) {
		ev_signal_init(&server->signals[i], on_signal, numbers[i]);
		server->signals[i].data = server;
		ev_signal_start(server->loop, &server->signals[i]);
	}
}

static void stop_watchers(struct server *server)
{
	accept_end(server);
	ev_async_stop(server->loop, &server->wake);
	ev_prepare_stop(server->loop, &server->before);
	ev_idle_stop(server->loop, &server->idle);
	ev_timer_stop(server->loop, &server->second);
	for (int i = 0; i < 3 && server->hooks.on_signal; i++)
		ev_signal_stop(server->loop, &server->signals[i]);
}

static void make_protocols(struct server *server)
{
	server->protocols[0] = (struct lws_protocols) { .name = "http",
		.callback = http_callback,
		.per_session_data_size = sizeof(struct exchange),
		.rx_buffer_size = RX_BYTES,
		.tx_packet_size = TX_BYTES };
	for (size_t i = 0; i < server->channel_count; i++)
		server->protocols[i + 1]
			= (struct lws_protocols) { .name = server->channels[i].subprotocol,
				  .callback = line_callback,
				  .per_session_data_size = sizeof(struct server_line),
				  .rx_buffer_size = RX_BYTES,
				  .tx_packet_size = TX_BYTES };
}

static const lws_retry_bo_t no_validity = { 0 }; /* the channels beat by themselves */

static struct lws_context_creation_info common(struct server *server)
{
	unsigned header_seconds
		= server->hooks.header_seconds ? server->hooks.header_seconds : SERVER_HEADER_SECONDS;

	return (struct lws_context_creation_info) { .options
		= LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_LIBEV
			| LWS_SERVER_OPTION_VALIDATE_UTF8
			| LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME,
		.protocols = server->protocols,
		.headers = &server_headers,
		.server_string = "onthaal",
		.timeout_secs = header_seconds,
		.timeout_secs_ah_idle = header_seconds,
		.keepalive_timeout = server->hooks.idle_seconds ? (int)server->hooks.idle_seconds
								: SERVER_IDLE_SECONDS,
		.retry_and_idle_policy = &no_validity,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.user = server };
}

static struct lws_vhost *listen_at(
	struct server *server, const char *name, const char *address, int port, bool tls)
{
	struct lws_context_creation_info info = common(server);

	info.vhost_name = name;
	info.iface = address;
	if (!strchr(address, ':')) /* else libwebsockets opens an IPv6 socket, on every address */
		info.options |= LWS_SERVER_OPTION_DISABLE_IPV6;
	info.port = port;
	if (tls) {
		info.headers = &server_headers_tls;
		info.alpn = "http/1.1";
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = server->config->server.certificate;
		info.ssl_private_key_filepath = server->config->server.key;
		info.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
		/* of TLS 1.2 what keeps its secrets when the key is known later */
		info.ssl_cipher_list = "ECDHE+AESGCM:ECDHE+CHACHA20";
	}
	return lws_create_vhost(server->context, &info);
}

static enum err listen_all(struct server *server, char *error, size_t error_size)
{
	const struct config *config = server->config;

	server->vhosts[SERVER_PUBLIC] = listen_at(server, "public", config->server.address,
		config->server.port, config->server.certificate != NULL);
	if (!server->vhosts[SERVER_PUBLIC]) {
		snprintf(error, error_size,
			"cannot listen on %s port %u: another program has it, or the certificate "
			"cannot be used: see server.address, server.port, server.certificate",
			config->server.address, config->server.port);
		return ERR_IO;
	}
	if (config->server.onion_port) {
		server->onion = listen_at(server, "onion", "127.0.0.1", config->server.onion_port, false);
		if (!server->onion) {
			snprintf(error, error_size,
				"cannot listen on 127.0.0.1 port %u: choose another server.onion_port, and "
				"tell it to Tor",
				config->server.onion_port);
			return ERR_IO;
		}
	}
	if (!config->server.metrics_port)
		return OK;
	server->vhosts[SERVER_METRICS] = listen_at(server, "metrics",
		config->server.metrics_address, config->server.metrics_port, false);
	if (server->vhosts[SERVER_METRICS])
		return OK;
	snprintf(error, error_size,
		"cannot listen on %s port %u: choose another server.metrics_port (0: none)",
		config->server.metrics_address, config->server.metrics_port);
	return ERR_IO;
}

static void quiet(int level, const char *line)
{
	(void)level;
	(void)line; /* may name peers */
}

enum err server_create(const struct config *config, const struct server_hooks *hooks,
	const struct server_route *routes, size_t route_count,
	const struct server_channel *channels, size_t channel_count, struct server **server_r,
	char *error, size_t error_size)
{
	struct lws_context_creation_info info;
	struct server *server;
	void *loops[1];
	enum err err;

	if (route_count > SERVER_ROUTES_MAX || channel_count > SERVER_CHANNELS_MAX)
		return ERR_INVALID;
	server = mem_alloc(sizeof *server);
	server->config = config;
	server->hooks = *hooks;
	server->network.minutes = CROWD_NETWORK_MINUTES;
	memcpy(server->routes, routes, route_count * sizeof *routes);
	memcpy(server->channels, channels, channel_count * sizeof *channels);
	server->route_count = route_count;
	server->channel_count = channel_count;
	make_protocols(server);
	server_say_policy(SERVER_PAGE);
	lws_set_log_level(0, quiet);
	server->loop = ev_loop_new(EVFLAG_AUTO);
	loops[0] = server->loop;
	info = common(server);
	info.foreign_loops = loops;
	server->context = lws_create_context(&info);
	if (!server->context) {
		snprintf(error, error_size,
			"the event loop cannot start: is libwebsockets-evlib-ev installed?");
		err = ERR_IO;
	} else {
		err = listen_all(server, error, error_size);
		on_tick(&server->tick);
	}
	start_watchers(server);
	if (err) {
		server_destroy(&server);
		return err;
	}
	*server_r = server;
	return OK;
}

void server_destroy(struct server **server)
{
	struct server *s = *server;

	if (!s)
		return;
	stop_watchers(s);
	link_fail_all(s);
	if (s->context) {
		lws_context_destroy(s->context);
		ev_run(s->loop, EVRUN_NOWAIT); /* its watchers let go of the loop */
	}
	ev_loop_destroy(s->loop);
	free(s);
	*server = NULL;
}

enum err server_configure(struct server *server, const struct config *config)
{
	const char *certificate = config->server.certificate;

	server->config = config;
	if (certificate
		&& lws_tls_cert_updated(
			server->context, certificate, config->server.key, NULL, 0, NULL, 0))
		return ERR_INVALID;
	return OK;
}

int server_port(const struct server *server, enum server_listener listener)
{
	return server->vhosts[listener] ? lws_get_vhost_listen_port(server->vhosts[listener]) : 0;
}

void server_run(struct server *server)
{
	ev_run(server->loop, 0);
}

void server_stop(struct server *server)
{
	ev_break(server->loop, EVBREAK_ALL);
}

void server_wake(struct server *server)
{
	ev_async_send(server->loop, &server->wake);
}
