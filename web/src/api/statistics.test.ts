import { afterEach, describe, expect, it, vi } from "vitest";
import { drift } from "./statistics.ts";

/** A server with so many measurements; the cursors that it was asked for. */
function serve(count: number): string[] {
  const cursors: string[] = [];
  vi.stubGlobal("fetch", async (path: string) => {
    const { pathname, searchParams } = new URL(path, "http://bench");
    expect(pathname).toBe("/api/hil/v1/statistics/drift");
    cursors.push(searchParams.get("cursor") ?? "none");
    const from = Number(searchParams.get("cursor") ?? 0);
    const until = Math.min(count, from + Number(searchParams.get("limit")));
    const measurements = Array.from({ length: until - from }, (_, index) => ({ measurement: `m${from + index}` }));
    return Response.json({ measurements, next: until < count ? until : null });
  });
  return cursors;
}

afterEach(() => vi.unstubAllGlobals());

describe("what is asked for page by page", () => {
  it.each([
    { count: 0, shown: 0, isAll: true, cursors: ["none"] },
    { count: 1000, shown: 1000, isAll: true, cursors: ["none"] },
    { count: 1001, shown: 1001, isAll: true, cursors: ["none", "1000"] },
    { count: 5000, shown: 5000, isAll: true, cursors: ["none", "1000", "2000", "3000", "4000"] },
    { count: 9000, shown: 5000, isAll: false, cursors: ["none", "1000", "2000", "3000", "4000"] },
  ])("is all $count, or says that it is not", async ({ count, shown, isAll, cursors }) => {
    const asked = serve(count);
    const got = await drift({ serial_number: "SN" });
    expect([got.rows.length, got.isAll, got.rows.at(-1)?.measurement]).toEqual([shown, isAll, shown === 0 ? undefined : `m${shown - 1}`]);
    expect(asked).toEqual(cursors);
  });
});
