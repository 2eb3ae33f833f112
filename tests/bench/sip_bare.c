/* What libre costs by itself for N audio streams both ways, at 20 ms: the floor below the endpoint.
 *   bench_sip_bare N PORT PEER_PORT SECONDS      run two, with the ports exchanged */
#include "ivr/sip/re.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { FRAME = 160, TICK_MS = 20, STREAMS_MAX = 4000 };

static struct rtp_sock *streams[STREAMS_MAX];
static struct sa peers[STREAMS_MAX];
static struct tmr timer;
static struct mbuf *packet;
static unsigned count, ticks, total;
static unsigned long received;
static uint32_t timestamp;

static void on_rtp(const struct sa *source, const struct rtp_header *header, struct mbuf *mb, void *arg)
{
	(void)source;
	(void)header;
	(void)mb;
	(void)arg;
	received++;
}

static void tick(void *arg)
{
	(void)arg;
	if (++ticks == total) {
		re_cancel();
		return;
	}
	tmr_start(&timer, TICK_MS, tick, NULL);
	timestamp += FRAME;
	for (unsigned i = 0; i < count; i++) {
		packet->pos = packet->end = RTP_HEADER_SIZE;
		(void)mbuf_fill(packet, 0xd5, FRAME);
		packet->pos = RTP_HEADER_SIZE;
		(void)rtp_send(streams[i], &peers[i], false, false, 8, timestamp, packet);
	}
}

int main(int argc, char **argv)
{
	struct rusage usage;
	struct sa local;
	unsigned from, to;

	if (argc != 5)
		return 2;
	count = (unsigned)atoi(argv[1]);
	from = (unsigned)atoi(argv[2]);
	to = (unsigned)atoi(argv[3]);
	total = (unsigned)atoi(argv[4]) * 1000 / TICK_MS;
	if (count > STREAMS_MAX || libre_init())
		return 1;
	(void)fd_setsize(16384);
	packet = mbuf_alloc(RTP_HEADER_SIZE + FRAME);
	for (unsigned i = 0; i < count; i++) {
		(void)sa_set_str(&local, "127.0.0.1", 0);
		(void)sa_set_str(&peers[i], "127.0.0.1", (uint16_t)(to + 2 * i));
		if (rtp_listen(&streams[i], IPPROTO_UDP, &local, (uint16_t)(from + 2 * i),
			    (uint16_t)(from + 2 * i + 2), false, on_rtp, NULL, NULL)) {
			fprintf(stderr, "port %u is taken\n", from + 2 * i);
			return 1;
		}
	}
	tmr_start(&timer, 500, tick, NULL);
	(void)re_main(NULL);
	getrusage(RUSAGE_SELF, &usage);
	printf("streams %u received %lu cpu_seconds %.3f peak_kib %ld\n", count, received,
		(double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6
			+ (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6,
		usage.ru_maxrss);
	return 0;
}
