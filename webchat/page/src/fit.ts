// The keyboard of a phone takes its part of the screen: the page keeps to what is seen, so that the
// words one types are never behind it. Where little is left, only what is needed to write stays.
const SHORT = 420; // px

export function fitScreen(onChange: () => void): void {
  const seen = window.visualViewport;
  if (!seen) return;
  const fit = () => {
    const root = document.documentElement;
    if (seen.scale > 1.01) return; // zoomed in by hand: the page stays as it is
    root.style.setProperty('--seen', `${Math.round(seen.height)}px`);
    root.classList.toggle('short', seen.height < SHORT);
    if (seen.offsetTop) scrollTo(0, 0);
  };
  seen.addEventListener('resize', () => {
    fit();
    onChange();
  });
  fit();
}
