//! The tests of the job, with their verdicts as they come.

import { useEffect, useRef } from "preact/hooks";
import type { Plugin, Verdict as Verdicts } from "../../live/plugin.ts";
import { Breakable } from "../../parts/breakable.tsx";
import { duration } from "../../parts/format.ts";
import { Verdict } from "../../parts/verdict.tsx";
import type { Followed } from "./follow.ts";

/** Module and name of a test; the suite goes without saying if all tests are of one. */
function split(name: string, withSuite: boolean): readonly [string, string] {
  const [suite, ...parts] = name.split("::");
  const test = parts.pop();
  if (suite === undefined || test === undefined) return ["", name];
  const modules = withSuite ? [suite, ...parts] : parts;
  return [modules.map((module) => `${module}::`).join(""), test];
}

interface LineProps {
  readonly name: string;
  readonly verdict: Verdicts | "not_run";
  readonly reason: string | null;
  readonly took: string;
  readonly isCurrent: boolean;
  readonly withSuite: boolean;
}

function TestLine({ name, verdict, reason, took, isCurrent, withSuite }: LineProps) {
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const [item, list] = [line.current, line.current?.parentElement];
    // The list follows the run; `scrollIntoView` would move the page as well.
    if (isCurrent && item && list && !list.matches(":hover, :focus-within")) {
      list.scrollTop = item.offsetTop - list.offsetTop - list.clientHeight / 2;
    }
  }, [isCurrent]);
  const [module, test] = split(name, withSuite);
  return (
    <li ref={line} class={`test ${verdict}`} aria-current={isCurrent ? "step" : undefined} title={name}>
      <Verdict of={verdict} />
      <span class="test-name">
        <span class="module">
          <Breakable text={module} />
        </span>
        <wbr />
        <Breakable text={test} />
        {reason !== null && <span class="why">{reason}</span>}
      </span>
      <span class="num took">{took}</span>
    </li>
  );
}

function took({ status, timingMs }: Plugin): string {
  return status === "completed" || status === "failed" ? duration(timingMs) : "";
}

export function Tests({ job }: Followed) {
  // Steps are declared whether the run needs them or not.
  const plugins = [...(job?.plugins.values() ?? [])].filter(({ isStep, verdict }) => !isStep || verdict !== "pending");
  const isPast = job !== null && job.ended !== null && job.plugins.size === 0;
  const withSuite = (job?.suites.length ?? 0) > 1;
  const red = plugins.filter(({ verdict }) => verdict === "fail" || verdict === "error");
  return (
    <section class="panel tests" aria-labelledby="tests-title">
      <div class="panel-head">
        <h2 id="tests-title">Tests</h2>
        {job && job.counts.total > 0 && (
          <span class="muted num">
            {job.isPlanned ? `${job.counts.done} of ${job.counts.total}` : `${job.counts.done} done`}
          </span>
        )}
      </div>
      {red.length > 0 && (
        <p class="visually-hidden" role="status">
          {red.length} not passed, the last one {red.at(-1)?.name}
        </p>
      )}
      <ul class="scroll" tabIndex={0} aria-label="Tests and their verdicts">
        {plugins.map((test) => (
          <TestLine
            key={test.name}
            name={test.name}
            verdict={job?.ended !== null && test.verdict === "pending" ? "not_run" : test.verdict}
            reason={test.reason}
            took={took(test)}
            isCurrent={job?.ended === null && job.current === test.name}
            withSuite={withSuite}
          />
        ))}
        {plugins.length === 0 && <li class="empty">{isPast ? "This job ended before this page was opened: the record of its run has everything." : "No tests yet."}</li>}
      </ul>
    </section>
  );
}
