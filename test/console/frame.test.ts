/** The page's frame: which service it is, its clock, columns, words that mean one thing, notices, narrow and slow. */
import type { Page } from "playwright-core";
import { PRODUCTION } from "../support/api-world";
import { must } from "../support/must";
import { expectShown, openRowAction, rowOf, SHOP, until, useSite } from "./page-fixture";

const ID = "10000000-0000-8000-8000-000000000004";
const { site, open, catalog, now } = useSite({ snapshots: 30 });

const withComment = async (comment: string, work: () => Promise<void>): Promise<void> => {
  await catalog().updateSnapshot(PRODUCTION, ID, { comment });
  try {
    await work();
  } finally {
    await catalog().updateSnapshot(PRODUCTION, ID, { comment: "before the release" });
  }
};

test.each([
  ["a word of 400 characters", "w".repeat(400)],
  ["1000 characters", "many words ".repeat(91).slice(0, 1000)],
  ["an address", `https://tickets.example/${"deep/".repeat(80)}`],
])("no comment pushes columns away: %s", async (_what, comment) => {
  await withComment(comment, async () => {
    for (const viewport of [
      { width: 1360, height: 900 },
      { width: 360, height: 740 },
    ]) {
      const page = await open({ viewport, fresh: true });
      await expectShown(rowOf(page, "04 Dec 2026, 15:00"));
      const cells = page.locator("tbody tr", { hasText: "04 Dec 2026, 15:00" }).locator("td, th");
      const heights = await cells.first().evaluate((cell: { clientHeight: number }) => cell.clientHeight);
      expect(heights).toBeLessThan(80);
      const table = page.getByRole("table", { name: "Backups" });
      const box = must(await table.boundingBox());
      expect(box.width).toBeLessThan(viewport.width === 360 ? 640 : 1313);
      const dialog = await openRowAction(page, "04 Dec 2026, 15:00", "Details");
      await expectShown(dialog.getByText(comment.slice(0, 100)));
      const overflow = await dialog.evaluate(
        (element: { scrollWidth: number; clientWidth: number }) => element.scrollWidth - element.clientWidth,
      );
      expect(overflow).toBeLessThanOrEqual(0);
    }
  });
});

test("columns are chosen, and remembered after a reload, apart for wide and narrow", async () => {
  const page = await open({ fresh: true });
  await expectShown(rowOf(page, "before the release"));
  expect(await page.getByRole("columnheader", { name: "Snapshot id" }).count()).toBe(0);
  await page.getByRole("button", { name: "Preferences" }).click();
  const dialog = page.getByRole("dialog", { name: "Preferences" });
  await dialog.getByRole("checkbox", { name: "Snapshot id" }).check();
  await dialog.getByRole("checkbox", { name: "Comment" }).uncheck();
  await dialog.getByLabel("50 backups").check();
  await dialog.getByRole("button", { name: "Keep" }).click();
  const check = async (): Promise<void> => {
    await expectShown(page.getByRole("columnheader", { name: "Snapshot id" }));
    expect(await page.getByRole("columnheader", { name: "Comment" }).count()).toBe(0);
    expect(await page.locator("tbody tr").count()).toBe(36);
  };
  await check();
  await expectShown(page.getByRole("button", { name: "Copy the snapshot id" }));
  await page.reload();
  await check();
  await page.setViewportSize({ width: 390, height: 800 });
  await page.getByRole("columnheader", { name: "Snapshot id" }).waitFor({ state: "detached" });
});

test.each(['{"wide":{"columns":[{"id":"gone","visible":true}]}}', "[]", "{", '{"wide":{"columns":7}}'])(
  "what an older page has kept does no harm: %s",
  async (kept) => {
    const page = await open({ fresh: true, script: `localStorage.setItem("backups.list", ${JSON.stringify(kept)})` });
    await expectShown(rowOf(page, "before the release"));
    await expectShown(page.getByRole("columnheader", { name: "Comment" }));
  },
);

test.each([
  ["05 Dec 2026, 00:12", "Nightly", "The service", "2 weeks"],
  ["29 Nov 2026, 00:12", "Nightly", "The service", "3 months"],
  ["04 Dec 2026, 15:00", "On demand", "operator", "3 months"],
  ["03 Dec 2026, 15:00", "Uploaded", "owner", "3 months"],
])("how a backup came about, who made it and how long it is kept: %s", async (row, ...words) => {
  const page = await open();
  await page.getByPlaceholder(/Find by/).fill(row);
  for (const word of words) await expectShown(rowOf(page, row).getByRole("cell", { name: word, exact: true }));
});

test("a backup that was kept longer says so", async () => {
  await catalog().updateSnapshot(PRODUCTION, ID, { expiresAt: "2028-01-01T00:00:00Z" });
  const page = await open();
  await expectShown(rowOf(page, "before the release").getByText("Longer", { exact: true }));
  await catalog().updateSnapshot(PRODUCTION, ID, { expiresAt: "2027-03-04T15:00:00Z" });
});

test("every disabled button says why", async () => {
  const page = await open({ person: "reader" });
  await expectShown(rowOf(page, "before the release"));
  for (const name of ["Create Backup", "Upload Backup"]) {
    await page.getByRole("button", { name }).hover();
    await expectShown(
      page.getByText("Your role on this app only lets you look at its backups.").locator("visible=true"),
    );
    await page.mouse.move(0, 0);
  }
});

test("region and stage stand in the header, wide and narrow, and the tab has its sign", async () => {
  for (const width of [1360, 360]) {
    const page = await open({ fresh: true, viewport: { width, height: 800 } });
    const requests: string[] = [];
    page.on("response", (response) => {
      if (response.status() === 404) requests.push(response.url());
    });
    await expectShown(page.locator("#top").getByText("Frankfurt (eu-central-1), stage test").locator("visible=true"));
    expect(requests).toEqual([]);
    const icon = must(await page.locator("link[rel=icon]").getAttribute("href"));
    const drawn = `new Promise((resolve) => { const image = new Image(); image.onload = () => resolve(image.naturalWidth > 0); image.onerror = () => resolve(false); image.src = ${JSON.stringify(icon)}; })`;
    expect(await page.evaluate(drawn)).toBe(true);
  }
});

test.each(["2020-02-03T04:05:06Z", "2031-02-03T04:05:06Z"])(
  "the service's clock counts, whatever the browser's says: %s",
  async (wrong) => {
    const script = `const real = Date.now; const off = ${Date.parse(wrong)} - real(); Date.now = () => real() + off;
      window.Date = class extends Date { constructor(...given) { super(...(given.length === 0 ? [Date.now()] : given)); } };`;
    const page = await open({ fresh: true, script, hash: `${SHOP}/calendar` });
    const today = page.locator("td[aria-current=date]");
    await expectShown(today.getByText("5 Dec"));
    expect(await today.count()).toBe(1);
    await page.getByRole("link", { name: "Regions" }).click();
    // Noon is the middle of the day.
    const line = page.locator(".day .now").first();
    await line.waitFor();
    expect(
      await line.evaluate((element: { style: { insetInlineStart: string } }) => element.style.insetInlineStart),
    ).toMatch(/^50/);
  },
);

test("one notice follows the work, in whatever view", async () => {
  const page = await open({ person: "operator", fresh: true });
  await page.getByRole("button", { name: "Create Backup" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Create Backup" }).click();
  const notices = page.getByRole("region", { name: "Messages" });
  await expectShown(notices.getByText(/has been asked for and waits for its turn/));
  await page.getByRole("link", { name: "Calendar" }).click();
  const { items } = await catalog().listSnapshots(PRODUCTION);
  const created = must(items.find(({ state }) => state === "queued"));
  await catalog().updateSnapshot(PRODUCTION, created.snapshotId, { state: "running", updatedAt: now() });
  await expectShown(notices.getByText(/is being taken/));
  const statusMessage = "The database could not be reached.";
  await catalog().updateSnapshot(PRODUCTION, created.snapshotId, { state: "failed", statusMessage, finishedAt: now() });
  await expectShown(notices.getByText(/failed\. The database could not be reached\./));
  expect(await notices.getByText(`The backup of ${PRODUCTION}`).count()).toBe(1);
  expect(await notices.getByText(/asked for|being taken/).count()).toBe(0);
  await notices.getByRole("link", { name: "Show it" }).click();
  await expectShown(page.getByRole("dialog").getByText(created.snapshotId));
  await catalog().deleteSnapshot(PRODUCTION, created.snapshotId);
});

/** Words that are broken in the middle, or that reach beyond what cuts them off. */
const CUT_WORDS = `(() => {
  const found = [];
  for (const table of document.querySelectorAll("table:not(.plain-table)")) {
    const { scrollWidth, clientWidth } = table.parentElement;
    if (table.getAttribute("aria-label") === "Backups" && scrollWidth > clientWidth + 1) found.push("the list is wider: " + scrollWidth + " in " + clientWidth);
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent === null || !parent.checkVisibility() || parent.closest(".long, svg, noscript, [aria-hidden=true]")) continue;
    for (const { 0: word, index } of node.data.matchAll(/[A-Za-z0-9]+/g)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const boxes = [...range.getClientRects()].filter(({ width }) => width > 1);
      if (boxes.length === 0) continue;
      if (new Set(boxes.map(({ top }) => Math.round(top))).size > 1) found.push("broken: " + word);
      for (let box = parent; box !== null && box !== document.body; box = box.parentElement) {
        const { overflowX } = getComputedStyle(box);
        if (overflowX === "auto" || overflowX === "scroll") break;
        const { left, right, width } = box.getBoundingClientRect();
        if (width < 2) break;
        if ((overflowX === "hidden" || overflowX === "clip") && (boxes[0].right > right + 1 || boxes[0].left < left - 1)) {
          found.push("cut off: " + word);
          break;
        }
      }
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page is wider than the window");
  return [...new Set(found)];
})()`;
const cutWords = (page: Page): Promise<unknown> => page.evaluate(CUT_WORDS);

test.each([
  ["backups", "before the release"],
  ["calendar", "Coming backups"],
  ["environment", "File storage used"],
  ["regions", "Nightly windows."],
])("no word is cut at 360 pixels: %s", async (view, text) => {
  const page = await open({
    viewport: { width: 360, height: 740 },
    fresh: true,
    hash: view === "regions" ? "#/regions" : `${SHOP}/${view}`,
  });
  await expectShown(view === "backups" ? rowOf(page, "04 Dec 2026, 15:00") : page.getByText(text));
  await page.waitForTimeout(500);
  expect(await cutWords(page)).toEqual([]);
});
test("no word of the form for signing in is cut at 360 pixels", async () => {
  const page = await open({ viewport: { width: 360, height: 740 }, fresh: true, person: null });
  await page.getByLabel("API key", { exact: true }).waitFor();
  expect(await cutWords(page)).toEqual([]);
});

test.each([
  ["a slow mobile network", { latency: 560, download: 180_000 }],
  ["a very slow one", { latency: 2000, download: 50_000 }],
])("something stands there within three seconds: %s", async (_what, { latency, download }) => {
  const page = await open({ fresh: true, hash: "#/regions" });
  await expectShown(page.getByRole("heading", { level: 1, name: "Regions" }));
  const devTools = await page.context().newCDPSession(page);
  await devTools.send("Network.enable");
  await devTools.send("Network.setCacheDisabled", { cacheDisabled: true });
  await devTools.send("Network.emulateNetworkConditions", {
    offline: false,
    latency,
    downloadThroughput: download,
    uploadThroughput: download,
  });
  await page.goto(`${site().address}/?slow`, { waitUntil: "commit" });
  let painted: unknown = 0;
  await until("something is painted", async () => {
    painted = await page.evaluate(`performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0`);
    return Number(painted) > 0;
  });
  expect(Number(painted)).toBeLessThan(3000);
  expect(await page.locator("body").innerText()).toContain("Nightly Backups");
});
