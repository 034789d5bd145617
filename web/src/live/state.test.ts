import { describe, expect, it } from "vitest";
import { message, scene } from "./scene.fixture.ts";

const status = (plugin: string, state: string, timing_ms = 0) => ({ plugin, status: state, timing_ms });

describe("a job", () => {
  it.each([
    ["completed", [["plugin_status", status("s::t", "completed", 5)]], "pass"],
    ["failed", [["error", { error: "not met", plugin: "s::t", details: { error_code: "FAILED" } }], ["plugin_status", status("s::t", "failed")]], "fail"],
    ["out of time", [["error", { error: "slow", plugin: "s::t", details: { error_code: "TIMEOUT" } }], ["plugin_status", status("s::t", "failed")]], "error"],
    ["skipped", [["partial_result", { plugin: "s::t", partial: true, result: { outcome: "SKIP", reason: "no supply" } }], ["plugin_status", status("s::t", "completed")]], "skip"],
    ["still running", [], "running"],
    ["under way when the job is cancelled", [["progress", { job_id: "j", progress: 100, stage: "aborted" }]], "aborted"],
  ] as [string, [string, object][], string][])("has a verdict for a test that is %s", (_, messages, verdict) => {
    const { state, say } = scene();
    say("plugin_status", status("s::t", "started"));
    for (const [type, payload] of messages) say(type, payload);
    expect(state.job("j")?.plugin("s::t").verdict).toBe(verdict);
  });

  it("counts tests, and no steps of the session", () => {
    const { state, say } = scene();
    for (const plugin of ["run", "setup:psu", "s::a", "s::b", "s::c", "teardown:psu"]) say("metadata", { plugin, metadata: {} });
    say("plugin_status", status("setup:psu", "completed"));
    say("plugin_status", status("s::a", "completed", 10));
    say("plugin_status", status("s::b", "failed", 10));
    expect(state.job("j")?.counts).toMatchObject({ total: 3, done: 2, passed: 1, failed: 1 });
  });

  it("shows the step until the next test begins", () => {
    const { state, say } = scene();
    say("plugin_status", status("s::a", "started"));
    say("progress", { job_id: "j", progress: 10, stage: "ramp", plugin: "s::a" });
    expect(state.job("j")).toMatchObject({ current: "s::a", stage: "ramp", progress: 10 });
    say("plugin_status", status("s::b", "started"));
    expect(state.job("j")).toMatchObject({ current: "s::b", stage: null });
  });

  it("ends with the final status, and tells so once", () => {
    const { state, say } = scene();
    const turns: string[] = [];
    state.onTurn = (id) => turns.push(id);
    say("progress", { job_id: "j", progress: 0 });
    say("progress", { job_id: "j", progress: 100, stage: "aborted" });
    expect(state.job("j")).toMatchObject({ ended: "aborted", current: null });
    expect(turns).toEqual(["j", "j"]);
  });

  it("says whether the bench is safe", () => {
    const { state, say } = scene();
    say("partial_result", { plugin: "teardown:psu", partial: true, result: { output_verified: { confirmed: false, rail: 11.9, how: "no answer" } } });
    expect(state.job("j")?.outputVerified).toEqual({ confirmed: false, rail: 11.9, how: "no answer" });
    expect(state.job("j")?.alerts.items).toHaveLength(1);
  });

  it("keeps the newest lines and forgets the others", () => {
    const { state, say } = scene();
    for (let line = 0; line < 2500; line += 1) say("warning", { plugin: "t", message: String(line) });
    const alerts = state.job("j")?.alerts;
    expect(alerts?.items).toHaveLength(500);
    expect(alerts?.items.at(-1)?.message).toBe("2499");
    expect(alerts?.added).toBe(2500);
  });

  it("is forgotten once a dozen others have run, unless it still runs", () => {
    const { state, say } = scene();
    say("progress", { job_id: "j", progress: 5 });
    for (let n = 0; n < 40; n += 1) say("progress", { job_id: `j${n}`, progress: 100, stage: "completed" }, { job_id: `j${n}` });
    expect(state.jobs).toHaveLength(12);
    expect(state.job("j")).toBeDefined();
    expect(state.job("j0")).toBeUndefined();
  });
});

describe("a gap", () => {
  it("is a line in the log of every job that runs, and adds up", () => {
    const { state, say } = scene();
    say("progress", { job_id: "j", progress: 5 });
    const gap = () => state.apply(message("gap", { dropped: { frame: 318, progress: 1 }, from_seq: 2, to_seq: 320 }), 1000);
    gap();
    gap();
    expect(state.job("j")?.log.items.at(-1)).toMatchObject({ level: "gap", message: "318 frames, 1 progress dropped: this browser was too slow" });
    expect(state.dropped).toEqual({ frame: 636, progress: 2 });
  });
});

describe("a new connection", () => {
  const sync = (recovered: boolean) => message("sync", { recovered, seq: 40, jobs: ["j"] });

  it("throws away what is not recovered, and rebuilds it from the plan and the snapshot", () => {
    const { state, say } = scene();
    say("plugin_status", status("s::old", "completed"));
    // What the server has at all comes first and is no job's plan.
    state.apply(message("metadata", { plugin: "s::elsewhere", metadata: {} }), 1000);
    state.apply(sync(false), 1000);
    for (const plugin of ["s::a", "s::b"]) state.apply(message("metadata", { plugin, metadata: {} }, { job_id: "j", snapshot: true }), 1000);
    state.apply(message("progress", { job_id: "j", progress: 50 }, { job_id: "j", snapshot: true }), 1000);
    state.apply(message("plugin_status", status("s::a", "completed", 7), { job_id: "j", snapshot: true }), 1000);
    expect([...(state.job("j")?.plugins.keys() ?? [])]).toEqual(["s::a", "s::b"]);
    expect(state.job("j")).toMatchObject({ progress: 50, startedAt: null, isPlanned: true, counts: { done: 1, total: 2 } });
  });

  it("knows what was skipped before it was made", () => {
    const { state } = scene();
    state.apply(sync(false), 1000);
    const said = { job_id: "j", snapshot: true };
    state.apply(message("partial_result", { plugin: "s::a", partial: true, result: { outcome: "SKIP", reason: "no supply" } }, said), 1000);
    state.apply(message("plugin_status", status("s::a", "completed"), said), 1000);
    expect(state.job("j")?.counts).toMatchObject({ passed: 0, skipped: 1 });
  });

  it("forgets jobs that nobody ends", () => {
    const { state } = scene();
    for (let number = 0; number < 1000; number += 1) {
      const id = `j${number}`;
      state.apply(message("progress", { job_id: id, progress: 1 }, { job_id: id }), 1000 + number);
    }
    expect(state.jobs).toHaveLength(24);
    expect(state.job("j999")?.progress).toBe(1);
  });

  it("keeps what is recovered", () => {
    const { state, say } = scene();
    say("plugin_status", status("s::old", "completed"));
    state.apply(sync(true), 1000);
    expect(state.job("j")?.counts.passed).toBe(1);
  });
});

describe("frames", () => {
  const lin = (bytes: string, value: number) => ({
    frame_id: "ALM_Status",
    plugin: "s::t",
    device_used: "bench-1",
    timing_ms: 1,
    data: { kind: "lin", id: 17, direction: "rx", bytes, check: "good", signals: { Temp: { value, physical: value / 2, unit: "°C", text: null } } },
  });

  it("keep the latest of each, and know what changed", () => {
    const { state, say } = scene();
    say("frame", lin("01", 40));
    say("frame", lin("02", 50));
    expect(state.job("j")?.frames.rows).toMatchObject([
      { name: "ALM_Status", id: "0x11", bytes: "02", count: 2, bytesChangedAt: 1000, signals: [{ name: "Temp", shown: "25", unit: "°C", changedAt: 1000 }] },
    ]);
  });

  it("of the simulated kind share one row", () => {
    const { state, say } = scene();
    for (let n = 0; n < 1000; n += 1) say("frame", { frame_id: `sim-${n}`, plugin: "sim", device_used: "sim", timing_ms: n, data: { n, t_ns: n } });
    expect(state.job("j")?.frames.rows).toMatchObject([{ name: "sim-999", count: 1000 }]);
  });
});

describe("the supply", () => {
  const sample = (t: number) => ({ frame_id: "psu", plugin: "t", device_used: "b", timing_ms: 1, data: { kind: "supply", volts: 12, amps: 0.3, t_bench_us: t * 1e6 } });

  it("keeps a minute of the bench's clock", () => {
    const { state, say } = scene();
    for (let t = 0; t <= 200; t += 1) say("frame", sample(t));
    const supply = state.job("j")?.supply;
    expect([supply?.at[0], supply?.at.at(-1), supply?.volts.length]).toEqual([140, 200, 61]);
  });

  it("begins anew when the clock does", () => {
    const { state, say } = scene();
    for (const t of [10, 11, 0]) say("frame", sample(t));
    expect(state.job("j")?.supply.at).toEqual([0]);
  });
});
