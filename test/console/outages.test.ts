/** While the service can't be asked or refuses, the page says that and nothing of what it would say of empty lists. */
import type { Page, Route } from "playwright-core";
import { expectShown, rowOf, SHOP, useSite } from "./page-fixture";

const { open } = useSite();

/** What is only true where the service has said so. */
const EMPTY =
  /No backups yet|No backup matches|no drill yet|None yet|has no environments|no role on any app|Nothing|\(0\)|0 matches|only look|only lets you/;
const OUTAGES: readonly (readonly [string, RegExp, (route: Route) => Promise<void>])[] = [
  [
    "an outage",
    /can't answer just now/,
    (route) =>
      route.fulfill({
        status: 500,
        json: { errorCode: "SERVICE_UNAVAILABLE", errorMessage: "The service can't answer just now; try again." },
      }),
  ],
  [
    "a gateway's own answer",
    /answered 502 and gave no reason/,
    (route) => route.fulfill({ status: 502, body: "<html>Bad gateway</html>" }),
  ],
  [
    "a refusal",
    /doesn't include "read"/,
    (route) =>
      route.fulfill({
        status: 403,
        json: { errorCode: "NO_ACCESS", errorMessage: 'Your role doesn\'t include "read".' },
      }),
  ],
  [
    "a refused network",
    /doesn't admit this network/,
    (route) => route.fulfill({ status: 403, json: { message: "Forbidden" } }),
  ],
  [
    "too much at once",
    /Too much is asked/,
    (route) => route.fulfill({ status: 429, json: { message: "Too Many Requests" } }),
  ],
  ["no connection", /can't be reached/, (route) => route.abort()],
  ["another's answer", /in place of the service/, (route) => route.fulfill({ status: 200, body: "<p>Log in</p>" })],
];
const VIEWS = ["backups", "calendar", "environment"] as const;

/** The places stay known: what fails is what the view itself asks for. */
const breakViews = async (page: Page, answer: (route: Route) => Promise<void>): Promise<void> => {
  await page.context().route(/\/environments\/[^/]+(\/(snapshots|calendar|drills|restores|uploads).*)?$/, answer);
};

describe.each(OUTAGES)("%s", (_name, sentence, answer) => {
  test.each(VIEWS)("in the view %s", async (view) => {
    const page = await open({ fresh: true, hash: "#/regions" });
    await expectShown(page.getByRole("heading", { level: 1, name: "Regions" }));
    await breakViews(page, answer);
    await page.goto(page.url().replace(/#.*/, `${SHOP}/${view}`));
    await expectShown(page.getByText(sentence));
    await page.waitForTimeout(300);
    expect(await page.getByRole("main").getByText(EMPTY).allTextContents()).toEqual([]);
    expect(await page.getByText("Loading the", { exact: false }).count()).toBe(0);
    await page.context().unrouteAll();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText(sentence).first().waitFor({ state: "detached" });
  });
});

test.each(["regions", `${SHOP.slice(2)}/backups`])("where nothing at all answers: %s", async (hash) => {
  const page = await open({ fresh: true, person: "reader" });
  await expectShown(rowOf(page, "before the release"));
  await page.context().route(/\/api\/v2\//, (route) => route.abort());
  await page.goto(page.url().replace(/#.*/, `#/${hash}`));
  await page.reload();
  await expectShown(page.getByText(/can't be reached/));
  await page.waitForTimeout(500);
  expect(await page.getByText(EMPTY).allTextContents()).toEqual([]);
});

test("the parts of a view that have no answer say so, beside those that have one", async () => {
  const page = await open({ fresh: true, hash: `${SHOP}/environment` });
  await expectShown(page.getByText("File storage used"));
  await page.context().route(/\/(drills|restores)$/, (route) => route.abort());
  await page.reload();
  await expectShown(page.getByText("File storage used"));
  await expectShown(page.getByText(/can't be reached/).nth(1));
  expect(await page.getByText(/no drill yet/).count()).toBe(0);
});

test.each([
  ["backups", (page: Page) => rowOf(page, "before the release")],
  ["calendar", (page: Page) => page.getByRole("heading", { name: "Coming backups" })],
  ["environment", (page: Page) => page.getByText("File storage used")],
  ["regions", (page: Page) => page.getByRole("row", { name: /Frankfurt/ })],
] as const)("what came before stays, with the time of which it is: %s", async (view, shown) => {
  const page = await open({ fresh: true, hash: view === "regions" ? "#/regions" : `${SHOP}/${view}` });
  await expectShown(shown(page));
  await page.context().route(/\/api\/v2\//, (route) => route.abort());
  // As after a while: the page asks anew when it is shown again.
  await page.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
  // The service's clock stands at noon on another day than the browser's.
  await expectShown(page.getByText(/What is shown is as of 12:0\d UTC/));
  await expectShown(shown(page));
});

test("while the rest of a long list is on its way or fails, the count says so", async () => {
  const page = await open({ fresh: true, hash: "#/regions" });
  await page.context().route(/\/snapshots\?/, async (route) => {
    const offset = Number(new URL(route.request().url()).searchParams.get("offset"));
    if (offset > 0) return route.abort();
    const answer = (await (await route.fetch()).json()) as { snapshots: unknown[] };
    return route.fulfill({ json: { ...answer, total: answer.snapshots.length + 5000 } });
  });
  await page.goto(page.url().replace(/#.*/, `${SHOP}/backups`));
  await expectShown(page.getByText(/\(\d of 5,00\d so far\)/));
  await expectShown(page.getByText(/can't be reached/));
});
