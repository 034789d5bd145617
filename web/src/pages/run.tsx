//! A run: what it was, what was tested, what was measured, its logs and its files.

import { run as askRun, simulated, type Log, type Run } from "../api/runs.ts";
import { duration } from "../parts/format.ts";
import { Moment } from "../parts/moment.tsx";
import { Loaded, useResource } from "../parts/resource.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { Attachments } from "./run/attachments.tsx";
import { Measurements } from "./run/measurements.tsx";
import { Phases } from "./run/phases.tsx";
import { SeriesPlots } from "./run/series.tsx";

function Facts({ run }: { run: Run }) {
  const { unit, procedure } = run;
  const part = [unit.part_number, unit.part_name === unit.part_number ? undefined : unit.part_name].filter(Boolean).join(", ");
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Part", part || undefined],
    ["Revision", unit.revision],
    ["Batch", unit.batch],
    ["Sub-units", run.sub_units?.join(", ")],
    ["Procedure", [procedure.name ?? procedure.id, procedure.version].filter(Boolean).join(" ")],
    ["Bench", run.station],
    ["Operator", run.operator],
    ["Took", duration(run.duration_us / 1000)],
  ];
  return (
    <dl class="facts">
      <div>
        <dt>Began</dt>
        <dd>
          <Moment at={run.started_ms} />
        </dd>
      </div>
      {facts.map(([name, value]) => value !== undefined && value !== "" && (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Logs({ logs }: { logs: readonly Log[] }) {
  return (
    <ul class="lines log-list">
      {logs.map((log, index) => (
        <li key={index} class={`line ${log.level.toLowerCase()}`}>
          <Moment at={log.at_ms} short />
          <span class="level">{log.level.toLowerCase()}</span>
          <span class="message">
            {log.message}
            {log.source_file && (
              <span class="source">
                {" "}
                {log.source_file}
                {log.line_number ? `:${log.line_number}` : ""}
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Properties({ run }: { run: Run }) {
  if (!run.properties || run.properties.length === 0) return null;
  return (
    <details class="panel">
      <summary>
        <h2>Properties</h2> <span class="muted">{run.properties.length}</span>
      </summary>
      <dl class="properties">
        {run.properties.map(({ key, value }, index) => (
          <div key={index}>
            <dt>{key}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Body({ run }: { run: Run }) {
  const what = simulated(run);
  return (
    <>
      <div class="page-head">
        <h1>
          <Verdict of={run.outcome} /> {run.unit.serial_number}
        </h1>
        <span class="mono muted">{run.id}</span>
        <span class="spacer" />
        <a class="button" href={`/requirements?run=${encodeURIComponent(run.id)}`}>
          Requirements
        </a>
        <a class="button" href={`/runs?serial=${encodeURIComponent(run.unit.serial_number)}`}>
          All runs of this unit
        </a>
      </div>
      {what !== null && (
        <p class="simulated" role="note">
          Simulated ({what}): this run says nothing about hardware.
        </p>
      )}
      {run.docstring && <p>{run.docstring}</p>}
      <Facts run={run} />
      <Phases phases={run.phases} />
      <SeriesPlots phases={run.phases} />
      <Measurements phases={run.phases} />
      {run.logs && run.logs.length > 0 && (
        <section class="panel" aria-labelledby="logs-title">
          <h2 id="logs-title">Logs</h2>
          <Logs logs={run.logs} />
        </section>
      )}
      {run.attachments && run.attachments.length > 0 && <Attachments attachments={run.attachments} />}
      <Properties run={run} />
    </>
  );
}

export function RunPage({ id }: { id: string }) {
  const resource = useResource(id, (signal) => askRun(id, signal));
  return <Loaded of={resource}>{(run) => <Body run={run} />}</Loaded>;
}
