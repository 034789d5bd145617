//! From what somebody typed to the body of `POST /v1/jobs`, and from the server's complaint back to the field.

import type { JobRequest, UnitFields } from "../../api/jobs.ts";

export interface Form {
  readonly bench: string;
  readonly suite: string;
  readonly filters: string;
  readonly config: string;
  readonly serial_number: string;
  readonly part_number: string;
  readonly revision: string;
  readonly batch: string;
  readonly frames: string;
  readonly interval_ms: string;
  readonly sleep_ms: string;
  readonly warnings: string;
  readonly fail_at: string;
  readonly pad: string;
  readonly fatal: boolean;
}

export type FieldName = keyof Form;

export const EMPTY: Form = {
  bench: "",
  suite: "",
  filters: "",
  config: "",
  serial_number: "",
  part_number: "",
  revision: "",
  batch: "",
  frames: "",
  interval_ms: "",
  sleep_ms: "",
  warnings: "",
  fail_at: "",
  pad: "",
  fatal: false,
};

export class FieldProblem extends Error {
  constructor(
    readonly field: FieldName,
    message: string,
  ) {
    super(message);
  }
}

const lines = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter((line) => line !== "");

/** A value as the command line takes it: a number or a truth value where it is one, else a text. */
function scalar(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  // 007 and 0x1F are no numbers to somebody who types them.
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text;
}

function overrides(text: string): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const line of lines(text)) {
    const at = line.indexOf("=");
    if (at < 1) throw new FieldProblem("config", `“${line}” is not KEY=VALUE`);
    config[line.slice(0, at).trim()] = scalar(line.slice(at + 1).trim());
  }
  return config;
}

const UNIT = ["serial_number", "part_number", "revision", "batch"] as const;
const NUMBERS = ["frames", "interval_ms", "sleep_ms", "fail_at", "pad"] as const;

function simOptions(form: Form): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const name of NUMBERS) {
    const typed = form[name].trim();
    if (typed === "") continue;
    if (!Number.isFinite(Number(typed))) throw new FieldProblem(name, `“${typed}” is not a number`);
    options[name] = Number(typed);
  }
  const warnings = lines(form.warnings);
  if (warnings.length > 0) options["warnings"] = warnings;
  if (form.fatal) options["fatal"] = true;
  return options;
}

/** @throws FieldProblem for what the server need not be asked about. */
export function toRequest(form: Form): JobRequest {
  const unit: UnitFields = Object.fromEntries(
    UNIT.map((name) => [name, form[name].trim()] as const).filter(([, text]) => text !== ""),
  );
  const filters = form.filters.split(/\s+/).filter((filter) => filter !== "");
  const config = overrides(form.config);
  const sim = form.suite === "sim" ? simOptions(form) : {};
  const isReal = form.suite !== "sim";
  return {
    suite: form.suite,
    ...(form.bench !== "" && { device_requested: form.bench }),
    ...(isReal && filters.length > 0 && { filters }),
    ...(isReal && Object.keys(config).length > 0 && { config }),
    ...(Object.keys(unit).length > 0 && { unit }),
    ...(Object.keys(sim).length > 0 && { sim }),
  };
}

/** The field of the form that a field of the request belongs to: `unit.batch`, `options.sim.frames`, `filters[0]`. */
export function fieldOf(named: string | null): FieldName | null {
  if (named === null) return null;
  const parts = named.split(/[.[\]/]+/).filter((part) => part !== "" && part !== "options" && part !== "sim");
  const [first, second] = parts;
  if (first === "config") return "config";
  if (first === "device_requested") return "bench";
  if (first === undefined) return named.includes("sim") ? "frames" : null;
  const candidate = first === "unit" ? second : first;
  return candidate !== undefined && candidate in EMPTY ? (candidate as FieldName) : null;
}
