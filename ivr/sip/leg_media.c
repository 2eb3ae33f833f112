/* A leg's audio: socket, RTP, and what is agreed on by SDP. Audio goes only to where the
 * signalling came from, or to where the first packet came from (once): nobody aims it at others. */
#include "base/log.h"
#include "ivr/sip/exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT_TRIES = 200,
	READ_AT_ONCE = 8,
	SRTP_SPARE = 64,
	TOS_EF = 0xb8,
	JITTER_MOST = 10 * LAW_RATE,
	DROPOUT_MOST = 3000, /* packets; RFC 3550, A.1 */
	MISORDER_MOST = 100 };

static void take_audio(struct leg *leg, const struct rtp_header *header, const uint8_t *payload,
	size_t length)
{
	uint8_t alaw[LEG_AUDIO_MAX];

	if (!length || length > LEG_AUDIO_MAX)
		return;
	law_convert(header->pt == LAW_MU ? LAW_MU : LAW_A, LAW_A, payload, alaw, length);
	leg->events.on_audio(leg->events.arg, alaw, length, header->seq, header->ts);
}

static void take_key(struct leg *leg, const struct rtp_header *header, const uint8_t *payload,
	size_t length)
{
	char key = dtmf_event(
		&leg->dtmf, payload, length, header->ts, header->m, exchange_now());

	leg->events_in_rtp = true;
	if (key)
		leg_key(leg, key);
}

static void count_stream(const struct leg *leg)
{
	const struct leg_stream *stream = &leg->stream;
	uint32_t expected = stream->cycles + stream->last - stream->first + 1;

	if (!stream->heard)
		return;
	if (expected > stream->received)
		leg->exchange->tally->rtp_lost += expected - stream->received;
	leg->exchange->tally->jitter_us = (uint64_t)(stream->jitter >> 4) * 1000000 / LAW_RATE;
}

/* RFC 3550, A.1 and A.8, at 8 kHz. Another source, or one that starts anew, is counted by itself. */
static void count_packet(struct leg *leg, const struct rtp_header *header)
{
	struct leg_stream *stream = &leg->stream;
	uint32_t arrival = (uint32_t)(exchange_now() * (LAW_RATE / 1000));
	uint32_t transit = arrival - header->ts;
	uint16_t step = (uint16_t)(header->seq - stream->last);

	if (stream->heard
		&& (header->ssrc != stream->ssrc
			|| (step > DROPOUT_MOST && step < 0x10000 - MISORDER_MOST))) {
		count_stream(leg);
		*stream = (struct leg_stream) { 0 };
	}
	stream->received++;
	if (!stream->heard) {
		stream->heard = true;
		stream->ssrc = header->ssrc;
		stream->first = stream->last = header->seq;
		stream->transit = transit;
		return;
	}
	if (step && step < 0x8000) {
		if (header->seq < stream->last)
			stream->cycles += 1u << 16;
		stream->last = header->seq;
	}
	if (header->pt != LAW_A && header->pt != LAW_MU)
		return; /* a key's packets share one timestamp */
	int32_t difference = (int32_t)(transit - stream->transit);
	stream->transit = transit;
	uint32_t size = difference < 0 ? 0u - (uint32_t)difference : (uint32_t)difference;
	if (size < JITTER_MOST) /* more is a jump of the sender's clock */
		stream->jitter += size - ((stream->jitter + 8) >> 4);
}

/* The signalled source, or before the first packet one that may become it. */
static bool may_be_peer(const struct leg *leg, const struct sa *source)
{
	if (leg->to_known && sa_cmp(source, &leg->to, SA_ALL))
		return true;
	return !leg->latched
		&& (sa_cmp(source, sdp_media_raddr(leg->media), SA_ADDR)
			|| sa_cmp(source, &leg->peer, SA_ADDR));
}

void leg_media_packet(struct leg *leg, const struct sa *source, struct mbuf *packet)
{
	struct rtp_header header;

	if (!leg->up || leg->over || !may_be_peer(leg, source)) {
		leg->exchange->tally->rtp_strange++;
		return;
	}
	if (leg->in && leg_srtp_decrypt(leg, packet)) {
		leg->exchange->tally->rtp_failed++;
		return;
	}
	packet->pos = 0;
	if (rtp_hdr_decode(&header, packet) || header.ver != RTP_VERSION) {
		leg->exchange->tally->rtp_failed++;
		return;
	}
	if (!leg->latched) {
		leg->to = *source;
		leg->to_known = leg->latched = true;
	}
	if (header.pad && mbuf_get_left(packet)) {
		uint8_t padding = packet->buf[packet->end - 1];
		if (!padding || padding > mbuf_get_left(packet))
			return;
		packet->end -= padding;
	}
	leg->exchange->tally->rtp_in++;
	leg->ticks_quiet = 0;
	count_packet(leg, &header);
	if (header.pt == LAW_A || header.pt == LAW_MU)
		take_audio(leg, &header, mbuf_buf(packet), mbuf_get_left(packet));
	else if (leg->event_format && header.pt == leg->event_format->pt)
		take_key(leg, &header, mbuf_buf(packet), mbuf_get_left(packet));
}

static void on_readable(int flags, void *arg)
{
	struct leg *leg = arg;
	uint8_t bytes[LEG_PACKET_MAX + SRTP_SPARE];
	struct sa source;

	(void)flags;
	for (int i = 0; i < READ_AT_ONCE && leg->socket >= 0; i++) {
		source.len = sizeof source.u;
		ssize_t size = recvfrom(leg->socket, bytes, LEG_PACKET_MAX, MSG_DONTWAIT,
			&source.u.sa, &source.len);
		if (size < 0)
			return;
		struct mbuf packet = { .buf = bytes, .size = sizeof bytes, .end = (size_t)size };
		leg_media_packet(leg, &source, &packet);
	}
}

static int bind_at(const struct sa *local, uint16_t port)
{
	struct sa address = *local;
	int tos = TOS_EF, fd = socket(sa_af(local), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	sa_set_port(&address, port);
	if (bind(fd, &address.u.sa, address.len)) {
		close(fd);
		return -1;
	}
	if (sa_af(local) == AF_INET6)
		(void)!setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos);
	else
		(void)!setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
	return fd;
}

static enum err open_socket(struct leg *leg, const struct sa *local)
{
	struct exchange *exchange = leg->exchange;
	uint16_t low = exchange->settings.rtp_low, high = exchange->settings.rtp_high;

	for (int i = 0; i < PORT_TRIES; i++) {
		if (exchange->next_port < low || exchange->next_port > high)
			exchange->next_port = low;
		leg->port = exchange->next_port & 0xfffe;
		exchange->next_port = exchange->next_port > 65533
			? low
			: (uint16_t)(exchange->next_port + 2);
		if (leg->port < low)
			continue;
		leg->socket = bind_at(local, leg->port);
		if (leg->socket >= 0 && fd_listen(leg->socket, FD_READ, on_readable, leg) == 0)
			return OK;
		if (leg->socket >= 0)
			close(leg->socket);
		leg->socket = -1;
		if (errno == EMFILE || errno == ENFILE)
			break;
	}
	log_warn("no port for a call's audio", "low=%u high=%u", low, high);
	return ERR_LIMIT;
}

enum err leg_media_describe(struct leg *leg, const struct sa *local, bool secure)
{
	if (sdp_session_alloc(&leg->sdp, local)
		|| sdp_media_add(&leg->media, leg->sdp, sdp_media_audio, leg->port,
			secure ? "RTP/SAVP" : "RTP/AVP")
		|| (leg->incoming
			&& sdp_media_set_alt_protos(leg->media, 2, "RTP/AVP", "RTP/SAVP"))
		|| sdp_format_add(NULL, leg->media, false, "8", "PCMA", LAW_RATE, 1, NULL, NULL,
			NULL, false, NULL)
		|| sdp_format_add(NULL, leg->media, false, "0", "PCMU", LAW_RATE, 1, NULL, NULL,
			NULL, false, NULL)
		|| sdp_format_add(&leg->event_format, leg->media, false, "101", "telephone-event",
			LAW_RATE, 1, NULL, NULL, NULL, false, "0-15"))
		return ERR_LIMIT;
	(void)sdp_media_set_lattr(leg->media, true, "ptime", "20");
	return OK;
}

enum err leg_media_open(struct leg *leg, bool secure)
{
	struct sa bound, told;
	enum err err;

	if (sa_set_str(&bound, leg->exchange->settings.address, 0))
		return ERR_INVALID;
	err = open_socket(leg, &bound);
	if (err)
		return err;
	stack_local(leg->exchange, &leg->peer, &told);
	randombytes_buf(&leg->ssrc, sizeof leg->ssrc);
	randombytes_buf(&leg->timestamp, sizeof leg->timestamp);
	randombytes_buf(&leg->seq, sizeof leg->seq);
	leg->seq &= 0x7fff; /* SRTP starts its roll-over counter at 0 on both sides */
	leg->marker = true;
	leg->law = LAW_A;
	return leg_media_describe(leg, &told, secure);
}

void leg_media_close(struct leg *leg)
{
	count_stream(leg);
	memset(&leg->stream, 0, sizeof leg->stream);
	if (leg->socket >= 0) {
		fd_close(leg->socket);
		close(leg->socket);
	}
	leg->socket = -1;
	leg->sdp = mem_deref(leg->sdp);
	leg->media = NULL;
	leg->event_format = NULL;
	leg->out = mem_deref(leg->out);
	leg->in = mem_deref(leg->in);
	sodium_memzero(&leg->out_key, sizeof leg->out_key);
	sodium_memzero(&leg->in_key, sizeof leg->in_key);
}

static void agree_target(struct leg *leg)
{
	const struct sa *address = sdp_media_raddr(leg->media);

	if (leg->latched && sa_cmp(address, &leg->to, SA_ADDR)
		&& sa_port(address) == sa_port(&leg->to))
		return;
	leg->latched = false;
	leg->to_known = sa_isset(address, SA_ALL) && sa_cmp(address, &leg->peer, SA_ADDR);
	if (leg->to_known)
		leg->to = *address;
}

static const struct sdp_format *speech_format(struct leg *leg)
{
	struct le *le;

	LIST_FOREACH(sdp_media_format_lst(leg->media, false), le)
	{
		const struct sdp_format *format = le->data;
		if (format->sup && (format->pt == LAW_A || format->pt == LAW_MU))
			return format;
	}
	return NULL;
}

bool leg_media_agree(struct leg *leg, bool offered)
{
	const struct sdp_format *format = speech_format(leg);
	const struct sa *address = sdp_media_raddr(leg->media);
	enum sdp_dir direction = sdp_media_rdir(leg->media);
	bool nowhere = sa_isset(address, SA_ADDR) && sa_is_any(address); /* held, the old way */

	if (!format || !sdp_media_rport(leg->media) || !leg_srtp_agree(leg, offered))
		return false;
	leg->law = format->pt == LAW_MU ? LAW_MU : LAW_A;
	leg->held = nowhere || !(direction & SDP_SENDONLY); /* libre turns it: what we may do */
	leg->mute = nowhere || !(direction & SDP_RECVONLY);
	if (!nowhere)
		agree_target(leg);
	return true;
}

static void send_packet(struct leg *leg, const uint8_t *alaw, size_t length, uint16_t seq,
	uint32_t timestamp, bool marker)
{
	uint8_t bytes[RTP_HEADER_SIZE + LEG_AUDIO_MAX + SRTP_SPARE];
	struct rtp_header header = { .ver = RTP_VERSION,
		.m = marker,
		.pt = (uint8_t)leg->law,
		.seq = seq,
		.ts = timestamp,
		.ssrc = leg->ssrc };
	struct mbuf packet = { .buf = bytes, .size = sizeof bytes };

	if (rtp_hdr_encode(&packet, &header))
		return;
	law_convert(LAW_A, leg->law, alaw, bytes + packet.pos, length);
	packet.end = packet.pos + length;
	packet.pos = 0;
	if (leg->out && srtp_encrypt(leg->out, &packet)) {
		leg->exchange->tally->rtp_failed++;
		return;
	}
	if (sendto(leg->socket, packet.buf, packet.end, MSG_DONTWAIT | MSG_NOSIGNAL, &leg->to.u.sa,
		    leg->to.len)
		< 0)
		leg->exchange->tally->rtp_failed++;
	else
		leg->exchange->tally->rtp_out++;
}

static bool may_send(const struct leg *leg)
{
	return leg->up && !leg->over && leg->to_known && !leg->held && leg->socket >= 0;
}

static void send_frame(struct leg *leg)
{
	uint8_t frame[LAW_FRAME];

	if (!leg->to_known && leg->ticks_up < 150) /* the greeting waits 3 s for a listener */
		return;
	(void)player_frame(&leg->player, frame);
	if (may_send(leg))
		send_packet(leg, frame, LAW_FRAME, leg->seq++, leg->timestamp, leg->marker);
	leg->marker = false;
}

static void look_at_limits(struct leg *leg)
{
	const struct exchange_settings *settings = &leg->exchange->settings;

	if (leg->mute)
		leg->ticks_quiet = 0;
	else
		leg->ticks_quiet++;
	leg->ticks_up++;
	if (leg->ticks_quiet > settings->silence_seconds * 50) {
		leg->exchange->tally->silent++;
		leg_fail(leg, IVR_CAUSE_NONE);
	} else if (leg->ticks_up > settings->call_minutes * 60 * 50) {
		leg->exchange->tally->too_long++;
		leg_fail(leg, IVR_CAUSE_NONE);
	}
}

void leg_tick(struct leg *leg)
{
	if (!leg->up || leg->over)
		return;
	leg->timestamp += LAW_FRAME;
	if (leg->aim_due)
		leg_aim_now(leg);
	if (!leg->relay.on)
		send_frame(leg);
	else if (++leg->relay.idle > LEG_RELAY_GAP) {
		leg->marker = leg->relay.idle == LEG_RELAY_GAP + 1;
		send_frame(leg);
	}
	look_at_limits(leg);
}

void leg_relay(struct leg *leg, const uint8_t *alaw, size_t length, uint16_t seq,
	uint32_t timestamp)
{
	struct leg_relay *relay = &leg->relay;
	bool marker = false;

	if (!may_send(leg))
		return;
	/* Begun, or we filled in meanwhile, or the other side started anew: numbers are ours. */
	if (!relay->on || relay->idle > LEG_RELAY_GAP
		|| (uint16_t)(seq + relay->seq - leg->seq + 1000) > 2000) {
		relay->seq = (uint16_t)(leg->seq - seq);
		relay->timestamp = leg->timestamp - timestamp;
		marker = true;
	}
	relay->on = true;
	relay->idle = 0;
	seq = (uint16_t)(seq + relay->seq);
	send_packet(leg, alaw, length, seq, timestamp + relay->timestamp, marker);
	if ((uint16_t)(seq + 1 - leg->seq) < 0x8000)
		leg->seq = (uint16_t)(seq + 1);
}

void leg_relay_end(struct leg *leg)
{
	leg->relay = (struct leg_relay) { 0 };
	leg->marker = true;
}
