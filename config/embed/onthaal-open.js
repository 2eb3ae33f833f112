// For the centre's own website: says beside the link to the chat whether somebody is there. Copy this
// file to your own server; nothing of the chat's server runs in your pages. README.md has the link.
//
// It asks once, when the link comes into view, and again when a page left for five minutes is looked at.
// Nothing goes along that identifies: no cookie, no referrer. Without an answer the link stays as it is.
(() => {
  'use strict';
  const AGAIN_MS = 5 * 60 * 1000;
  const asked = new Map();

  async function ask(link) {
    if (Date.now() - (asked.get(link) ?? -Infinity) < AGAIN_MS) return;
    asked.set(link, Date.now());
    try {
      const answer = await fetch(new URL('/open', link.href), { credentials: 'omit', referrerPolicy: 'no-referrer' });
      const { state } = await answer.json();
      const words = link.dataset[state];
      if (!['open', 'busy', 'closed'].includes(state)) return;
      link.dataset.onthaal = state; // for your style: a[data-onthaal="open"]
      if (!words) return;
      let note = link.querySelector('.onthaal-state');
      if (!note) {
        note = document.createElement('span');
        note.className = 'onthaal-state';
        link.append(' ', note);
      }
      note.textContent = words;
    } catch {
      // the chat says itself how it stands
    }
  }

  const links = document.querySelectorAll('a[data-onthaal]');
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) ask(entry.target);
  });
  for (const link of links) seen.observe(link);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) for (const link of asked.keys()) ask(link);
  });
})();
