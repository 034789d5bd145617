//! The rail: what the supply says now, and its last minute.

import type { AlignedData } from "uplot";
import { WINDOW_S, type Supply } from "../../live/supply.ts";
import { Plot, type Curve } from "../../parts/plot.tsx";
import type { Followed } from "./follow.ts";

const VOLTS: readonly Curve[] = [{ label: "rail", unit: "V", color: "series-1" }];
const AMPS: readonly Curve[] = [{ label: "current", unit: "A", color: "series-2" }];

/** The last minute, also while there is less than a minute. */
const lastMinute = (): readonly [number, number] => [-WINDOW_S, 0];

/** Seconds before the newest sample: how long a bench has been up is of no use to who looks at a wall. */
function ages(at: readonly number[]): number[] {
  const last = at.at(-1) ?? 0;
  return at.map((then) => then - last);
}

interface Props {
  readonly name: string;
  /** What the reading is, if it is not that of now. */
  readonly when: string | null;
  readonly value: number | null;
  readonly unit: string;
  readonly digits: number;
  readonly supply: Supply | undefined;
  readonly column: "volts" | "amps";
  readonly curves: readonly Curve[];
  readonly span: number;
}

function Gauge({ name, when, value, unit, digits, supply, column, curves, span }: Props) {
  // uPlot keeps what it is given: the columns move on under it.
  const data: AlignedData = [ages(supply?.at ?? []), supply?.[column].slice() ?? []];
  const shown = value === null ? "–" : value.toFixed(digits);
  return (
    <div class="gauge">
      <p class="reading">
        <span class="label">
          {name}
          {when !== null && <span class="when">{when}</span>}
        </span>
        <span class="figure">{shown}</span>
        <span class="unit">{unit}</span>
      </p>
      <Plot label={`${name} over the last minute, ${when ?? "now"} ${shown} ${unit}`} data={data} curves={curves} xUnit="s" xRange={lastMinute} ySpan={span} />
    </div>
  );
}

export function Rail({ job }: Followed) {
  const supply = job?.supply;
  const after = job?.outputVerified ?? null;
  // The samples end before the output is off: what was read back then is the last word.
  const isOff = job?.ended !== null && after !== null && after.rail !== null;
  const when = job === null || job.ended === null ? null : isOff ? "output off" : "last seen";
  return (
    <section class="panel rail" aria-labelledby="rail-title">
      <h2 id="rail-title" class="visually-hidden">
        Rail
      </h2>
      <Gauge
        name="Voltage"
        when={when}
        value={isOff ? after.rail : (supply?.latest?.volts ?? null)}
        unit="V"
        digits={2}
        supply={supply}
        column="volts"
        curves={VOLTS}
        span={0.5}
      />
      <Gauge
        name="Current"
        when={when}
        value={isOff ? null : (supply?.latest?.amps ?? null)}
        unit="A"
        digits={3}
        supply={supply}
        column="amps"
        curves={AMPS}
        span={0.05}
      />
    </section>
  );
}
