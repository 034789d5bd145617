import { describe, expect, it } from "vitest";
import { EMPTY, fieldOf, toRequest } from "./request.ts";

describe("the form", () => {
  it("asks for nothing that was left empty", () => {
    expect(toRequest({ ...EMPTY, suite: "hardware" })).toEqual({ suite: "hardware" });
  });

  it("becomes a request", () => {
    const form = { ...EMPTY, bench: "bench-1", suite: "hardware", filters: " pwm  voltage ", serial_number: " SN-1 " };
    const config = "power_supply.set_voltage = 12.5\n\nldf.path=a=b\nflag=true\nserial=0012";
    expect(toRequest({ ...form, config })).toEqual({
      suite: "hardware",
      device_requested: "bench-1",
      filters: ["pwm", "voltage"],
      unit: { serial_number: "SN-1" },
      config: { "power_supply.set_voltage": 12.5, "ldf.path": "a=b", flag: true, serial: "0012" },
    });
  });

  it("has options for the simulated kind only", () => {
    const typed = { ...EMPTY, frames: "20", warnings: "a\nb", fail_at: "-1", filters: "x", fatal: true };
    expect(toRequest({ ...typed, suite: "sim" })).toEqual({
      suite: "sim",
      sim: { frames: 20, fail_at: -1, warnings: ["a", "b"], fatal: true },
    });
    expect(toRequest({ ...typed, suite: "unit" })).toEqual({ suite: "unit", filters: ["x"] });
  });

  it.each([
    ["config", { suite: "unit", config: "nonsense" }],
    ["frames", { suite: "sim", frames: "many" }],
  ])("names the field %s that is wrong", (field, typed) => {
    expect(() => toRequest({ ...EMPTY, ...typed })).toThrow(expect.objectContaining({ field }));
  });
});

describe("a field that the server names", () => {
  it.each([
    ["suite", "suite"],
    ["unit.batch", "batch"],
    ["filters[0]", "filters"],
    ["config.power_supply.set_voltage", "config"],
    ["options.sim.frames", "frames"],
    ["sim.interval_ms", "interval_ms"],
    ["device_requested", "bench"],
    ["source", null],
    [null, null],
  ])("%s is shown at %s", (named, field) => {
    expect(fieldOf(named)).toBe(field);
  });
});
