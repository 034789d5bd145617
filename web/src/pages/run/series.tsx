//! Measurements of several dimensions, as charts: one for each unit, since amperes and percent share no axis.

import { useMemo } from "preact/hooks";
import type { AlignedData } from "uplot";
import { finiteCell, type Axis, type Measurement, type Phase } from "../../api/runs.ts";
import { unitText } from "../../parts/format.ts";
import { Plot, type Curve } from "../../parts/plot.tsx";
import { Verdict } from "../../parts/verdict.tsx";

const COLORS = ["series-1", "series-2", "series-3", "series-4"] as const;

function named(axis: Axis | undefined, fallback: string): string {
  return axis?.name ?? axis?.description ?? fallback;
}

function title(axis: Axis | undefined, fallback: string): string {
  const unit = unitText(axis?.unit);
  return unit === "" ? named(axis, fallback) : `${named(axis, fallback)} (${unit})`;
}

/** Columns in the order of the first axis, as a chart needs them; rows without a first number are left out. */
export function columns(x: Axis, ys: readonly Axis[]): AlignedData {
  const rows = x.data
    .map((cell, index) => [finiteCell(cell), index] as const)
    .filter((row): row is readonly [number, number] => row[0] !== null)
    .toSorted(([a], [b]) => a - b);
  return [rows.map(([at]) => at), ...ys.map((axis) => rows.map(([, index]) => finiteCell(axis.data[index])))];
}

/** The axes after the first, those of one unit together, each with its colour. */
function byUnit(ys: readonly Axis[]): readonly (readonly (readonly [Axis, Curve["color"]])[])[] {
  const groups = new Map<string, (readonly [Axis, Curve["color"]])[]>();
  ys.forEach((axis, index) => {
    const unit = unitText(axis.unit);
    groups.set(unit, [...(groups.get(unit) ?? []), [axis, COLORS[index % COLORS.length] ?? "series-1"]]);
  });
  return [...groups.values()];
}

function Chart({ x, group, of }: { x: Axis; group: readonly (readonly [Axis, Curve["color"]])[]; of: string }) {
  const data = useMemo(() => columns(x, group.map(([axis]) => axis)), [x, group]);
  const count = data[0].length;
  if (count === 0) return <p class="muted">There are no numbers to draw.</p>;
  const curves = group.map(([axis, color]): Curve => {
    const unit = unitText(axis.unit);
    return { label: named(axis, "value"), color, points: count <= 100, ...(unit !== "" && { unit }) };
  });
  const yLabel = group.length === 1 ? title(group[0]?.[0], "value") : (curves[0]?.unit ?? "");
  const label = `${of}: ${curves.map((curve) => curve.label).join(", ")} over ${title(x, "x")}, ${count} points`;
  return <Plot label={label} data={data} curves={curves} xLabel={title(x, "x")} yLabel={yLabel} height={240} legend />;
}

function Series({ measurement, phase }: { measurement: Measurement; phase: string }) {
  const [x, ...ys] = measurement.value?.series ?? [];
  const groups = useMemo(() => byUnit(ys), [measurement]);
  return (
    <figure class="series" data-measurement={measurement.name}>
      <figcaption>
        <Verdict of={measurement.outcome} /> <strong>{measurement.name}</strong> <span class="muted">{phase}</span>
      </figcaption>
      {x && groups.map((group, index) => <Chart key={index} x={x} group={group} of={measurement.name} />)}
    </figure>
  );
}

export function SeriesPlots({ phases }: { phases: readonly Phase[] }) {
  const all = phases.flatMap((phase) =>
    (phase.measurements ?? [])
      .filter(({ value }) => value?.series !== undefined)
      .map((measurement) => ({ measurement, phase: phase.name })),
  );
  if (all.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="series-title">
      <h2 id="series-title">Plots</h2>
      <div class="series-grid">
        {all.map(({ measurement, phase }, index) => (
          <Series key={index} measurement={measurement} phase={phase} />
        ))}
      </div>
    </section>
  );
}
