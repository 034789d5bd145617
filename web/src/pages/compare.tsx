//! Two runs side by side.

import { useState } from "preact/hooks";
import { run as askRun, type Run } from "../api/runs.ts";
import { Breakable } from "../parts/breakable.tsx";
import { alignPoints, band, duration, plainNumber, unitText, valueText } from "../parts/format.ts";
import { Moment } from "../parts/moment.tsx";
import { Loaded, useResource } from "../parts/resource.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { place } from "../router.ts";
import { compareMeasurements, comparePhases } from "./compare/difference.ts";

function Head({ run, letter }: { run: Run; letter: string }) {
  return (
    <section class="panel compared" aria-label={`Run ${letter}`}>
      <h2>
        {letter}: <Verdict of={run.outcome} /> <a href={`/runs/${encodeURIComponent(run.id)}`}>{run.unit.serial_number}</a>
      </h2>
      <p class="muted">
        {run.procedure.name ?? run.procedure.id} · {run.station ?? "no bench"} · <Moment at={run.started_ms} /> · {duration(run.duration_us / 1000)}
      </p>
    </section>
  );
}

function Outcome({ of }: { of: { readonly outcome: string } | undefined }) {
  return of ? <Verdict of={of.outcome} /> : <span class="muted">absent</span>;
}

function PhaseTable({ a, b }: { a: Run; b: Run }) {
  const phases = comparePhases(a, b);
  const changed = phases.filter(({ isChanged }) => isChanged);
  return (
    <section class="panel" aria-labelledby="outcomes-title">
      <h2 id="outcomes-title">Outcomes</h2>
      <p role="status">
        {changed.length === 0 ? `All ${phases.length} phases ended alike.` : `${changed.length} of ${phases.length} phases ended otherwise.`}
      </p>
      {changed.length > 0 && (
        <div class="table-scroll" tabIndex={0} role="group" aria-label="Phases that ended otherwise">
          <table>
            <thead>
              <tr>
                <th scope="col">Phase</th>
                <th scope="col">A</th>
                <th scope="col">B</th>
              </tr>
            </thead>
            <tbody>
              {changed.map((phase) => (
                <tr key={phase.name} class="changed">
                  <th scope="row">{phase.name}</th>
                  <td>
                    <Outcome of={phase.a} />
                  </td>
                  <td>
                    <Outcome of={phase.b} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function MeasurementTable({ a, b }: { a: Run; b: Run }) {
  const [showAll, setShowAll] = useState(false);
  const all = compareMeasurements(a, b);
  const differing = all.filter(({ isOutcomeChanged, isValueChanged }) => isOutcomeChanged || isValueChanged);
  const shown = showAll ? all : differing;
  const left = alignPoints(shown.map((row) => (row.a ? valueText(row.a.value) : "absent")));
  const right = alignPoints(shown.map((row) => (row.b ? valueText(row.b.value) : "absent")));
  const deltas = alignPoints(shown.map(({ delta }) => (delta === null || delta === 0 ? "" : plainNumber(Number(delta.toPrecision(4))))));
  return (
    <section class="panel" aria-labelledby="measurements-title">
      <div class="panel-head">
        <h2 id="measurements-title">Measurements</h2>
        <span class="muted">
          {differing.length} of {all.length} differ
        </span>
        <span class="spacer" />
        <label class="check">
          <input type="checkbox" checked={showAll} onChange={({ currentTarget: { checked } }) => setShowAll(checked)} /> show all
        </label>
      </div>
      <div class="table-scroll tall" tabIndex={0} role="group" aria-label="Measurements of both runs">
        <table>
          <thead>
            <tr>
              <th scope="col">Measurement</th>
              <th scope="col" class="num">A</th>
              <th scope="col" class="num">B</th>
              <th scope="col" class="num">B − A</th>
              <th scope="col">Unit</th>
              <th scope="col">Limits</th>
              <th scope="col">A</th>
              <th scope="col">B</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => {
              const some = row.b ?? row.a;
              return (
                <tr key={`${row.phase} ${row.name}`} class={row.isOutcomeChanged ? "changed" : ""}>
                  <th scope="row">
                    {row.name}
                    <span class="sub">
          <Breakable text={row.phase} />
        </span>
                  </th>
                  <td class="num">{left[index]}</td>
                  <td class="num">{right[index]}</td>
                  <td class="num">{deltas[index]}</td>
                  <td class="unit">{unitText(some?.unit)}</td>
                  <td>{band(some?.limits?.low, some?.limits?.high)}</td>
                  <td><Outcome of={row.a} /></td>
                  <td><Outcome of={row.b} /></td>
                </tr>
              );
            })}
          </tbody>
        </table>
        {shown.length === 0 && <p class="empty">No measurement differs.</p>}
      </div>
    </section>
  );
}

export function ComparePage() {
  const { search } = place.value;
  const [a, b] = [search.get("a"), search.get("b")];
  const isComplete = a !== null && b !== null;
  const resource = useResource(isComplete ? `${a} ${b}` : null, (signal) =>
    Promise.all([askRun(a ?? "", signal), askRun(b ?? "", signal)]),
  );
  return (
    <>
      <h1>Comparison</h1>
      {!isComplete && (
        <p>
          Tick two runs in the <a href="/runs">list of runs</a>.
        </p>
      )}
      <Loaded of={resource}>
        {([one, other]) => (
          <>
            <div class="side-by-side">
              <Head run={one} letter="A" />
              <Head run={other} letter="B" />
            </div>
            <PhaseTable a={one} b={other} />
            <MeasurementTable a={one} b={other} />
          </>
        )}
      </Loaded>
    </>
  );
}
