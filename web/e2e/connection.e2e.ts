//! The wire is cut and mended, the server goes and comes back.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessibility, launch, Visit } from "./browser.ts";
import { Hil } from "./hil.ts";
import { Wire } from "./proxy.ts";

let browser: Browser;
let hil: Hil;

beforeAll(async () => {
  [browser, hil] = await Promise.all([launch(), Hil.create("--insecure-local")]);
  await hil.start();
});
afterAll(async () => {
  await browser.close();
  await hil.dispose();
});

/** A job that goes on until it is cancelled, however slow the machine is. */
async function longJob(): Promise<string> {
  const { job_id } = await hil.post("/v1/jobs", { suite: "sim", sim: { frames: 100_000, interval_ms: 50 } });
  return String(job_id);
}

/** Number and count of the newest frame, counted from 0 and from 1. */
async function frames(page: Page): Promise<readonly [number, number]> {
  const row = (await page.getByRole("row", { name: /^sim-/ }).textContent()) ?? "";
  const cells = /^sim-(\d+) .*s(\d+)$/.exec(row);
  return [Number(cells?.[1]), Number(cells?.[2])];
}

/** What a browser says about a server that is not there. */
const AWAY = /WebSocket connection|ERR_|Failed to load resource|50[023]/;

describe("a connection", () => {
  it("that is cut says so, resumes, and has lost nothing", async () => {
    const wire = await Wire.to(hil.port);
    const visit = await Visit.open(browser, wire.url);
    visit.expected.push(AWAY);
    const { page } = visit;
    await page.goto("/");
    await visit.live();
    const job = await longJob();
    await visit.verdict("RUNNING");
    await page.getByRole("row", { name: /^sim-/ }).waitFor();
    const [before] = await frames(page);
    wire.cut();
    await page.locator('[data-phase="reconnecting"]').waitFor();
    await page.getByText("NOT LIVE").waitFor();
    await page.locator(".live-grid.stale").waitFor();
    expect(await accessibility(page)).toEqual([]);
    wire.restore();
    await page.locator('[data-phase="live"][data-resumed="true"]').waitFor();
    await page.locator(".live-grid.stale").waitFor({ state: "detached" });
    await expect.poll(async () => (await frames(page))[0]).toBeGreaterThan(before);
    await hil.delete(`/v1/jobs/${job}`);
    await visit.verdict("ABORTED");
    // Each frame once: none was lost, none was told twice.
    await expect
      .poll(async () => {
        const [last, count] = await frames(page);
        return count - last;
      })
      .toBe(1);
    await visit.close();
    await wire.close();
  });

  it("to a server that was started anew begins from a snapshot", async () => {
    const visit = await Visit.open(browser, hil.url);
    visit.expected.push(AWAY);
    const { page } = visit;
    await page.goto("/");
    await visit.live();
    await hil.stop();
    await page.locator('[data-phase="reconnecting"]').waitFor();
    await hil.start();
    await page.locator('[data-phase="live"][data-resumed="false"]').waitFor({ timeout: 40_000 });
    await hil.post("/v1/jobs", { suite: "sim", sim: { frames: 3 } });
    await page.getByRole("row", { name: /sim-2 .*3$/ }).waitFor();
    await visit.close();
  });

  it("of somebody who comes late shows the job that is running", async () => {
    const job = await longJob();
    const visit = await Visit.open(browser, hil.url);
    await visit.page.goto("/");
    await visit.verdict("RUNNING");
    await visit.page.getByRole("link", { name: `job ${job.slice(0, 13)}` }).waitFor();
    await visit.page.getByRole("row", { name: /^sim-/ }).waitFor();
    await hil.delete(`/v1/jobs/${job}`);
    await visit.verdict("ABORTED");
    await visit.close();
  });

  it("of somebody who comes late says what is tested, and how many tests of how many are done", async () => {
    const early = await Visit.open(browser, hil.url);
    await early.page.goto("/");
    await early.live();
    const unit = { serial_number: "SN-LATE", part_number: "PCB-17" };
    const { job_id } = await hil.post("/v1/jobs", { suite: "hardware", unit, config: { "simulation.realtime": true } });
    const done = (page: Page) => page.getByRole("region", { name: "Tests" }).getByText(/^\d+ of \d+$/);
    await early.page.getByText(/^[1-9]\d* of \d+$/).waitFor();
    const late = await Visit.open(browser, hil.url);
    await late.page.goto("/");
    await late.verdict("RUNNING");
    await late.page.getByText(/^hardware · SN-LATE · PCB-17 · on /).waitFor();
    const total = (await done(early.page).textContent())?.split(" of ")[1];
    await late.page.getByText(new RegExp(`^[1-9]\\d* of ${total}$`)).waitFor();
    await hil.delete(`/v1/jobs/${job_id}`);
    for (const visit of [early, late]) await visit.verdict("ABORTED");
    for (const visit of [early, late]) await visit.close();
  });
});
