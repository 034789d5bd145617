//! The one connection of this page, and what it has told so far, as signals.

import { signal } from "@preact/signals";
import { benches as askBenches, jobs as askJobs, type Bench, type JobView } from "../api/jobs.ts";
import { refreshSession, session } from "../api/session.ts";
import { Connection, type Socket, type Status } from "./connection.ts";
import type { Message } from "./message.ts";
import { Pump } from "./pump.ts";
import { LiveState } from "./state.ts";

export const status = signal<Status>({ phase: "connecting", resumedAt: null });
/** Rises when `live` has changed, ten times a second at most: whoever shows it reads this. */
export const version = signal(0);
/** Rises once a second. */
export const clock = signal(Date.now());
export const benches = signal<readonly Bench[] | null>(null);
/** The newest jobs, newest first. */
export const recent = signal<readonly JobView[]>([]);
export const live = new LiveState();

/** How often benches are asked for; a bench may be taken by somebody at its own keyboard. */
const ASK_MS = 10_000;
/** How many jobs are listed. */
const RECENT = 8;

/** What the jobs that were seen running test, by id: a bench says it only while the job runs. */
export const subjects = new Map<string, NonNullable<Bench["job"]>>();
const MOST_SUBJECTS = 50;

function remember(benches: readonly Bench[]): void {
  for (const { job_id, job } of benches) if (job_id !== null && job) subjects.set(job_id, job);
  for (const id of subjects.keys()) {
    if (subjects.size <= MOST_SUBJECTS) return;
    subjects.delete(id);
  }
}

/** What of the benches says that the list of jobs is another one. */
const occupation = (of: readonly Bench[] | null): string => JSON.stringify(of?.map(({ job_id, queued }) => [job_id, queued]));

async function refreshJobs(): Promise<void> {
  recent.value = await askJobs(RECENT);
  for (const { job_id, started_at } of recent.value) {
    const job = live.job(job_id);
    // A snapshot does not say when the job began.
    if (job) job.startedAt ??= started_at;
  }
}

let asking = false;
let askAgain = false;

/**
 * Asks for benches and jobs; a question while one is under way is asked once, after it.
 *
 * @param always asks for jobs even if nothing on the benches has changed: their list is long, since each has its frames
 */
export async function refresh(always = true): Promise<void> {
  if (asking) {
    askAgain ||= always;
    return;
  }
  asking = true;
  try {
    const asked = await askBenches();
    remember(asked);
    const isOther = occupation(asked) !== occupation(benches.value);
    benches.value = asked;
    if (always || isOther) await refreshJobs();
  } catch {
    // The badge says that the server is away; what was known stays, greyed.
  }
  asking = false;
  if (askAgain) {
    askAgain = false;
    void refresh();
  }
}

function open(since: string | null): Socket {
  const url = new URL("/v1/realtime", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("session_id", "dashboard");
  if (since !== null) url.searchParams.set("since", since);
  return new WebSocket(url) as Socket;
}

const pump = new Pump<Message>(
  (messages) => {
    const now = Date.now();
    for (const message of messages) live.apply(message, now);
  },
  () => {
    version.value = live.version;
  },
);

const connection = new Connection({
  open,
  mayWatch: async () => (await refreshSession()) !== null,
  now: () => Date.now(),
  random: () => Math.random(),
  onStatus: (next) => {
    status.value = next;
    if (next.phase === "live") void refresh();
  },
  onMessage: (message) => pump.push(message),
});

/** Milliseconds since the server last said anything. */
export function silence(now: number): number | null {
  return connection.heardAt === null ? null : Math.max(0, now - connection.heardAt);
}

let started = false;

/** Connects, once; to be called by whatever page shows something live. */
export function startFeed(): void {
  if (started || !session.value) return;
  started = true;
  live.onTurn = () => void refresh();
  connection.start();
  void refresh();
}

/** Lets go of the connection, when somebody logs out. */
export function stopFeed(): void {
  started = false;
  connection.stop();
}

setInterval(() => {
  clock.value = Date.now();
}, 1000);
setInterval(() => {
  if (started && document.visibilityState === "visible") void refresh(false);
}, ASK_MS);
addEventListener("pagehide", () => connection.stop());
addEventListener("pageshow", (event) => {
  if (event.persisted && started) connection.start();
});
