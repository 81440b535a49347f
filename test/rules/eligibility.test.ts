import { registration } from "../../lambda/catalog/registration";
import { eligibility } from "../../lambda/rules/eligibility";
import { tierOfNight } from "../../lambda/rules/tier";

const registered = registration.parse({
  environmentId: "shop-production",
  appId: "shop",
  region: "eu-central-1",
  database: { host: "db", name: "shop", secret: "shop-db" },
  network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
  files: { bucket: "shop-files" },
});
const environment = (firstStartedAt: string | null) => ({
  environmentId: "shop-production",
  firstStartedAt,
  registration: registered,
});
const now = new Date("2026-12-10T00:05:00Z");

describe("Rule 4: eligibility", () => {
  test("Rule 4: not before the app has been deployed and started", () => {
    expect(eligibility(environment(null), "eu-central-1", now)).toEqual({
      eligible: false,
      reason: "The app of environment shop-production has not been deployed and started yet.",
    });
    expect(eligibility(environment("2026-12-10T00:05:01Z"), "eu-central-1", now).eligible).toBe(false);
  });

  test("Rule 4: from the first start on", () => {
    expect(eligibility(environment("2026-12-10T00:05:00Z"), "eu-central-1", now)).toEqual({ eligible: true });
    expect(eligibility(environment("2025-01-01T00:00:00Z"), "eu-central-1", now)).toEqual({ eligible: true });
  });

  test("Rule 4: started after the first Sunday, that month has no monthly", () => {
    const nights = Array.from({ length: 22 }, (_, day) => `2026-12-${String(day + 10).padStart(2, "0")}`);
    const eligible = nights.filter(
      (night) =>
        eligibility(environment("2026-12-10T00:00:00Z"), "eu-central-1", new Date(`${night}T00:00:00Z`)).eligible,
    );
    expect(eligible).toHaveLength(22);
    expect(eligible.map(tierOfNight)).not.toContain("monthly");
    expect(eligible.map(tierOfNight).filter((tier) => tier === "weekly")).toHaveLength(3);
  });

  test("an environment of another region is left to its own window", () => {
    expect(eligibility(environment("2025-01-01T00:00:00Z"), "eu-west-1", now)).toEqual({
      eligible: false,
      reason: "Environment shop-production is in eu-central-1, not in eu-west-1.",
    });
  });
});
