/** Signing in once for all tabs, a key that ends while the page is open, and sentences for people. */
import type { Page } from "playwright-core";
import { hashOfKey, keyIdOf } from "../../lambda/access/api-keys";
import { expectShown, openPage, rowOf, SHOP, useSite } from "./page-fixture";
import { launchBrowser } from "./browser";

const ID = "10000000-0000-8000-8000-000000000004";
const HEADER_NAMES = /Mendix-|Authorization|header/i;

const { site, open, catalog } = useSite();

const fill = async (page: Page, person: string, key = site().world.keyOf(person)): Promise<void> => {
  await page.getByLabel("User name", { exact: true }).fill(person);
  await page.getByLabel("API key", { exact: true }).fill(key);
  await page.keyboard.press("Enter");
};
/** A browser of its own, in which nobody has signed in. */
const inNewBrowser = async (hash: string, work: (page: Page) => Promise<void>): Promise<void> => {
  const browser = await launchBrowser();
  try {
    const { page } = await openPage(browser, site(), { person: null, hash, fresh: true });
    await work(page);
  } finally {
    await browser.close();
  }
};
const endKey = async (person: string): Promise<() => Promise<void>> => {
  const hash = hashOfKey(site().world.keyOf(person));
  const key = { principal: person, keyId: keyIdOf(hash), hash, label: "test", createdAt: "2026-11-01T00:00:00Z" };
  await catalog().putApiKey({ ...key, createdBy: "test", expiresAt: "2026-12-01T00:00:00Z" });
  return () => catalog().putApiKey({ ...key, createdBy: "test", expiresAt: null });
};

test.each(["wrong", "nbk_", "x".repeat(2000)])(
  "a wrong key keeps the user name and tells of no headers: %.10s",
  async (key) => {
    await inNewBrowser("", async (page) => {
      await fill(page, "operator", key);
      await expectShown(page.getByRole("alert").getByText(/don't belong together/));
      expect(await page.getByLabel("User name", { exact: true }).inputValue()).toBe("operator");
      expect(await page.locator("body").innerText()).not.toMatch(HEADER_NAMES);
      await page.getByLabel("API key", { exact: true }).fill(site().world.keyOf("operator"));
      await page.keyboard.press("Enter");
      await expectShown(rowOf(page, "before the release").or(page.getByLabel("App")));
    });
  },
);

test("an outage while signing in is no wrong key", async () => {
  await inNewBrowser("", async (page) => {
    await page.route(/\/api\/v2\/me$/, (route) => route.abort());
    await fill(page, "operator");
    await expectShown(page.getByRole("alert").getByText(/can't be reached/));
    expect(await page.getByLabel("User name", { exact: true }).inputValue()).toBe("operator");
  });
});

test.each([
  ["the list", `${SHOP}/backups`, (page: Page) => rowOf(page, "before the release")],
  ["a dialogue", `${SHOP}/snapshots/${ID}/delete`, (page: Page) => page.getByLabel("Delete this backup now")],
  ["the calendar", `${SHOP}/calendar`, (page: Page) => page.getByRole("heading", { name: "Coming backups" })],
  ["the environment", `${SHOP}/environment`, (page: Page) => page.getByText("File storage used")],
] as const)(
  "a key that ends leads to the form, and the next one back to where one was: %s",
  async (_what, hash, shown) => {
    await inNewBrowser(hash, async (page) => {
      await fill(page, "owner");
      await expectShown(shown(page));
      const revive = await endKey("owner");
      try {
        await page.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
        await expectShown(page.getByText(/^Your sign-in has ended: the API key has expired or was revoked/));
        expect(await page.getByLabel("User name", { exact: true }).inputValue()).toBe("owner");
        expect(await page.locator("body").innerText()).not.toMatch(HEADER_NAMES);
        expect(await page.evaluate("JSON.stringify(sessionStorage)")).not.toContain(site().world.keyOf("owner"));
      } finally {
        await revive();
      }
      expect(new URL(page.url()).hash).toBe(hash);
      await fill(page, "owner");
      await expectShown(shown(page));
      expect(new URL(page.url()).hash).toBe(hash);
    });
  },
);

test("a key that had ended before the page was opened, and one that ends under a click", async () => {
  const revive = await endKey("restorer");
  try {
    const page = await open({ person: "restorer", fresh: true });
    await expectShown(page.getByText(/^Your sign-in has ended/));
  } finally {
    await revive();
  }
  await inNewBrowser(`${SHOP}/backups/create`, async (page) => {
    await fill(page, "operator");
    const dialog = page.getByRole("dialog");
    await expectShown(dialog.getByLabel("Comment (optional)"));
    const again = await endKey("operator");
    await dialog.getByRole("button", { name: "Create Backup" }).click();
    await expectShown(page.getByText(/^Your sign-in has ended/));
    await again();
    await fill(page, "operator");
    await expectShown(page.getByRole("dialog").getByLabel("Comment (optional)"));
  });
});

test("what a role doesn't allow signs nobody out", async () => {
  const page = await open({ person: "operator", fresh: true });
  await expectShown(rowOf(page, "before the release"));
  await page.route(/\/snapshots\?/, (route) =>
    route.fulfill({ status: 403, json: { errorCode: "NO_ACCESS", errorMessage: "Your roles don't include it." } }),
  );
  await page.getByRole("button", { name: "Refresh the list" }).click();
  await expectShown(page.getByText(/^Your roles don't include it/));
  await page.waitForTimeout(500);
  await expectShown(rowOf(page, "before the release"));
});

test("a new tab is signed in, nothing is kept on disk, and signing out ends all tabs", async () => {
  await inNewBrowser("", async (first) => {
    await fill(first, "operator");
    await expectShown(first.getByRole("button", { name: "Sign out" }));
    const key = site().world.keyOf("operator");
    const second = await first.context().newPage();
    await second.goto(`${site().address}/${SHOP}/snapshots/${ID}`);
    await expectShown(second.getByRole("dialog").getByText(ID));
    expect(await second.evaluate("JSON.stringify(localStorage) + document.cookie")).not.toContain(key);
    await second.getByRole("button", { name: "Close the dialogue" }).click();
    await second.getByRole("button", { name: "Sign out" }).click();
    for (const page of [first, second]) {
      await expectShown(page.getByLabel("API key", { exact: true }));
      expect(await page.evaluate("JSON.stringify(sessionStorage)")).not.toContain(key);
    }
    const third = await first.context().newPage();
    await third.goto(`${site().address}/${SHOP}`);
    await expectShown(third.getByLabel("API key", { exact: true }));
    // Signing in again in one of them is enough for those that wait.
    await fill(third, "operator");
    await expectShown(rowOf(third, "before the release"));
    await expectShown(first.getByRole("button", { name: "Sign out" }));
  });
});

test("a tab of somebody else stays theirs", async () => {
  const mine = await open({ person: "operator", fresh: true });
  await expectShown(mine.getByRole("button", { name: "Signed in as operator" }));
  await mine.evaluate(
    `new BroadcastChannel("backups.session").postMessage({ kind: "new", session: { kind: "key", userName: "admin", apiKey: "x" } })`,
  );
  await mine.waitForTimeout(300);
  expect(await mine.evaluate("sessionStorage.getItem('backups.session')")).toContain('"operator"');
});
