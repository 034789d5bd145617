//! The dialog that starts a job.

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { ApiError } from "../../api/http.ts";
import { startJob, type Bench } from "../../api/jobs.ts";
import { refresh } from "../../live/feed.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { reason } from "../../parts/resource.tsx";
import { chosen } from "./follow.ts";
import { EMPTY, fieldOf, FieldProblem, toRequest, type FieldName, type Form } from "./request.ts";

interface Problem {
  readonly field: FieldName | null;
  readonly message: string;
}

interface FieldProps {
  readonly name: FieldName;
  readonly label: string;
  readonly help?: string;
  readonly problem: Problem | null;
  readonly children: (aria: { id: string; "aria-invalid": boolean; "aria-describedby": string }) => ComponentChildren;
}

function Field({ name, label, help, problem, children }: FieldProps) {
  const own = problem?.field === name ? problem.message : null;
  const id = `job-${name}`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, "aria-invalid": own !== null, "aria-describedby": `${id}-help` })}
      <p id={`${id}-help`} class={own === null ? "help" : "help failure"} role={own === null ? undefined : "alert"}>
        {own ?? help ?? ""}
      </p>
    </div>
  );
}

const UNIT_FIELDS = [
  ["serial_number", "Serial number"],
  ["part_number", "Part"],
  ["revision", "Revision"],
  ["batch", "Batch"],
] as const;

const SIM_FIELDS = [
  ["frames", "Frames", "3"],
  ["interval_ms", "Interval, ms", "5"],
  ["sleep_ms", "Work before, ms", "0"],
  ["fail_at", "Fails at frame", "-1"],
  ["pad", "Padding, characters", "0"],
] as const;

export function StartDialog({ benches, onClose }: { benches: readonly Bench[]; onClose: () => void }) {
  const isSimKind = ({ suites }: Bench) => suites.includes("sim");
  const first = benches.find((bench) => bench.state === "idle" && !isSimKind(bench)) ?? benches[0];
  const suiteOf = (bench: Bench | undefined) => bench?.suites.find((name) => name === "hardware") ?? bench?.suites[0] ?? "";
  const [form, setForm] = useState<Form>({ ...EMPTY, bench: first?.name ?? "", suite: suiteOf(first) });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const element = useRef<HTMLFormElement>(null);
  const bench = benches.find(({ name }) => name === form.bench);
  const isSim = form.suite === "sim";
  const set = (change: Partial<Form>) => setForm((before) => ({ ...before, ...change }));

  const fail = (found: Problem) => {
    setProblem(found);
    setBusy(false);
    if (found.field) element.current?.querySelector<HTMLElement>(`#job-${found.field}`)?.focus();
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const started = await startJob(toRequest(form));
      chosen.value = started.job_id;
      await refresh();
      onClose();
    } catch (error) {
      if (error instanceof FieldProblem) fail({ field: error.field, message: error.message });
      else if (error instanceof ApiError) {
        const field = fieldOf(error.field);
        // What names a field that is not shown must not vanish with it.
        const isShown = field !== null && element.current?.querySelector(`#job-${field}`) !== null;
        fail({ field: isShown ? field : null, message: error.message });
      } else fail({ field: null, message: reason(error) });
    }
  };

  return (
    <Dialog title="Start a job" onClose={onClose}>
      <form ref={element} class="start" onSubmit={(event) => void submit(event)} noValidate>
        <div class="columns">
          <Field name="bench" label="Bench" problem={problem}>
            {(aria) => (
              <select
                {...aria}
                value={form.bench}
                onChange={({ currentTarget: { value } }) =>
                  set({ bench: value, suite: suiteOf(benches.find(({ name }) => name === value)) })
                }
              >
                {benches.map(({ name, state, queued }) => (
                  <option key={name} value={name}>
                    {name} ({state}
                    {queued > 0 ? `, ${queued} waiting` : ""})
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field name="suite" label="Suite" problem={problem}>
            {(aria) => (
              <select {...aria} value={form.suite} onChange={({ currentTarget: { value } }) => set({ suite: value })}>
                {bench?.suites.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
        <fieldset class="columns">
          <legend>Unit under test</legend>
          {UNIT_FIELDS.map(([name, label]) => (
            <Field key={name} name={name} label={label} problem={problem}>
              {(aria) => (
                <input {...aria} value={form[name]} autocomplete="off" onInput={({ currentTarget: { value } }) => set({ [name]: value })} />
              )}
            </Field>
          ))}
        </fieldset>
        {isSim ? (
          <fieldset class="columns">
            <legend>Simulated job</legend>
            {SIM_FIELDS.map(([name, label, example]) => (
              <Field key={name} name={name} label={label} problem={problem}>
                {(aria) => (
                  <input
                    {...aria}
                    inputMode="decimal"
                    placeholder={example}
                    value={form[name]}
                    onInput={({ currentTarget: { value } }) => set({ [name]: value })}
                  />
                )}
              </Field>
            ))}
            <Field name="warnings" label="Warnings, one a line" problem={problem}>
              {(aria) => (
                <textarea {...aria} rows={2} value={form.warnings} onInput={({ currentTarget: { value } }) => set({ warnings: value })} />
              )}
            </Field>
            <label class="check">
              <input
                type="checkbox"
                id="job-fatal"
                checked={form.fatal}
                onChange={({ currentTarget: { checked } }) => set({ fatal: checked })}
              />{" "}
              the failure ends the job
            </label>
          </fieldset>
        ) : (
          <>
            <Field name="filters" label="Filters" help="Parts of test names, with blanks between them; nothing means all" problem={problem}>
              {(aria) => (
                <input {...aria} value={form.filters} spellcheck={false} onInput={({ currentTarget: { value } }) => set({ filters: value })} />
              )}
            </Field>
            <Field name="config" label="Configuration" help="KEY=VALUE, one a line, such as power_supply.set_voltage=12.5" problem={problem}>
              {(aria) => (
                <textarea {...aria} rows={3} value={form.config} spellcheck={false} onInput={({ currentTarget: { value } }) => set({ config: value })} />
              )}
            </Field>
          </>
        )}
        {problem !== null && problem.field === null && (
          <p class="failure" role="alert">
            {problem.message}
          </p>
        )}
        <div class="actions">
          <button type="button" onClick={onClose}>
            Close
          </button>
          <button type="submit" class="primary" disabled={busy || form.suite === ""}>
            Start
          </button>
        </div>
      </form>
    </Dialog>
  );
}
