/** What every test of the page does: sign in, open an environment, and stay free of errors. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { launchBrowser } from "./browser";
import { servePage, type PageSite } from "./page-site";
import { PRODUCTION, type ApiWorldOptions } from "../support/api-world";

const SCREENSHOTS = join(__dirname, "..", "..", "docs", "screenshots");
export const SHOP = `#/apps/shop/environments/${PRODUCTION}`;

export interface OpenOptions extends BrowserContextOptions {
  /** One of the world's people; null opens the page signed out. @default "admin" */
  readonly person?: string | null;
  /** @default the list of the shop's production */
  readonly hash?: string;
  /** A profile of its own, with an empty cache. @default false */
  readonly fresh?: boolean;
  /** Runs in the page before anything else; goes with `fresh`. */
  readonly script?: string;
}
export interface OpenPage {
  readonly page: Page;
  /** Errors that the browser has told so far: exceptions, and breaches of the content security policy. */
  readonly errors: readonly string[];
}

export const DESKTOP = { viewport: { width: 1360, height: 900 } };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** One profile for whoever opens pages in the same way, so that the page's files are fetched once. */
const contexts = new Map<string, Promise<BrowserContext>>();

export const openPage = async (
  browser: Browser,
  site: PageSite,
  { person = "admin", hash = SHOP, fresh = false, script, ...options }: OpenOptions = {},
): Promise<OpenPage> => {
  const context = await (fresh ? signedInContext : sharedContext)(browser, site, person, options);
  if (script !== undefined) await context.addInitScript(script);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    // The browser reports every answer of 400 and more as an error; what the page makes of them is tested.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      errors.push(message.text());
  });
  await page.goto(`${site.address}/${hash}`);
  return { page, errors };
};
const sharedContext: typeof signedInContext = (browser, site, person, options) => {
  const name = JSON.stringify([site.address, person, options]);
  const context = contexts.get(name) ?? signedInContext(browser, site, person, options);
  contexts.set(name, context);
  return context;
};
const signedInContext = async (
  browser: Browser,
  site: PageSite,
  person: string | null,
  options: BrowserContextOptions,
): Promise<BrowserContext> => {
  const context = await browser.newContext({ ...DESKTOP, reducedMotion: "reduce", ...options });
  if (person === null) return context;
  const session = { kind: "key", userName: person, apiKey: site.world.keyOf(person) };
  await context.addInitScript(`sessionStorage.setItem("backups.session", ${JSON.stringify(JSON.stringify(session))})`);
  return context;
};

/**
 * A browser and a site for the tests of a file. After each test its pages are closed, and it fails when the browser has
 * told errors: exceptions or breaches of the content security policy, whatever was clicked.
 */
export type Site = ReturnType<typeof useSite>;
export const useSite = (options: ApiWorldOptions = {}) => {
  let browser: Browser;
  let site: PageSite;
  const opened: OpenPage[] = [];
  beforeAll(async () => {
    [browser, site] = await Promise.all([launchBrowser(), servePage(options)]);
  });
  afterEach(async () => {
    const pages = opened.splice(0);
    await Promise.all(pages.map(({ page }) => page.close()));
    const errors = pages.flatMap((one) => one.errors);
    if (errors.length > 0) throw new Error(`The browser told errors:\n${errors.join("\n")}`);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  return {
    site: (): PageSite => site,
    catalog: () => site.world.fakes.catalog,
    settings: () => site.world.fakes.settings,
    now: (): string => site.world.fakes.clock.now().toISOString(),
    /** Executions of a workflow that were started. */
    startedOf: (arn: string) =>
      site.world.fakes.workflows.started.filter(({ stateMachineArn }) => stateMachineArn === arn),
    open: async (how: OpenOptions = {}): Promise<Page> => {
      const one = await openPage(browser, site, how);
      opened.push(one);
      return one.page;
    },
  };
};

/** Fails when it isn't shown within Playwright's half minute. */
export const expectShown = (locator: Locator): Promise<void> => locator.first().waitFor();

export const rowOf = (page: Page, text: string): Locator => page.getByRole("row", { name: text });
export const openRowAction = async (page: Page, text: string, action: string): Promise<Locator> => {
  await rowOf(page, text)
    .getByRole("button", { name: /More options/ })
    .click();
  await page.getByRole("menuitem", { name: action }).click();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  return dialog;
};

/** Waits until something that the page doesn't show has come about. */
export const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 300; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  throw new Error(`This did not come about within 15 seconds: ${what}.`);
};

/** What axe finds, one line each; `within` a part of the page, where the rest has been looked at before. */
export const axeFindings = async (page: Page, within?: string): Promise<readonly string[]> => {
  // Without frames there is nothing to put together on a page of its own, which takes longer than the look itself.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ rules: { "target-size": { enabled: true } } });
  const { violations } = await (within === undefined ? axe : axe.include(within)).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help} at ${target.join(" ")} (${failureSummary ?? ""})`),
  );
};

/** Kept with the documentation when UPDATE_SCREENSHOTS is set; else nothing happens. */
export const keepScreenshot = async (page: Page, name: string): Promise<void> => {
  if (process.env["UPDATE_SCREENSHOTS"] === undefined) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), animations: "disabled" });
};
