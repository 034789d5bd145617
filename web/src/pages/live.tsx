//! The live page: what a wall screen shows.

import { useState } from "preact/hooks";
import { may } from "../api/session.ts";
import { benches, clock, recent, silence, status, version } from "../live/feed.ts";
import { ago } from "../parts/format.ts";
import { Alerts, LogPanel } from "./live/lines.tsx";
import { Benches } from "./live/benches.tsx";
import { Bus } from "./live/bus.tsx";
import { followed } from "./live/follow.ts";
import { Hero } from "./live/hero.tsx";
import { Measurements } from "./live/measured.tsx";
import { Rail } from "./live/rail.tsx";
import { StartDialog } from "./live/start.tsx";
import { Tests } from "./live/tests.tsx";

/** Says that nothing on the page is as it is now. */
function Stale() {
  const age = silence(clock.value);
  const since = age === null ? "nothing has arrived yet" : `last data ${ago(age)} ago`;
  return (
    <div class="stale-note" role="alert">
      <strong>NOT LIVE</strong> <span aria-hidden="true">{since}</span>
    </div>
  );
}

export function LivePage() {
  const [starting, setStarting] = useState(false);
  // Jobs change in place: the version is what tells the panels that there is something else to show.
  const now = version.value;
  const { phase } = status.value;
  const job = followed(recent.value);
  const isStale = phase === "reconnecting" || phase === "denied";

  return (
    <>
      <h1 class="visually-hidden">Live</h1>
      {isStale && <Stale />}
      <div class={isStale ? "live-grid stale" : "live-grid"}>
        <div class="area-hero">
          <Hero job={job} version={now} view={recent.value.find(({ job_id }) => job_id === job?.id)} />
        </div>
        <div class="area-benches">
          <Benches benches={benches.value} followedId={job?.id ?? null}>
            {may("start") && (
              <button type="button" class="primary" onClick={() => setStarting(true)} disabled={benches.value === null}>
                Start a job
              </button>
            )}
          </Benches>
        </div>
        <div class="area-tests">
          <Tests job={job} version={now} />
        </div>
        <div class="area-rail">
          <Rail job={job} version={now} />
        </div>
        <div class="area-bus">
          <Bus job={job} version={now} />
        </div>
        <div class="area-measured">
          <Measurements job={job} version={now} />
        </div>
        <div class="area-alerts">
          <Alerts job={job} version={now} />
        </div>
        <div class="area-log">
          <LogPanel job={job} version={now} />
        </div>
      </div>
      {starting && benches.value !== null && (
        <StartDialog benches={benches.value} onClose={() => setStarting(false)} />
      )}
    </>
  );
}
