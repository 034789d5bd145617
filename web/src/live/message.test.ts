import { describe, expect, it } from "vitest";
import { parse } from "./message.ts";
import { wire } from "./scene.fixture.ts";

describe("a message", () => {
  it.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["no payload", '{"type":"ping"}'],
    ["an unknown type", wire("telepathy", {})],
    ["a progress that is a text", wire("progress", { job_id: "j", progress: "50" })],
    ["an unknown status", wire("plugin_status", { plugin: "t", status: "ok", timing_ms: 1 })],
    ["an unknown severity", wire("warning", { plugin: "t", message: "m", severity: "huge" })],
    ["a frame without a plugin", wire("frame", { frame_id: "f", data: {}, device_used: "b", timing_ms: 1 })],
  ])("is not made of %s", (_, text) => {
    expect(parse(text)).toBeNull();
  });

  it("takes the job from the payload where the envelope has none", () => {
    expect(parse(wire("progress", { job_id: "j", progress: 3 }))).toMatchObject({ jobId: "j", seq: null, snapshot: false });
  });

  it("keeps fields that are markup as they are", () => {
    const body = parse(wire("warning", { plugin: "t", message: "<img src=x>" }))?.body;
    expect(body).toMatchObject({ message: "<img src=x>", severity: "medium" });
  });
});
