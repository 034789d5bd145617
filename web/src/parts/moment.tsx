//! A moment: local with its zone, the exact one in its title.

import { clockTime, moment } from "./format.ts";

export function Moment({ at, short = false }: { at: number | string | null; short?: boolean }) {
  if (at === null || at === "") return <span class="muted">–</span>;
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <span class="muted">{at}</span>;
  const iso = date.toISOString();
  return (
    <time dateTime={iso} title={iso}>
      {short ? clockTime(date) : moment(date)}
    </time>
  );
}
