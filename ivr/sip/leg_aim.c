#include "ivr/sip/guard.h"
#include "ivr/sip/leg.h"

#include <string.h>

static bool is_private(const struct sa *address)
{
	static const char *const nets[]
		= { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7" };
	struct guard_net net;

	for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
		if (!guard_net_parse(nets[i], &net) && guard_net_has(&net, 1, address))
			return true;
	return false;
}

void leg_aim(struct leg *leg, const struct sip_msg *msg)
{
	const struct sip_hdr *header = sip_msg_hdr(msg, SIP_HDR_CONTACT);
	bool stream = msg->tp == SIP_TRANSP_TCP || msg->tp == SIP_TRANSP_TLS;
	struct sip_addr contact;
	struct sa said;

	*leg->aim = '\0';
	if (!header || sip_msg_hdr(msg, SIP_HDR_RECORD_ROUTE)
		|| sip_addr_decode(&contact, &header->val) || contact.uri.user.l > 64
		|| !guard_plain(&contact.uri.user))
		return;
	if (!sa_set(&said, &contact.uri.host, contact.uri.port)) {
		if (sa_cmp(&said, &msg->src, SA_ALL))
			return;
		if (!stream && !(is_private(&said) && !sa_cmp(&said, &msg->src, SA_ADDR)))
			return;
	} else if (!stream) {
		return; /* a name: it is found by DNS */
	}
	(void)re_snprintf(leg->aim, sizeof leg->aim, "sip:%r%s%J%s", &contact.uri.user,
		contact.uri.user.l ? "@" : "", &msg->src, sip_transp_param(msg->tp));
	leg->aim_due = true;
}

/* By a response of our own making: libre takes a dialog's target from nothing else. */
void leg_aim_now(struct leg *leg)
{
	struct sip_msg *msg = NULL;
	struct mbuf *text;

	leg->aim_due = false;
	if (!*leg->aim || !leg->session)
		return;
	text = mbuf_alloc(512);
	if (!text)
		return;
	if (!mbuf_printf(text, "SIP/2.0 200 OK\r\nContact: <%s>\r\n\r\n", leg->aim)) {
		text->pos = 0;
		if (!sip_msg_decode(&msg, text))
			(void)sip_dialog_update(sipsess_dialog(leg->session), msg);
	}
	mem_deref(msg);
	mem_deref(text);
}
