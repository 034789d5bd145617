//! Jobs: started, watched, cancelled in the browser.

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { accessibility, launch, Visit } from "./browser.ts";
import { Hil } from "./hil.ts";

let browser: Browser;
let hil: Hil;
let visit: Visit;

beforeAll(async () => {
  [browser, hil] = await Promise.all([launch(), Hil.create("--insecure-local")]);
  await hil.start();
});
afterAll(async () => {
  await browser.close();
  await hil.dispose();
});
beforeEach(async () => {
  visit = await Visit.open(browser, hil.url);
  await visit.page.goto("/");
  await visit.live();
});
afterEach(() => visit.close());

async function fill(fields: Readonly<Record<string, string>>): Promise<void> {
  const { page } = visit;
  await page.getByRole("button", { name: "Start a job" }).click();
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`#job-${name}`);
    if (await field.evaluate((element) => element.tagName === "SELECT")) await field.selectOption(value);
    else await field.fill(value);
  }
  await page.getByRole("button", { name: "Start", exact: true }).click();
}

describe("a job on the bench", () => {
  it("is started, watched to its end, and leads to its record", async () => {
    const { page } = visit;
    await fill({ suite: "hardware", filters: "voltage", serial_number: "SN-4711" });
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await visit.verdict("PASS");
    await page.getByRole("list", { name: "Tests and their verdicts" }).getByText("pass").first().waitFor();
    await page.getByRole("rowheader", { name: /ALM_Status/ }).waitFor();
    await page.locator(".reading .figure").first().filter({ hasText: /^\d+\.\d\d$/ }).waitFor();
    await page.locator('[data-output="true"]').waitFor();
    expect(await accessibility(page)).toEqual([]);
    await page.getByRole("link", { name: "record of the run" }).click();
    await page.getByRole("heading", { level: 1, name: /SN-4711/ }).waitFor();
  });

  it("is cancelled, and leaves the bench safe", async () => {
    const { page } = visit;
    await fill({ suite: "hardware", config: "simulation.realtime=true", serial_number: "SN-4712" });
    await page.locator('.test[aria-current="step"]').filter({ hasText: "::" }).waitFor();
    await page.getByRole("button", { name: "Cancel job" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel job" }).click();
    await visit.verdict("ABORTED");
    await page.locator('[data-output="true"]').filter({ hasText: "bench safe" }).waitFor();
    await page.getByRole("link", { name: /^job / }).click();
    await page.getByText("aborted").first().waitFor();
  });

  it("is not started with a key of the configuration that does not exist, and says where", async () => {
    const { page } = visit;
    visit.expected.push(/422/);
    await fill({ suite: "hardware", config: "power_supply.set_votlage=12" });
    const field = page.locator("#job-config");
    await page.locator("#job-config[aria-invalid=true]").waitFor();
    await page.locator("#job-config-help").filter({ hasText: "set_votlage" }).waitFor();
    await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true);
  });
});

describe("a simulated job", () => {
  it("shows its warnings and its frames", async () => {
    const { page } = visit;
    await fill({ bench: "sim", frames: "50", interval_ms: "2", warnings: "rail sagged\n<b>bold</b>" });
    await visit.verdict("PASS");
    const alerts = page.getByRole("region", { name: "Warnings and errors" });
    await alerts.getByText("rail sagged").last().waitFor();
    // What comes from outside is text.
    await alerts.getByText("<b>bold</b>").last().waitFor();
    await page.getByRole("row", { name: /sim-49 .*50$/ }).waitFor();
  });

  it("that fails is red, and says why", async () => {
    await fill({ bench: "sim", frames: "5", fail_at: "2" });
    await visit.page.locator('[data-verdict="FAIL"], [data-verdict="ERROR"]').waitFor();
    await visit.page.getByRole("region", { name: "Warnings and errors" }).getByRole("listitem").first().waitFor();
    expect(await accessibility(visit.page)).toEqual([]);
  });

  it("at a thousand messages a second is shown ten times a second, and nothing of it is lost", async () => {
    const { page } = visit;
    const began = await page.evaluate(() => {
      const frames = document.querySelector(".bus");
      const seen = { changes: 0 };
      if (frames) new MutationObserver(() => (seen.changes += 1)).observe(frames, { subtree: true, childList: true, characterData: true });
      Object.assign(window, { seen });
      return performance.now();
    });
    await fill({ bench: "sim", frames: "5000", interval_ms: "1" });
    await visit.verdict("PASS");
    await page.getByRole("row", { name: /sim-4999 .*5000$/ }).waitFor();
    const after = await page.evaluate(() => {
      const { seen } = window as unknown as { seen: { changes: number } };
      return [seen.changes, performance.now()] as const;
    });
    // Ten times a second is what the page is told, whatever the machine and however many messages there are; the few
    // more are benches and the list of jobs, which change when a job begins and ends.
    expect(after[0]).toBeLessThanOrEqual((after[1] - began) / 100 + 20);
    expect(after[0]).toBeGreaterThan(0);
  });
});
