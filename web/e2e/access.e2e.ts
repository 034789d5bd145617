//! Who gets in, and what they may do.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, Visit } from "./browser.ts";
import { Hil } from "./hil.ts";

let browser: Browser;
let hil: Hil;
let key: string;
let readOnly: string;

beforeAll(async () => {
  [browser, hil] = await Promise.all([launch(), Hil.create()]);
  key = await hil.key();
  readOnly = await hil.key({ readOnly: true });
  await hil.start();
});
afterAll(async () => {
  await browser.close();
  await hil.dispose();
});

async function visitAt(path: string): Promise<Visit> {
  const visit = await Visit.open(browser, hil.url);
  visit.expected.push(/401/);
  await visit.page.goto(path);
  await visit.page.getByRole("heading", { name: "Log in" }).waitFor();
  return visit;
}

async function logIn({ page }: Visit, with_: string): Promise<void> {
  await page.getByLabel("Key").fill(with_);
  await page.getByRole("button", { name: "Log in" }).click();
}

describe("a person", () => {
  it("logs in, is taken to where they wanted to go, and out again", async () => {
    const visit = await visitAt("/runs?search=abc");
    const { page } = visit;
    await logIn(visit, "hil_0000000000000000000000000000000000000000");
    await page.getByText("The server does not know this key.").waitFor();
    await logIn(visit, key);
    await page.waitForURL("**/runs?search=abc");
    await page.getByText("No runs match.").waitFor();
    await visit.live();
    const [cookie] = await visit.context.cookies();
    expect(cookie).toMatchObject({ name: "hil_session", httpOnly: true, sameSite: "Strict", path: "/" });
    // The key is with the cookie and nowhere else.
    expect(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, location.href, document.cookie]))).not.toContain("hil_");
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    await page.goto("/runs");
    await page.waitForURL("**/login?next=%2Fruns");
    await visit.close();
  });

  it("with a key that may start, starts", async () => {
    const visit = await visitAt("/");
    await logIn(visit, key);
    await visit.live();
    await visit.page.getByRole("button", { name: "Start a job" }).click();
    await visit.page.locator("#job-bench").selectOption("sim");
    await visit.page.getByRole("button", { name: "Start", exact: true }).click();
    await visit.verdict("PASS");
    await visit.close();
  });

  it("with a key that reads, watches and is offered nothing else", async () => {
    const visit = await visitAt("/");
    await logIn(visit, readOnly);
    await visit.live();
    await visit.page.getByRole("heading", { name: "Benches" }).waitFor();
    expect(await visit.page.getByRole("button", { name: "Start a job" }).count()).toBe(0);
    await visit.close();
  });

  it("is not led to another site after logging in", async () => {
    const visit = await visitAt("/login?next=//example.com/");
    await logIn(visit, key);
    await visit.live();
    expect(new URL(visit.page.url()).host).toBe(new URL(hil.url).host);
    await visit.close();
  });
});
