//! The bus: the latest of each frame, with what its signals mean.

import type { FrameRow, Signal } from "../../live/frames.ts";
import type { Followed } from "./follow.ts";

/** How long a change stays marked. */
const FRESH_MS = 1200;

function SignalValue({ signal, now }: { signal: Signal; now: number }) {
  const isFresh = now - signal.changedAt < FRESH_MS;
  return (
    <span class={isFresh ? "signal fresh" : "signal"}>
      <span class="signal-name">{signal.name}</span>{" "}
      <span class="signal-value">
        {signal.shown}
        {signal.unit !== "" && <span class="unit"> {signal.unit}</span>}
      </span>
    </span>
  );
}

function age(ms: number): string {
  return ms < 10_000 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

function Row({ row, now }: { row: FrameRow; now: number }) {
  const isBad = row.check !== "" && row.check !== "good";
  return (
    <>
    <tr class={row.signals.length > 0 ? "frame with-signals" : "frame"}>
      <th scope="row">
        {row.name}
        <span class="muted"> {row.direction}</span>
      </th>
      <td class="mono id">{row.id}</td>
      <td class={now - row.bytesChangedAt < FRESH_MS ? "mono fresh" : "mono"}>
        {row.bytes}
        {isBad && <span class="check">{row.check.replace("_", " ")}</span>}
      </td>
      <td class="num">{age(now - row.at)}</td>
      <td class="num times">{row.count}</td>
    </tr>
      {row.signals.length > 0 && (
        <tr>
          <td class="signals" colSpan={5}>
            {row.signals.map((signal) => (
              <SignalValue key={signal.name} signal={signal} now={now} />
            ))}
          </td>
        </tr>
      )}
    </>
  );
}

export function Bus({ job }: Followed) {
  const rows = job?.frames.rows ?? [];
  // What a job that ended left behind does not grow older.
  const now = job?.ended === null ? Date.now() : (job?.touchedAt ?? 0) + FRESH_MS;
  return (
    <section class="panel bus" aria-labelledby="bus-title">
      <div class="panel-head">
        <h2 id="bus-title">Frames</h2>
      </div>
      <div class="scroll" tabIndex={0} role="group" aria-label="Latest frames">
        <table>
          <thead>
            <tr>
              <th scope="col">Frame</th>
              <th scope="col">Id</th>
              <th scope="col">Bytes</th>
              <th scope="col" class="num">
                Age
              </th>
              <th scope="col" class="num times">
                Count
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.key} row={row} now={now} />
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p class="empty">No frames yet.</p>}
      </div>
    </section>
  );
}
