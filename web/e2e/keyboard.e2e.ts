//! The main way through the site without a mouse.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessibility, launch, Visit } from "./browser.ts";
import { Hil } from "./hil.ts";

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

/** Presses Tab until what has the focus is called `name`; what has it must be seen to. */
async function tabTo(page: Page, name: RegExp, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  const passed: string[] = [];
  for (let steps = 0; steps < 60; steps += 1) {
    await page.keyboard.press(key);
    const focus = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const label = (element as HTMLInputElement).labels?.[0]?.textContent;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return { name: element.getAttribute("aria-label") ?? label ?? element.textContent ?? "", outline: outlineStyle === "none" ? "0px" : outlineWidth };
    });
    passed.push(focus.name.slice(0, 30));
    if (name.test(focus.name.trim())) {
      expect(focus.outline).not.toBe("0px");
      return;
    }
  }
  throw new Error(`Tab never reached ${name}; it passed ${passed.join(" | ")}`);
}

describe("with the keyboard alone", () => {
  it("a job is started, watched, and its record is read", async () => {
    const visit = await Visit.open(browser, hil.url);
    const { page } = visit;
    await page.goto("/");
    await visit.live();
    await tabTo(page, /^Skip to the page$/);
    await tabTo(page, /^Start a job$/);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Start a job" }).waitFor();
    expect(await accessibility(page)).toEqual([]);
    await tabTo(page, /^Bench$/);
    await page.keyboard.type("sim");
    await tabTo(page, /^Serial number$/);
    await page.keyboard.type("SN-KEYS");
    await page.keyboard.press("Enter");
    await visit.verdict("PASS");
    // The focus is back where the dialog was opened.
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Start a job");
    await page.getByRole("link", { name: "record of the run" }).waitFor();
    await tabTo(page, /^record of the run$/, "Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: /SN-KEYS/ }).waitFor();
    await visit.close();
  });

  it("a dialog keeps the focus, and Escape closes it", async () => {
    const visit = await Visit.open(browser, hil.url);
    const { page } = visit;
    await page.goto("/");
    await visit.live();
    await tabTo(page, /^Start a job$/);
    await page.keyboard.press("Enter");
    for (let steps = 0; steps < 30; steps += 1) {
      await page.keyboard.press("Tab");
      const isInside = await page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest("dialog") !== null);
      expect(isInside).toBe(true);
    }
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await visit.close();
  });

  it("runs are gone through with the arrows", async () => {
    for (const serial_number of ["SN-A", "SN-B", "SN-C"]) await hil.job({ suite: "sim", unit: { serial_number } });
    const visit = await Visit.open(browser, hil.url);
    const { page } = visit;
    await page.goto("/runs?procedure=sim");
    await page.getByRole("link", { name: "SN-C" }).waitFor();
    await tabTo(page, /^SN-C$/);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: /SN-B/ }).waitFor();
    await visit.close();
  });
});
