//! One job: its state, and where its record is.

import { useEffect, useRef, useState } from "preact/hooks";
import { isFinal, job as askJob, type ExtendedJob } from "../api/jobs.ts";
import { may } from "../api/session.ts";
import { live, refresh, version } from "../live/feed.ts";
import { duration } from "../parts/format.ts";
import { Moment } from "../parts/moment.tsx";
import { Loaded, useResource } from "../parts/resource.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { CancelDialog } from "./live/cancel.tsx";
import { chosen } from "./live/follow.ts";

/** How often a job that goes on is asked for; the live page is for those who want it at once. */
const ASK_MS = 1000;

function Facts({ job }: { job: ExtendedJob }) {
  const rows = [
    ["Bench", job.device_used ?? "not assigned yet"],
    ["Asked for", job.device_requested === null ? null : `${job.device_requested}${job.fallback ? " (another one was used)" : ""}`],
    ["Queued", <Moment at={job.created_at} />],
    ["Started", <Moment at={job.started_at} />],
    ["Ended", <Moment at={job.finished_at} />],
  ] as const;
  return (
    <dl class="facts">
      {rows.map(([name, value]) => value !== null && (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Timings({ job }: { job: ExtendedJob }) {
  const timings = Object.entries(job.plugin_timings ?? {});
  if (timings.length === 0) return null;
  const longest = Math.max(...timings.map(([, ms]) => ms), 1);
  return (
    <section class="panel" aria-labelledby="timings-title">
      <h2 id="timings-title">Timings</h2>
      <div class="table-scroll" tabIndex={0} role="group" aria-label="Timings">
        <table>
          <thead>
            <tr>
              <th scope="col">Test or step</th>
              <th scope="col" class="num">Took</th>
              <th scope="col"><span class="visually-hidden">Compared with the longest</span></th>
            </tr>
          </thead>
          <tbody>
            {timings.map(([plugin, ms]) => (
              <tr key={plugin}>
                <th scope="row">{plugin}</th>
                <td class="num">{duration(ms)}</td>
                <td><meter max={longest} value={ms} aria-label={`${plugin} took ${duration(ms)}`} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Body({ job, onCancel }: { job: ExtendedJob; onCancel: () => void }) {
  const output = live.job(job.job_id)?.outputVerified;
  const isOver = isFinal(job.status);
  return (
    <>
      <p class="headline-verdict" role="status">
        <Verdict of={job.result?.outcome ?? job.status} /> <span class="muted">{job.status}</span>
      </p>
      <Facts job={job} />
      {job.progress !== null && <progress max={100} value={job.progress} aria-label="Progress" />}
      {output && <p class={output.confirmed ? "safe" : "unsafe"}>{output.how}</p>}
      <p class="actions">
        {job.result?.run_id && <a class="button primary" href={`/runs/${encodeURIComponent(job.result.run_id)}`}>Record of the run</a>}
        {!isOver && (
          <a class="button" href="/" onClick={() => { chosen.value = job.job_id; }}>
            Watch it live
          </a>
        )}
        {!isOver && may("start") && <button type="button" class="danger" onClick={onCancel}>Cancel job</button>}
      </p>
      {job.warnings !== null && job.warnings.length > 0 && (
        <section class="panel" aria-labelledby="warnings-title">
          <h2 id="warnings-title">Warnings</h2>
          <ol class="warnings">{job.warnings.map((warning, index) => <li key={index}>{warning}</li>)}</ol>
        </section>
      )}
      <Timings job={job} />
    </>
  );
}

export function JobPage({ id }: { id: string }) {
  const [round, setRound] = useState(0);
  const [cancelling, setCancelling] = useState(false);
  const resource = useResource(`${id} ${round}`, () => askJob(id));
  const isOver = resource.value !== null && isFinal(resource.value.status);
  const ended = live.job(id)?.ended;
  void version.value;
  const hasAskedAtEnd = useRef(false);
  useEffect(() => {
    if (isOver || resource.loading || (resource.error !== null && !resource.passing)) return;
    const wait = ended && !hasAskedAtEnd.current ? 0 : ASK_MS;
    if (ended) hasAskedAtEnd.current = true;
    const timer = setTimeout(() => setRound((before) => before + 1), wait);
    return () => clearTimeout(timer);
  }, [resource.loading, isOver, ended]);
  return (
    <>
      <h1>Job <span class="mono">{id}</span></h1>
      <Loaded of={resource}>{(job) => <Body job={job} onCancel={() => setCancelling(true)} />}</Loaded>
      {cancelling && <CancelDialog jobId={id} onDone={() => void refresh()} onClose={() => setCancelling(false)} />}
    </>
  );
}
