//! Messages as the server would send them, for tests.

import type { Message } from "./message.ts";
import { parse } from "./message.ts";
import { LiveState } from "./state.ts";

export const AT = "2026-11-21T09:14:00.000Z";

/** The text of a message; `extra` goes into its envelope. */
export function wire(type: string, payload: object, extra: object = {}): string {
  return JSON.stringify({ type, payload, timestamp: AT, epoch: "k3v9", ...extra });
}

export function message(type: string, payload: object, extra: object = {}): Message {
  const parsed = parse(wire(type, payload, extra));
  if (!parsed) throw new Error(`a message that cannot be read: ${type} ${JSON.stringify(payload)}`);
  return parsed;
}

/** A live state, and a short way to tell it of job `j`. */
export function scene(): { state: LiveState; say: (type: string, payload: object, extra?: object) => void } {
  const state = new LiveState();
  let seq = 0;
  return {
    state,
    say: (type, payload, extra = {}) => state.apply(message(type, payload, { seq: (seq += 1), job_id: "j", ...extra }), 1000),
  };
}
