//! Two runs of one unit, with everything that a run's page can show.

import { createHash } from "node:crypto";
import type { Hil } from "./hil.ts";

export const GOOD = "0199c0de-0000-7000-8000-000000000001";
export const BAD = "0199c0de-0000-7000-8000-000000000002";
export const SERIAL = "SN-E2E-<b>1</b>";

/** A picture of one point. */
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

function document(id: string, isGood: boolean, sha256: string): object {
  const began = Date.UTC(2026, 10, 20, 8, 0, 0) + (isGood ? 0 : 3_600_000);
  const outcome = isGood ? "PASS" : "FAIL";
  const volts = Array.from({ length: 61 }, (_, index) => 6 + index / 5);
  const draw = {
    name: "draw",
    outcome: "PASS",
    value: {
      series: [
        { name: "voltage", unit: "V", data: volts },
        { name: "current", unit: "A", data: volts.map((at) => at / 40) },
        { name: "light", unit: "%", data: volts.map((at) => at * 5) },
      ],
    },
  };
  const rail = { name: "rail", outcome, value: { number: isGood ? 12.01 : 12.75 }, unit: "V", limits: { low: 11.5, high: 12.5 } };
  return {
    schema: 1,
    id,
    procedure: { id: "final", name: "final test" },
    unit: { serial_number: SERIAL, part_number: "PCB-17", revision: "B" },
    station: "bench-1",
    started_ms: began,
    ended_ms: began + 4000,
    duration_us: 4_000_000,
    outcome,
    phases: [
      { name: "final::rail", outcome, started_ms: began, ended_ms: began + 1500, measurements: [rail], requirements: ["REQ-1"] },
      { name: "final::draw", outcome: "PASS", started_ms: began + 1500, ended_ms: began + 4000, measurements: [draw], requirements: ["REQ-1", "REQ-2"] },
    ],
    attachments: [{ name: "scope.png", content_type: "image/png", size: PNG.length, sha256 }],
    requirements: ["REQ-1", "REQ-2"],
  };
}

export async function upload(hil: Hil, key: string): Promise<void> {
  const sha256 = createHash("sha256").update(PNG).digest("hex");
  await hil.put(`/api/hil/v1/contents/${sha256}`, new Uint8Array(PNG), key);
  for (const [id, isGood] of [[GOOD, true], [BAD, false]] as const) {
    await hil.put(`/api/hil/v1/runs/${id}`, JSON.stringify(document(id, isGood, sha256)), key);
  }
}
