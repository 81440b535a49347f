/** The page's list and its other views in Debian's Chromium, from click to result in the store. */
import { allPages } from "../../lambda/catalog/catalog";
import { ACCEPTANCE, PRODUCTION } from "../support/api-world";
import { must } from "../support/must";
import { expectShown, keepScreenshot, openRowAction, rowOf, useSite } from "./page-fixture";

const BEFORE_RELEASE = "10000000-0000-8000-8000-000000000004";

const { site, open, catalog, settings, now, startedOf } = useSite({ snapshots: 60 });

const snapshotsOf = async (environmentId: string) => {
  const found = [];
  for await (const one of allPages((cursor) => catalog().listSnapshots(environmentId, cursor))) found.push(one);
  return found;
};

describe("signing in", () => {
  test("a wrong key is refused with a sentence and keeps the user name, the right one opens the list, signing out forgets it", async () => {
    const page = await open({ person: null });
    await page.getByLabel("User name", { exact: true }).fill("operator");
    await page.getByLabel("API key", { exact: true }).fill("nbk_wrong");
    await keepScreenshot(page, "sign-in");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expectShown(page.getByRole("alert").getByText(/^This user name and key don't belong together/));
    expect(await page.getByLabel("User name", { exact: true }).inputValue()).toBe("operator");
    const key = site().world.keyOf("operator");
    await page.getByLabel("API key", { exact: true }).fill(key);
    await page.keyboard.press("Enter");
    await expectShown(rowOf(page, "before the release"));
    expect(page.url()).not.toContain(key);
    expect(await page.evaluate("JSON.stringify(localStorage) + document.cookie")).not.toContain(key);
    await page
      .getByRole("button", { name: "Sign out" })
      .or(page.getByRole("link", { name: "Sign out" }))
      .click();
    await expectShown(page.getByLabel("API key", { exact: true }));
    expect(await page.evaluate("JSON.stringify(sessionStorage)")).not.toContain(key);
    await page.reload();
    await expectShown(page.getByLabel("API key", { exact: true }));
  });

  test("a token of the organisation's sign-in goes into its own header", async () => {
    const page = await open({ person: null });
    await page.getByLabel(/^Token of your/).check();
    await page.getByLabel("Token", { exact: true }).fill("Bearer header.claims.signature");
    const [request] = await Promise.all([
      page.waitForRequest(/\/api\/v2\/me$/),
      page.getByRole("button", { name: "Sign in" }).click(),
    ]);
    expect(request.headers()).toMatchObject({ authorization: "Bearer header.claims.signature" });
    expect(request.headers()["mendix-apikey"]).toBeUndefined();
    await expectShown(page.getByText(/^This token is not accepted/));
    await expectShown(page.getByLabel("Token", { exact: true }));
  });

  test("what a role doesn't allow is not offered", async () => {
    const page = await open({ person: "reader" });
    await expectShown(rowOf(page, "before the release"));
    expect(await page.getByRole("button", { name: "Create Backup" }).getAttribute("aria-disabled")).toBe("true");
    await rowOf(page, "before the release")
      .getByRole("button", { name: /More options/ })
      .click();
    for (const name of ["Download", "Restore", "Delete"]) {
      expect(await page.getByRole("menuitem", { name }).getAttribute("aria-disabled")).toBe("true");
    }
  });
});

describe("the list", () => {
  test("is filtered, sorted and paged, and the place stays in the address", async () => {
    const page = await open();
    await expectShown(rowOf(page, "before the release"));
    await expectShown(page.getByText("(66)"));
    await keepScreenshot(page, "backups");
    expect(await page.locator("tbody tr").count()).toBe(25);
    await page.getByRole("button", { name: "Next page" }).click();
    await page.getByRole("button", { name: "Next page" }).click();
    expect(await page.locator("tbody tr").count()).toBe(16);
    await page.getByPlaceholder(/Find by/).fill("failed nightly");
    await expectShown(page.getByText("1 match"));
    expect(await page.locator("tbody tr").count()).toBe(1);
    await page.getByPlaceholder(/Find by/).fill("");
    const header = page.getByRole("columnheader", { name: "Created on" });
    await header.getByRole("button").click();
    await expectShown(page.locator('th[aria-sort="ascending"]'));
    await expectShown(page.locator("tbody tr").first().getByText("01 Nov 2026, 00:12"));
    await page.getByRole("button", { name: /Environment/ }).click();
    await page.getByRole("option", { name: ACCEPTANCE }).click();
    await expectShown(page.getByText("No backups yet"));
    expect(page.url()).toContain(ACCEPTANCE);
    await page.goBack();
    await expectShown(rowOf(page, "before the release"));
  });

  test("creates a backup with a comment, and its state moves by itself", async () => {
    const page = await open({ person: "operator" });
    await page.getByRole("button", { name: "Create Backup" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Comment (optional)").fill("from the page");
    await dialog.getByRole("button", { name: "Create Backup" }).click();
    await expectShown(rowOf(page, "from the page").getByText("Queued"));
    const created = must((await snapshotsOf(PRODUCTION)).find(({ comment }) => comment === "from the page"));
    expect(created).toMatchObject({ state: "queued", tier: "on-demand", createdBy: "operator" });
    expect(startedOf(settings().BACKUP_STATE_MACHINE_ARN).at(-1)?.input).toMatchObject({
      request: { snapshotId: created.snapshotId },
    });
    await catalog().updateSnapshot(PRODUCTION, created.snapshotId, { state: "running", updatedAt: now() });
    await expectShown(rowOf(page, "from the page").getByText("Running"));
    const sizes = { dumpSize: 1000, filesSize: 40_000, fileCount: 3, missingCount: 0, finishedAt: now() };
    await catalog().updateSnapshot(PRODUCTION, created.snapshotId, { state: "completed", ...sizes });
    await expectShown(rowOf(page, "from the page").getByText("Completed"));
    await expectShown(rowOf(page, "from the page").getByText("0.041"));
    await catalog().deleteSnapshot(PRODUCTION, created.snapshotId);
  });

  test("asks for nothing while the page is hidden, and at once when it is shown again", async () => {
    const id = "10000000-0000-8000-8000-000000000001";
    await catalog().updateSnapshot(PRODUCTION, id, { state: "running" });
    const page = await open();
    await expectShown(rowOf(page, "05 Dec 2026, 00:12").getByText("Running"));
    const show = (state: string) =>
      page.evaluate(
        `Object.defineProperty(document, "visibilityState", { value: "${state}", configurable: true });
         document.dispatchEvent(new Event("visibilitychange"))`,
      );
    await show("hidden");
    let asked = 0;
    page.on("request", (request) => (asked += request.url().includes("/snapshots") ? 1 : 0));
    await page.waitForTimeout(3000);
    expect(asked).toBe(0);
    await catalog().updateSnapshot(PRODUCTION, id, { state: "completed" });
    await show("visible");
    await expectShown(rowOf(page, "05 Dec 2026, 00:12").getByText("Completed"));
    expect(asked).toBeGreaterThan(0);
  });

  test("shows the details, and changes the comment", async () => {
    const page = await open();
    const dialog = await openRowAction(page, "before the release", "Details");
    const labels = ["Status", "Type", "Made by", "Snapshot id", "Created on", "Expires on", "Model version"];
    for (const label of [...labels, "Snapshot Size Uncompressed (MB)", "Comment"]) {
      await expectShown(dialog.getByText(label, { exact: true }));
    }
    for (const value of [
      "Completed",
      "On demand",
      "operator",
      BEFORE_RELEASE,
      "04 Dec 2026, 15:00 UTC",
      "1.4.0",
      "1,126.2",
    ]) {
      await expectShown(dialog.getByText(value, { exact: true }));
    }
    await keepScreenshot(page, "details");
    await dialog.getByRole("button", { name: "Change the comment" }).click();
    await dialog.getByLabel("Comment").fill("before release 1.5");
    await dialog.getByRole("button", { name: "Save the comment" }).click();
    await expectShown(rowOf(page, "before release 1.5"));
    expect((await catalog().getSnapshot(PRODUCTION, BEFORE_RELEASE))?.comment).toBe("before release 1.5");
    await catalog().updateSnapshot(PRODUCTION, BEFORE_RELEASE, { comment: "before the release" });
  });

  test("a backup with missing files is not plain green, and is found by that", async () => {
    await catalog().updateSnapshot(PRODUCTION, BEFORE_RELEASE, { missingCount: 2 });
    const page = await open();
    await expectShown(rowOf(page, "before the release").getByText("Completed, 2 files missing"));
    await page.getByPlaceholder(/Find by/).fill("2 files missing");
    await expectShown(page.getByText("1 match"));
    await catalog().updateSnapshot(PRODUCTION, BEFORE_RELEASE, { missingCount: 0 });
  });

  test("deletes a backup, once that is confirmed", async () => {
    const page = await open();
    const dialog = await openRowAction(page, "03 Dec 2026, 15:00", "Delete");
    const button = dialog.getByRole("button", { name: "Delete", exact: true });
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByLabel("Delete this backup now").check();
    await button.click();
    await expectShown(page.getByText(/has been deleted/));
    await rowOf(page, "03 Dec 2026, 15:00").waitFor({ state: "detached" });
    const snapshot = await catalog().getSnapshot(PRODUCTION, "10000000-0000-8000-8000-000000000005");
    expect(snapshot === undefined || snapshot.deleting).toBe(true);
    expect(startedOf(settings().DELETION_STATE_MACHINE_ARN)).toHaveLength(1);
  });

  test("shows the API's own sentence when something is refused", async () => {
    const page = await open();
    const dialog = await openRowAction(page, "05 Dec 2026, 00:12", "Delete");
    await catalog().updateSnapshot(PRODUCTION, "10000000-0000-8000-8000-000000000001", { deleting: true });
    await dialog.getByLabel("Delete this backup now").check();
    await dialog.getByRole("button", { name: "Delete", exact: true }).click();
    await expectShown(dialog.getByText(/no snapshot 10000000/i));
    await catalog().updateSnapshot(PRODUCTION, "10000000-0000-8000-8000-000000000001", { deleting: false });
  });
});

describe("the other views", () => {
  test("the calendar shows coming backups with their tiers, and every backup's life", async () => {
    const page = await open();
    await page.getByRole("link", { name: "Calendar" }).click();
    await expectShown(page.getByRole("heading", { name: "Coming backups" }));
    const sunday = page.getByRole("cell", { name: /6 December 2026/ });
    await expectShown(sunday.getByText("Monthly"));
    await expectShown(page.getByRole("cell", { name: /13 December 2026/ }).getByText("Weekly"));
    await expectShown(page.getByRole("cell", { name: /14 December 2026/ }).getByText("Nightly"));
    await expectShown(page.getByRole("img", { name: /^Timeline: \d+ backups/ }));
    await keepScreenshot(page, "calendar");
    await page.getByRole("button", { name: "The same as a table" }).click();
    await expectShown(page.getByRole("table", { name: "Life of each backup" }).getByText("01 Nov 2027, 00:12"));
  });

  test("the environment shows file storage used and the database's status", async () => {
    const page = await open({ hash: `#/apps/shop/environments/${PRODUCTION}/environment` });
    await expectShown(page.getByText("File storage used"));
    await expectShown(page.getByText("1.1 GB", { exact: true }));
    await expectShown(page.getByText("available", { exact: true }));
    await expectShown(page.getByText("Running", { exact: true }));
    await keepScreenshot(page, "environment");
  });

  test("the regions show their windows and where they are replicated to", async () => {
    const page = await open();
    await page.getByRole("link", { name: "Regions" }).click();
    const row = page.getByRole("row", { name: /Frankfurt/ });
    await expectShown(row.getByText("Dublin"));
    await expectShown(row.getByRole("img", { name: "Frankfurt: 00:00 to 03:00 UTC" }));
    await keepScreenshot(page, "regions");
  });
});
