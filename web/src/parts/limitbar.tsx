//! A bar that shows where a value lies between its limits.

import { band, plainNumber } from "./format.ts";

const WIDTH = 120;
const HEIGHT = 14;

/** What the bar reaches from and to, so that limits and value have room. */
export function scale(value: number, low: number | null, high: number | null): readonly [number, number] {
  // A bar with one limit reaches to zero, or as far beyond the limit as that is from zero.
  const open = (edge: number, away: 1 | -1) => (edge * away < 0 ? 0 : edge === 0 ? away * Math.abs(value) : 2 * edge);
  const from = low ?? Math.min(value, high === null ? value : open(high, -1));
  const to = high ?? Math.max(value, low === null ? value : open(low, 1));
  const span = to - from || Math.abs(to) || 1;
  return [from - span / 4, to + span / 4];
}

interface Props {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly marginal?: boolean;
  readonly outcome: string;
}

export function LimitBar({ value, low, high, marginal = false, outcome }: Props) {
  if (value === null || !Number.isFinite(value) || (low === null && high === null)) return null;
  const [from, to] = scale(value, low, high);
  const x = (at: number) => Math.min(WIDTH - 2, Math.max(2, ((at - from) / (to - from)) * WIDTH));
  const [left, right] = [low === null ? 0 : x(low), high === null ? WIDTH : x(high)];
  const tone = outcome === "FAIL" ? "bad" : marginal ? "marginal" : "good";
  const label = `${plainNumber(value)}, limits ${band(low, high)}${marginal ? ", marginal" : ""}`;
  return (
    <svg class={`limitbar ${tone}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <rect class="track" x="0" y="5" width={WIDTH} height="4" rx="2" />
      <rect class="band" x={left} y="3" width={Math.max(1, right - left)} height="8" rx="1" />
      {low !== null && <line class="edge" x1={left} x2={left} y1="1" y2="13" />}
      {high !== null && <line class="edge" x1={right} x2={right} y1="1" y2="13" />}
      <circle class="mark" cx={x(value)} cy="7" r="4.5" />
    </svg>
  );
}
