//! Filters over runs, kept in the address.

import { useEffect, useRef } from "preact/hooks";
import { navigate, place, withSearch } from "../router.ts";

const TEXTS = [
  ["serial", "Serial number"],
  ["part", "Part"],
  ["procedure", "Procedure"],
] as const;
const OUTCOMES = ["PASS", "FAIL", "ERROR", "TIMEOUT", "ABORTED"] as const;

/** Milliseconds of what `datetime-local` says, which is local time. */
export function fromLocal(text: string | null): number | null {
  const at = text === null ? NaN : new Date(text).getTime();
  return Number.isNaN(at) ? null : at;
}

function change(name: string, value: string): void {
  navigate(withSearch({ [name]: value.trim(), cursor: null }), true);
}

/** Changes the address once the user pauses, and not with every key. */
function later(name: string) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return ({ currentTarget: { value } }: { currentTarget: { value: string } }) => {
    clearTimeout(timer);
    timer = setTimeout(() => change(name, value), 300);
  };
}

const changes = new Map<string, ReturnType<typeof later>>();

function onInput(name: string): ReturnType<typeof later> {
  let act = changes.get(name);
  if (!act) changes.set(name, (act = later(name)));
  return act;
}

export function RunFilters({ withSearchField = true, withOutcome = true }: { withSearchField?: boolean; withOutcome?: boolean }) {
  const { search, path } = place.value;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // Back, forward and Clear change the address, and the address decides; but never under somebody's fingers.
    for (const input of form.current?.querySelectorAll<HTMLInputElement>("input[name]") ?? []) {
      if (input !== document.activeElement) input.value = search.get(input.name) ?? "";
    }
  }, [search]);
  return (
    <form ref={form} class="filters" role="search" aria-label="Filter runs" onSubmit={(event) => event.preventDefault()}>
      {withSearchField && (
        <label class="grow">
          Search
          <input type="search" name="search" placeholder="serial, part, procedure, id…" onInput={onInput("search")} />
        </label>
      )}
      {TEXTS.map(([name, label]) => (
        <label key={name}>
          {label}
          <input name={name} autocomplete="off" onInput={onInput(name)} />
        </label>
      ))}
      {withOutcome && (
        <label>
          Outcome
          <select value={search.get("outcome") ?? ""} onChange={({ currentTarget: { value } }) => change("outcome", value)}>
            <option value="">any</option>
            {OUTCOMES.map((outcome) => (
              <option key={outcome}>{outcome}</option>
            ))}
          </select>
        </label>
      )}
      <label>
        From
        <input type="datetime-local" value={search.get("after") ?? ""} onChange={({ currentTarget: { value } }) => change("after", value)} />
      </label>
      <label>
        To
        <input type="datetime-local" value={search.get("before") ?? ""} onChange={({ currentTarget: { value } }) => change("before", value)} />
      </label>
      {search.size > 0 && (
        <a class="button" href={path}>
          Clear
        </a>
      )}
    </form>
  );
}
