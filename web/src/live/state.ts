//! Everything that is known live, as a fold over messages.

import { plainNumber, unitText } from "../parts/format.ts";
import { Job, type Level, type Line } from "./job.ts";
import { fields, number, text, type Fields, type Message } from "./message.ts";
import { setStatus, verdictOf } from "./plugin.ts";

/** How many jobs are kept; the oldest that ended goes first. */
const MOST_JOBS = 12;
/** How many of them may not have ended: a station that died, or that calls each message another job, never ends one. */
const MOST_OPEN_JOBS = 24;

export class LiveState {
  #jobs = new Map<string, Job>();
  #lines = 0;
  /** What the server dropped because this browser was too slow, by type. */
  dropped: Record<string, number> = {};
  /** Counts every change. */
  version = 0;
  /** Called when a job begins or ends. */
  onTurn: (jobId: string) => void = () => {};

  get jobs(): Job[] {
    return [...this.#jobs.values()];
  }

  job(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  apply(message: Message, now: number): void {
    this.version += 1;
    const { body } = message;
    if (body.type === "sync") {
      if (!body.recovered) this.#restart(body.jobs);
      return;
    }
    if (body.type === "gap") {
      this.#gap(body.dropped, message.timestamp);
      return;
    }
    if (body.type === "ping" || message.jobId === null) return;
    const job = this.#of(message.jobId);
    job.touchedAt = now;
    this.#forget();
    if (!message.snapshot) job.startedAt ??= message.timestamp;
    this.#applyTo(job, message, now);
  }

  #applyTo(job: Job, { body, timestamp }: Message, now: number): void {
    switch (body.type) {
      case "metadata":
        job.plan(body.plugin);
        break;
      case "progress": {
        const was = job.ended;
        job.setProgress(body.progress, body.stage, timestamp);
        if (body.plugin !== null && job.ended === null) job.current = body.plugin;
        if (job.ended !== was) this.onTurn(job.id);
        break;
      }
      case "plugin_status":
        setStatus(job.plugin(body.plugin), body.status, body.timingMs, now);
        if (body.status === "started") job.stage = null;
        if (body.status === "started" || body.status === "running") job.current = body.plugin;
        break;
      case "warning": {
        job.plugin(body.plugin).warnings += 1;
        const level = body.severity === "high" ? "error" : "warning";
        this.#line(job, level, timestamp, body.plugin, body.message);
        break;
      }
      case "error": {
        const message = body.message === null ? body.error : `${body.error}: ${body.message}`;
        if (body.plugin !== null) {
          const plugin = job.plugin(body.plugin);
          plugin.verdict = verdictOf(body.code);
          plugin.reason = message;
        }
        this.#line(job, "error", timestamp, body.plugin ?? "", message);
        break;
      }
      case "frame":
        if (body.data["kind"] === "supply") job.supply.take(body.data, timestamp);
        else job.frames.take(body.frameId, body.plugin, body.data, now);
        break;
      case "partial_result":
        this.#result(job, body.plugin, body.result, timestamp);
        break;
      case "ping":
      case "sync":
      case "gap":
        break;
    }
  }

  #result(job: Job, plugin: string, result: Fields, timestamp: string): void {
    if (result["outcome"] === "SKIP") {
      const test = job.plugin(plugin);
      test.verdict = "skip";
      test.reason = text(result["reason"]);
    }
    const measurement = fields(result["measurement"]);
    if (measurement) this.#measured(job, plugin, measurement);
    const log = fields(result["log"]);
    if (log) {
      const level = text(log["level"]) === "debug" ? "debug" : "info";
      this.#line(job, level, timestamp, text(log["target"]) ?? plugin, text(log["message"]) ?? "");
    }
    const noted = fields(result["noted"]);
    if (noted) this.#line(job, "debug", timestamp, plugin, noteOf(noted));
    const attachment = fields(result["attachment"]);
    if (attachment) this.#line(job, "info", timestamp, plugin, `attached ${text(attachment["name"]) ?? ""}`);
    const output = fields(result["output_verified"]);
    if (output) {
      const confirmed = output["confirmed"] === true;
      const how = text(output["how"]) ?? "";
      job.outputVerified = { confirmed, rail: number(output["rail"]), how };
      const message = confirmed ? `bench safe: ${how}` : `the output is not known to be off: ${how}`;
      this.#line(job, confirmed ? "info" : "error", timestamp, plugin, message);
    }
  }

  #measured(job: Job, plugin: string, measurement: Fields): void {
    const outcome = (text(measurement["outcome"]) ?? "").toUpperCase();
    if (measurement["marginal"] === true) job.plugin(plugin).marginal += 1;
    const shown = measuredText(measurement["value"]);
    const unit = unitText(text(measurement["unit"]));
    const name = text(measurement["name"]) ?? "";
    job.measured.push({ key: (this.#lines += 1), plugin, name, shown, unit, outcome });
  }

  #gap(dropped: Readonly<Record<string, number>>, timestamp: string): void {
    const words: string[] = [];
    for (const [type, count] of Object.entries(dropped)) {
      this.dropped[type] = (this.dropped[type] ?? 0) + count;
      words.push(`${count} ${type.replaceAll("_", " ")}${count === 1 ? "" : "s"}`);
    }
    const message = `${words.join(", ")} dropped: this browser was too slow`;
    // A gap is the connection's, not a job's: whoever reads any of the logs must see it.
    for (const job of this.jobs) if (job.ended === null) this.#line(job, "gap", timestamp, "connection", message);
  }

  #line(job: Job, level: Level, at: string, source: string, message: string): void {
    const line: Line = { key: (this.#lines += 1), at, level, source, message };
    job.log.push(line);
    if (level !== "info" && level !== "debug") job.alerts.push(line);
  }

  #restart(running: readonly string[]): void {
    this.#jobs = new Map();
    this.dropped = {};
    for (const id of running) this.#of(id);
  }

  #of(id: string): Job {
    let job = this.#jobs.get(id);
    if (!job) {
      this.#jobs.set(id, (job = new Job(id)));
      this.onTurn(id);
    }
    return job;
  }

  #forget(): void {
    for (const [id, job] of this.#jobs) {
      if (this.#jobs.size <= MOST_JOBS) return;
      if (job.ended !== null) this.#jobs.delete(id);
    }
    while (this.#jobs.size > MOST_OPEN_JOBS) {
      const [quietest] = this.jobs.sort((a, b) => a.touchedAt - b.touchedAt);
      if (!quietest) return;
      this.#jobs.delete(quietest.id);
    }
  }
}

/** What was measured, short; of a curve only how long it is, since the record has the rest. */
function measuredText(value: unknown): string {
  if (typeof value === "number") return plainNumber(value);
  const rows = number(fields(value)?.["rows"]);
  if (rows !== null) return `${rows} points`;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "unset");
}

function noteOf(noted: Fields): string {
  const [key, value] = [text(noted["key"]), text(noted["value"])];
  return key === null ? JSON.stringify(noted) : `${key} = ${value ?? ""}`;
}
