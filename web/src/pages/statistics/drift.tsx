//! How far measurements moved, those nearest to a limit first.

import type { Drift, Rows } from "../../api/statistics.ts";
import { Breakable } from "../../parts/breakable.tsx";
import { alignPoints, percent, plainNumber, unitText } from "../../parts/format.ts";
import { Loaded, type Resource } from "../../parts/resource.tsx";
import { withSearch } from "../../router.ts";
import { NotAll } from "./sheet.tsx";

function share(value: number | null): string {
  return value === null ? "" : percent(value);
}

function Table({ rows }: { rows: readonly Drift[] }) {
  const moved = rows.filter(({ shift }) => shift !== null).toSorted((a, b) => (b.approach ?? 0) - (a.approach ?? 0));
  const shifts = alignPoints(moved.map(({ shift }) => plainNumber(shift ?? 0)));
  const unmoved = rows.length - moved.length;
  return (
    <>
      {moved.length > 0 && (
        <div class="table-scroll half" tabIndex={0} role="group" aria-label="Drift">
          <table>
            <thead>
              <tr>
                <th scope="col">Measurement</th>
                <th scope="col" class="num">Shift</th>
                <th scope="col">Unit</th>
                <th scope="col" class="num">Way to the limit</th>
                <th scope="col" class="num">More marginal</th>
              </tr>
            </thead>
            <tbody>
              {moved.map((row, at) => (
                <tr key={`${row.procedure.id} ${row.phase} ${row.measurement}`}>
                  <th scope="row">
                    <a href={withSearch({ measurement: row.measurement, phase: row.phase })}>{row.measurement}</a>
                    <span class="sub">
                      <Breakable text={row.phase} />
                    </span>
                  </th>
                  <td class="num">{shifts[at]}</td>
                  <td class="unit">{unitText(row.unit)}</td>
                  <td class="num">{share(row.approach)}</td>
                  <td class="num">{share(row.marginal_rise)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.length === 0 && <p class="muted">None.</p>}
      {unmoved > 0 && <p class="muted">{unmoved} measurements with limits have too few values to drift.</p>}
    </>
  );
}

export function DriftTable({ of }: { of: Resource<Rows<Drift>> }) {
  return (
    <section class="panel" aria-labelledby="drift-title">
      <h2 id="drift-title">Drift</h2>
      <Loaded of={of}>
        {({ rows, isAll }) => (
          <>
            <Table rows={rows} />
            {!isAll && <NotAll shown={rows.length} />}
          </>
        )}
      </Loaded>
    </section>
  );
}
