//! What the job says in words: its log, and apart from it what somebody should look at.

import { memo } from "preact/compat";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Level, Line } from "../../live/job.ts";
import { Breakable } from "../../parts/breakable.tsx";
import { Moment } from "../../parts/moment.tsx";
import type { Followed } from "./follow.ts";

/** A line never changes, so it is never drawn twice. */
const LogLine = memo(({ line }: { line: Line }) => (
  <li class={`line ${line.level}`}>
    <Moment at={line.at} short />
    <span class="level">{line.level}</span>
    <span class="message">
      {line.message}
      {line.source !== "" && (
        <span class="source" title={line.source}>
          {" "}
          <Breakable text={line.source.split("::").slice(-2).join("::")} />
        </span>
      )}
    </span>
  </li>
));

/** A list that shows its end, unless somebody has scrolled up to read. */
function Lines({ lines, label }: { lines: readonly Line[]; label: string }) {
  const list = useRef<HTMLUListElement>(null);
  const follows = useRef(true);
  const top = useRef(0);
  const newest = lines.at(-1)?.key;
  const toEnd = () => {
    if (list.current && follows.current) list.current.scrollTop = list.current.scrollHeight;
  };
  useEffect(toEnd, [newest]);
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    const observer = new ResizeObserver(toEnd);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <ul
      ref={list}
      class="scroll lines"
      tabIndex={0}
      aria-label={label}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        // Lines may have come since the list was scrolled: only who goes up wants to read what is there.
        if (scrollTop + clientHeight > scrollHeight - 8) follows.current = true;
        else if (scrollTop < top.current) follows.current = false;
        top.current = scrollTop;
      }}
    >
      {lines.map((line) => (
        <LogLine key={line.key} line={line} />
      ))}
      {lines.length === 0 && <li class="empty">Nothing yet.</li>}
    </ul>
  );
}

const FILTERS: Readonly<Record<string, readonly Level[]>> = {
  "info and up": ["info", "warning", "error", "gap"],
  everything: ["debug", "info", "warning", "error", "gap"],
  "warnings and up": ["warning", "error", "gap"],
  "errors only": ["error"],
};

export function LogPanel({ job }: Followed) {
  const [filter, setFilter] = useState("info and up");
  const levels = FILTERS[filter] ?? [];
  const lines = (job?.log.items ?? []).filter((line) => levels.includes(line.level));
  return (
    <section class="panel log" aria-labelledby="log-title">
      <div class="panel-head">
        <h2 id="log-title">Log</h2>
        <label>
          <span class="visually-hidden">Show</span>
          <select value={filter} onChange={(event) => setFilter(event.currentTarget.value)}>
            {Object.keys(FILTERS).map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Lines lines={lines} label="Log of the job" />
    </section>
  );
}

export function Alerts({ job }: Followed) {
  const lines = job?.alerts.items ?? [];
  const last = lines.at(-1);
  return (
    <section class="panel alerts" aria-labelledby="alerts-title">
      <div class="panel-head">
        <h2 id="alerts-title">Warnings and errors</h2>
        <span class="muted num">{job?.alerts.added ?? 0}</span>
      </div>
      <p class="visually-hidden" role="status">
        {last ? `${last.level}: ${last.message}` : ""}
      </p>
      <Lines lines={lines} label="Warnings and errors of the job" />
    </section>
  );
}
