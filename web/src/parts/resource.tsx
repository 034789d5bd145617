//! Something that is fetched for a page: on its way, there, or failed.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../api/http.ts";

export interface Resource<T> {
  readonly value: T | null;
  readonly error: string | null;
  /** It failed, but may not the next time: the server could not be reached, or had no time. */
  readonly passing: boolean;
  readonly loading: boolean;
}

const NOTHING = { value: null, error: null, passing: false };

/** Fetches anew whenever `key` changes; what arrives for an older key is thrown away. A null key fetches nothing. */
export function useResource<T>(key: string | null, fetch: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [state, setState] = useState<Resource<T>>({ ...NOTHING, loading: key !== null });
  useEffect(() => {
    if (key === null) return setState({ ...NOTHING, loading: false });
    const abort = new AbortController();
    setState((before) => ({ ...before, error: null, passing: false, loading: true }));
    fetch(abort.signal).then(
      (value) => !abort.signal.aborted && setState({ ...NOTHING, value, loading: false }),
      (error: unknown) => {
        if (!abort.signal.aborted) setState({ value: null, error: reason(error), passing: isPassing(error), loading: false });
      },
    );
    return () => abort.abort();
  }, [key]);
  return state;
}

function isPassing(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
}

export function reason(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return error instanceof Error ? error.message : String(error);
}

interface Props<T> {
  readonly of: Resource<T>;
  readonly children: (value: T) => ComponentChildren;
}

export function Loaded<T>({ of, children }: Props<T>) {
  if (of.error !== null) {
    return (
      <p class="failure" role="alert">
        {of.error}
      </p>
    );
  }
  if (of.value === null) return of.loading ? <p class="muted" role="status">Loading…</p> : null;
  return <div class={of.loading ? "refreshing" : ""} aria-busy={of.loading}>{children(of.value)}</div>;
}
