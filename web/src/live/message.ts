//! What the server says over the WebSocket, parsed once at the door: the rest of the program trusts it.

export type Fields = Readonly<Record<string, unknown>>;
export type PluginStatus = "started" | "running" | "completed" | "failed";
export type Severity = "low" | "medium" | "high";

interface Envelope {
  readonly timestamp: string;
  readonly epoch: string | null;
  /** Null on messages of the connection itself. */
  readonly seq: number | null;
  readonly jobId: string | null;
  /** State, and not a new event. */
  readonly snapshot: boolean;
}

type Body =
  | { type: "frame"; frameId: string; plugin: string; data: Fields; deviceUsed: string; timingMs: number }
  | { type: "progress"; progress: number; stage: string | null; plugin: string | null }
  | { type: "plugin_status"; plugin: string; status: PluginStatus; timingMs: number }
  | { type: "warning"; plugin: string; message: string; severity: Severity }
  | { type: "error"; error: string; plugin: string | null; code: string | null; message: string | null }
  | { type: "partial_result"; plugin: string; result: Fields }
  | { type: "metadata"; plugin: string; metadata: Fields }
  | { type: "ping"; intervalSeconds: number | null }
  | { type: "sync"; recovered: boolean; seq: number; jobs: readonly string[]; reason: string | null }
  | { type: "gap"; dropped: Readonly<Record<string, number>>; fromSeq: number; toSeq: number };

export type Message = Envelope & { readonly body: Readonly<Body> };

export function fields(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

export function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

export function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

const STATUSES: readonly string[] = ["started", "running", "completed", "failed"];
const SEVERITIES: readonly string[] = ["low", "medium", "high"];

function body(type: string, p: Fields): Body | null {
  const plugin = text(p["plugin"]);
  switch (type) {
    case "frame": {
      const frameId = text(p["frame_id"]);
      if (frameId === null || plugin === null) return null;
      const deviceUsed = text(p["device_used"]) ?? "";
      return { type, frameId, plugin, data: fields(p["data"]) ?? {}, deviceUsed, timingMs: number(p["timing_ms"]) ?? 0 };
    }
    case "progress": {
      const progress = number(p["progress"]);
      return progress === null ? null : { type, progress, stage: text(p["stage"]), plugin };
    }
    case "plugin_status": {
      const status = text(p["status"]);
      if (plugin === null || status === null || !STATUSES.includes(status)) return null;
      return { type, plugin, status: status as PluginStatus, timingMs: number(p["timing_ms"]) ?? 0 };
    }
    case "warning": {
      const severity = text(p["severity"]) ?? "medium";
      const message = text(p["message"]);
      if (plugin === null || message === null || !SEVERITIES.includes(severity)) return null;
      return { type, plugin, message, severity: severity as Severity };
    }
    case "error": {
      const details = fields(p["details"]) ?? {};
      const error = text(p["error"]);
      if (error === null) return null;
      return { type, error, plugin, code: text(details["error_code"]), message: text(details["message"]) };
    }
    case "partial_result":
      return plugin === null ? null : { type, plugin, result: fields(p["result"]) ?? {} };
    case "metadata":
      return plugin === null ? null : { type, plugin, metadata: fields(p["metadata"]) ?? {} };
    case "ping":
      return { type, intervalSeconds: number(p["interval_seconds"]) };
    case "sync": {
      const jobs = Array.isArray(p["jobs"]) ? p["jobs"].filter((id): id is string => typeof id === "string") : [];
      return { type, recovered: p["recovered"] === true, seq: number(p["seq"]) ?? 0, jobs, reason: text(p["reason"]) };
    }
    case "gap": {
      const counts = Object.entries(fields(p["dropped"]) ?? {}).filter((e): e is [string, number] => number(e[1]) !== null);
      return { type, dropped: Object.fromEntries(counts), fromSeq: number(p["from_seq"]) ?? 0, toSeq: number(p["to_seq"]) ?? 0 };
    }
    default:
      // A newer server may say more than we know.
      return null;
  }
}

/** The message in a text frame, or null for what this program does not understand. */
export function parse(frame: string): Message | null {
  let json: unknown;
  try {
    json = JSON.parse(frame);
  } catch {
    return null;
  }
  const envelope = fields(json);
  const type = envelope && text(envelope["type"]);
  const payload = envelope && fields(envelope["payload"]);
  if (!envelope || type === null || !payload) return null;
  const parsed = body(type, payload);
  if (!parsed) return null;
  return {
    timestamp: text(envelope["timestamp"]) ?? "",
    epoch: text(envelope["epoch"]),
    seq: number(envelope["seq"]),
    jobId: text(envelope["job_id"]) ?? text(payload["job_id"]),
    snapshot: envelope["snapshot"] === true,
    body: parsed,
  };
}
