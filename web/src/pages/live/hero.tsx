//! The verdict of the job that is followed, to be read from the other end of the room.

import { useState } from "preact/hooks";
import type { JobView } from "../../api/jobs.ts";
import { may } from "../../api/session.ts";
import { benches, subjects } from "../../live/feed.ts";
import type { Job } from "../../live/job.ts";
import { timeLeft } from "../../live/timeleft.ts";
import { Breakable } from "../../parts/breakable.tsx";
import { countdown, duration } from "../../parts/format.ts";
import { Moment } from "../../parts/moment.tsx";
import { look } from "../../parts/verdict.tsx";
import { CancelDialog } from "./cancel.tsx";
import type { Followed } from "./follow.ts";

/** The word for the whole job, now. */
export function verdictOf(job: Job | null, view: JobView | undefined): string {
  if (!job) return "IDLE";
  if (job.ended !== null) {
    if (job.ended === "completed") return view?.result?.outcome ?? worst(job) ?? "COMPLETED";
    return job.ended.toUpperCase();
  }
  const { failed, errored } = job.counts;
  return failed + errored > 0 ? "FAILING" : "RUNNING";
}

/** What the tests say while the server has not been asked yet. */
function worst(job: Job): string | null {
  const { failed, errored, passed } = job.counts;
  if (errored > 0) return "ERROR";
  if (failed > 0) return "FAIL";
  return passed > 0 ? "PASS" : null;
}

function Subject({ job, view }: { job: Job; version: number; view: JobView | undefined }) {
  const known = subjects.get(job.id);
  const suite = known?.suite ?? job.suites.join(", ");
  const unit = known?.unit;
  const device = view?.device_used ?? benches.value?.find(({ job_id }) => job_id === job.id)?.name;
  const facts = [suite, unit?.serial_number, unit?.part_number, device && `on ${device}`].filter(Boolean);
  return (
    <p class="subject">
      <span class="what">{facts.join(" · ") || "job"}</span>{" "}
      <a href={`/jobs/${encodeURIComponent(job.id)}`}>job {job.id.slice(0, 13)}</a>
      {view?.result?.run_id && (
        <>
          {" "}
          <a href={`/runs/${encodeURIComponent(view.result.run_id)}`}>record of the run</a>
        </>
      )}
    </p>
  );
}

function Now({ job }: { job: Job; version: number }) {
  if (job.ended !== null) {
    const took = Date.parse(job.endedAt ?? "") - Date.parse(job.startedAt ?? "");
    return (
      <p class="now">
        ended <Moment at={job.endedAt} />
        {took >= 0 && ` after ${duration(took)}`}
      </p>
    );
  }
  return (
    <p class="now">
      <span class="current"><Breakable text={job.current ?? "waiting for the first test"} /></span>
      <span class="step">{job.stage ?? "\u00a0"}</span>
    </p>
  );
}

function Tile({ name, count, tone }: { name: string; count: number | string; tone: string }) {
  return (
    <div class={`tile ${count === 0 ? "zero" : tone}`}>
      <dd>{count}</dd>
      <dt>{name}</dt>
    </div>
  );
}

export function Hero({ job, version, view }: Followed & { view: JobView | undefined }) {
  const [cancelling, setCancelling] = useState(false);
  const [asked, setAsked] = useState<string | null>(null);
  const verdict = verdictOf(job, view);
  const { tone, sign, word } = look(verdict);
  const isRunning = job !== null && job.ended === null;
  const left = job && timeLeft(job, Date.now());
  const counts = job?.counts;

  return (
    <section class={`hero panel ${tone}`} aria-label="Job">
      <div class="headline">
        <p class={word.length <= 7 ? "word short" : "word"} role="status" aria-live="assertive" data-verdict={verdict}>
          <span class="sign" aria-hidden="true">
            {sign}
          </span>
          {word.toUpperCase()}
        </p>
        {job ? <Subject job={job} version={version} view={view} /> : <p class="subject">no job yet</p>}
        {job && <Now job={job} version={version} />}
        {job?.outputVerified && (
          <p class={job.outputVerified.confirmed ? "safe" : "unsafe"} role="status" data-output={job.outputVerified.confirmed}>
            {job.outputVerified.confirmed ? "✓ bench safe: " : "! output not known to be off: "}
            {job.outputVerified.how}
          </p>
        )}
      </div>
      <div class="figures">
        <div class="bigs">
          <p class="big">
            <span class="figure">{job ? job.progress : "–"}</span>
            <span class="unit">%</span>
          </p>
          {isRunning && (
            <p class="big">
              <span class="figure">{left === null ? "–" : countdown(left)}</span>
              <span class="unit">left</span>
            </p>
          )}
        </div>
        <progress max={100} value={job?.progress ?? 0} aria-label="Progress of the job" />
        {counts && counts.total > 0 && (
          <dl class="tiles">
            <Tile name="passed" count={counts.passed} tone="good" />
            <Tile name="failed" count={counts.failed} tone="bad" />
            {counts.errored > 0 && <Tile name="errors" count={counts.errored} tone="broken" />}
            <Tile name="skipped" count={counts.skipped} tone="muted" />
            {job.isPlanned && <Tile name={isRunning ? "to do" : "not run"} count={counts.total - counts.done} tone="quiet" />}
          </dl>
        )}
        {isRunning && may("start") && (
          <button type="button" class="danger" disabled={asked === job.id} onClick={() => setCancelling(true)}>
            {asked === job.id ? "Cancelling…" : "Cancel job"}
          </button>
        )}
      </div>
      {cancelling && job && (
        <CancelDialog jobId={job.id} onDone={() => setAsked(job.id)} onClose={() => setCancelling(false)} />
      )}
    </section>
  );
}
