//! Numbers, durations and moments as people read them.

import { toNumber, type Measurement, type Num, type Value } from "../api/runs.ts";

const FIGURE_SPACE = "\u2007";
const POINT_SPACE = "\u2008";

/** At most six significant digits, no exponent where it can be helped. */
export function plainNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude >= 1e9 || magnitude < 1e-4)) return value.toExponential(3).replace("-", "−");
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(6));
  return String(rounded).replace("-", "−");
}

/** Texts padded so that their decimal points stand below each other in digits of one width. */
export function alignPoints(texts: readonly string[]): string[] {
  const fraction = (text: string) => (/^−?[\d.]+$/.test(text) ? (text.split(".")[1]?.length ?? -1) : -2);
  const widest = Math.max(-1, ...texts.map(fraction));
  return texts.map((text) => {
    const own = fraction(text);
    if (own === -2 || widest < 0) return text;
    return text + (own === -1 ? POINT_SPACE : "") + FIGURE_SPACE.repeat(widest - Math.max(0, own));
  });
}

/** The unit of what has none is 1: nothing to show. */
export function unitText(unit: string | null | undefined): string {
  return unit === "1" ? "" : (unit ?? "");
}

export function limit(value: Num | null | undefined): string {
  const number = value === null ? null : toNumber(value);
  return number === null ? "" : plainNumber(number);
}

/** `950 … 1050`, `≤ 0.1`, `≥ 3`, or nothing. */
export function band(low: Num | null | undefined, high: Num | null | undefined): string {
  const [from, to] = [limit(low), limit(high)];
  if (from !== "" && to !== "") return `${from} … ${to}`;
  if (from !== "") return `≥ ${from}`;
  return to === "" ? "" : `≤ ${to}`;
}

/** What was measured, short enough for a cell. */
export function valueText(value: Value | undefined): string {
  if (value === undefined) return "unset";
  if (value.number !== undefined) return plainNumber(toNumber(value.number) ?? NaN);
  if (value.text !== undefined) return value.text;
  if (value.bool !== undefined) return value.bool ? "true" : "false";
  if (value.series !== undefined) return `${value.series[0]?.data.length ?? 0} points`;
  return JSON.stringify(value.json);
}

/** The value, if it is a number. */
export function measuredNumber(measurement: Measurement | undefined): number | null {
  return measurement?.value?.number === undefined ? null : toNumber(measurement.value.number);
}

export function duration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return "";
  if (ms > 0 && ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

/** `7 s`, `3 min 20 s`: whole seconds, for an age. */
export function ago(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : duration(seconds * 1000);
}

/** `4:07`, for something that is watched while it passes. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const tail = `${String(minutes).padStart(hours > 0 ? 2 : 1, "0")}:${String(rest).padStart(2, "0")}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

const MOMENT = new Intl.DateTimeFormat("en-GB", {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** `2026-11-21 19:40:50 GMT+1`: local, with its zone. */
export function moment(at: Date): string {
  const part = Object.fromEntries(MOMENT.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${part["year"]}-${part["month"]}-${part["day"]} ${part["hour"]}:${part["minute"]}:${part["second"]} ${part["timeZoneName"]}`;
}

export function clockTime(at: Date): string {
  return CLOCK.format(at);
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 ** 2) return `${(size / 1024).toFixed(1)} KiB`;
  return `${(size / 1024 ** 2).toFixed(1)} MiB`;
}
