//! Which job the live page shows.

import { signal } from "@preact/signals";
import type { JobView } from "../../api/jobs.ts";
import { live } from "../../live/feed.ts";
import { Job } from "../../live/job.ts";

/** What the user picked; null for the newest. */
export const chosen = signal<string | null>(null);

/** A job that ended before this page was opened: what HTTP says of it is all there is. */
function past(view: JobView): Job {
  const job = new Job(view.job_id);
  job.startedAt = view.started_at;
  job.endedAt = view.finished_at;
  job.ended = view.finished_at === null ? null : view.status;
  job.progress = view.finished_at === null ? 0 : 100;
  return job;
}

/** What a panel is given. */
export interface Followed {
  readonly job: Job | null;
  /** Another one whenever the job, which is changed in place, may have changed. */
  readonly version: number;
}

export function followed(recent: readonly JobView[]): Job | null {
  const picked = chosen.value;
  if (picked !== null) {
    const known = live.job(picked);
    if (known) return known;
    const view = recent.find(({ job_id }) => job_id === picked);
    if (view) return past(view);
  }
  const running = live.jobs.filter((job) => job.ended === null);
  // A bench knows what is at work; a station may have died in mid-job.
  const known = running.filter(({ id }) => recent.some(({ job_id, status }) => job_id === id && status === "running"));
  const newest = known.at(-1) ?? running.at(-1) ?? live.jobs.at(-1);
  if (newest) return newest;
  const last = recent.find(({ finished_at }) => finished_at !== null);
  return last ? past(last) : null;
}
