// A browser without script, as far as the tests need one.
const unescape = (text) => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, '&');

/** The fields of the page's form, and its frame. */
export class PlainPage {
  constructor(daemon, address) {
    this.daemon = daemon;
    this.headers = address ? { 'X-Forwarded-For': address } : {};
  }

  read(html) {
    this.html = html;
    const form = html.match(/<form id="f"[^>]*>(.*?)<\/form>/s)?.[1] ?? '';
    this.fields = Object.fromEntries([...form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(([, name, value]) => [name, unescape(value)]));
    for (const [, name, value] of html.matchAll(/<input form="f" type="hidden" name="(\w+)" value="([^"]*)">/g)) this.fields[name] = unescape(value);
    this.draft = unescape(html.match(/<textarea[^>]*>\n([^<]*)<\/textarea>/)?.[1] ?? '');
    this.frame = html.match(/<iframe[^>]* src="([^"]*)"/)?.[1];
    return this;
  }

  async open() {
    return this.read(await (await fetch(`${this.daemon.url}/plain`, { headers: { ...this.headers, 'Accept-Language': 'nl' } })).text());
  }

  async post(fields, more = {}) {
    const answer = await fetch(`${this.daemon.url}/plain`, {
      method: 'POST', headers: { ...this.headers, ...more }, body: new URLSearchParams({ ...this.fields, ...fields }),
    });
    this.status = answer.status;
    return this.read(await answer.text());
  }

  async look() {
    const answer = await fetch(this.daemon.url + this.frame);
    this.talk = await answer.text();
    const next = this.talk.match(/content="1;url=([^"]*)"/)?.[1];
    if (next) this.frame = next;
    return answer;
  }

  get mine() {
    return [...this.talk.matchAll(/<li class="me">.*?<p dir="auto" translate="no">(.*?)<\/p>/gs)].map(([, words]) => unescape(words));
  }
}
