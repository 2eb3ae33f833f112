type Child = Node | string | false | undefined;
type Attributes = Record<string, string | boolean | ((event: never) => void) | undefined>;

/** Of a field: what is written goes to no spelling, suggestion or grammar service of a browser's maker. */
export const UNSENT = { autocomplete: 'off', spellcheck: 'false', writingsuggestions: 'false', 'data-gramm': 'false' };

/** An element: attributes, listeners as onclick: f, and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(name, '');
    else if (typeof value === 'string') element.setAttribute(name, value);
  }
  element.append(...children.filter((child): child is Node | string => child !== false && child !== undefined));
  return element;
}

export function show(element: HTMLElement, visible: boolean): void {
  element.hidden = !visible;
}

/** Sets a text only when it changes, so that nothing is announced twice. */
export function put(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
