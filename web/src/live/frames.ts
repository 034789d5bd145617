//! The latest of each frame on the bus.

import { fields, number, text, type Fields } from "./message.ts";

/** How many different frames are kept; a LIN bus has 64. */
const MOST_FRAMES = 80;

export interface Signal {
  readonly name: string;
  readonly shown: string;
  readonly unit: string;
  /** When it last became another value. */
  readonly changedAt: number;
}

export interface FrameRow {
  readonly key: string;
  readonly name: string;
  readonly id: string;
  readonly direction: string;
  readonly bytes: string;
  readonly check: string;
  readonly signals: readonly Signal[];
  readonly at: number;
  readonly count: number;
  readonly bytesChangedAt: number;
}

function shown(signal: Fields): string {
  const label = text(signal["text"]);
  if (label !== null) return label;
  const physical = number(signal["physical"]);
  if (physical !== null) return String(Math.round(physical * 1000) / 1000);
  const value = signal["value"];
  return Array.isArray(value) ? value.join(" ") : String(value ?? "–");
}

function signals(data: Fields, before: FrameRow | undefined, now: number): Signal[] {
  const known = new Map(before?.signals.map((signal) => [signal.name, signal]));
  return Object.entries(fields(data["signals"]) ?? {}).map(([name, raw]) => {
    const signal = fields(raw) ?? { value: raw };
    const value = shown(signal);
    const old = known.get(name);
    const changedAt = old ? (old.shown === value ? old.changedAt : now) : 0;
    return { name, shown: value, unit: text(signal["unit"]) ?? "", changedAt };
  });
}

export class Frames {
  readonly #rows = new Map<string, FrameRow>();
  version = 0;

  get rows(): FrameRow[] {
    // What the LDF has no name for comes last.
    const isNamed = ({ name }: FrameRow) => !name.startsWith("0x");
    return [...this.#rows.values()].sort(
      (a, b) => Number(isNamed(b)) - Number(isNamed(a)) || a.name.localeCompare(b.name, "en", { numeric: true }),
    );
  }

  take(frameId: string, plugin: string, data: Fields, now: number): void {
    const isLin = data["kind"] === "lin";
    // Frames that are no LIN frames may each have a name of their own: their plugin stands for all of them.
    const key = isLin ? `${frameId} ${text(data["direction"]) ?? ""}` : plugin;
    const before = this.#rows.get(key);
    const bytes = text(data["bytes"]) ?? (isLin ? "" : plain(data));
    const id = number(data["id"]);
    this.#rows.set(key, {
      key,
      name: frameId,
      id: id === null ? "" : `0x${id.toString(16).toUpperCase().padStart(2, "0")}`,
      direction: text(data["direction"]) ?? "",
      bytes,
      check: text(data["check"]) ?? "",
      signals: signals(data, before, now),
      at: now,
      count: (before?.count ?? 0) + 1,
      bytesChangedAt: before ? (before.bytes === bytes ? before.bytesChangedAt : now) : 0,
    });
    this.version += 1;
    if (this.#rows.size > MOST_FRAMES) this.#forgetOldest();
  }

  #forgetOldest(): void {
    let oldest: FrameRow | undefined;
    for (const row of this.#rows.values()) if (!oldest || row.at < oldest.at) oldest = row;
    if (oldest) this.#rows.delete(oldest.key);
  }
}

/** The data of a frame that is no LIN frame, short enough for a cell. */
function plain(data: Fields): string {
  const { pad: _pad, t_bench_us: _t, ...rest } = data;
  const json = JSON.stringify(rest);
  return json.length > 80 ? `${json.slice(0, 79)}…` : json;
}
