//! Past runs: search, filters, pages. Everything that is chosen stands in the address.

import { useRef, useState } from "preact/hooks";
import { listRuns, type RunLine } from "../api/runs.ts";
import { duration } from "../parts/format.ts";
import { Moment } from "../parts/moment.tsx";
import { Loaded, useResource } from "../parts/resource.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { navigate, place, withSearch } from "../router.ts";
import { fromLocal, RunFilters } from "./filters.tsx";

const PAGE = 50;

/** Up and down move through the runs, Enter follows the link that has the focus. */
function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const target = event.target;
  if (step === undefined || !(target instanceof HTMLAnchorElement)) return;
  const links = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLAnchorElement>("a.run-link")];
  const next = links[links.indexOf(target) + step];
  if (next) {
    next.focus();
    event.preventDefault();
  }
}

interface RowProps {
  readonly run: RunLine;
  readonly isPicked: boolean;
  readonly onPick: (isPicked: boolean) => void;
}

function Row({ run, isPicked, onPick }: RowProps) {
  return (
    <tr class={isPicked ? "picked" : ""}>
      <td>
        <input
          type="checkbox"
          checked={isPicked}
          aria-label={`Compare the run of ${run.serial_number}, ${run.id}`}
          onChange={({ currentTarget: { checked } }) => onPick(checked)}
        />
      </td>
      <td>
        <Verdict of={run.outcome} />
      </td>
      <th scope="row">
        <a class="run-link" href={`/runs/${encodeURIComponent(run.id)}`}>
          {run.serial_number}
        </a>
      </th>
      <td>
        {run.part_number}
        {run.revision !== "" && <span class="muted"> {run.revision}</span>}
      </td>
      <td>{run.procedure.name}</td>
      <td>{run.station ?? "–"}</td>
      <td>{run.operator ?? "–"}</td>
      <td>
        <Moment at={run.started_ms} />
      </td>
      <td class="num">{duration(run.duration_us / 1000)}</td>
    </tr>
  );
}

const COLUMNS = ["Unit", "Part", "Procedure", "Bench", "Operator", "Began"] as const;

export function RunsPage() {
  const { search } = place.value;
  const [picked, setPicked] = useState<readonly string[]>([]);
  // The cursors of the pages before this one, so that there is a way back.
  const before = useRef<string[]>([]);
  const wanted = {
    search: search.get("search"),
    serial_number: search.get("serial"),
    part_number: search.get("part"),
    procedure: search.get("procedure"),
    outcome: search.get("outcome"),
    requirement: search.get("requirement"),
    started_after_ms: fromLocal(search.get("after")),
    started_before_ms: fromLocal(search.get("before")),
    cursor: search.get("cursor"),
    limit: PAGE,
  };
  const resource = useResource(JSON.stringify(wanted), (signal) => listRuns(wanted, signal));
  const pick = (id: string, isPicked: boolean) =>
    // Two can be compared: a third takes the place of the first.
    setPicked(isPicked ? [...picked, id].slice(-2) : picked.filter((other) => other !== id));
  const [a, b] = picked;

  const forward = (next: number) => {
    before.current.push(search.get("cursor") ?? "");
    navigate(withSearch({ cursor: String(next) }));
  };
  const back = () => navigate(withSearch({ cursor: before.current.pop() ?? null }));

  return (
    <>
      <div class="page-head">
        <h1>Runs</h1>
        {a !== undefined && b !== undefined ? (
          <a class="button primary" href={`/compare?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}`}>
            Compare the two
          </a>
        ) : (
          <span class="muted">Tick two runs to compare them.</span>
        )}
      </div>
      <RunFilters />
      <Loaded of={resource}>
        {({ runs, next }) => (
          <>
            <div class="panel table-scroll" tabIndex={0} role="group" aria-label="Runs" onKeyDown={moveFocus}>
              <table class="runs">
                <thead>
                  <tr>
                    <th scope="col">
                      <span class="visually-hidden">Compare</span>
                    </th>
                    <th scope="col">Outcome</th>
                    {COLUMNS.map((name) => (
                      <th key={name} scope="col">
                        {name}
                      </th>
                    ))}
                    <th scope="col" class="num">
                      Took
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {runs.map((run) => (
                    <Row key={run.id} run={run} isPicked={picked.includes(run.id)} onPick={(isPicked) => pick(run.id, isPicked)} />
                  ))}
                </tbody>
              </table>
            </div>
            {runs.length === 0 && <p role="status">No runs match.</p>}
            <nav class="pager" aria-label="Pages of runs">
              <button type="button" disabled={!search.has("cursor")} onClick={back}>
                ← Newer
              </button>
              <button type="button" disabled={next === null} onClick={() => next !== null && forward(next)}>
                Older →
              </button>
            </nav>
          </>
        )}
      </Loaded>
    </>
  );
}
