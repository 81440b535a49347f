/** The dialogues without a mouse: the keyboard goes to what comes, Escape leads out of every step, and back to the opener. */
import type { Locator, Page } from "playwright-core";
import type { RestoreItem, RestorePlan } from "../../lambda/catalog/items";
import { ACCEPTANCE, PRODUCTION } from "../support/api-world";
import { must } from "../support/must";
import { expectShown, openRowAction, rowOf, until, useSite } from "./page-fixture";
import { archiveOf } from "./upload-files";

const ROW = "04 Dec 2026, 15:00";
const { site, open, catalog, settings, now, startedOf } = useSite();

const PLAN: RestorePlan = {
  at: "2026-12-05T12:00:00Z",
  refusals: [],
  warnings: [{ code: "ModelVersionOlder", message: "The snapshot's model version is 1.4.0, the target's 1.5.0." }],
  filesToPut: 12,
  bytesToPut: 34_000,
  filesPresent: 38,
  estimatedSeconds: 240,
};
const newestRestore = async (): Promise<RestoreItem> => {
  const input = must(startedOf(settings().RESTORE_STATE_MACHINE_ARN).at(-1), "a restore").input;
  return must(await catalog().getRestore(must((input as Record<string, string>)["restoreId"])));
};
const newestArchive = async () => {
  const { items } = await catalog().listArchives(new Date("2030-01-01"));
  return must(items.findLast(({ state }) => state === "queued"));
};

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

/** Each step of each dialogue: what leads there, once the dialogue is open. */
type Step = readonly [dialog: string, step: string, reach: (page: Page, dialog: Locator) => Promise<void>];
const plan = async (dialog: Locator, change: Partial<RestorePlan> = {}): Promise<void> => {
  await dialog.getByRole("button", { name: "Plan the restore" }).click();
  await expectShown(dialog.getByText("The plan is being made; nothing is touched."));
  const { restoreId } = await newestRestore();
  await catalog().updateRestore(restoreId, { state: "completed", plan: { ...PLAN, ...change }, finishedAt: now() });
  await expectShown(dialog.getByText("Takes"));
};
const restore = async (dialog: Locator): Promise<void> => {
  await dialog.getByRole("button", { name: /Destination/ }).click();
  await dialog
    .page()
    .getByRole("option", { name: new RegExp(ACCEPTANCE) })
    .click();
  await plan(dialog, { warnings: [] });
  await dialog.getByLabel(/Replace the data of/).check();
  await dialog.getByRole("button", { name: "Restore", exact: true }).click();
  await expectShown(dialog.getByText(`Restoring into ${ACCEPTANCE}`));
};
const prepare = async (dialog: Locator): Promise<void> => {
  await expectShown(dialog.getByText(/^About .* ready in/));
  await dialog.getByRole("button", { name: "Prepare the download" }).click();
};
const STEPS: readonly Step[] = [
  ["Details", "shown", async () => undefined],
  [
    "Details",
    "the comment being written",
    async (_, dialog) => {
      await dialog.getByRole("button", { name: "Change the comment" }).click();
      await dialog.locator("textarea:focus").waitFor();
    },
  ],
  ["Download", "chosen", async (_, dialog) => expectShown(dialog.getByText(/^About .* ready in/))],
  [
    "Download",
    "being prepared",
    async (_, dialog) => {
      await prepare(dialog);
      await expectShown(dialog.getByText("Preparing: Full Snapshot"));
    },
  ],
  [
    "Download",
    "failed",
    async (_, dialog) => {
      await prepare(dialog);
      const { archiveId } = await newestArchive();
      await catalog().updateArchive(archiveId, {
        state: "failed",
        statusMessage: "A pack is damaged.",
        finishedAt: now(),
      });
      await expectShown(dialog.getByText("A pack is damaged."));
    },
  ],
  ["Restore", "chosen", async () => undefined],
  [
    "Restore",
    "the destination's list was open",
    async (page, dialog) => {
      await dialog.getByRole("button", { name: /Destination/ }).click();
      await page.getByRole("option", { name: new RegExp(ACCEPTANCE) }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("option", { name: new RegExp(ACCEPTANCE) }).waitFor({ state: "detached" });
      await expectShown(dialog);
    },
  ],
  [
    "Restore",
    "being planned",
    async (_, dialog) => {
      await dialog.getByRole("button", { name: "Plan the restore" }).click();
      await expectShown(dialog.getByText("The plan is being made; nothing is touched."));
    },
  ],
  ["Restore", "planned", async (_, dialog) => plan(dialog)],
  [
    "Restore",
    "refused by the plan",
    async (_, dialog) => plan(dialog, { refusals: [{ code: "TargetRunning", message: "It is running." }] }),
  ],
  ["Restore", "under way", async (_, dialog) => restore(dialog)],
  [
    "Restore",
    "failed",
    async (_, dialog) => {
      await restore(dialog);
      await catalog().updateRestore((await newestRestore()).restoreId, { state: "failed", statusMessage: "No room." });
      await expectShown(dialog.getByText("No room."));
    },
  ],
  ["Keep Longer", "shown", async () => undefined],
  [
    "Keep Longer",
    "the calendar was open",
    async (page, dialog) => {
      await dialog.getByRole("button", { name: "Choose the day in a calendar" }).click();
      await until("the calendar has the keyboard", async () =>
        page.evaluate(`document.activeElement.closest("td") !== null`),
      );
      await page.keyboard.press("Escape");
      await dialog.locator("table").waitFor({ state: "detached" });
      await expectShown(dialog);
      expect(await focused(page)).toBe("Choose the day in a calendar");
    },
  ],
  ["Delete", "shown", async () => undefined],
  [
    "Delete",
    "refused",
    async (_, dialog) => {
      const id = "10000000-0000-8000-8000-000000000004";
      await catalog().updateSnapshot(PRODUCTION, id, { deleting: true });
      await dialog.getByLabel("Delete this backup now").check();
      await dialog.getByRole("button", { name: "Delete", exact: true }).click();
      await expectShown(dialog.getByText(/no snapshot 10000000/i));
      await catalog().updateSnapshot(PRODUCTION, id, { deleting: false });
    },
  ],
];

test.each(STEPS)("Escape closes: %s, %s", async (action, _, reach) => {
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
  const planned = await newestRestore();
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
  const item = await newestRestore();
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
