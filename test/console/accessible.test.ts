/**
 * The page for everybody: axe finds nothing in any view, dialogue, step or state, light, dark, on a phone of 360 pixels
 * and at twice the size; and nothing has to be scrolled sideways but tables.
 */
import type { Page } from "playwright-core";
import { ACCEPTANCE, PRODUCTION } from "../support/api-world";
import { dialogSteps } from "./dialog-steps";
import {
  axeFindings,
  expectShown,
  keepScreenshot,
  openRowAction,
  type OpenOptions,
  rowOf,
  useSite,
} from "./page-fixture";
import { archiveOf } from "./upload-files";

const ROW = "04 Dec 2026, 15:00";
const ID = "10000000-0000-8000-8000-000000000004";
const world = useSite();
const { open, site, catalog } = world;

const MODES: readonly (readonly [name: string, options: OpenOptions])[] = [
  ["light", {}],
  ["dark", { colorScheme: "dark" }],
  ["phone", { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }],
  // 200 %: half as many CSS pixels, each twice as large.
  ["zoomed", { viewport: { width: 680, height: 450 }, deviceScaleFactor: 2 }],
];
/** Each look takes a second, many on a busy machine. */
const LIMIT_MS = 300_000;
const VIEWS = ["backups", "calendar", "environment", "regions"] as const;
const hashOf = (view: string, environment = PRODUCTION): string => `#/apps/shop/environments/${environment}/${view}`;

/** Nothing found, and nothing wider than the window: WCAG 2.2, 1.4.10. */
const expectFine = async (page: Page, within?: string): Promise<void> => {
  const width: string = await page.evaluate(`String(document.documentElement.scrollWidth - innerWidth)`);
  expect([await axeFindings(page, within), Number(width) > 1 ? `${width} px too wide` : "fits"]).toEqual([[], "fits"]);
};
const heading = (page: Page, view: string): Promise<void> =>
  page.getByRole("heading", { level: 1, name: new RegExp(`^${view}`, "i") }).waitFor();

describe.each(MODES)("axe finds nothing: %s", (name, options) => {
  const steps = dialogSteps(world, ID);

  test(
    "signed out, and after a wrong key",
    async () => {
      const page = await open({ ...options, person: null });
      await page.getByLabel("API key", { exact: true }).waitFor();
      await expectFine(page);
      await page.getByRole("button", { name: "Sign in" }).click();
      await expectShown(page.getByText(/Enter your/));
      await expectFine(page);
    },
    LIMIT_MS,
  );

  test(
    "every view, full",
    async () => {
      await catalog().updateSnapshot(PRODUCTION, "10000000-0000-8000-8000-000000000001", { missingCount: 2 });
      for (const view of VIEWS) {
        const page = await open({ ...options, hash: hashOf(view) });
        await heading(page, view);
        if (view === "backups") await rowOf(page, ROW).waitFor();
        await page.getByText("Loading the", { exact: false }).waitFor({ state: "detached" });
        await expectFine(page);
        if (name !== "light") await keepScreenshot(page, `${view}-${name}`);
        if (view === "calendar") {
          await page.getByRole("button", { name: "The same as a table" }).click();
          await expectShown(page.getByRole("table", { name: "Life of each backup" }));
          await expectFine(page, "main");
        }
      }
    },
    LIMIT_MS,
  );

  test(
    "every view, empty, loading, and failed; and without any role",
    async () => {
      const empty = await open({ ...options, hash: hashOf("backups", ACCEPTANCE) });
      await expectShown(empty.getByText(/No backups yet/));
      await expectFine(empty);
      await empty.goto(`${site().address}/${hashOf("environment", ACCEPTANCE)}`);
      await expectShown(empty.getByText("File storage used"));
      await expectFine(empty);
      const nobody = await open({ ...options, person: "nobody", hash: "" });
      await expectShown(nobody.getByText(/no role/i));
      await expectFine(nobody);
      for (const [hash, said] of [
        ["#/nowhere", /There is no page at this address/],
        ["#/apps/nowhere/environments/nobody/backups", /nowhere/],
      ] as const) {
        const lost = await open({ ...options, hash });
        await expectShown(lost.getByText(said));
        await expectFine(lost);
      }
      for (const view of VIEWS) {
        for (const state of ["loading", "failed"] as const) {
          const page = await open({ ...options, hash: "#/regions" });
          await heading(page, "regions");
          await page.route(/\/api\/v2\/(regions|apps\/.*)/, (route) =>
            state === "failed"
              ? route.fulfill({
                  status: 503,
                  json: { errorCode: "UNAVAILABLE", errorMessage: "It is down: try again." },
                })
              : undefined,
          );
          await page.goto(`${site().address}/${hashOf(view)}`);
          await page.reload({ waitUntil: "commit" });
          await (state === "failed" ? expectShown(page.getByText(/It is down/)) : heading(page, view));
          await expectFine(page);
        }
      }
    },
    LIMIT_MS,
  );

  test(
    "every step of every dialogue of a backup",
    async () => {
      const page = await open(options);
      const found: string[] = [];
      for (const { action, step, reach } of steps) {
        const dialog = await openRowAction(page, ROW, action);
        await reach(page, dialog);
        found.push(...(await axeFindings(page, "[role=dialog]")).map((finding) => `${action}, ${step}: ${finding}`));
        if (name === "phone" && step === "planned") await keepScreenshot(page, "restore-phone");
        await dialog.getByRole("button", { name: "Close the dialogue" }).click();
        await dialog.waitFor({ state: "detached" });
      }
      expect(found).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    "the open menu, calendar and question, and the dialogues of the list",
    async () => {
      const page = await open(options);
      await rowOf(page, ROW)
        .getByRole("button", { name: /More options/ })
        .click();
      await page.getByRole("menuitem", { name: "Details" }).waitFor();
      // Drawn beside the page's landmarks, as what opens over a table has to be.
      await expectFine(page, "[role=menu]");
      await page.keyboard.press("Escape");
      const keep = await openRowAction(page, ROW, "Keep Longer");
      await keep.getByRole("button", { name: "Choose the day in a calendar" }).click();
      await keep.locator("table").waitFor();
      await expectFine(page, "[role=dialog]");
      await keep.getByRole("button", { name: "Close the dialogue" }).click();
      await page.getByRole("button", { name: "Create Backup" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.locator("textarea:focus").waitFor();
      await expectFine(page, "[role=dialog]");
      await page.keyboard.type("x".repeat(30));
      await page.keyboard.press("Escape");
      await expectShown(dialog.getByText("Close without saving?"));
      await expectFine(page, "[role=dialog]");
      await dialog.getByRole("button", { name: "Discard and close" }).click();
      await page.getByRole("button", { name: "Upload Backup" }).click();
      await dialog.waitFor();
      await expectFine(page, "[role=dialog]");
      const choose = (buffer: Buffer) =>
        dialog.locator("input[type=file]").setInputFiles({ name: `${name}.tar.gz`, mimeType: "", buffer });
      await choose(Buffer.from("no backup"));
      await expectShown(dialog.getByText(/can't be used/));
      await expectFine(page, "[role=dialog]");
      await choose(archiveOf(20_000));
      site().beforePart = async () => {
        throw new Error("refused");
      };
      await dialog.getByRole("button", { name: "Upload", exact: true }).click();
      await expectShown(dialog.getByRole("button", { name: "Pause" }));
      await expectFine(page, "[role=dialog]");
      await dialog.getByRole("button", { name: "Pause" }).click();
      await expectShown(dialog.getByText("Paused"));
      await expectFine(page, "[role=dialog]");
      site().beforePart = async () => undefined;
      await dialog.getByRole("button", { name: "Resume" }).click();
      await expectShown(dialog.getByText(/has arrived/));
      await expectFine(page, "[role=dialog]");
    },
    LIMIT_MS,
  );
});

test("the keyboard alone creates a backup; focus stays in the dialogue and comes back", async () => {
  const page = await open({ person: "operator" });
  await rowOf(page, ROW).waitFor();
  const button = page.getByRole("button", { name: "Create Backup" });
  await button.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  const inDialog = "document.querySelector('[role=dialog]').contains(document.activeElement)";
  for (let tabs = 0; tabs < 8; tabs++) {
    expect(await page.evaluate(inDialog)).toBe(true);
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(await page.evaluate("document.activeElement.textContent")).toBe("Create Backup");
  await page.keyboard.press("Enter");
  // The comment has the keyboard; on the closing button the first space would close the dialogue.
  await dialog.locator("textarea:focus").waitFor();
  await page.keyboard.type("by keyboard");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await rowOf(page, "by keyboard").waitFor();
});
