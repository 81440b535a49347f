/** Every step of every snapshot's dialogue, for tests that want to see all of them; the service's steps are played. */
import type { Locator, Page } from "playwright-core";
import type { ArchiveItem, RestoreItem, RestorePlan } from "../../lambda/catalog/items";
import { ACCEPTANCE, PRODUCTION } from "../support/api-world";
import { must } from "../support/must";
import { expectShown, type Site, until } from "./page-fixture";

export const PLAN: RestorePlan = {
  at: "2026-12-05T12:00:00Z",
  refusals: [],
  warnings: [{ code: "ModelVersionOlder", message: "The snapshot's model version is 1.4.0, the target's 1.5.0." }],
  filesToPut: 12,
  bytesToPut: 34_000,
  filesPresent: 38,
  estimatedSeconds: 240,
};

export interface Step {
  readonly action: string;
  readonly step: string;
  /** Leads there, once the dialogue is open. */
  readonly reach: (page: Page, dialog: Locator) => Promise<void>;
}

export const newestRestore = async ({ catalog, settings, startedOf }: Site): Promise<RestoreItem> => {
  const input = must(startedOf(settings().RESTORE_STATE_MACHINE_ARN).at(-1), "a restore").input;
  return must(await catalog().getRestore(must((input as Record<string, string>)["restoreId"])));
};
const queuedArchives = async ({ catalog }: Site): Promise<readonly string[]> => {
  const { items } = await catalog().listArchives(new Date("2030-01-01"));
  return items.filter(({ state }: ArchiveItem) => state === "queued").map(({ archiveId }) => archiveId);
};

/** Makes a plan, and lets it come out as said. */
const plan = async (site: Site, dialog: Locator, change: Partial<RestorePlan> = {}): Promise<void> => {
  await dialog.getByRole("button", { name: "Plan the restore" }).click();
  await expectShown(dialog.getByText("The plan is being made; nothing is touched."));
  const { restoreId } = await newestRestore(site);
  const finished = { state: "completed", plan: { ...PLAN, ...change }, finishedAt: site.now() } as const;
  await site.catalog().updateRestore(restoreId, finished);
  await expectShown(dialog.getByText("Takes"));
};
const restore = async (site: Site, dialog: Locator): Promise<void> => {
  await dialog.getByRole("button", { name: /Destination/ }).click();
  await dialog
    .page()
    .getByRole("option", { name: new RegExp(ACCEPTANCE) })
    .click();
  await plan(site, dialog, { warnings: [] });
  await dialog.getByLabel(/Replace the data of/).check();
  await dialog.getByRole("button", { name: "Restore", exact: true }).click();
  await expectShown(dialog.getByText(`Restoring into ${ACCEPTANCE}`));
};
const prepare = async (dialog: Locator): Promise<void> => {
  // What this tab has asked for before is not found again.
  await dialog
    .page()
    .evaluate(
      `Object.keys(sessionStorage).filter((name) => name.startsWith("backups.download.")).forEach((name) => sessionStorage.removeItem(name))`,
    );
  await expectShown(dialog.getByText(/^About .* ready in/));
  await dialog.getByRole("button", { name: "Prepare the download" }).click();
};
const endDownload = async (site: Site, dialog: Locator, change: Partial<ArchiveItem>): Promise<void> => {
  const known = await queuedArchives(site);
  await prepare(dialog);
  await expectShown(dialog.getByText("Preparing: Full Snapshot"));
  const archiveId = must((await queuedArchives(site)).find((id) => !known.includes(id)));
  await site.catalog().updateArchive(archiveId, { ...change, finishedAt: site.now() });
};

/** The API's answers are played: what they say is tested where there are files. */
const CONTENTS_STEPS: readonly Step[] = [
  {
    action: "Files and Tables",
    step: "the files",
    reach: async (page, dialog) => {
      const file = { size: 1000, sha256: null, etag: null, content_type: null, metadata: {}, tags: {} };
      const files = [
        { ...file, key: `4b/${"long".repeat(200)}`, missing: false, last_modified: "2026-12-01T10:00:00Z" },
        { ...file, key: "4c", missing: true, size: null, last_modified: null },
      ];
      await page.route("**/files?**", (route) => route.fulfill({ json: { files, next: "4c", limit: 50 } }));
      await dialog.getByLabel("Keys that begin with").fill("4");
      await dialog.getByLabel("Keys that begin with").press("Enter");
      await expectShown(dialog.getByText("missing"));
    },
  },
  {
    action: "Files and Tables",
    step: "the table",
    reach: async (_, dialog) => {
      await dialog.getByRole("tab", { name: "Table" }).click();
      await expectShown(dialog.getByText(/SQL for psql/));
    },
  },
  {
    action: "Files and Tables",
    step: "a table being prepared",
    reach: async (_, dialog) => {
      await dialog.getByRole("tab", { name: "Table" }).click();
      await dialog.getByRole("textbox", { name: "Table" }).fill("orders");
      await dialog.getByRole("button", { name: "Fetch the table" }).click();
      await expectShown(dialog.getByText("Preparing: orders"));
    },
  },
];

/** `id`: of the snapshot whose dialogues are opened. */
export const dialogSteps = (site: Site, id: string): readonly Step[] => [
  { action: "Details", step: "shown", reach: async () => undefined },
  {
    action: "Details",
    step: "the comment being written",
    reach: async (_, dialog) => {
      await dialog.getByRole("button", { name: "Change the comment" }).click();
      await dialog.locator("textarea:focus").waitFor();
    },
  },
  { action: "Download", step: "chosen", reach: (_, dialog) => expectShown(dialog.getByText(/^About .* ready in/)) },
  {
    action: "Download",
    step: "being prepared",
    reach: async (_, dialog) => {
      await prepare(dialog);
      await expectShown(dialog.getByText("Preparing: Full Snapshot"));
    },
  },
  {
    action: "Download",
    step: "failed",
    reach: async (_, dialog) => {
      await endDownload(site, dialog, { state: "failed", statusMessage: "A pack is damaged." });
      await expectShown(dialog.getByText("A pack is damaged."));
    },
  },
  {
    action: "Download",
    step: "ready",
    reach: async (_, dialog) => {
      await endDownload(site, dialog, { state: "completed", size: 1000, bytesDone: 1000 });
      await expectShown(dialog.getByText("The download is ready"));
    },
  },
  ...CONTENTS_STEPS,
  { action: "Restore", step: "chosen", reach: async () => undefined },
  {
    action: "Restore",
    step: "the destination's list was open",
    reach: async (page, dialog) => {
      await dialog.getByRole("button", { name: /Destination/ }).click();
      await page.getByRole("option", { name: new RegExp(ACCEPTANCE) }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("option", { name: new RegExp(ACCEPTANCE) }).waitFor({ state: "detached" });
      await expectShown(dialog);
    },
  },
  {
    action: "Restore",
    step: "being planned",
    reach: async (_, dialog) => {
      await dialog.getByRole("button", { name: "Plan the restore" }).click();
      await expectShown(dialog.getByText("The plan is being made; nothing is touched."));
    },
  },
  { action: "Restore", step: "planned", reach: (_, dialog) => plan(site, dialog) },
  {
    action: "Restore",
    step: "refused by the plan",
    reach: (_, dialog) => plan(site, dialog, { refusals: [{ code: "TargetRunning", message: "It is running." }] }),
  },
  { action: "Restore", step: "under way", reach: (_, dialog) => restore(site, dialog) },
  {
    action: "Restore",
    step: "failed",
    reach: async (_, dialog) => {
      await restore(site, dialog);
      const { restoreId } = await newestRestore(site);
      await site.catalog().updateRestore(restoreId, { state: "failed", statusMessage: "No room." });
      await expectShown(dialog.getByText("No room."));
    },
  },
  {
    action: "Restore",
    step: "completed",
    reach: async (_, dialog) => {
      await restore(site, dialog);
      const { restoreId, files } = await newestRestore(site);
      await site.catalog().updateRestore(restoreId, { state: "completed", finishedAt: site.now(), files });
      await expectShown(dialog.getByText("has been restored"));
    },
  },
  { action: "Keep Longer", step: "shown", reach: async () => undefined },
  {
    action: "Keep Longer",
    step: "the day chosen",
    reach: async (_, dialog) => {
      await dialog.getByLabel("Keep until").fill("2027-12-31");
      await expectShown(dialog.getByText(/^Locked until 31 Dec 2027/));
    },
  },
  {
    action: "Keep Longer",
    step: "an impossible day",
    reach: async (_, dialog) => {
      await dialog.getByLabel("Keep until").fill("2027-02-31");
      await expectShown(dialog.getByText(/^There is no day/));
    },
  },
  {
    action: "Keep Longer",
    step: "the calendar was open",
    reach: async (page, dialog) => {
      await dialog.getByRole("button", { name: "Choose the day in a calendar" }).click();
      await until("the calendar has the keyboard", () =>
        page.evaluate<boolean>(`document.activeElement.closest("td") !== null`),
      );
      await page.keyboard.press("Escape");
      await dialog.locator("table").waitFor({ state: "detached" });
      await expectShown(dialog);
    },
  },
  { action: "Delete", step: "shown", reach: async () => undefined },
  {
    action: "Delete",
    step: "refused",
    reach: async (_, dialog) => {
      await site.catalog().updateSnapshot(PRODUCTION, id, { deleting: true });
      await dialog.getByLabel("Delete this backup now").check();
      await dialog.getByRole("button", { name: "Delete", exact: true }).click();
      await expectShown(dialog.getByText(/no snapshot 10000000/i));
      await site.catalog().updateSnapshot(PRODUCTION, id, { deleting: false });
    },
  },
];
