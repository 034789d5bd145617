//! What was measured last.

import { Breakable } from "../../parts/breakable.tsx";
import { alignPoints } from "../../parts/format.ts";
import { Verdict } from "../../parts/verdict.tsx";
import type { Followed } from "./follow.ts";

export function Measurements({ job }: Followed) {
  const newestFirst = (job?.measured.items ?? []).toReversed();
  const shown = alignPoints(newestFirst.map((measured) => measured.shown));
  return (
    <section class="panel measured" aria-labelledby="measured-title">
      <div class="panel-head">
        <h2 id="measured-title">Measurements</h2>
      </div>
      <div class="scroll" tabIndex={0} role="group" aria-label="Latest measurements">
        <table>
          <tbody>
            {newestFirst.map((measured, at) => (
              <tr key={measured.key} title={measured.plugin}>
                <td>{measured.outcome !== "" && <Verdict of={measured.outcome} compact />}</td>
                <th scope="row">
                  <Breakable text={measured.name} />
                </th>
                <td class="num">{shown[at]}</td>
                <td class="unit">{measured.unit}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {newestFirst.length === 0 && <p class="empty">Nothing measured yet.</p>}
      </div>
    </section>
  );
}
