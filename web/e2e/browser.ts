//! Chromium, and a page in it whose every complaint fails the test.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { expect } from "vitest";

export function launch(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  // In a container there is neither a user namespace for the sandbox nor much shared memory, and no graphics card. The
  // first start after a build reads the whole browser from the disk.
  const args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"];
  return chromium.launch({ executablePath, args, timeout: 120_000 });
}

/** A page of our site, and what went wrong in it. */
export class Visit {
  readonly problems: string[] = [];
  /** What the browser says itself about requests that a test makes fail on purpose. */
  readonly expected: RegExp[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  static async open(browser: Browser, url: string, options: { width?: number } = {}): Promise<Visit> {
    const context = await browser.newContext({
      baseURL: url,
      viewport: { width: options.width ?? 1280, height: 900 },
      colorScheme: "light",
    });
    const page = await context.newPage();
    // Long enough for a machine that does much else; what is waited for is there at once on one that does not.
    page.setDefaultTimeout(40_000);
    const visit = new Visit(context, page);
    page.on("pageerror", (error) => visit.problems.push(`exception: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") visit.problems.push(message.text());
    });
    page.on("request", (request) => {
      const to = new URL(request.url());
      if (!["blob:", "data:"].includes(to.protocol) && to.host !== new URL(url).host) visit.problems.push(`asked ${to.href}`);
    });
    return visit;
  }

  /** Waits until the page says that it is live. */
  async live(): Promise<void> {
    await this.page.locator('[data-phase="live"]').waitFor();
  }

  async verdict(word: string, timeout = 60_000): Promise<void> {
    await this.page.locator(`[data-verdict="${word}"]`).waitFor({ timeout });
  }

  /** Ends the visit; fails if the browser had anything to complain about. */
  async close(): Promise<void> {
    await this.context.close();
    expect(this.problems.filter((problem) => !this.expected.some((pattern) => pattern.test(problem)))).toEqual([]);
  }
}

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe finds wrong on the page as it is now, by all of its rules or by those that are named. */
export async function accessibility(page: Page, rules: readonly string[] = []): Promise<string[]> {
  if (await page.evaluate(() => !("axe" in window))) await page.evaluate(await readFile(axe, "utf8"));
  return page.evaluate(async (rules) => {
    type Found = { passes: unknown[]; violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] };
    const { axe } = window as unknown as { axe: { run(options: object): Promise<Found> } };
    const { passes, violations } = await axe.run(rules.length > 0 ? { runOnly: rules } : {});
    if (passes.length === 0) return ["axe has looked at nothing"];
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`));
  }, rules);
}
