//! Whether what is shown is live: in words, and said aloud when it changes.

import { clock, silence, status } from "../live/feed.ts";
import { ago } from "./format.ts";

/** How long it is worth saying that nothing was missed. */
const RESUMED_MS = 30_000;

export function ConnectionBadge() {
  const { phase, resumedAt } = status.value;
  const resumed = resumedAt !== null && clock.value - resumedAt < RESUMED_MS;
  const age = silence(clock.value);
  const word = { connecting: "connecting", live: resumed ? "live, resumed" : "live", reconnecting: "reconnecting", denied: "not allowed" };
  const detail = phase === "reconnecting" && age !== null ? `last data ${ago(age)} ago` : null;
  return (
    <span class={`connection ${phase}`} data-phase={phase} data-resumed={resumed}>
      <span class="dot" aria-hidden="true" />
      <span role="status">{word[phase]}</span>
      {detail !== null && <span class="age">{detail}</span>}
      {phase === "denied" && <a href="/login">Log in</a>}
    </span>
  );
}
