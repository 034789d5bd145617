import { describe, expect, it } from "vitest";
import { AT, scene } from "./scene.fixture.ts";
import { timeLeft } from "./timeleft.ts";

function plan(tests: number) {
  const told = scene();
  for (let n = 0; n < tests; n += 1) told.say("metadata", { plugin: `s::t${n}`, metadata: {} });
  const job = told.state.job("j");
  if (!job) throw new Error("the job is not there");
  return { ...told, job };
}

describe("the time left", () => {
  it("is unknown before the first test ends", () => {
    expect(timeLeft(plan(4).job, 1000)).toBeNull();
  });

  it("is what the tests took on average, for each that is to come", () => {
    const { job, say } = plan(4);
    say("plugin_status", { plugin: "s::t0", status: "completed", timing_ms: 100 });
    say("plugin_status", { plugin: "s::t1", status: "failed", timing_ms: 300 });
    expect(timeLeft(job, 1000)).toBe(400);
    say("plugin_status", { plugin: "s::t2", status: "started", timing_ms: 0 });
    expect(timeLeft(job, 1050)).toBe(350);
    // One that takes longer than the others does not make the rest shorter.
    expect(timeLeft(job, 9000)).toBe(200);
  });

  it("does not count what was skipped as quick", () => {
    const { job, say } = plan(3);
    say("partial_result", { plugin: "s::t0", partial: true, result: { outcome: "SKIP", reason: "r" } });
    say("plugin_status", { plugin: "s::t0", status: "completed", timing_ms: 0 });
    say("plugin_status", { plugin: "s::t1", status: "completed", timing_ms: 200 });
    expect(timeLeft(job, 1000)).toBe(200);
  });

  it("goes by the progress where there is no plan", () => {
    const { state, say } = scene();
    say("progress", { job_id: "j", progress: 25 });
    const job = state.job("j");
    expect(job && timeLeft(job, Date.parse(AT) + 1000)).toBe(3000);
  });

  it("is nothing once the job has ended", () => {
    const { job, say } = plan(1);
    say("progress", { job_id: "j", progress: 100, stage: "completed" });
    expect(timeLeft(job, 1000)).toBeNull();
  });
});
