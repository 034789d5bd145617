//! Past runs: found, read, compared.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { accessibility, launch, Visit } from "./browser.ts";
import { Hil } from "./hil.ts";
import { BAD, GOOD, SERIAL, upload } from "./records.ts";

let browser: Browser;
let hil: Hil;
let visit: Visit;
let page: Page;

beforeAll(async () => {
  [browser, hil] = await Promise.all([launch(), Hil.create("--insecure-local")]);
  await hil.record("--suite", "hardware", "--serial", "SN-OTHER", "voltage");
  const key = await hil.key();
  await hil.start();
  await upload(hil, key);
});
afterAll(async () => {
  await browser.close();
  await hil.dispose();
});
beforeEach(async () => {
  visit = await Visit.open(browser, hil.url);
  ({ page } = visit);
});
afterEach(() => visit.close());

describe("past runs", () => {
  it("are found by a part of the serial number, and by outcome", async () => {
    await page.goto("/runs");
    await page.getByRole("link", { name: "SN-OTHER" }).waitFor();
    await page.getByLabel("Search").fill("E2E");
    await page.getByRole("link", { name: "SN-OTHER" }).waitFor({ state: "detached" });
    await expect.poll(() => page.locator("a.run-link").allTextContents()).toEqual([SERIAL, SERIAL]);
    await page.getByLabel("Outcome").selectOption("FAIL");
    await page.waitForURL(/outcome=FAIL/);
    await expect.poll(() => page.locator("a.run-link").count()).toBe(1);
    await page.getByRole("link", { name: SERIAL }).click();
    await page.waitForURL(`**/runs/${BAD}`);
    await page.getByRole("heading", { level: 1, name: /fail/ }).waitFor();
    await page.goBack();
    await expect.poll(() => page.getByLabel("Search").inputValue()).toBe("E2E");
  });

  it("show measurements with their limits, and curves as plots with names and units", async () => {
    await page.goto(`/runs/${GOOD}`);
    await page.getByRole("img", { name: "12.01, limits 11.5 … 12.5" }).waitFor();
    const plots = page.locator('[data-measurement="draw"] [role="img"]');
    await expect
      .poll(() => plots.evaluateAll((all) => all.map((plot) => plot.getAttribute("aria-label"))))
      .toEqual(["draw: current over voltage (V), 61 points", "draw: light over voltage (V), 61 points"]);
    const canvas = plots.first().locator("canvas");
    // The value under the pointer is read off the legend.
    await expect
      .poll(async () => {
        await canvas.hover({ force: true });
        return plots.first().locator(".u-value").last().textContent();
      })
      .toMatch(/^0\.\d/);
    const drawn = await canvas.evaluate((element) => {
      const { data } = (element as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, 4000, 4000);
      return data.some((value) => value !== 0);
    });
    expect(drawn).toBe(true);
  });

  it("show pictures, and give files back as they were", async () => {
    await page.goto(`/runs/${GOOD}`);
    const picture = page.getByRole("img", { name: "scope.png" });
    await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(1);
    const folder = await mkdtemp(join(tmpdir(), "hil-e2e-"));
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download scope.png" }).click()]);
    await download.saveAs(join(folder, "scope.png"));
    expect(download.suggestedFilename()).toBe("scope.png");
    expect((await readFile(join(folder, "scope.png"))).subarray(1, 4).toString()).toBe("PNG");
    await rm(folder, { recursive: true });
  });

  it("are compared, outcome changes first", async () => {
    await page.goto("/runs?search=E2E");
    for (const id of [GOOD, BAD]) await page.getByRole("checkbox", { name: new RegExp(id) }).check();
    await page.getByRole("link", { name: "Compare the two" }).click();
    await page.getByText("1 of 2 phases ended otherwise.").waitFor();
    await page.getByRole("row", { name: /rail.*12\.01.*12\.75.*0\.74.*V.*11\.5 … 12\.5.*pass.*fail/ }).waitFor();
  });

  it("have statistics, and a trend that is drawn", async () => {
    await page.goto("/statistics?procedure=final%20test");
    await page.getByRole("row", { name: /final test 1 1 100\.0 %/ }).waitFor();
    await page.getByRole("region", { name: "Capability" }).getByRole("link", { name: "rail" }).click();
    await page.getByRole("img", { name: "rail over time, 2 values" }).waitFor();
  });

  it("say which requirements they meet, and by which tests", async () => {
    await page.goto(`/requirements?run=${BAD}`);
    await page.getByText("1 of 2 requirements are met by this run.").waitFor();
    await page.getByRole("row", { name: /^REQ-1 .*fail .*fail final::rail .*pass final::draw/ }).waitFor();
    await page.getByRole("row", { name: /^REQ-2 .*pass .*pass final::draw/ }).waitFor();
    await page.getByRole("link", { name: "REQ-1" }).click();
    await page.waitForURL(/requirement=REQ-1/);
    await expect.poll(() => page.locator("a.run-link").count()).toBe(2);
  });
});

describe("on a telephone", () => {
  it.each(["/", "/runs", `/runs/${GOOD}`, `/compare?a=${GOOD}&b=${BAD}`, "/statistics", `/requirements?run=${GOOD}`, "/login"])(
    "axe finds nothing wrong at %s in either scheme, and nothing is wider than the screen",
    async (path) => {
      const small = await Visit.open(browser, hil.url, { width: 390 });
      const { page } = small;
      await page.goto(path);
      await page.getByRole("heading").first().waitFor({ state: "attached" });
      await expect.poll(() => page.getByText("Loading…").count()).toBe(0);
      expect(await accessibility(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      await page.emulateMedia({ colorScheme: "dark" });
      await page.locator('html[data-theme="dark"]').waitFor();
      // The rest of what axe looks at is the same in both.
      expect(await accessibility(page, ["color-contrast"])).toEqual([]);
      await small.close();
    },
  );
});
