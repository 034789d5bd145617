//! Statistics over the runs that the filters let through.

import { capability, drift, firstPass, flaky, slowest, type Rows } from "../api/statistics.ts";
import { Breakable } from "../parts/breakable.tsx";
import { duration, percent } from "../parts/format.ts";
import { Loaded, useResource, type Resource } from "../parts/resource.tsx";
import { place } from "../router.ts";
import { fromLocal, RunFilters } from "./filters.tsx";
import { CapabilityTable } from "./statistics/capability.tsx";
import { DriftTable } from "./statistics/drift.tsx";
import { NotAll, Sheet } from "./statistics/sheet.tsx";
import { TrendPlot } from "./statistics/trend.tsx";

function rowsOf<T>(pages: Resource<Rows<T>>): Resource<readonly T[]> {
  return { ...pages, value: pages.value?.rows ?? null };
}

export function StatisticsPage() {
  const { search } = place.value;
  const wanted = {
    serial_number: search.get("serial"),
    part_number: search.get("part"),
    procedure: search.get("procedure"),
    started_after_ms: fromLocal(search.get("after")),
    started_before_ms: fromLocal(search.get("before")),
  };
  const key = JSON.stringify(wanted);
  const yields = useResource(key, (signal) => firstPass(wanted, signal));
  const capabilities = useResource(key, (signal) => capability(wanted, signal));
  const drifts = useResource(key, (signal) => drift(wanted, signal));
  const flakies = useResource(key, (signal) => flaky({ ...wanted, limit: 20 }, signal));
  const slow = useResource(key, (signal) => slowest({ ...wanted, limit: 20 }, signal));
  const measurement = search.get("measurement");

  return (
    <>
      <h1>Statistics</h1>
      <RunFilters withSearchField={false} withOutcome={false} />
      <Sheet title="First-pass yield" of={rowsOf(yields)} columns={["Procedure", "#Units", "#Passed first", "#Yield", ""]}>
        {(row) => [
          row.procedure.name,
          row.units,
          row.passed,
          percent(row.share),
          <meter min={0} max={1} value={row.share} aria-label={`Yield ${percent(row.share)}`} />,
        ]}
      </Sheet>
      {measurement !== null && <TrendPlot measurement={measurement} phase={search.get("phase")} wanted={wanted} />}
      <section class="panel" aria-labelledby="capability-title">
        <h2 id="capability-title">Capability</h2>
        <p class="muted">The least capable first; choose one to see its trend.</p>
        <Loaded of={capabilities}>
          {({ rows, isAll }) => (
            <>
              <CapabilityTable rows={rows} />
              {!isAll && <NotAll shown={rows.length} />}
            </>
          )}
        </Loaded>
      </section>
      <DriftTable of={drifts} />
      <Sheet title="Flaky" of={flakies} columns={["Phase", "Procedure", "#Units", "#Passed", "#Failed", "#Tried again"]}>
        {(row) => [<Breakable text={row.phase} />, row.procedure.name, row.units, row.passed, row.failed, row.retried]}
      </Sheet>
      <Sheet title="Slowest" of={slow} columns={["Phase", "Procedure", "#Runs", "#On average", "#Longest"]}>
        {(row) => [<Breakable text={row.phase} />, row.procedure.name, row.count, duration(row.mean_us / 1000), duration(row.longest_us / 1000)]}
      </Sheet>
    </>
  );
}
