/** The page for everybody: axe finds nothing in any view or dialogue, light, dark and on a phone; the keyboard does. */
import type { Page } from "playwright-core";
import { axeFindings, keepScreenshot, openRowAction, PHONE, rowOf, useSite } from "./page-fixture";

const { open } = useSite();
const close = (page: Page): Promise<void> => page.getByRole("button", { name: "Close the dialogue" }).click();

/** Every dialogue once, and in each mode those that show most of what modes change. */
describe.each([
  ["light", {}, ["Details", "Download", "Restore", "Keep Longer", "Delete"], ["Create Backup", "Upload Backup"]],
  ["dark", { colorScheme: "dark" }, ["Details", "Restore"], []],
  ["phone", PHONE, ["Restore"], ["Upload Backup"]],
] as const)("axe finds nothing: %s", (name, options, actions, buttons) => {
  test("signed out", async () => {
    const page = await open({ ...options, person: null });
    await page.getByLabel("API key", { exact: true }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test("the list, its dialogues, and the other views", async () => {
    const page = await open(options);
    await rowOf(page, "04 Dec 2026, 15:00").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    if (name !== "light") await keepScreenshot(page, `backups-${name}`);
    for (const action of actions) {
      await openRowAction(page, "04 Dec 2026, 15:00", action);
      expect(await axeFindings(page, "[role=dialog]")).toEqual([]);
      await close(page);
    }
    for (const button of buttons) {
      await page.getByRole("button", { name: button }).first().click();
      await page.getByRole("dialog").waitFor();
      expect(await axeFindings(page, "[role=dialog]")).toEqual([]);
      await close(page);
    }
    for (const view of ["Calendar", "Environment", "Regions"]) {
      await page.getByRole("link", { name: view }).click();
      await page.getByRole("heading", { level: 1, name: view }).waitFor();
      await page.getByText("Loading the", { exact: false }).waitFor({ state: "detached" });
      expect(await axeFindings(page, "main")).toEqual([]);
      if (name !== "light") await keepScreenshot(page, `${view.toLowerCase()}-${name}`);
    }
  });
});

test("the keyboard alone creates a backup; focus stays in the dialogue and comes back", async () => {
  const page = await open({ person: "operator" });
  await rowOf(page, "04 Dec 2026, 15:00").waitFor();
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
