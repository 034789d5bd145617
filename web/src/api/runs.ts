//! Runs of the store: lists, documents, contents of attachments.

import { getJson, query, request } from "./http.ts";

export type RunOutcome = "PASS" | "FAIL" | "ERROR" | "TIMEOUT" | "ABORTED";
export type MeasurementOutcome = "PASS" | "FAIL" | "ERROR" | "SKIP" | "UNSET";

/** JSON has no number for what is not finite. */
export type Num = number | "NaN" | "inf" | "-inf";
export type Cell = number | string | boolean | null | { readonly number: Num };

export interface RunLine {
  readonly id: string;
  readonly procedure: { readonly id: string; readonly identifier: string; readonly name: string };
  readonly version: string | null;
  readonly serial_number: string;
  readonly part_number: string;
  readonly revision: string;
  readonly batch: string | null;
  readonly station: string | null;
  readonly operator: string | null;
  readonly outcome: RunOutcome;
  readonly started_ms: number;
  readonly duration_us: number;
}

export interface Limits {
  readonly low?: Num;
  readonly high?: Num;
}

export interface Validator {
  readonly outcome: MeasurementOutcome;
  readonly operator?: string;
  readonly expression?: string;
  readonly expected?: unknown;
}

export interface Aggregation {
  readonly kind: string;
  readonly outcome?: MeasurementOutcome;
  readonly value?: Cell;
  readonly unit?: string;
}

export interface Axis {
  readonly name?: string;
  readonly unit?: string;
  readonly description?: string;
  readonly data: readonly Cell[];
  readonly validators?: readonly Validator[];
  readonly aggregations?: readonly Aggregation[];
}

export interface Value {
  readonly number?: Num;
  readonly text?: string;
  readonly bool?: boolean;
  readonly json?: unknown;
  readonly series?: readonly Axis[];
}

export interface Measurement {
  readonly name: string;
  readonly outcome: MeasurementOutcome;
  readonly marginal?: boolean;
  readonly optional?: boolean;
  readonly value?: Value;
  readonly unit?: string;
  readonly limits?: Limits;
  readonly marginal_limits?: Limits;
  readonly validators?: readonly Validator[];
  readonly aggregations?: readonly Aggregation[];
  readonly docstring?: string;
}

export interface Log {
  readonly level: string;
  readonly at_ms: number;
  readonly message: string;
  readonly source_file?: string;
  readonly line_number?: number;
}

export interface Phase {
  readonly name: string;
  readonly outcome: "PASS" | "FAIL" | "ERROR" | "SKIP";
  readonly started_ms: number;
  readonly ended_ms?: number;
  readonly retry_count: number;
  readonly docstring?: string;
  readonly measurements?: readonly Measurement[];
  readonly logs?: readonly Log[];
  readonly requirements?: readonly string[];
}

export interface Attachment {
  readonly name: string;
  readonly content_type?: string;
  readonly size: number;
  readonly sha256: string;
}

export interface Run {
  readonly id: string;
  readonly procedure: { readonly id: string; readonly name?: string; readonly version?: string };
  readonly unit: {
    readonly serial_number: string;
    readonly part_number?: string;
    readonly part_name?: string;
    readonly revision?: string;
    readonly batch?: string;
  };
  readonly sub_units?: readonly string[];
  readonly station?: string;
  readonly operator?: string;
  readonly started_ms: number;
  readonly ended_ms: number;
  readonly duration_us: number;
  readonly outcome: RunOutcome;
  readonly docstring?: string;
  readonly phases: readonly Phase[];
  readonly logs?: readonly Log[];
  readonly attachments?: readonly Attachment[];
  readonly properties?: readonly { readonly key: string; readonly value: string }[];
  readonly requirements?: readonly string[];
}

export interface RunPage {
  readonly runs: readonly RunLine[];
  readonly next: number | null;
}

export type RunQuery = Readonly<Record<string, string | number | null | undefined>>;

export function listRuns(wanted: RunQuery, signal?: AbortSignal): Promise<RunPage> {
  return getJson<RunPage>(`/api/hil/v1/runs${query(wanted)}`, signal);
}

export function run(id: string, signal?: AbortSignal): Promise<Run> {
  return getJson<Run>(`/api/hil/v1/runs/${encodeURIComponent(id)}`, signal);
}

export async function content(attachment: Attachment): Promise<Blob> {
  const response = await request("GET", `/api/hil/v1/contents/${encodeURIComponent(attachment.sha256)}`);
  return new Blob([await response.arrayBuffer()], { type: attachment.content_type ?? "application/octet-stream" });
}

/** What of the bench was simulated, if anything was. */
export function simulated(of: Run): string | null {
  const property = of.properties?.find(({ key }) => key.toLowerCase() === "simulated");
  const value = property?.value.trim() ?? "";
  return ["", "false", "no", "0"].includes(value.toLowerCase()) ? null : value;
}

/** A number that may be NaN. */
export function toNumber(value: Num | undefined): number | null {
  if (value === undefined) return null;
  if (typeof value === "number") return value;
  return { NaN: NaN, inf: Infinity, "-inf": -Infinity }[value];
}

/** A cell of a column, if it is a finite number. */
export function finiteCell(cell: Cell | undefined): number | null {
  const number = typeof cell === "object" && cell !== null ? toNumber(cell.number) : cell;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}
