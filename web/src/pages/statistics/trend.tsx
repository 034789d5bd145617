//! A measurement over time, with the limits that it had.

import type { AlignedData } from "uplot";
import type { RunQuery } from "../../api/runs.ts";
import { trend, type TrendPoint } from "../../api/statistics.ts";
import { plainNumber, unitText } from "../../parts/format.ts";
import { Moment } from "../../parts/moment.tsx";
import { Plot, type Curve } from "../../parts/plot.tsx";
import { Loaded, useResource } from "../../parts/resource.tsx";
import { Verdict } from "../../parts/verdict.tsx";
import { withSearch } from "../../router.ts";

const MOST_POINTS = 1000;

function chart(points: readonly TrendPoint[]): { data: AlignedData; curves: Curve[] } {
  const unit = unitText(points[0]?.unit);
  const data: AlignedData = [
    points.map(({ started_ms }) => started_ms / 1000),
    points.map(({ value }) => value),
    points.map(({ limits }) => limits.low),
    points.map(({ limits }) => limits.high),
  ];
  const curves: Curve[] = [
    { label: "value", color: "series-1", points: points.length <= 200, ...(unit && { unit }) },
    { label: "low limit", color: "limit", dashed: true },
    { label: "high limit", color: "limit", dashed: true },
  ];
  return { data, curves };
}

function Points({ points }: { points: readonly TrendPoint[] }) {
  return (
    <details>
      <summary>The values as a table</summary>
      <div class="table-scroll half" tabIndex={0} role="group" aria-label="Values">
        <table>
          <thead>
            <tr>
              <th scope="col">Began</th>
              <th scope="col">Unit</th>
              <th scope="col" class="num">Value</th>
              <th scope="col">Outcome</th>
            </tr>
          </thead>
          <tbody>
            {points.map((point, index) => (
              <tr key={index}>
                <td>
                  <a href={`/runs/${encodeURIComponent(point.run)}`}>
                    <Moment at={point.started_ms} />
                  </a>
                </td>
                <td>{point.serial_number}</td>
                <td class="num">
                  {plainNumber(point.value)} {unitText(point.unit)}
                </td>
                <td>
                  <Verdict of={point.outcome} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

interface Props {
  readonly measurement: string;
  readonly phase: string | null;
  readonly wanted: RunQuery;
}

export function TrendPlot({ measurement, phase, wanted }: Props) {
  const question = { ...wanted, measurement, order: "newest", limit: MOST_POINTS };
  const resource = useResource(JSON.stringify(question), (signal) => trend(question, signal));
  return (
    <section class="panel" aria-labelledby="trend-title">
      <div class="panel-head">
        <h2 id="trend-title">Trend of {measurement}</h2>
        {phase !== null && <span class="muted">{phase}</span>}
        <span class="spacer" />
        <a class="button" href={withSearch({ measurement: null, phase: null })}>
          Close
        </a>
      </div>
      <Loaded of={resource}>
        {({ points, next }) => {
          const shown = points.filter((point) => phase === null || point.phase === phase).toReversed();
          if (shown.length === 0) return <p class="muted">No values.</p>;
          const { data, curves } = chart(shown);
          const unit = unitText(shown[0]?.unit);
          return (
            <>
              <Plot
                label={`${measurement} over time, ${shown.length} values`}
                data={data}
                curves={curves}
                isTime
                legend
                height={280}
                xLabel="time of the run"
                yLabel={unit ? `${measurement} (${unit})` : measurement}
              />
              {next !== null && <p class="muted">Only the newest {MOST_POINTS} values are shown.</p>}
              <Points points={shown} />
            </>
          );
        }}
      </Loaded>
    </section>
  );
}
