//! All measurements of a run, in columns that can be read down.

import { useState } from "preact/hooks";
import { toNumber, type Measurement, type Phase } from "../../api/runs.ts";
import { Breakable } from "../../parts/breakable.tsx";
import { alignPoints, band, measuredNumber, unitText, valueText } from "../../parts/format.ts";
import { LimitBar } from "../../parts/limitbar.tsx";
import { Verdict } from "../../parts/verdict.tsx";

/** What was asked of a measurement beyond its limits, in words. */
function conditions(measurement: Measurement): string[] {
  const limits = band(measurement.limits?.low, measurement.limits?.high);
  const validators = (measurement.validators ?? []).map(({ expression, operator, expected, outcome }) => {
    const text = expression || [operator, expected === undefined ? "" : JSON.stringify(expected)].filter(Boolean).join(" ");
    return outcome === "PASS" ? text : `${text} (${outcome.toLowerCase()})`;
  });
  const aggregations = (measurement.aggregations ?? []).map(({ kind, value, unit }) => `${kind} ${String(value ?? "unset")} ${unit ?? ""}`.trim());
  return [limits, ...validators, ...aggregations].filter((text) => text !== "");
}

function Row({ measurement, phase, value }: { measurement: Measurement; phase: string; value: string }) {
  const { limits, marginal = false, outcome, unit } = measurement;
  return (
    <tr>
      <td>
        <Verdict of={outcome} />
        {marginal && <span class="tag marginal">marginal</span>}
      </td>
      <th scope="row" title={measurement.docstring}>
        {measurement.name}
        <span class="sub">
          <Breakable text={phase} />
        </span>
      </th>
      <td class={measuredNumber(measurement) === null ? "text-value" : "num"}>{value}</td>
      <td class="unit">{unitText(unit)}</td>
      <td>{conditions(measurement).map((text, index) => <span key={index} class="condition">{text}</span>)}</td>
      <td>
        <LimitBar
          value={measuredNumber(measurement)}
          low={toNumber(limits?.low)}
          high={toNumber(limits?.high)}
          marginal={marginal}
          outcome={outcome}
        />
      </td>
    </tr>
  );
}

export function Measurements({ phases }: { phases: readonly Phase[] }) {
  const [wanted, setWanted] = useState("");
  const needle = wanted.trim().toLowerCase();
  const all = phases.flatMap((phase) => (phase.measurements ?? []).map((measurement) => ({ measurement, phase: phase.name })));
  if (all.length === 0) return null;
  const shown = all.filter(({ measurement, phase }) => `${phase} ${measurement.name}`.toLowerCase().includes(needle));
  const values = alignPoints(shown.map(({ measurement }) => valueText(measurement.value)));
  return (
    <section class="panel" aria-labelledby="measurements-title">
      <div class="panel-head">
        <h2 id="measurements-title">Measurements</h2>
        <span class="muted num">{shown.length}</span>
        <span class="spacer" />
        <label>
          Find <input type="search" value={wanted} onInput={({ currentTarget: { value } }) => setWanted(value)} />
        </label>
      </div>
      <div class="table-scroll tall" tabIndex={0} role="group" aria-label="Measurements">
        <table class="measurements">
          <thead>
            <tr>
              <th scope="col">Outcome</th>
              <th scope="col">Measurement</th>
              <th scope="col" class="num">
                Value
              </th>
              <th scope="col">Unit</th>
              <th scope="col">Limits</th>
              <th scope="col">Where it lies</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ measurement, phase }, index) => (
              <Row key={index} measurement={measurement} phase={phase} value={values[index] ?? ""} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
