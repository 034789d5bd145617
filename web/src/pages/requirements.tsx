//! Which requirements a run covers, and how the tests behind them ended.

import { listRuns, run as askRun, simulated, type Run } from "../api/runs.ts";
import { Moment } from "../parts/moment.tsx";
import { Loaded, useResource } from "../parts/resource.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { navigate, place } from "../router.ts";
import { coverage, type Requirement } from "./requirements/coverage.ts";

function Row({ of }: { of: Requirement }) {
  return (
    <tr>
      <th scope="row">
        <a href={`/runs?requirement=${encodeURIComponent(of.id)}`}>{of.id}</a>
      </th>
      <td>{of.status === "UNKNOWN" ? <span class="muted">touched</span> : <Verdict of={of.status} />}</td>
      <td>
        {of.phases.map((phase, index) => (
          <span key={index} class="covering">
            <Verdict of={phase.outcome} /> {phase.name}
          </span>
        ))}
      </td>
    </tr>
  );
}

function Coverage({ run }: { run: Run }) {
  const requirements = coverage(run);
  const isDetailed = run.phases.some((phase) => (phase.requirements?.length ?? 0) > 0);
  const met = requirements.filter(({ status }) => status === "PASS").length;
  const what = simulated(run);
  return (
    <section class="panel" aria-labelledby="coverage-title">
      <h2 id="coverage-title">
        <Verdict of={run.outcome} /> <a href={`/runs/${encodeURIComponent(run.id)}`}>{run.unit.serial_number}</a>{" "}
        <span class="muted">
          {run.procedure.name ?? run.procedure.id}, <Moment at={run.started_ms} />
        </span>
      </h2>
      {what !== null && <p class="simulated">Simulated ({what}): this run says nothing about hardware.</p>}
      <p role="status">
        {requirements.length === 0
          ? "This run names no requirements."
          : isDetailed
            ? `${met} of ${requirements.length} requirements are met by this run.`
            : `This run touches ${requirements.length} requirements; its record does not say which test covers which.`}
      </p>
      {requirements.length > 0 && (
        <div class="table-scroll" tabIndex={0} role="group" aria-label="Requirements">
          <table>
            <thead>
              <tr>
                <th scope="col">Requirement</th>
                <th scope="col">Status</th>
                <th scope="col">Tests</th>
              </tr>
            </thead>
            <tbody>
              {requirements.map((requirement) => (
                <Row key={requirement.id} of={requirement} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

export function RequirementsPage() {
  const id = place.value.search.get("run");
  const recent = useResource("newest", (signal) => listRuns({ limit: 50 }, signal));
  const shown = id ?? recent.value?.runs[0]?.id ?? null;
  const resource = useResource(shown, (signal) => askRun(shown ?? "", signal));
  return (
    <>
      <div class="page-head">
        <h1>Requirements</h1>
        <label>
          Run{" "}
          <select value={shown ?? ""} onChange={({ currentTarget: { value } }) => navigate(`/requirements?run=${encodeURIComponent(value)}`)}>
            {id !== null && !recent.value?.runs.some((run) => run.id === id) && <option value={id}>{id}</option>}
            {recent.value?.runs.map((run) => (
              <option key={run.id} value={run.id}>
                {run.serial_number}, {run.procedure.name}, {run.outcome}, {run.id.slice(0, 13)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {recent.value?.runs.length === 0 && id === null && <p>There are no runs yet.</p>}
      <Loaded of={resource}>{(run) => <Coverage run={run} />}</Loaded>
    </>
  );
}
