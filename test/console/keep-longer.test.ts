/** Keeping a backup longer: by day, impossible ones refused before anything is sent, the consequences, the list after it. */
import type { Locator, Page } from "playwright-core";
import { keepDay } from "../../console/later/keep/keep-day";
import { costSentence } from "../../console/later/keep/storage-cost";
import { objectionToKeeping } from "../../lambda/rules/keep-until";
import { PRODUCTION } from "../support/api-world";
import { snapshotItem } from "../catalog/catalog-fixtures";
import { expectShown, openRowAction, rowOf, useSite } from "./page-fixture";

const ID = "10000000-0000-8000-8000-000000000004";
const ROW = "04 Dec 2026, 15:00";
const EXPIRES = "2027-03-04T15:00:00Z";

describe("the day", () => {
  const limits = { expiresAt: EXPIRES, now: new Date("2026-12-05T12:00:00Z") };

  test.each([
    ["2027-12-31", "2027-12-31T23:59:59Z"],
    ["2027/12/31", "2027-12-31T23:59:59Z"],
    ["2027.6.1", "2027-06-01T23:59:59Z"],
    [" 2028-02-29 ", "2028-02-29T23:59:59Z"],
    // To the end of the day on which it expires in any case.
    ["2027-03-04", "2027-03-04T23:59:59Z"],
    ["2036-12-04", "2036-12-04T23:59:59Z"],
  ])("%s is its last second, UTC", (text, until) => {
    expect(keepDay(text, limits)).toEqual({ until });
    // The service takes what is let pass here.
    const snapshot = { ...snapshotItem(PRODUCTION, ID, { state: "completed", expiresAt: EXPIRES }), deleting: false };
    expect(objectionToKeeping(snapshot, new Date(until), limits.now)).toBeUndefined();
  });

  test.each([
    ["", /^Choose the day/],
    ["2027-02-31", /^There is no day 2027-02-31 in the calendar/],
    ["2027-02-29", /^There is no day/],
    ["2028-02-30", /^There is no day/],
    ["2027-04-31", /^There is no day/],
    ["2027-13-01", /^There is no day/],
    ["2027-00-10", /^There is no day/],
    ["2027-06-00", /^There is no day/],
    ["2020-01-01", /^Wednesday 1 January 2020 is in the past/],
    ["2026-12-04", /is in the past/],
    ["2026-12-05", /^It is kept until 04 Mar 2027, 15:00 UTC already, and that can't be shortened/],
    ["2027-03-03", /can't be shortened/],
    ["2036-12-05", /^Friday 5 December 2036 is more than 10 years from now/],
    ["2099-01-01", /is more than 10 years from now/],
    ["2027-06-01T00:00:00+02:00", /has a time of day or a time zone: write the day alone/],
    ["2027-06-01T12:00Z", /time of day or a time zone/],
    ["2027-06-01 08:00", /time of day or a time zone/],
    ["2027-06-01+13:00", /time of day or a time zone/],
    ["01.06.2027", /“01\.06\.2027” is no day: write a day as 2027-03-31/],
    ["next year", /is no day/],
    ["20270601", /is no day/],
    ["2027-06", /is no day/],
  ])("“%s” is refused in one sentence", (text, says) => {
    const { until, problem } = keepDay(text, limits);
    expect([until, problem]).toEqual([undefined, expect.stringMatching(says)]);
    expect(problem).toMatch(/^[^\n]+\.$/);
  });

  test("its cost is that of all its bytes in each region that has them", () => {
    const region = { region: "eu-central-1", replication_region: "eu-west-1" };
    const snapshot = { size: 100 * 2 ** 30, replicated_at: "2026-12-05T00:20:00Z" };
    expect(costSentence(snapshot, region)).toMatch(/^Its storage in both regions costs about \$4\.75 a month at most;/);
    expect(costSentence({ ...snapshot, replicated_at: null }, region)).toMatch(/^Its storage costs about \$2\.45 /);
    expect(costSentence({ ...snapshot, size: 1000 }, region)).toMatch(/less than \$0\.01/);
    expect(costSentence({ ...snapshot, size: null }, region)).toBe("Its storage is paid for until then.");
    expect(costSentence(snapshot, undefined)).toBe("Its storage is paid for until then.");
  });
});

describe("the dialogue", () => {
  const { open, catalog, settings, now, startedOf } = useSite();
  const kept = () => startedOf(settings().KEEP_STATE_MACHINE_ARN);
  const button = (dialog: Locator): Locator => dialog.getByRole("button", { name: "Keep Longer", exact: true });
  const sentPuts = (page: Page): string[] => {
    const puts: string[] = [];
    page.on("request", (request) => {
      if (request.method() === "PUT") puts.push(request.postData() ?? "");
    });
    return puts;
  };

  test.each([{}, { timezoneId: "Pacific/Kiritimati" }, { timezoneId: "Pacific/Pago_Pago" }])(
    "says what it means, sends the day's end, and the list shows it as pending until it is locked: %j",
    async (zone) => {
      const page = await open(zone);
      const puts = sentPuts(page);
      const before = kept().length;
      const dialog = await openRowAction(page, ROW, "Keep Longer");
      await dialog.getByLabel("Keep until").fill("2027-12-31");
      for (const consequence of [
        /nobody can delete it, administrators included/,
        /nobody can shorten it/,
        /a month at most/,
      ]) {
        await expectShown(dialog.getByText(consequence));
      }
      expect(await button(dialog).isDisabled()).toBe(true);
      await dialog.getByLabel("Lock this backup until 31 Dec 2027, 23:59 UTC").check();
      await button(dialog).click();
      await dialog.waitFor({ state: "detached" });
      expect(puts).toEqual([JSON.stringify({ until: "2027-12-31T23:59:59Z" })]);
      expect(
        kept()
          .slice(before)
          .map(({ input }) => input),
      ).toMatchObject([{ until: "2027-12-31T23:59:59Z" }]);
      await expectShown(rowOf(page, ROW).getByText("04 Mar 2027, 15:00"));
      await expectShown(rowOf(page, ROW).getByText("Pending: 31 Dec 2027, 23:59"));
      await catalog().updateSnapshot(PRODUCTION, ID, { expiresAt: "2027-12-31T23:59:59Z", updatedAt: now() });
      await expectShown(page.getByText("is locked, and is kept until 31 Dec 2027, 23:59 UTC"));
      await rowOf(page, ROW)
        .getByText(/^Pending/)
        .waitFor({ state: "detached" });
      await expectShown(rowOf(page, ROW).getByText("31 Dec 2027, 23:59"));
      await catalog().updateSnapshot(PRODUCTION, ID, { expiresAt: EXPIRES, updatedAt: now() });
    },
  );

  test("an impossible day is refused in a sentence, written with any tool, and nothing is sent", async () => {
    const page = await open();
    const puts = sentPuts(page);
    const dialog = await openRowAction(page, ROW, "Keep Longer");
    for (const [text, says] of [
      ["2027-02-31", /There is no day 2027-02-31 in the calendar/],
      ["2027/02/31", /There is no day/],
      ["2027-01-01", /can't be shortened/],
      ["2099-01-01", /more than 10 years from now/],
      ["2028-06-01T00:00:00+02:00", /write the day alone/],
    ] as const) {
      await dialog.getByLabel("Keep until").fill("");
      await dialog.getByLabel("Keep until").pressSequentially(text);
      await expectShown(dialog.getByText(says));
      expect(await button(dialog).isDisabled()).toBe(true);
      expect(await dialog.getByRole("checkbox").count()).toBe(0);
      await button(dialog).focus();
      await page.keyboard.press("Enter");
    }
    expect(puts).toEqual([]);
  });

  test.each([{}, { timezoneId: "Pacific/Kiritimati" }, { timezoneId: "America/Los_Angeles" }])(
    "the calendar gives the day that it shows, and no day before the expiry: %j",
    async (zone) => {
      const page = await open(zone);
      const dialog = await openRowAction(page, ROW, "Keep Longer");
      await dialog.getByRole("button", { name: "Choose the day in a calendar" }).click();
      await expectShown(dialog.getByText("March 2027"));
      expect(await dialog.getByLabel("Keep until").first().inputValue()).toBe("2027-03-04");
      expect(
        await dialog.getByRole("gridcell", { name: /March 3, 2027|\b3 March 2027/ }).getAttribute("aria-disabled"),
      ).toBe("true");
      await dialog.getByRole("gridcell", { name: /March 19, 2027|19 March 2027/ }).click();
      expect(await dialog.getByLabel("Keep until").first().inputValue()).toBe("2027-03-19");
      await expectShown(dialog.getByLabel("Lock this backup until 19 Mar 2027, 23:59 UTC"));
    },
  );

  test("another day has to be confirmed anew", async () => {
    const page = await open();
    const dialog = await openRowAction(page, ROW, "Keep Longer");
    await dialog.getByLabel("Keep until").fill("2027-12-31");
    await dialog.getByLabel(/^Lock this backup/).check();
    expect(await button(dialog).isEnabled()).toBe(true);
    await dialog.getByLabel("Keep until").fill("2030-12-31");
    expect(await button(dialog).isDisabled()).toBe(true);
    expect(await dialog.getByLabel(/^Lock this backup/).isChecked()).toBe(false);
  });
});
