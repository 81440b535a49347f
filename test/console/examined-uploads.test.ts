/** What is chosen for an upload is examined in the browser: what can't be a backup is refused before a byte is sent. */
import type { Locator, Page } from "playwright-core";
import { expectShown, rowOf, until, useSite } from "./page-fixture";
import { archiveOf, GOOD, MISTAKES } from "./upload-files";
import { PRODUCTION } from "../support/api-world";
import { must } from "../support/must";

const { site, open, catalog, now } = useSite();

const choose = async (dialog: Locator, name: string, bytes: Buffer): Promise<void> => {
  await dialog.locator("input[type=file]").setInputFiles({ name, mimeType: "application/octet-stream", buffer: bytes });
};
const openDialog = async (page: Page): Promise<Locator> => {
  await page.getByRole("button", { name: "Upload Backup" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  return dialog;
};

test("each mistake is told in one sentence, and nothing of it is sent", async () => {
  const page = await open({ person: "operator" });
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.method() !== "GET") asked.push(request.url());
  });
  const dialog = await openDialog(page);
  const wrong: string[] = [];
  for (const [name, bytes, says] of MISTAKES) {
    await choose(dialog, name, bytes);
    const sentence = dialog.getByText(
      new RegExp(`^The file "${name.replaceAll(".", "\\.")}" (can't be used: .*; .*|is empty; .*)\\.$`),
    );
    await expectShown(sentence);
    const told = (await sentence.first().textContent()) ?? "";
    if (!says.test(told)) wrong.push(`${name}: ${told}`);
    const button = dialog.getByRole("button", { name: "Upload", exact: true });
    expect(await button.isDisabled()).toBe(true);
    await expectShown(dialog.getByText(`${name} (`, { exact: false }));
  }
  expect(wrong).toEqual([]);
  // The button says why, to whoever comes to it.
  await dialog.getByRole("button", { name: "Upload", exact: true }).focus();
  await until(
    "the sentence stands beside the button too",
    async () => (await page.getByText(/^The file "picture\.backup"/).count()) > 1,
  );
  expect(asked).toEqual([]);
  expect((await catalog().listUploads(new Date("2030-01-01"))).items).toEqual([]);
}, 120_000);

test("what the service takes, or alone can judge, is let pass", async () => {
  const page = await open({ person: "operator" });
  const dialog = await openDialog(page);
  for (const [name, bytes] of GOOD) {
    await choose(dialog, name, bytes);
    await expectShown(dialog.getByText(new RegExp(`^${name.replaceAll(".", "\\.")} \\(.*looks like a backup`)));
    expect(await dialog.getByRole("button", { name: "Upload", exact: true }).isEnabled()).toBe(true);
  }
}, 60_000);

test("the file's name stands in the dialogue, in the list of uploads, in the status, and with the backup", async () => {
  const page = await open({ person: "operator" });
  const dialog = await openDialog(page);
  await choose(dialog, "customer-2026.tar.gz", archiveOf(30_000));
  await expectShown(dialog.getByText("customer-2026.tar.gz", { exact: true }));
  expect(await dialog.getByLabel("Comment (optional)").inputValue()).toBe("customer-2026.tar.gz");
  site().beforePart = async () => {
    throw new Error("refused");
  };
  await dialog.getByRole("button", { name: "Upload", exact: true }).click();
  await expectShown(dialog.getByText("Upload of customer-2026.tar.gz"));
  await dialog.getByRole("button", { name: "Pause" }).click();
  await page.reload();
  // Its address is that of the dialogue, which is therefore open again.
  const again = page.getByRole("dialog");
  await expectShown(again.getByText(/^customer-2026\.tar\.gz \(0\.03 MB\)/));
  site().beforePart = async () => undefined;
  await choose(again, "customer-2026.tar.gz", archiveOf(30_000));
  // Another file of the same name and size: the browser remembers when the first was changed.
  await again.getByRole("button", { name: /^(Upload|Resume the upload)$/ }).click();
  await expectShown(again.getByText(/All of customer-2026\.tar\.gz has arrived/));
  const upload = must(
    (await catalog().listUploads(new Date("2030-01-01"))).items.find(({ state }) => state === "queued"),
  );
  expect(upload).toMatchObject({ fileName: "customer-2026.tar.gz", comment: "customer-2026.tar.gz" });
  await catalog().updateSnapshot(PRODUCTION, upload.snapshotId, { state: "completed", finishedAt: now() });
  await catalog().updateUpload(upload.uploadId, { state: "completed" });
  await expectShown(again.getByText("customer-2026.tar.gz", { exact: true }));
  await again.getByRole("button", { name: "Close", exact: true }).click();
  await rowOf(page, "customer-2026.tar.gz")
    .getByRole("button", { name: /More options/ })
    .click();
  await page.getByRole("menuitem", { name: "Details" }).click();
  await expectShown(page.getByRole("dialog").getByText("Uploaded file"));
  await until(
    "its name is shown",
    async () => (await page.getByRole("dialog").getByText("customer-2026.tar.gz (").count()) === 1,
  );
}, 60_000);
