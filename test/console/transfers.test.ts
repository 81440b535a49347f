/**
 * Uploads, downloads and restores in Debian's Chromium, from click to result in the store. The service's own steps are
 * played by the tests, which change the catalog as its workflows would; those have tests of their own.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import type { ArchiveItem, RestoreItem, RestorePlan, UploadItem } from "../../lambda/catalog/items";
import { restoreProgress } from "../../lambda/restore/progress";
import { ACCEPTANCE, PRODUCTION } from "../support/api-world";
import { archiveOf } from "./upload-files";
import { TRANSFER_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import { expectShown, keepScreenshot, openRowAction, rowOf, until, useSite } from "./page-fixture";

const BEFORE_RELEASE = "10000000-0000-8000-8000-000000000004";
const PART = 16 * 1024 * 1024;

const { site, open, catalog, settings, now, startedOf } = useSite();

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "page-"));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const bytesOf = async (body: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
};

describe("uploading", () => {
  const archive = (name: string, size: number): { readonly path: string; readonly bytes: Buffer } => {
    const bytes = archiveOf(size);
    const path = join(scratch, name);
    writeFileSync(path, bytes);
    return { path, bytes };
  };
  const choose = async (page: Page, path: string): Promise<Locator> => {
    // After a reload its address opens it again.
    if (!page.url().endsWith("/upload")) await page.getByRole("button", { name: "Upload Backup" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.locator("input[type=file]").setInputFiles(path);
    return dialog;
  };
  const uploadsNamed = async (name: string): Promise<readonly UploadItem[]> => {
    const { items } = await catalog().listUploads(new Date("2030-01-01"));
    return items.filter(({ fileName }) => fileName === name);
  };

  test("goes on after a pause and after a reload with the missing parts only, and becomes a snapshot", async () => {
    const { path, bytes } = archive("app.tar.gz", 2 * PART + 1000);
    site().parts.length = 0;
    // Part 2 is refused once, and held up afterwards, until the page has been reloaded.
    let held = false;
    let tries = 0;
    site().beforePart = async ({ partNumber }) => {
      if (partNumber !== 2) return;
      tries += 1;
      if (tries === 1) throw new Error("refused");
      held = true;
      await new Promise((resolve) => {
        setTimeout(resolve, 60_000).unref();
      });
    };
    const page = await open({ person: "operator" });
    const dialog = await choose(page, path);
    await dialog.getByLabel("Comment (optional)").fill("brought along");
    await dialog.getByRole("button", { name: "Upload", exact: true }).click();
    await until("two parts stored, one held up", () => held && site().parts.length === 2);
    await dialog.getByRole("button", { name: "Pause" }).click();
    await expectShown(dialog.getByText("Paused"));
    // What was on its way doesn't count as sent.
    await expectShown(dialog.getByText("16.8 MB of 33.6 MB"));
    await keepScreenshot(page, "upload");
    expect(site().parts.map(({ partNumber }) => partNumber)).toEqual(expect.arrayContaining([1, 3]));

    await page.reload();
    site().parts.length = 0;
    site().beforePart = async () => undefined;
    const again = await choose(page, path);
    await expectShown(again.getByText(/only the missing parts/));
    await again.getByRole("button", { name: "Resume the upload" }).click();
    await expectShown(again.getByText(/is being checked/));
    expect(site().parts.map(({ partNumber }) => partNumber)).toEqual([2]);
    const [upload, ...others] = await uploadsNamed("app.tar.gz");
    expect(others).toEqual([]);
    const { uploadId, key, snapshotId } = must(upload);
    expect(upload).toMatchObject({ state: "queued", createdBy: "operator", comment: "brought along" });
    const { body } = await site().world.fakes.store.get({ bucket: TRANSFER_BUCKET, key });
    expect((await bytesOf(body)).equals(bytes)).toBe(true);
    expect(startedOf(settings().UPLOAD_STATE_MACHINE_ARN).at(-1)?.input).toMatchObject({ uploadId });

    await catalog().updateSnapshot(PRODUCTION, snapshotId, { state: "completed", finishedAt: now() });
    await catalog().updateUpload(uploadId, { state: "completed" });
    await expectShown(again.getByText(/can be restored/));
    await expectShown(rowOf(page, "brought along").getByText("Uploaded"));
    await catalog().deleteSnapshot(PRODUCTION, snapshotId);
  });

  test("tells why an archive was refused", async () => {
    const { path } = archive("broken.tar.gz", 1000);
    const page = await open({ person: "operator" });
    const dialog = await choose(page, path);
    await dialog.getByRole("button", { name: "Upload", exact: true }).click();
    await expectShown(dialog.getByText(/is being checked/));
    const [upload] = await uploadsNamed("broken.tar.gz");
    const statusMessage = "The archive ends in the middle: make it anew.";
    await catalog().updateUpload(must(upload).uploadId, { state: "failed", statusMessage });
    await expectShown(dialog.getByText(statusMessage));
  });

  test("what was begun and not finished can be discarded", async () => {
    const { path } = archive("later.tar.gz", PART + 1);
    site().beforePart = async () => {
      throw new Error("refused");
    };
    const page = await open({ person: "operator" });
    const dialog = await choose(page, path);
    await dialog.getByRole("button", { name: "Upload", exact: true }).click();
    await dialog.getByRole("button", { name: "Pause" }).click();
    await page.reload();
    await page.getByRole("button", { name: "Discard the upload of later.tar.gz" }).click();
    await page.getByRole("button", { name: "Discard the upload of later.tar.gz" }).waitFor({ state: "detached" });
    const left = await uploadsNamed("later.tar.gz");
    expect(left.every(({ state }) => state !== "open")).toBe(true);
    site().beforePart = async () => undefined;
  });
});

describe("downloading", () => {
  const newest = async (): Promise<ArchiveItem> => {
    const { items } = await catalog().listArchives(new Date("2030-01-01"));
    return must(items.find(({ state }) => state === "queued"));
  };

  test("each kind: size and time first, then progress, then the link", async () => {
    const page = await open();
    for (const [label, dataType] of [
      ["Full Snapshot", "files_and_database"],
      ["Database Only", "database_only"],
      ["Files Only", "files_only"],
    ] as const) {
      const dialog = await openRowAction(page, "before the release", "Download");
      await dialog.getByLabel(label).check();
      await expectShown(dialog.getByText(/^About .* ready in/));
      await dialog.getByRole("button", { name: "Prepare the download" }).click();
      await expectShown(dialog.getByText(`Preparing: ${label}`));
      const { archiveId, key, ...item } = await newest();
      expect(item).toMatchObject({ dataType, snapshotId: BEFORE_RELEASE, requestedBy: "admin" });
      const contents = Buffer.from(`the archive ${dataType}`);
      await site().world.fakes.store.put({ bucket: TRANSFER_BUCKET, key, body: contents });
      const finished = { finishedAt: now(), size: contents.length, bytesDone: contents.length };
      await catalog().updateArchive(archiveId, { state: "completed", ...finished });
      await expectShown(dialog.getByText("The download is ready"));
      await keepScreenshot(page, "download");
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        dialog.getByRole("link", { name: "Download" }).click(),
      ]);
      expect(readFileSync(await download.path()).equals(contents)).toBe(true);
      expect(download.suggestedFilename()).toBe(item.fileName);
      await dialog.getByRole("button", { name: "Close", exact: true }).click();
    }
    // Asking again finds what was prepared; once its links have expired, it is prepared anew.
    const again = await openRowAction(page, "before the release", "Download");
    await expectShown(again.getByText(/^About .* ready in/));
    await again.getByRole("button", { name: "Prepare the download" }).click();
    await expectShown(again.getByText("The download is ready"));
    await again.getByRole("button", { name: "Close", exact: true }).click();
    const { clock } = site().world.fakes;
    clock.advance(8 * 3_600_000);
    const late = await openRowAction(page, "before the release", "Download");
    await expectShown(late.getByText(/^About .* ready in/));
    await late.getByRole("button", { name: "Prepare the download" }).click();
    await late.getByRole("button", { name: "Start again" }).click();
    await late.getByRole("button", { name: "Prepare the download" }).click();
    await expectShown(late.getByText("Preparing: Full Snapshot"));
    expect((await newest()).dataType).toBe("files_and_database");
    clock.advance(-8 * 3_600_000);
  });
});

describe("restoring", () => {
  const UNFILLED = { code: "ViewsUnfilled", message: "The view words could not be filled." };
  const PLAN: RestorePlan = {
    at: "2026-12-05T12:00:00Z",
    refusals: [],
    warnings: [
      { code: "ModelVersionOlder", message: "The snapshot's model version is 1.4.0, the target's 1.5.0." },
      { code: "FilesMissing", message: "2 files were missing when it was taken." },
    ],
    filesToPut: 1200,
    bytesToPut: 34_000_000,
    filesPresent: 3800,
    filesToRemove: 17,
    estimatedSeconds: 240,
  };
  const newest = async (): Promise<RestoreItem> => {
    const { snapshotId, ...found } = must(startedOf(settings().RESTORE_STATE_MACHINE_ARN).at(-1), "a restore")
      .input as Record<string, string>;
    return must(await catalog().getRestore(must(found["restoreId"] ?? snapshotId)));
  };
  const planned = async (dialog: Locator, plan: RestorePlan): Promise<void> => {
    await dialog.getByRole("button", { name: /Plan/ }).click();
    await expectShown(dialog.getByText("The plan is being made; nothing is touched."));
    const item = await newest();
    expect(item).toMatchObject({ planOnly: true, snapshotId: BEFORE_RELEASE, state: "queued" });
    await catalog().updateRestore(item.restoreId, { state: "completed", plan, finishedAt: now() });
    await expectShown(dialog.getByText("Takes"));
  };

  test("plans, asks for each warning, restores, and says what was put, kept and removed", async () => {
    const page = await open({ person: "restorer" });
    const dialog = await openRowAction(page, "before the release", "Restore");
    await dialog.getByRole("button", { name: /Destination/ }).click();
    await page.getByRole("option", { name: new RegExp(ACCEPTANCE) }).click();
    await planned(dialog, PLAN);
    await keepScreenshot(page, "restore");
    await expectShown(dialog.getByText(`The database of ${ACCEPTANCE} is replaced`, { exact: false }));
    await expectShown(dialog.getByText(/^17 files are removed/));
    const restore = dialog.getByRole("button", { name: "Restore", exact: true });
    await dialog.getByLabel(/Replace the data of/).check();
    expect(await restore.isDisabled()).toBe(true);
    for (const { message } of PLAN.warnings) await dialog.getByLabel(message).check();
    await restore.click();
    await expectShown(dialog.getByText(`Restoring into ${ACCEPTANCE}`));
    const item = await newest();
    expect(item).toMatchObject({
      targetEnvironmentId: ACCEPTANCE,
      databaseOnly: false,
      acknowledged: ["ModelVersionOlder", "FilesMissing"],
      requestedBy: "restorer",
    });
    expect(item.planOnly ?? false).toBe(false);
    const files = { ...item.files, put: 600, kept: 1900 };
    await catalog().updateRestore(item.restoreId, { state: "running", phase: "files", plan: PLAN, files });
    const { percent } = restoreProgress(await newest(), new Date(now()));
    expect(percent).toBeGreaterThan(0);
    await expectShown(dialog.getByText(`${percent}%`));
    await expectShown(dialog.getByText("Putting files back."));
    await catalog().updateRestore(item.restoreId, {
      state: "completed",
      finishedAt: now(),
      files: { ...files, put: 1200, kept: 3800 },
      database: { removed: 17, notes: [UNFILLED] } as never,
      statusMessage:
        "The database was restored; 1200 files were put, 3800 were there already and kept, 17 were removed.",
    });
    await expectShown(dialog.getByText(`${ACCEPTANCE} has been restored`));
    for (const number of ["1,200", "3,800", "17"]) await expectShown(dialog.getByText(number, { exact: true }));
    await expectShown(dialog.getByText("Not put back as it was"));
    await expectShown(dialog.getByText(`${UNFILLED.message} [${UNFILLED.code}]`));
    // Whoever looks later finds it with its environment.
    await dialog.getByRole("button", { name: "Close", exact: true }).click();
    await page.goto(`${site().address}/#/apps/shop/environments/${ACCEPTANCE}/environment`);
    const table = page.getByRole("table", { name: "Restores" });
    await expectShown(table.getByText("1,200, 3,800, 17"));
    await expectShown(table.getByText("Completed, 1 warning"));
    // The state stays a word in one line, however long the message beside it.
    const [line, state] = [table.getByText("By", { exact: true }), table.getByText(/^Completed/)];
    expect(must(await state.boundingBox()).height).toBeLessThan(1.5 * must(await line.boundingBox()).height);
  });

  test("a plan that refuses offers no restore; what is asked for again is planned again", async () => {
    const page = await open({ person: "restorer" });
    const dialog = await openRowAction(page, "before the release", "Restore");
    await dialog.getByLabel("Database only").check();
    const message = "The app of environment shop-production is running: stop it, then restore.";
    await planned(dialog, { ...PLAN, warnings: [], refusals: [{ code: "TargetRunning", message }] });
    await expectShown(dialog.getByText(message));
    expect(await dialog.getByRole("button", { name: "Restore", exact: true }).count()).toBe(0);
    expect(await newest()).toMatchObject({ databaseOnly: true, targetEnvironmentId: PRODUCTION });
    await expectShown(dialog.getByRole("button", { name: "Plan again" }));
  });
});
