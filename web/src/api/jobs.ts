//! Jobs and benches, over HTTP.

import { getJson, query, request } from "./http.ts";

export type JobStatus = "queued" | "running" | "completed" | "failed" | "aborted" | "interrupted";

export interface JobView {
  readonly job_id: string;
  readonly device_requested: string | null;
  readonly device_used: string | null;
  readonly fallback: boolean;
  readonly frames: readonly { frame_id: string; plugin: string; timing_ms: number }[];
  readonly status: JobStatus;
  readonly result: { readonly outcome: string | null; readonly run_id: string | null } | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

export interface ExtendedJob extends JobView {
  readonly progress: number | null;
  readonly plugin_timings: Readonly<Record<string, number>> | null;
  readonly warnings: readonly string[] | null;
}

export interface UnitFields {
  readonly serial_number?: string;
  readonly part_number?: string;
  readonly revision?: string;
  readonly batch?: string;
}

export interface Bench {
  readonly name: string;
  readonly simulated: boolean;
  readonly state: "idle" | "busy" | "unknown";
  readonly owner: string | null;
  readonly job_id: string | null;
  readonly queued: number;
  readonly suites: readonly string[];
  /** What runs there, from servers that say so. */
  readonly job?: { readonly suite?: string; readonly unit?: UnitFields } | null;
}

export interface JobRequest {
  readonly suite: string;
  readonly device_requested?: string;
  readonly filters?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
  readonly unit?: UnitFields;
  readonly sim?: Readonly<Record<string, unknown>>;
}

export const isFinal = (status: JobStatus): boolean => status !== "queued" && status !== "running";

export async function benches(): Promise<readonly Bench[]> {
  return (await getJson<{ benches: readonly Bench[] }>("/v1/benches")).benches;
}

export async function jobs(limit: number): Promise<readonly JobView[]> {
  return (await getJson<{ jobs: readonly JobView[] }>(`/v1/jobs${query({ limit, frames: "false" })}`)).jobs;
}

export function job(id: string): Promise<ExtendedJob> {
  return getJson<ExtendedJob>(`/v1/jobs/${encodeURIComponent(id)}/extended`);
}

export async function startJob(wanted: JobRequest): Promise<JobView> {
  return (await request("POST", "/v1/jobs", wanted)).json() as Promise<JobView>;
}

export async function cancelJob(id: string): Promise<void> {
  await request("DELETE", `/v1/jobs/${encodeURIComponent(id)}`);
}
