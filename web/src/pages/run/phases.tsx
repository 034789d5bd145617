//! The phases of a run: how they ended, how long they took, and on demand what they said.

import { useState } from "preact/hooks";
import type { Phase } from "../../api/runs.ts";
import { Breakable } from "../../parts/breakable.tsx";
import { duration } from "../../parts/format.ts";
import { Verdict } from "../../parts/verdict.tsx";
import { Logs } from "../run.tsx";

const FILTERS = {
  all: () => true,
  "not passed": (phase: Phase) => phase.outcome !== "PASS",
  red: (phase: Phase) => phase.outcome === "FAIL" || phase.outcome === "ERROR",
} as const;
type Filter = keyof typeof FILTERS;

function Row({ phase }: { phase: Phase }) {
  const [isOpen, setOpen] = useState(false);
  const took = phase.ended_ms === undefined ? "" : duration(phase.ended_ms - phase.started_ms);
  const logs = phase.logs ?? [];
  const requirements = phase.requirements ?? [];
  const hasMore = phase.docstring !== undefined || logs.length > 0 || requirements.length > 0;
  return (
    <>
      <tr>
        <td>
          <Verdict of={phase.outcome} />
        </td>
        <th scope="row">
          {hasMore ? (
            <button type="button" class="disclose" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              <span>
                <Breakable text={phase.name} />
              </span>
            </button>
          ) : (
            <Breakable text={phase.name} />
          )}
          {phase.retry_count > 0 && <span class="tag">attempt {phase.retry_count + 1}</span>}
        </th>
        <td class="num wide-only">{phase.measurements?.length || ""}</td>
        <td class="num wide-only">{logs.length || ""}</td>
        <td class="num">{took}</td>
      </tr>
      {isOpen && (
        <tr class="more">
          <td />
          <td colSpan={4}>
            {phase.docstring && <p class="docstring">{phase.docstring}</p>}
            {requirements.length > 0 && <p>Covers {requirements.join(", ")}</p>}
            {logs.length > 0 && <Logs logs={logs} />}
          </td>
        </tr>
      )}
    </>
  );
}

export function Phases({ phases }: { phases: readonly Phase[] }) {
  const [filter, setFilter] = useState<Filter>("all");
  const shown = phases.filter(FILTERS[filter]);
  const counted = (["PASS", "FAIL", "ERROR", "SKIP"] as const)
    .map((outcome) => [outcome, phases.filter((phase) => phase.outcome === outcome).length] as const)
    .filter(([, count]) => count > 0);
  return (
    <section class="panel" aria-labelledby="phases-title">
      <div class="panel-head">
        <h2 id="phases-title">Phases</h2>
        {counted.map(([outcome, count]) => (
          <span key={outcome} class="count">
            {count} <Verdict of={outcome} />
          </span>
        ))}
        <span class="spacer" />
        <label>
          Show{" "}
          <select value={filter} onChange={({ currentTarget: { value } }) => setFilter(value as Filter)}>
            {Object.keys(FILTERS).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      <div class="table-scroll tall" tabIndex={0} role="group" aria-label="Phases">
        <table>
          <thead>
            <tr>
              <th scope="col">Outcome</th>
              <th scope="col">Phase</th>
              <th scope="col" class="num wide-only">
                Measured
              </th>
              <th scope="col" class="num wide-only">
                Logs
              </th>
              <th scope="col" class="num">
                Took
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((phase) => (
              <Row key={`${phase.name} ${phase.retry_count} ${phase.started_ms}`} phase={phase} />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <p class="empty">None.</p>}
      </div>
    </section>
  );
}
