/** The dialogues without a mouse: the keyboard goes to what comes, Escape leads out of every step, and back to the opener. */
import type { Page } from "playwright-core";
import { ACCEPTANCE, PRODUCTION } from "../support/api-world";
import { dialogSteps, newestRestore, PLAN } from "./dialog-steps";
import { expectShown, openRowAction, rowOf, until, useSite } from "./page-fixture";
import { archiveOf } from "./upload-files";

const ROW = "04 Dec 2026, 15:00";
const world = useSite();
const { site, open, catalog, now } = world;
const STEPS = dialogSteps(world, "10000000-0000-8000-8000-000000000004");

/** What has the keyboard: its accessible name, roughly. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(
    `(() => { const e = document.activeElement; return e?.getAttribute("aria-label") ?? e?.textContent?.trim() ?? ""; })()`,
  );
const isInDialog = (page: Page): Promise<boolean> =>
  page.evaluate(`document.querySelector("[role=dialog]")?.contains(document.activeElement) === true`);
/** Presses Tab until something has the keyboard. */
const tabTo = async (page: Page, name: string | RegExp): Promise<void> => {
  for (let tabs = 0; tabs < 40; tabs++) {
    const text = await focused(page);
    if (typeof name === "string" ? text === name : name.test(text)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab did not come to ${String(name)}; the keyboard is at "${await focused(page)}".`);
};
const expectClosed = async (page: Page, opener: RegExp): Promise<void> => {
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await until(`the keyboard is back at ${String(opener)}`, async () => opener.test(await focused(page)));
};
const ROW_BUTTON = /^More options for the backup of 04 Dec 2026, 15:00$/;

test.each(STEPS)("Escape closes: $action, $step", async ({ action, reach }) => {
  const page = await open();
  const dialog = await openRowAction(page, ROW, action);
  await reach(page, dialog);
  await until("the keyboard is in the dialogue", () => isInDialog(page));
  await page.keyboard.press("Escape");
  await expectClosed(page, ROW_BUTTON);
});

test("Escape closes Upload Backup at every step, and the upload goes on", async () => {
  const page = await open();
  const button = page.getByRole("button", { name: "Upload Backup" });
  const dialog = page.getByRole("dialog");
  const escape = async (): Promise<void> => {
    await until("the keyboard is in the dialogue", () => isInDialog(page));
    await page.keyboard.press("Escape");
    await expectClosed(page, /^Upload Backup$/);
  };
  await button.click();
  await dialog.waitFor();
  await escape();
  await button.click();
  await dialog.locator("input[type=file]").setInputFiles({ name: "a.txt", mimeType: "", buffer: Buffer.from("x") });
  await expectShown(dialog.getByText(/can't be used/));
  await escape();
  let release = (): void => undefined;
  site().beforePart = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  await button.click();
  await dialog.locator("input[type=file]").setInputFiles({ name: "b.tar.gz", mimeType: "", buffer: archiveOf(20_000) });
  await dialog.getByRole("button", { name: "Upload", exact: true }).click();
  await expectShown(dialog.getByRole("button", { name: "Pause" }));
  await escape();
  await button.click();
  await dialog.getByRole("button", { name: "Pause" }).click();
  await expectShown(dialog.getByText("Paused"));
  await escape();
  site().beforePart = async () => undefined;
  release();
  await button.click();
  await dialog.getByRole("button", { name: "Resume" }).click();
  await expectShown(dialog.getByText(/All of b\.tar\.gz has arrived/));
  await escape();
});

describe("what has been written is not lost by a slip", () => {
  test("Escape asks, Escape again goes on, and Discard closes", async () => {
    const page = await open();
    await page.getByRole("button", { name: "Create Backup" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.locator("textarea:focus").waitFor();
    await page.keyboard.type("a long comment");
    await page.keyboard.press("Escape");
    await until("the question has the keyboard", async () => (await focused(page)) === "Close without saving?");
    await page.keyboard.press("Escape");
    await dialog.getByText("Close without saving?").waitFor({ state: "detached" });
    expect(await dialog.getByLabel("Comment (optional)").inputValue()).toBe("a long comment");
    await dialog.getByLabel("Comment (optional)").focus();
    await page.keyboard.press("Escape");
    await tabTo(page, "Discard and close");
    await page.keyboard.press("Enter");
    await expectClosed(page, /^Create Backup$/);
  });

  test("the same for a changed comment; what was not changed is not asked for", async () => {
    const page = await open();
    const details = await openRowAction(page, ROW, "Details");
    await details.getByRole("button", { name: "Change the comment" }).click();
    await details.getByLabel("Comment").fill("before release 1.5");
    await page.keyboard.press("Escape");
    await expectShown(details.getByText("Close without saving?"));
    await details.getByRole("button", { name: "Cancel" }).click();
    await expectClosed(page, ROW_BUTTON);
    const again = await openRowAction(page, ROW, "Details");
    await again.getByRole("button", { name: "Change the comment" }).click();
    await again.locator("textarea:focus").waitFor();
    await page.keyboard.press("Escape");
    await expectClosed(page, ROW_BUTTON);
  });
});

test("a backup that is deleted leaves the keyboard at a button that stays", async () => {
  const page = await open();
  const dialog = await openRowAction(page, "03 Dec 2026, 15:00", "Delete");
  await dialog.getByLabel("Delete this backup now").check();
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await expectClosed(page, /^Create Backup$/);
  await rowOf(page, "03 Dec 2026, 15:00").waitFor({ state: "detached" });
  expect(await focused(page)).toBe("Create Backup");
});

test("from the list to the restored environment by the keyboard alone", async () => {
  const page = await open({ person: "restorer" });
  await rowOf(page, ROW).waitFor();
  await page.locator("body").press("Tab");
  await tabTo(page, /^Filter the backups$/).catch(async () => page.getByPlaceholder(/Find by/).focus());
  await tabTo(page, ROW_BUTTON);
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Restore" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await until("the keyboard is in the dialogue", () => isInDialog(page));
  await tabTo(page, new RegExp(PRODUCTION));
  await page.keyboard.press("Enter");
  await page.getByRole("option", { name: new RegExp(ACCEPTANCE) }).waitFor();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  const chosen = page.getByRole("option", { name: new RegExp(ACCEPTANCE) });
  for (let tries = 0; tries < 3; tries++) {
    const id = (await chosen.getAttribute("id")) ?? "";
    if ((await page.evaluate(`document.activeElement?.getAttribute("aria-activedescendant")`)) === id) break;
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await tabTo(page, "Plan the restore");
  await page.keyboard.press("Enter");
  await expectShown(dialog.getByText("The plan is being made; nothing is touched."));
  const planned = await newestRestore(world);
  expect(planned).toMatchObject({ planOnly: true, targetEnvironmentId: ACCEPTANCE });
  await catalog().updateRestore(planned.restoreId, { state: "completed", plan: PLAN, finishedAt: now() });
  await until("the plan has the keyboard", async () => (await focused(page)) === "Plan of the restore");
  // From the plan on: each warning, the confirmation, the button.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  expect(await dialog.getByLabel(/Replace the data of/).isChecked()).toBe(true);
  await tabTo(page, "Restore");
  await page.keyboard.press("Enter");
  await until("the progress has the keyboard", async () => (await focused(page)) === "Progress");
  const item = await newestRestore(world);
  expect(item).toMatchObject({ targetEnvironmentId: ACCEPTANCE, acknowledged: ["ModelVersionOlder"] });
  await catalog().updateRestore(item.restoreId, {
    state: "completed",
    finishedAt: now(),
    files: { ...item.files, put: 12, kept: 38 },
  });
  await until("the result has the keyboard", async () => (await focused(page)) === "Result");
  await expectShown(dialog.getByText(`${ACCEPTANCE} has been restored`));
  await page.keyboard.press("Escape");
  await expectClosed(page, ROW_BUTTON);
});
