import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pump } from "./pump.ts";

let frames: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  frames = [];
  vi.stubGlobal("requestAnimationFrame", (run: () => void) => frames.push(run));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const nextFrame = () => frames.splice(0).forEach((run) => run());

describe("the pump", () => {
  it("folds what came since the last frame at once, in order", () => {
    const folds: (readonly number[])[] = [];
    const pump = new Pump<number>((items) => folds.push(items), () => {});
    for (let n = 0; n < 1000; n += 1) pump.push(n);
    expect([folds.length, frames.length]).toEqual([0, 1]);
    nextFrame();
    expect(folds).toEqual([Array.from({ length: 1000 }, (_, n) => n)]);
  });

  it("tells the page ten times a second at most, and of the last change too", () => {
    let told = 0;
    let folded = 0;
    const pump = new Pump<number>(() => (folded += 1), () => (told += 1));
    for (let ms = 0; ms < 1000; ms += 10) {
      pump.push(ms);
      nextFrame();
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(100);
    expect([folded, told]).toEqual([100, 10]);
  });

  it("goes on in a page that is hidden, which has no frames", () => {
    const folds: number[] = [];
    const pump = new Pump<number>((items) => folds.push(items.length), () => {});
    pump.push(1);
    pump.push(2);
    vi.advanceTimersByTime(250);
    expect(folds).toEqual([2]);
  });
});
