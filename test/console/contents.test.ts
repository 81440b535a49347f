/** A backup's files and tables in Debian's Chromium, from click to bytes; the archive's own steps make them. */
import { readFileSync } from "node:fs";
import type { Locator, Page } from "playwright-core";
import { archiveStep } from "../../lambda/archive/archive.handler";
import { PRODUCTION } from "../support/api-world";
import { must } from "../support/must";
import { withContents } from "../support/stored-contents";
import { smallDump } from "../upload/dump-maker";
import { axeFindings, expectShown, openRowAction, PHONE, until, useSite } from "./page-fixture";

const BEFORE_RELEASE = "10000000-0000-8000-8000-000000000004";
/** Also shown on a phone, where comments aren't. */
const ROW = "04 Dec 2026, 15:00";
const { site, open, catalog } = useSite();

const KEYS = [
  ...Array.from({ length: 120 }, (_, n) => `a/${String(n).padStart(3, "0")}`),
  "b/größe €.txt",
  "b/line\nbreak",
];
beforeAll(async () => {
  const files = new Map(KEYS.map((key) => [key, Buffer.from(`content of ${key}`)]));
  await withContents(site().world.fakes, PRODUCTION, BEFORE_RELEASE, {
    files,
    missing: ["b/gone"],
    dump: smallDump(),
    partLines: 40,
  });
});

/** What the workflow does. */
const build = async (): Promise<void> => {
  const { fakes } = site().world;
  const { items } = await catalog().listArchives(new Date("2030-01-01"));
  const { archiveId } = must(items.find(({ state }) => state === "queued"));
  const ids = { archiveId, executionArn: "arn:aws:states:eu-central-1:111111111111:execution:archive:x" };
  await archiveStep({ step: "begin", ...ids }, fakes);
  try {
    await archiveStep({ step: "build", ...ids }, fakes);
  } catch (error) {
    const { name, message } = error as Error;
    const Cause = JSON.stringify({ errorType: name, errorMessage: message });
    await archiveStep({ step: "fail", ...ids, error: { Error: name, Cause } }, fakes);
  }
};
const bytesFrom = async (page: Page, dialog: Locator): Promise<{ readonly name: string; readonly text: string }> => {
  await expectShown(dialog.getByText("The download is ready"));
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("link", { name: "Download" }).click(),
  ]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
};
const opened = async (how = {}): Promise<{ readonly page: Page; readonly dialog: Locator }> => {
  const page = await open(how);
  return { page, dialog: await openRowAction(page, ROW, "Files and Tables") };
};

test("files by pages and by what their keys begin with, and one of them to its bytes", async () => {
  const { page, dialog } = await opened({ person: "restorer" });
  await expectShown(dialog.getByText("a/000", { exact: true }));
  expect(await dialog.getByRole("button", { name: "Previous page" }).isDisabled()).toBe(true);
  await dialog.getByRole("button", { name: "Next page" }).click();
  await expectShown(dialog.getByText("a/050", { exact: true }));
  await dialog.getByRole("button", { name: "Next page" }).click();
  await expectShown(dialog.getByText("b/gone", { exact: true }));
  expect(await dialog.getByRole("button", { name: "Next page" }).isDisabled()).toBe(true);
  await dialog.getByRole("button", { name: "Previous page" }).click();
  await expectShown(dialog.getByText("a/050", { exact: true }));

  await dialog.getByLabel("Keys that begin with").fill("b/");
  await dialog.getByRole("button", { name: "Search" }).click();
  await expectShown(dialog.getByText(String.raw`"b/line\nbreak"`, { exact: true }));
  await expectShown(dialog.getByText("missing"));
  expect(await dialog.getByRole("button", { name: "Fetch b/gone" }).getAttribute("aria-disabled")).toBe("true");
  expect(await axeFindings(page, "[role=dialog]")).toEqual([]);

  await dialog.getByRole("button", { name: "Fetch b/größe" }).click();
  await expectShown(dialog.getByText("Preparing: b/größe €.txt"));
  await build();
  expect(await bytesFrom(page, dialog)).toEqual({ name: "größe €.txt", text: "content of b/größe €.txt" });
  // The list is where it was.
  await dialog.getByRole("button", { name: "Fetch something else" }).click();
  await until("the keyboard is back where it was asked for", () =>
    page.evaluate<boolean>(`document.activeElement.getAttribute("aria-label") === "Fetch b/größe €.txt"`),
  );
  await dialog.getByRole("button", { name: /Fetch .*line/ }).click();
  await build();
  expect((await bytesFrom(page, dialog)).text).toBe("content of b/line\nbreak");

  await dialog.getByRole("button", { name: "Fetch something else" }).click();
  await dialog.getByLabel("Keys that begin with").fill("zzz");
  await dialog.getByLabel("Keys that begin with").press("Enter");
  await expectShown(dialog.getByText("No file's key begins with that."));
});

test("one table to its rows; a name that isn't there is answered with those that are", async () => {
  const { page, dialog } = await opened({ person: "restorer" });
  await dialog.getByRole("tab", { name: "Table" }).click();
  await dialog.getByRole("textbox", { name: "Table" }).fill("orders");
  await dialog.getByRole("button", { name: "Fetch the table" }).click();
  await expectShown(dialog.getByText("Preparing: orders"));
  await build();
  await expectShown(dialog.getByText(/has no table "orders": it has/));
  expect(await axeFindings(page, "[role=dialog]")).toEqual([]);
  await dialog.getByRole("button", { name: "Start again" }).click();
  await dialog.getByRole("textbox", { name: "Table" }).fill("t");
  await dialog.getByRole("textbox", { name: "Table" }).press("Enter");
  await expectShown(dialog.getByText("Preparing: t"));
  await build();
  const { name, text } = await bytesFrom(page, dialog);
  expect(name).toMatch(/^shop-production-20261204T150000Z-t\.sql$/);
  expect(text).toMatch(/COPY t \(line\) FROM stdin;\n(a line\n){1500}\\\.\n$/);
});

test("its address opens it, for those who may; others are told why not", async () => {
  const hash = `#/apps/shop/environments/${PRODUCTION}/snapshots/${BEFORE_RELEASE}/contents`;
  const page = await open({ person: "restorer" });
  const dialog = await openRowAction(page, ROW, "Files and Tables");
  await until("the address says so", async () => new URL(page.url()).hash === hash);
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await until("the list has its address", async () => !new URL(page.url()).hash.includes("contents"));

  const sent = await open({ person: "restorer", hash });
  await expectShown(sent.getByRole("dialog", { name: "Files and Tables" }).getByText("a/000", { exact: true }));
  const reader = await open({ person: "reader", hash });
  await expectShown(reader.getByText("Your role on this app does not allow it."));
  expect(await reader.getByRole("dialog").count()).toBe(0);
});

test("on a phone, in the dark: axe finds nothing", async () => {
  const { page, dialog } = await opened({
    person: "restorer",
    ...PHONE,
    viewport: { width: 360, height: 740 },
    colorScheme: "dark",
  });
  await expectShown(dialog.getByText("a/000", { exact: true }));
  expect(await axeFindings(page, "[role=dialog]")).toEqual([]);
});

test("of a recovery point no table can be taken; an answer that fails is told, and no list is said to be empty", async () => {
  await catalog().updateSnapshot(PRODUCTION, BEFORE_RELEASE, { recoveryPoint: {} as never });
  const page = await open({ person: "restorer", fresh: true });
  await page.route("**/files?**", (route) =>
    route.fulfill({ status: 500, json: { errorCode: "SERVICE_UNAVAILABLE", errorMessage: "Not now." } }),
  );
  const dialog = await openRowAction(page, ROW, "Files and Tables");
  await expectShown(dialog.getByText("Not now."));
  expect(await dialog.getByText("This backup holds no files.").count()).toBe(0);
  await dialog.getByRole("tab", { name: "Table" }).click();
  await expectShown(dialog.getByText(/no table can be taken out of it/));
});
