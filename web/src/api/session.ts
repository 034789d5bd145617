//! Who uses this browser, and what they may do.

import { signal } from "@preact/signals";
import { ApiError, getJson, request } from "./http.ts";

export interface Session {
  readonly who: { readonly kind: string; readonly name: string };
  readonly may: readonly string[];
}

/** Undefined until the server was asked, null if it knows nobody. */
export const session = signal<Session | null | undefined>(undefined);

/** Asks the server. Where it cannot be reached, what was known stays. */
export async function refreshSession(): Promise<Session | null | undefined> {
  try {
    session.value = await getJson<Session>("/v1/session");
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) session.value = null;
  }
  return session.value;
}

export async function logIn(key: string): Promise<void> {
  await request("POST", "/v1/session", { key });
  await refreshSession();
}

export async function logOut(): Promise<void> {
  await request("DELETE", "/v1/session");
  session.value = null;
}

export function may(what: "watch" | "start"): boolean {
  return session.value?.may.includes(what) ?? false;
}
