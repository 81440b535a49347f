/** Every snapshot, environment, view and dialogue has an address, which opens in a tab of its own; others are told of. */
import type { Page } from "playwright-core";
import { PRODUCTION } from "../support/api-world";
import { expectShown, openRowAction, rowOf, SHOP, useSite } from "./page-fixture";

const ID = "10000000-0000-8000-8000-000000000004";
const FAILED = "10000000-0000-8000-8000-000000000006";

const { site, open } = useSite();
const hashOf = (page: Page): string => new URL(page.url()).hash;

test.each([
  ["", "Backup Details"],
  ["/download", "Download Backup"],
  ["/contents", "Files and Tables"],
  ["/restore", "Restore Backup"],
  ["/keep", /^Keep/],
  ["/delete", "Delete Backup"],
])("a snapshot's address opens its dialogue: %s", async (rest, title) => {
  const page = await open({ hash: `${SHOP}/snapshots/${ID}${rest}` });
  await expectShown(page.getByRole("dialog").getByRole("heading", { name: title }));
  await page.getByRole("button", { name: "Close the dialogue" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(hashOf(page)).toBe(`${SHOP}/backups`);
});

test.each([
  ["create", "Create Backup"],
  ["upload", "Upload Backup"],
])("creating and uploading have one: %s", async (rest, title) => {
  const page = await open({ hash: `${SHOP}/backups/${rest}` });
  await expectShown(page.getByRole("dialog").getByRole("heading", { name: title }));
});

test("what is clicked is in the address, and Back and Forward go through it", async () => {
  const page = await open();
  await expectShown(rowOf(page, "before the release"));
  await openRowAction(page, "before the release", "Restore");
  expect(hashOf(page)).toBe(`${SHOP}/snapshots/${ID}/restore`);
  await page.goBack();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.goForward();
  await expectShown(page.getByRole("dialog").getByRole("heading", { name: "Restore Backup" }));
  await page.getByRole("button", { name: "Close the dialogue" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Calendar" }).click();
  await expectShown(page.getByRole("heading", { level: 1, name: "Calendar" }));
  await page.goBack();
  await expectShown(rowOf(page, "before the release"));
  // Closing was the way back: no dialogue opens again behind it.
  expect(await page.getByRole("dialog").count()).toBe(0);
  await rowOf(page, "before the release").getByRole("link", { name: "04 Dec 2026, 15:00" }).click();
  await expectShown(page.getByRole("dialog").getByRole("heading", { name: "Backup Details" }));
  expect(hashOf(page)).toBe(`${SHOP}/snapshots/${ID}`);
});

test("the link to a backup and its id can be copied", async () => {
  const page = await open();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const dialog = await openRowAction(page, "before the release", "Details");
  await dialog.getByRole("button", { name: "Copy the link to this backup" }).click();
  await expectShown(page.getByText("Copied the link."));
  const link = await page.evaluate("navigator.clipboard.readText()");
  expect(link).toBe(`${site().address}/${SHOP}/snapshots/${ID}`);
  await dialog.getByRole("button", { name: "Copy the snapshot id" }).click();
  await expectShown(page.getByText("Copied the snapshot id."));
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe(ID);
  const environment = await open({ hash: `${SHOP}/environment` });
  await environment.getByRole("button", { name: "Copy the environment id" }).click();
  expect(await environment.evaluate("navigator.clipboard.readText()")).toBe(PRODUCTION);
});

const UNKNOWN: readonly (readonly [string, string, RegExp, string?])[] = [
  ["an app", "#/apps/nobodys/environments/x/backups", /App nobodys has no environment x/],
  ["another's app", "#/apps/bank/environments/bank-production/backups", /no app bank/, "reader"],
  ["another's app alone", "#/apps/bank", /no app bank/, "reader"],
  ["an app alone", "#/apps/nobodys", /App nobodys has no environments/],
  ["an environment", "#/apps/shop/environments/shop-nowhere/backups", /no environment shop-nowhere/],
  ["an environment's calendar", "#/apps/shop/environments/shop-nowhere/calendar", /no environment shop-nowhere/],
  ["an environment's own view", "#/apps/shop/environments/shop-nowhere/environment", /no environment shop-nowhere/],
  ["a snapshot", `${SHOP}/snapshots/10000000-0000-8000-8000-00000000ffff`, /has no backup 10000000/],
  ["a snapshot that no id can be", `${SHOP}/snapshots/no%20such/restore`, /has no backup no such/],
  ["a snapshot that has expired", `${SHOP}/snapshots/10000000-0000-8000-8000-000000000007`, /may have expired/],
  ["a view", `${SHOP}/nonsense`, /no page at this address/],
  ["a dialogue", `${SHOP}/snapshots/${ID}/burn`, /no page at this address/],
  ["a word", "#/nonsense", /no page at this address/],
  ["what can't be decoded", "#/apps/%E0/environments/x", /no page at this address/],
];
test.each(UNKNOWN)("unknown, and told so in one sentence: %s", async (...row) => {
  const [, hash, sentence, person = "admin"] = row as readonly unknown[] as (typeof UNKNOWN)[number];
  const page = await open({ hash, person });
  await expectShown(page.getByText(sentence));
  await page.waitForTimeout(300);
  expect(await page.getByText(sentence).count()).toBe(1);
  expect(await page.getByText(/No backups yet|Loading the/).count()).toBe(0);
  expect(await page.getByRole("dialog").count()).toBe(0);
});

test.each([
  ["reader", `/snapshots/${ID}/restore`, /Your role on this app does not allow it/],
  ["reader", "/backups/create", /only lets you look/],
  ["admin", `/snapshots/${FAILED}/restore`, /Only a completed backup/],
])("what isn't offered to %s can't be opened by its address: %s", async (person, rest, sentence) => {
  const page = await open({ person, hash: `${SHOP}${rest}` });
  await expectShown(page.getByText(sentence));
  expect(await page.getByRole("dialog").count()).toBe(0);
  await page.getByRole("button", { name: "Show the list" }).click();
  await expectShown(rowOf(page, "before the release"));
  expect(hashOf(page)).toBe(`${SHOP}/backups`);
});

test("an app's address leads to its first environment", async () => {
  const page = await open({ hash: "#/apps/bank" });
  await page.waitForURL(/bank-production\/backups$/);
  await expectShown(page.getByText("No backups yet"));
});
