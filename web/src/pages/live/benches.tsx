//! The benches, who has them, and the newest jobs.

import type { ComponentChildren } from "preact";
import { isFinal, type Bench, type JobView } from "../../api/jobs.ts";
import { live, recent } from "../../live/feed.ts";
import { Verdict } from "../../parts/verdict.tsx";
import { chosen } from "./follow.ts";

function holder(bench: Bench): string {
  if (bench.state === "idle") return "free";
  return bench.job_id === null ? (bench.owner ?? "in use") : `job ${bench.job_id.slice(0, 13)}`;
}

function BenchLine({ bench }: { bench: Bench }) {
  return (
    <li class="bench">
      <span class="name">{bench.name}</span>
      {bench.simulated && <span class="tag">simulated</span>}
      <Verdict of={bench.state} />
      <span class="owner">{holder(bench)}</span>
      {bench.queued > 0 && <span class="queued">{bench.queued} waiting</span>}
    </li>
  );
}

/** What a job is shown as in the list: its verdict, as soon as it has one. */
function state(view: JobView): string {
  return view.result?.outcome ?? view.status;
}

function JobButton({ view, isFollowed }: { view: JobView; isFollowed: boolean }) {
  const known = live.job(view.job_id);
  const what = known?.suites.join(", ") || view.device_used || view.device_requested || "";
  return (
    <li>
      <button
        type="button"
        class="job-line"
        aria-pressed={isFollowed}
        onClick={() => {
          chosen.value = chosen.value === view.job_id ? null : view.job_id;
        }}
      >
        <span class="id">{view.job_id.slice(0, 13)}</span>
        <span class="what">{what}</span>
        <Verdict of={state(view)} />
      </button>
    </li>
  );
}

interface Props {
  readonly benches: readonly Bench[] | null;
  readonly followedId: string | null;
  readonly children: ComponentChildren;
}

export function Benches({ benches, followedId, children }: Props) {
  const shown = recent.value.toSorted((a, b) => Number(isFinal(a.status)) - Number(isFinal(b.status)));
  return (
    <section class="panel benches" aria-labelledby="benches-title">
      <div class="panel-head">
        <h2 id="benches-title">Benches</h2>
        {children}
      </div>
      <ul class="bench-list">
        {benches?.map((bench) => <BenchLine key={bench.name} bench={bench} />)}
        {benches?.length === 0 && <li class="muted">This server has no bench.</li>}
      </ul>
      {shown.length > 0 && (
        <>
          <h3 id="jobs-title">Jobs</h3>
          <ul class="job-list" aria-labelledby="jobs-title">
            {shown.map((view) => (
              <JobButton key={view.job_id} view={view} isFollowed={view.job_id === followedId} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
