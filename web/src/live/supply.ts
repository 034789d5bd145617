//! The supply's last minute, as columns for a chart.

import { number, type Fields } from "./message.ts";

/** How much of the past is kept. */
export const WINDOW_S = 60;
/** A sampler that is faster than this loses its oldest samples early. */
const MOST_SAMPLES = 6000;

export class Supply {
  /** Seconds on the bench's clock, or of the server where there is none. */
  readonly at: number[] = [];
  readonly volts: (number | null)[] = [];
  readonly amps: (number | null)[] = [];
  version = 0;

  get latest(): { volts: number | null; amps: number | null } | null {
    return this.at.length === 0 ? null : { volts: this.volts.at(-1) ?? null, amps: this.amps.at(-1) ?? null };
  }

  take(data: Fields, timestamp: string): void {
    const bench = number(data["t_bench_us"]);
    const at = bench === null ? Date.parse(timestamp) / 1000 : bench / 1e6;
    if (!Number.isFinite(at)) return;
    // A clock that goes back is another clock.
    if (at < (this.at.at(-1) ?? -Infinity)) this.#drop(this.at.length);
    this.at.push(at);
    this.volts.push(number(data["volts"]));
    this.amps.push(number(data["amps"]));
    this.version += 1;
    const old = this.at.findIndex((then) => then >= at - WINDOW_S);
    this.#drop(Math.max(old, this.at.length - MOST_SAMPLES));
  }

  #drop(count: number): void {
    if (count <= 0) return;
    for (const column of [this.at, this.volts, this.amps]) column.splice(0, count);
  }
}
