//! How long to wait before the next attempt: longer each time, and never in step with other browsers.

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** @param attempt how many failed before, from 0 @param random from 0 to 1 */
export function backoff(attempt: number, random: number): number {
  const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(bound / 2 + (bound / 2) * random);
}
