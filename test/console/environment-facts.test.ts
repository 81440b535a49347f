/** What a registration says of an environment for people, in its view. */
import { PRODUCTION } from "../support/api-world";
import { must } from "../support/must";
import { rowOf, useSite } from "./page-fixture";

const { catalog: catalogOf, open } = useSite();

test("the environment's mode, address and runtime version are shown, and the address opens beside the page", async () => {
  const catalog = catalogOf();
  const { registration } = must(await catalog.getEnvironment(PRODUCTION));
  const facts = { url: "https://shop.example/start", runtimeVersion: "10.6.1" };
  await catalog.updateEnvironment(PRODUCTION, { registration: { ...registration, ...facts } });
  const page = await open({});
  await rowOf(page, "04 Dec 2026, 15:00").waitFor();
  await page.getByRole("link", { name: "Environment" }).click();
  await page.getByText("10.6.1", { exact: true }).waitFor();
  await page.locator("dd").getByText("Production", { exact: true }).waitFor();
  const link = page.getByRole("link", { name: /shop\.example/ });
  expect([await link.getAttribute("href"), await link.getAttribute("target")]).toEqual([facts.url, "_blank"]);
  expect(await link.getAttribute("rel")).toContain("noopener");
});
