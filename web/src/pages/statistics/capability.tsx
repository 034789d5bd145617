//! Capability of measurements, the least capable first.

import type { Capability } from "../../api/statistics.ts";
import { Breakable } from "../../parts/breakable.tsx";
import { alignPoints, band, plainNumber, unitText } from "../../parts/format.ts";
import { withSearch } from "../../router.ts";

/** What is usually asked for; below it a process makes bad units, below 1 many. */
const CAPABLE = 1.33;

function tone(cpk: number | null): string {
  if (cpk === null) return "";
  return cpk < 1 ? "bad" : cpk < CAPABLE ? "marginal" : "good";
}

const index = (value: number | null): string => (value === null ? "" : value.toFixed(2));
const figure = (value: number | null): string => (value === null ? "" : plainNumber(value));

export function CapabilityTable({ rows }: { rows: readonly Capability[] }) {
  const sorted = rows.toSorted((a, b) => (a.cpk ?? Infinity) - (b.cpk ?? Infinity));
  const means = alignPoints(sorted.map(({ mean }) => figure(mean)));
  const deviations = alignPoints(sorted.map(({ deviation }) => figure(deviation)));
  return (
    <div class="table-scroll half" tabIndex={0} role="group" aria-label="Capability">
      <table>
        <thead>
          <tr>
            <th scope="col">Measurement</th>
            <th scope="col" class="num">Count</th>
            <th scope="col" class="num">Marginal</th>
            <th scope="col" class="num">Mean</th>
            <th scope="col" class="num">Deviation</th>
            <th scope="col">Unit</th>
            <th scope="col">Limits</th>
            <th scope="col" class="num">Cp</th>
            <th scope="col" class="num">Cpk</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((row, at) => (
            <tr key={`${row.procedure.id} ${row.phase} ${row.measurement}`}>
              <th scope="row">
                <a href={withSearch({ measurement: row.measurement, phase: row.phase })}>{row.measurement}</a>
                <span class="sub">
                  <Breakable text={row.phase} />
                </span>
              </th>
              <td class="num">{row.count}</td>
              <td class="num">{row.marginal || ""}</td>
              <td class="num">{means[at]}</td>
              <td class="num">{deviations[at]}</td>
              <td class="unit">{unitText(row.unit)}</td>
              <td class="limits">{band(row.limits.low, row.limits.high)}</td>
              <td class="num">{index(row.cp)}</td>
              <td class={`num ${tone(row.cpk)}`}>{index(row.cpk)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p class="empty">No measurement has limits.</p>}
    </div>
  );
}
