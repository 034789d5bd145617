//! Which page is shown, by the address: the history API and nothing else.

import { signal } from "@preact/signals";

export interface Place {
  readonly path: string;
  readonly search: URLSearchParams;
}

const here = (): Place => ({ path: location.pathname, search: new URLSearchParams(location.search) });

export const place = signal<Place>(here());

export function navigate(to: string, replace = false): void {
  const change = new URL(to, location.href);
  if (change.origin !== location.origin) return;
  const before = place.value.path;
  history[replace ? "replaceState" : "pushState"](null, "", change);
  place.value = here();
  if (place.value.path !== before) scrollTo(0, 0);
}

/** Takes over the links of this site, as long as the user did not ask for a new window. */
export function startRouter(): void {
  addEventListener("popstate", () => {
    place.value = here();
  });
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target !== "" || link.hasAttribute("download")) return;
    if (link.origin !== location.origin || link.protocol !== location.protocol) return;
    if (/^\/(api|assets|v1)\//.test(link.pathname)) return;
    if (link.hash !== "" && link.pathname === location.pathname && link.search === location.search) return;
    event.preventDefault();
    navigate(link.href);
  });
}

/** The same place with other search parameters; null removes one. */
export function withSearch(changes: Readonly<Record<string, string | null>>): string {
  const search = new URLSearchParams(place.value.search);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === "") search.delete(key);
    else search.set(key, value);
  }
  const text = search.toString();
  return text === "" ? place.value.path : `${place.value.path}?${text}`;
}
