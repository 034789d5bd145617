//! Statistics over runs.

import { getJson, query } from "./http.ts";
import type { RunQuery } from "./runs.ts";

interface Procedure {
  readonly id: string;
  readonly identifier: string;
  readonly name: string;
}

interface Band {
  readonly low: number | null;
  readonly high: number | null;
}

export interface FirstPass {
  readonly procedure: Procedure;
  readonly units: number;
  readonly passed: number;
  readonly share: number;
}

export interface Capability {
  readonly procedure: Procedure;
  readonly phase: string;
  readonly measurement: string;
  readonly unit: string | null;
  readonly count: number;
  readonly marginal: number;
  readonly mean: number | null;
  readonly deviation: number | null;
  readonly least: number;
  readonly greatest: number;
  readonly limits: Band;
  readonly cp: number | null;
  readonly cpk: number | null;
}

export interface TrendPoint {
  readonly run: string;
  readonly started_ms: number;
  readonly serial_number: string;
  readonly phase: string;
  readonly value: number;
  readonly unit: string | null;
  readonly outcome: string;
  readonly marginal: boolean;
  readonly limits: Band;
}

export interface Flaky {
  readonly procedure: Procedure;
  readonly phase: string;
  readonly units: number;
  readonly passed: number;
  readonly failed: number;
  readonly retried: number;
}

export interface Slow {
  readonly procedure: Procedure;
  readonly phase: string;
  readonly count: number;
  readonly mean_us: number;
  readonly longest_us: number;
}

export interface Drift {
  readonly procedure: Procedure;
  readonly phase: string;
  readonly measurement: string;
  readonly unit: string | null;
  readonly shift: number | null;
  readonly approach: number | null;
  readonly marginal_rise: number | null;
}

/** What was asked for page by page, and whether it is all there is. */
export interface Rows<T> {
  readonly rows: readonly T[];
  readonly isAll: boolean;
}

type Page<Key extends string, T> = Readonly<Record<Key, readonly T[]>> & { readonly next: number | null };

/** As many on a page as the server gives at most, and as many of them as a table can show. */
const PAGE = 1000;
const MOST_PAGES = 5;

function statistics<T>(what: string) {
  return (wanted: RunQuery, signal?: AbortSignal) =>
    getJson<T>(`/api/hil/v1/statistics/${what}${query(wanted)}`, signal);
}

/** The tables are sorted here, by what the server does not sort by: that takes all rows, not a page of them. */
function paged<Key extends string, T>(what: string, key: Key) {
  const ask = statistics<Page<Key, T>>(what);
  return async (wanted: RunQuery, signal?: AbortSignal): Promise<Rows<T>> => {
    const rows: T[] = [];
    let cursor: number | null = null;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const page: Page<Key, T> = await ask({ ...wanted, limit: PAGE, cursor }, signal);
      rows.push(...page[key]);
      cursor = page.next;
      if (cursor === null) return { rows, isAll: true };
    }
    return { rows, isAll: false };
  };
}

export const firstPass = paged<"procedures", FirstPass>("first-pass", "procedures");
export const capability = paged<"measurements", Capability>("capability", "measurements");
export const trend = statistics<{ readonly points: readonly TrendPoint[]; readonly next: number | null }>("trend");
export const flaky = statistics<readonly Flaky[]>("flaky");
export const slowest = statistics<readonly Slow[]>("slowest");
export const drift = paged<"measurements", Drift>("drift", "measurements");
