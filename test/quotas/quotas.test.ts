/** What a stage needs of AWS's quotas: counted and computed, and asked for only where AWS gives less. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countAll, type ResourceCounts } from "../../lib/quotas/count-resources";
import { needsOf, type Need, type QuotaWish } from "../../lib/quotas/needs";
import { firstNight, laterNights } from "../../lib/quotas/night-load";
import { environmentsOf, minutesOf } from "../../lib/quotas/quota-input";
import { quotaLines, rounded } from "../../lib/quotas/quota-lines";
import { defaultIn, QUOTAS, quotaOf, type QuotaName } from "../../lib/quotas/quota-list";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import { must } from "../support/must";
import { synthesizeOnce } from "../support/synthesized";

const PROJECT = join(__dirname, "..", "..");

/** As the command counts them, from the same templates. */
const countsOf = (chosen: (stack: string) => boolean): ResourceCounts => {
  const counts = new Map<string, Map<string, number>>();
  const { assemblyDir, templates } = synthesizeOnce();
  const { artifacts } = JSON.parse(readFileSync(join(assemblyDir, "manifest.json"), "utf8")) as {
    artifacts: Record<string, { environment?: string }>;
  };
  for (const [stack, { Resources = {} }] of Object.entries(templates)) {
    if (!chosen(stack)) continue;
    const region = must(must(artifacts[stack]).environment).split("/").at(-1) ?? "";
    const known = counts.get(region) ?? new Map<string, number>();
    counts.set(region, known);
    for (const { Type } of Object.values(Resources)) known.set(Type, (known.get(Type) ?? 0) + 1);
  }
  return counts;
};
const wishOf = (environments: number, only?: string, change: Partial<QuotaWish> = {}): QuotaWish => ({
  rows: NIGHTLY_TABLE.filter(({ region }) => only === undefined || region === only),
  environmentsIn: () => environments,
  dumpMinutes: 15,
  packMinutes: 15,
  vcpu: 2,
  requestsPerSecond: 100,
  counts: countsOf((stack) => only === undefined || stack.endsWith("-Frankfurt")),
  recoveryCounts: new Map(),
  ...change,
});
const linesOf = (wish: QuotaWish, isNew = false): readonly string[] =>
  quotaLines(needsOf(wish), { assumptions: [], isNew });
const requestsIn = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => line.includes(" request-service-quota-increase "));
const needIn = (needs: readonly Need[], quota: QuotaName, region: string | null): number =>
  must(needs.find((need) => need.quota === quota && need.region === region)).amount;

describe("the list of quotas", () => {
  test.each([...QUOTAS])(
    "%s has a default above zero, a source, and a way to be asked for if it can be",
    (_name, quota) => {
      expect(quota.default).toBeGreaterThan(0);
      for (const value of Object.values(quota.regions ?? {})) expect(value).toBeGreaterThan(0);
      expect(quota.adjustable).toBe(quota.code !== undefined || quota.find !== undefined);
    },
  );
  test("knows what a new account has, and what regions have of their own", () => {
    expect(defaultIn(quotaOf("concurrentFunctions"), "eu-central-1", true)).toBe(10);
    expect(defaultIn(quotaOf("concurrentFunctions"), "eu-central-1", false)).toBe(1000);
    expect(defaultIn(quotaOf("fargateVcpu"), "eu-central-1", true)).toBe(6);
    expect(defaultIn(quotaOf("stateTransitions"), "eu-west-1", false)).toBe(5000);
    expect(defaultIn(quotaOf("stateTransitions"), "eu-central-1", false)).toBe(800);
  });
});

describe("a night", () => {
  const night = { durationMinutes: 180, dumpMinutes: 15, packMinutes: 15 };
  test.each([1, 50, 200, 1000])(
    "of %i environments: never more at once than there are, and fewer once they are timed",
    (environments) => {
      const [first, later] = [firstNight({ ...night, environments }), laterNights({ ...night, environments })];
      expect(first.dumps).toBeGreaterThan(0);
      expect(first.dumps).toBeLessThanOrEqual(environments);
      expect(first.packers).toBe(first.packing * 20);
      expect(later.dumps).toBeLessThanOrEqual(first.dumps);
      // The first night has a quarter of the window: three fifteenths of it at least at once.
      expect(first.dumps).toBeGreaterThanOrEqual(Math.floor(environments / 3));
    },
  );
  test("the longer a dump, the more at once; in a window as short as the dump, all of them", () => {
    const at = (dumpMinutes: number): number => firstNight({ ...night, dumpMinutes, environments: 200 }).dumps;
    expect([at(1), at(15), at(45)]).toEqual([at(1), at(15), at(45)].toSorted((a, b) => a - b));
    expect(at(45)).toBe(200);
    expect(firstNight({ ...night, durationMinutes: 60, environments: 50 }).dumps).toBe(50);
  });
});

describe("what is needed", () => {
  test("later nights are told where they differ from the first", () => {
    const whys = (environments: number): string =>
      needsOf(wishOf(environments, "eu-central-1"))
        .filter(({ quota }) => quota === "concurrentFunctions" || quota === "fargateVcpu")
        .map(({ why }) => why)
        .join("\n");
    expect(whys(1)).toContain("1 environment packed at once in the first night by 20 packers each, ");
    expect(whys(1)).not.toContain("later");
    expect(whys(200).match(/in the first night \(later \d+\)/g)).toHaveLength(2);
  });
  test("IAM's roles are those of the templates, CDK's bootstrap and a recovery: nothing is written down", () => {
    const all = wishOf(200);
    const roles = countAll(all.counts, ["AWS::IAM::Role"]);
    expect(roles).toBeGreaterThan(17 * 30);
    expect(needIn(needsOf(all), "roles", null)).toBe(roles + 5 * all.counts.size);
    const recoveryCounts = new Map([["eu-west-1", new Map([["AWS::IAM::Role", 8]])]]);
    expect(needIn(needsOf({ ...all, recoveryCounts }), "roles", null)).toBe(roles + 5 * all.counts.size + 8);
    expect(needIn(needsOf(wishOf(200, "eu-central-1")), "roles", null)).toBeLessThan(roles / 10);
  });
  test("one environment of one region in an account some weeks old asks for processors alone", () => {
    const lines = linesOf(wishOf(1, "eu-central-1"));
    expect(requestsIn(lines)).toEqual([
      "aws service-quotas request-service-quota-increase --service-code fargate --quota-code L-3032A538 --desired-value 10 --region eu-central-1",
    ]);
    expect(lines.at(-1)).toMatch(/^# 1 request\. /);
  });
  test("in a new account it asks for functions too", () => {
    expect(
      requestsIn(linesOf(wishOf(1, "eu-central-1"), true)).map((line) => /--quota-code (\S+)/.exec(line)?.[1]),
    ).toEqual(["L-B99A9384", "L-3032A538"]);
  });
  test("what AWS gives is enough: nothing is asked for, and that is said", () => {
    const none = wishOf(1, "eu-central-1", { vcpu: 1, requestsPerSecond: 1 });
    const lines = linesOf(none);
    expect(requestsIn(lines)).toEqual([]);
    expect(lines.at(-1)).toBe("# Nothing has to be asked for: every need is within what AWS gives.");
  });
  test.each([
    [50, "eu-central-1"],
    [200, "eu-central-1"],
    [1000, "eu-central-1"],
    [50, undefined],
    [200, undefined],
    [1000, undefined],
  ])(
    "%i environments in %s: a request for each need that is more than AWS gives, in its region, and for no other",
    (environments, only) => {
      for (const isNew of [false, true]) {
        const wish = wishOf(environments, only);
        const short = needsOf(wish).filter(
          ({ quota, region, amount }) => amount > defaultIn(quotaOf(quota), region ?? "us-east-1", isNew),
        );
        expect(short.length).toBeGreaterThan(0);
        const asked = requestsIn(linesOf(wish, isNew));
        expect(asked).toHaveLength(short.length);
        for (const { quota, region, amount } of short) {
          const { service, code } = quotaOf(quota);
          const request = asked.find(
            (line) =>
              line.includes(`--service-code ${service} `) &&
              line.endsWith(`--region ${region ?? "us-east-1"}`) &&
              (code === undefined ? /contains/.test(line) : line.includes(code)),
          );
          const desired = Number(/--desired-value (\d+)/.exec(must(request))?.[1]);
          expect(desired).toBeGreaterThanOrEqual(code === undefined ? 1 : amount);
        }
      }
    },
  );
  test("twice the environments never need less of anything", () => {
    const [fewer, more] = [needsOf(wishOf(200)), needsOf(wishOf(400))];
    for (const [index, { amount, quota, region }] of fewer.entries()) {
      expect(more[index]).toMatchObject({ quota, region });
      expect(must(more[index]).amount).toBeGreaterThanOrEqual(amount);
    }
  });
  test("what AWS gives nobody is a sentence and no request", () => {
    const counts = new Map([
      [
        "eu-central-1",
        new Map([
          ["AWS::IAM::Role", 6000],
          ["AWS::ApiGateway::RestApi", 700],
        ]),
      ],
    ]);
    const lines = linesOf(wishOf(1, "eu-central-1", { counts }));
    expect(lines).toContain("# the account: AWS gives at most 5,000; divide the stage's regions among accounts.");
    expect(lines).toContain("# eu-central-1: AWS raises it for nobody; divide the stage among accounts.");
    expect(requestsIn(lines).filter((line) => /iam|apigateway/.test(line))).toEqual([]);
    expect(lines.join("\n")).toMatch(/recovery points of AWS Backup don't count/);
  });
  test.each([
    [1, 1],
    [8, 8],
    [10, 10],
    [101, 110],
    [408, 410],
    [1581, 1600],
    [4121, 4200],
    [20_121, 21_000],
  ])("%i is rounded up to %i", (amount, expected) => expect(rounded(amount)).toBe(expected));
});

describe("the script that is printed", () => {
  test("is one that a shell takes, and every command of it reads or asks", () => {
    const folder = mkdtempSync(join(tmpdir(), "quotas-"));
    try {
      writeFileSync(join(folder, "aws"), '#!/bin/sh\necho "$@" >> "$AWS_LOG"\necho L-00000000\n', { mode: 0o755 });
      writeFileSync(join(folder, "script.sh"), linesOf(wishOf(1000)).join("\n"));
      const log = join(folder, "log");
      execFileSync("bash", ["-eu", join(folder, "script.sh")], {
        env: { PATH: `${folder}:${process.env["PATH"] ?? ""}`, AWS_LOG: log },
      });
      const ran = readFileSync(log, "utf8").trim().split("\n");
      expect(ran.length).toBeGreaterThan(100);
      const known =
        /^service-quotas (get-service-quota|request-service-quota-increase|list-aws-default-service-quotas) --service-code [a-z0-9]+ (--quota-code L-[0-9A-F]{8} )?(--desired-value \d+ )?--region [a-z0-9-]+/;
      expect(ran.filter((line) => !known.test(line))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  test("the command prints it for a stage", () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        require.resolve("tsx/cli"),
        "bin/quotas.ts",
        "-c",
        "stage=default",
        "--environments",
        "50",
        "--environments",
        "eu-central-1=1",
      ],
      { cwd: PROJECT, encoding: "utf8" },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^# Stage default: 50 environments in me-south-1, .*1 environments in eu-central-1/);
    const roles = countAll(wishOf(1).counts, ["AWS::IAM::Role"]);
    expect(stdout).toMatch(
      new RegExp(
        `the account: needs \\d+; AWS gives 1,000 \\(${roles} counted in the templates, 110 of CDK's bootstrap in 22 regions, and [1-9]\\d* more while a lost region is recovered\\)`,
      ),
    );
  }, 180_000);
});

describe("what is given", () => {
  const regions = ["eu-west-1", "eu-central-1"];
  test("a number for every region, another for one", () => {
    expect([...environmentsOf(["200"], regions)]).toEqual([
      ["eu-west-1", 200],
      ["eu-central-1", 200],
    ]);
    expect([...environmentsOf(["eu-central-1=5", "200"], regions)]).toEqual([
      ["eu-west-1", 200],
      ["eu-central-1", 5],
    ]);
    expect([...environmentsOf(["eu-central-1=5"], regions)]).toEqual([["eu-central-1", 5]]);
    expect(minutesOf("--dump-minutes", "90")).toBe(90);
  });
  test.each([
    [() => environmentsOf([], regions), /^How many environments\? Add --environments 200/],
    [
      () => environmentsOf(["many"], regions),
      /^--environments many can't be used; give a whole number from 1 to 100,000\.$/,
    ],
    [() => environmentsOf(["0"], regions), /^--environments 0 can't be used/],
    [() => environmentsOf(["1e3"], regions), /can't be used/],
    [
      () => environmentsOf(["us-east-1=5"], regions),
      /the stage has no region "us-east-1"; it has eu-west-1, eu-central-1\.$/,
    ],
    [() => minutesOf("--dump-minutes", "0"), /^--dump-minutes 0 can't be used; give a whole number from 1 to 1,440\.$/],
  ])("%#: one sentence", (given, sentence) => expect(given).toThrow(sentence));
});
