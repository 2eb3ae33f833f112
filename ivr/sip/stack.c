/* libre's stacks, and the first look at every request. */
#include "base/log.h"
#include "base/mem.h"
#include "ivr/sip/door.h"
#include "ivr/sip/exchange.h"
#include "ivr/sip/line.h"
#include "ivr/sip/registrar.h"
#include "ivr/sip/trunk.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRANSACTIONS = 1024, CONNECTIONS = 256, SESSIONS = 1024, PORT_TRIES = 50 };

void stack_local(const struct exchange *exchange, const struct sa *peer, struct sa *local_r)
{
	static const char *const inside[] = { "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12",
		"192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10" };
	const char *text = exchange->settings.address;
	struct guard_net net;
	bool near = false;

	for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
		near = near || (!guard_net_parse(inside[i], &net) && guard_net_has(&net, 1, peer));
	if (exchange->settings.public_address && !near)
		text = exchange->settings.public_address;
	(void)sa_set_str(local_r, text, 0);
}

bool stack_trusts(const struct stack *stack, const struct sip_msg *msg)
{
	const struct exchange *exchange = stack->exchange;

	if (stack->trunk)
		return trunk_owns(stack->trunk, &msg->src);
	for (size_t i = 0; i < exchange->settings.trunk_count; i++)
		if (trunk_owns(exchange->trunks[i], &msg->src))
			return true;
	return guard_net_has(exchange->access->nets, exchange->access->net_count, &msg->src);
}

static void refuse(struct stack *stack, const struct sip_msg *msg, int status, const char *reason)
{
	stack->exchange->tally->refused++;
	if (status == 405)
		(void)sip_replyf(stack->sip, msg, 405, reason,
			GUARD_ALLOW "Content-Length: 0\r\n\r\n");
	else if (status == 420)
		(void)sip_replyf(stack->sip, msg, 420, reason,
			"Unsupported: %H\r\nContent-Length: 0\r\n\r\n", guard_print_required,
			(void *)msg);
	else
		(void)sip_reply(stack->sip, msg, (uint16_t)status, reason);
}

static bool is(const struct sip_msg *msg, const char *method)
{
	return pl_strcmp(&msg->met, method) == 0;
}

/* Whether a stranger showed who it is; asks when it did not, and there is somebody it could be. */
static bool known_caller(struct stack *stack, const struct sip_msg *msg)
{
	struct exchange *exchange = stack->exchange;
	const struct digest_user *user;
	enum digest_result result;

	if (!exchange->access->caller_count || stack->trunk) {
		exchange->tally->unanswered++;
		return false;
	}
	result = digest_check(exchange->digest, msg, exchange->access->callers,
		exchange->access->caller_count, exchange_now(), &user);
	if (result == DIGEST_GOOD) {
		door_known(msg);
		return true;
	}
	digest_ask(exchange->digest, stack->sip, msg, result == DIGEST_STALE, exchange_now());
	return false;
}

static void tell_options(struct stack *stack, const struct sip_msg *msg)
{
	if (stack->exchange->draining)
		(void)sip_reply(stack->sip, msg, 503, "Service Unavailable");
	else
		(void)sip_replyf(stack->sip, msg, 200, "OK",
			GUARD_ALLOW "Accept: application/sdp\r\nContent-Length: 0\r\n\r\n");
}

/* Not a word; and a connection is cut, so that strangers do not hold descriptors. */
static bool ignore(struct stack *stack, const struct sip_msg *msg)
{
	struct tcp_conn *conn = sip_msg_tcpconn(msg);

	if (conn)
		(void)shutdown(tcp_conn_fd(conn), SHUT_RDWR);
	stack->exchange->tally->unanswered++;
	return true;
}

/* By hash: libre looks closer. */
static bool of_a_call(const struct exchange *exchange, const struct sip_msg *msg)
{
	uint32_t call = hash_joaat_pl(&msg->callid);
	struct le *le;

	LIST_FOREACH(&exchange->legs, le)
	{
		const struct leg *leg = le->data;
		if (leg->call == call && !leg->over)
			return true;
	}
	return false;
}

/* true: it is done with. */
static bool on_request(const struct sip_msg *msg, void *arg)
{
	struct stack *stack = arg;
	struct exchange *exchange = stack->exchange;
	const char *reason = "";
	bool trusted = stack_trusts(stack, msg), inside = pl_isset(&msg->to.tag);
	bool known = trusted || (inside && of_a_call(exchange, msg));
	int status = guard_request(msg, &reason);
	bool strangers = exchange->access->caller_count || exchange->access->staff_count;

	/* A CANCEL that reaches us is of no call: libre took the others. */
	if (status < 0 || (!trusted && guard_scanner(msg))
		|| (!known && (stack->trunk || !strangers || is(msg, "CANCEL"))))
		return ignore(stack, msg);
	if (known)
		door_known(msg);
	if (is(msg, "ACK"))
		return status != 0 || !known;
	if (!known && !guard_rate_take(exchange->rate, &msg->src, exchange_now())) {
		exchange->tally->limited++;
		return true;
	}
	if (status) {
		refuse(stack, msg, status, reason);
		return true;
	}
	if (is(msg, "REGISTER")) {
		registrar_request(exchange->registrar, stack, msg);
		return true;
	}
	if (inside || is(msg, "CANCEL"))
		return false;
	if (!is(msg, "INVITE") && !is(msg, "OPTIONS")) {
		(void)sip_reply(stack->sip, msg, 481, "Call Does Not Exist");
		return true;
	}
	if (!trusted && !known_caller(stack, msg))
		return true;
	if (is(msg, "OPTIONS")) {
		tell_options(stack, msg);
		return true;
	}
	return false;
}

static void on_invite(const struct sip_msg *msg, void *arg)
{
	struct stack *stack = arg;
	struct exchange *exchange = stack->exchange;

	if (of_a_call(exchange, msg)) { /* came round another way, or is our own */
		exchange->tally->refused++;
		(void)sip_treply(NULL, stack->sip, msg, 482, "Merged Request");
		return;
	}
	exchange->tally->invites++;
	if (exchange->draining || exchange->tally->calls >= exchange->settings.calls) {
		exchange->tally->refused++;
		(void)sip_treplyf(NULL, NULL, stack->sip, msg, false, 503, "Service Unavailable",
			"Retry-After: %u\r\nContent-Length: 0\r\n\r\n",
			exchange->draining ? 10 : 30);
		return;
	}
	line_incoming(stack, msg);
}

static int verify_servers(int good, X509_STORE_CTX *context)
{
	const SSL *ssl
		= X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());
	return SSL_is_server(ssl) ? 1 : good;
}

/* The certificate of ours; connections that we open (to a telephone that lost its own) are verified. */
static enum err load_certificate(struct exchange *exchange, struct tls *tls)
{
	SSL_CTX *context = tls_openssl_context(tls);
	const char *file = exchange->settings.certificate;

	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, verify_servers);
	SSL_CTX_set_default_verify_paths(context);
	if (SSL_CTX_use_certificate_chain_file(context, file) == 1
		&& SSL_CTX_use_PrivateKey_file(context, exchange->settings.key, SSL_FILETYPE_PEM)
			== 1)
		return OK;
	snprintf(exchange->error, sizeof exchange->error,
		"sip.certificate, sip.key: %s and %s are not a PEM certificate and its key", file,
		exchange->settings.key);
	return ERR_INVALID;
}

static void name_server(const SSL *ssl, int where, int result)
{
	const char *host = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	struct sa address;
	(void)result;

	if (where == SSL_CB_HANDSHAKE_START && host && sa_set_str(&address, host, 0)
		&& !SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name))
		SSL_set_tlsext_host_name((SSL *)ssl, host);
}

static enum err verify_host(struct stack *stack, const char *ca)
{
	SSL_CTX *context = tls_openssl_context(stack->tls);
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(context);
	struct sa address;
	int good;

	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_app_data(context, stack->client_host);
	SSL_CTX_set_info_callback(context, name_server);
	good = ca ? SSL_CTX_load_verify_locations(context, ca, NULL)
		  : SSL_CTX_set_default_verify_paths(context);
	if (!sa_set_str(&address, stack->client_host, 0))
		good = good && X509_VERIFY_PARAM_set1_ip_asc(param, stack->client_host);
	else
		good = good && X509_VERIFY_PARAM_set1_host(param, stack->client_host, 0);
	return good == 1 ? OK : ERR_INVALID;
}

static enum err open_stack(struct exchange *exchange, struct stack *stack)
{
	stack->exchange = exchange;
	if (sip_alloc(&stack->sip, exchange->dns, TRANSACTIONS, TRANSACTIONS, CONNECTIONS,
		    "onthaal", NULL, NULL)
		|| sip_listen(&stack->listener, stack->sip, true, on_request, stack)
		|| sipsess_listen(&stack->sessions, stack->sip, SESSIONS, on_invite, stack))
		return ERR_LIMIT;
	return OK;
}

enum err stack_client(struct exchange *exchange, enum sip_transp transport, const char *host,
	const char *ca, struct stack *stack)
{
	struct sa local;

	if (open_stack(exchange, stack) || sa_set_str(&local, exchange->settings.address, 0))
		return ERR_LIMIT;
	if (transport != SIP_TRANSP_TLS)
		return sip_transp_add(stack->sip, transport, &local) ? ERR_IO : OK;
	stack->client_host = mem_dup(host);
	if (tls_alloc(&stack->tls, TLS_METHOD_SSLV23, NULL, NULL) || verify_host(stack, ca))
		return ERR_INVALID;
	return sip_transp_add(stack->sip, SIP_TRANSP_TLS, &local, stack->tls) ? ERR_IO : OK;
}

static enum err busy(struct exchange *exchange, const char *key, unsigned port)
{
	snprintf(exchange->error, sizeof exchange->error,
		"sip.%s: %s port %u is taken or not ours: choose another, or 0 for any free one", key,
		exchange->settings.address, port);
	return ERR_IO;
}

/* UDP and TCP on one port; of any free one, several are tried. */
static enum err listen_plain(struct exchange *exchange, struct sa *local)
{
	struct stack *stack = &exchange->main;
	struct sa bound;

	sa_set_port(local, exchange->settings.port);
	for (int i = 0; i < PORT_TRIES; i++) {
		if (sip_transp_add(stack->sip, SIP_TRANSP_UDP, local)
			|| sip_transp_laddr(stack->sip, &bound, SIP_TRANSP_UDP, local))
			return busy(exchange, "port", exchange->settings.port);
		exchange->udp_port = sa_port(&bound);
		if (!sip_transp_add(stack->sip, SIP_TRANSP_TCP, &bound))
			return OK;
		if (exchange->settings.port)
			break;
		sip_transp_flush(stack->sip);
	}
	return busy(exchange, "port", exchange->udp_port);
}

static enum err listen_tls(struct exchange *exchange, struct sa *local)
{
	struct stack *stack = &exchange->main;
	struct sa bound;

	if (!exchange->settings.certificate)
		return OK;
	if (tls_alloc(&stack->tls, TLS_METHOD_SSLV23, NULL, NULL))
		return ERR_LIMIT;
	enum err err = load_certificate(exchange, stack->tls);
	if (err)
		return err;
	sa_set_port(local, exchange->settings.tls_port);
	if (sip_transp_add(stack->sip, SIP_TRANSP_TLS, local, stack->tls)
		|| sip_transp_laddr(stack->sip, &bound, SIP_TRANSP_TLS, local))
		return busy(exchange, "tls_port", exchange->settings.tls_port);
	exchange->tls_port = sa_port(&bound);
	return OK;
}

enum err stack_start(struct exchange *exchange)
{
	struct sa local;
	enum err err = open_stack(exchange, &exchange->main);

	if (!err && sa_set_str(&local, exchange->settings.address, 0)) {
		snprintf(exchange->error, sizeof exchange->error,
			"sip.address: %s is not an address of this machine", exchange->settings.address);
		err = ERR_INVALID;
	}
	if (!err)
		err = listen_plain(exchange, &local);
	if (!err)
		err = listen_tls(exchange, &local);
	return err;
}

void stack_stop(struct stack *stack)
{
	if (!stack->sip)
		return;
	sipsess_close_all(stack->sessions);
	stack->sessions = mem_deref(stack->sessions);
	stack->listener = mem_deref(stack->listener);
	sip_transp_flush(stack->sip);
	sip_close(stack->sip, true);
	stack->sip = mem_deref(stack->sip);
	stack->tls = mem_deref(stack->tls);
	free(stack->client_host);
	stack->client_host = NULL;
}

struct stack *stack_for_host(struct exchange *exchange, const char *host)
{
	struct stack *stack;

	for (size_t i = 0; i < exchange->host_count; i++)
		if (strcasecmp(exchange->hosts[i]->host, host) == 0)
			return exchange->hosts[i];
	if (exchange->host_count == EXCHANGE_TLS_HOSTS || strlen(host) >= sizeof stack->host)
		return NULL;
	stack = mem_alloc(sizeof *stack);
	snprintf(stack->host, sizeof stack->host, "%s", host);
	if (stack_client(exchange, SIP_TRANSP_TLS, host, NULL, stack)) {
		stack_stop(stack);
		free(stack);
		return NULL;
	}
	exchange->hosts[exchange->host_count++] = stack;
	return stack;
}
