/** The lines that prepare an account, run as they are printed: AWS is a script that refuses what isn't ready, as the real one. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bootstrapLines } from "../../lib/regions/bootstrap-lines";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";

const ACCOUNT = "123456789012";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/apigateway-logs`;
const rowsOf = (...names: readonly string[]) => NIGHTLY_TABLE.filter(({ name }) => names.includes(name));

describe("what is printed", () => {
  const bootstrapped = (lines: readonly string[]): readonly string[] =>
    lines.flatMap((line) => /^npx cdk bootstrap "([^"]+)"/.exec(line)?.[1] ?? []);
  const askedFor = (lines: readonly string[], step: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${step} `) ? [line.split(" ")[1] ?? ""] : []));

  test("a subset needs its own regions and their replication regions, each once", () => {
    const lines = bootstrapLines({ account: ACCOUNT, rows: rowsOf("Dublin", "Frankfurt", "Cape Town") });
    expect(askedFor(lines, "enable_region")).toEqual(["af-south-1"]);
    expect(bootstrapped(lines)).toEqual(
      ["af-south-1", "eu-central-1", "eu-west-1"].map((region) => `aws://${ACCOUNT}/${region}`),
    );
  });

  test("all regions: 22 to bootstrap, seven to ask for, 17 with an API", () => {
    const lines = bootstrapLines({ rows: NIGHTLY_TABLE });
    expect(bootstrapped(lines)).toHaveLength(22);
    expect(bootstrapped(lines)[0]).toBe("aws://$account/af-south-1");
    const optIn = ["af-south-1", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ca-west-1"];
    expect(askedFor(lines, "enable_region")).toEqual([...optIn, "me-central-1", "me-south-1"]);
    expect(askedFor(lines, "await_region")).toEqual(askedFor(lines, "enable_region"));
    expect(askedFor(lines, "set_log_role")).toHaveLength(17);
  });
});

test.each([["STAGE"], ["-c", "stage=a", "stage=b"], ["--stage", "default"]])(
  "arguments that name no stage: %s %s %s",
  (...args) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [require.resolve("tsx/cli"), "bin/bootstrap-lines.ts", ...args],
      {
        cwd: join(__dirname, "..", ".."),
        encoding: "utf8",
      },
    );
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^[^\n]+; usage: npm run --silent bootstrap-lines -- -c stage=STAGE\n$/);
  },
);

describe.each(["sh", "bash"])("run by %s", (shell) => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bootstrap-"));
    mkdirSync(join(folder, "bin"));
    for (const name of ["aws", "npx", "sleep"]) symlinkSync(join(__dirname, "fake-aws.sh"), join(folder, "bin", name));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const held = (name: string): string | undefined =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8").trim() : undefined;
  const hold = (name: string, text: string): void => writeFileSync(join(folder, name), `${text}\n`);

  const run = (
    names: readonly string[],
    behaviour: Readonly<Record<string, string>> = {},
    account: { readonly account?: string } = { account: ACCOUNT },
  ) => {
    rmSync(join(folder, "calls"), { force: true });
    const lines = bootstrapLines({ ...account, rows: rowsOf(...names) });
    const { status, stderr } = spawnSync(shell, ["-c", lines.join("\n")], {
      encoding: "utf8",
      timeout: 30_000,
      env: { PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`, FAKE: folder, ...behaviour },
    });
    const calls = (held("calls") ?? "").split("\n");
    return {
      status,
      notDone: stderr.split("\n").flatMap((line) => /^Not done: (.*)/.exec(line)?.[1] ?? []),
      calls: (start: string) => calls.filter((call) => call.startsWith(start)),
      order: (...starts: readonly string[]) =>
        calls.flatMap((call) => starts.find((start) => call.startsWith(start)) ?? []),
    };
  };

  test("API Gateway is asked again until it knows the role, and then what it has is checked", () => {
    const { status, notDone, calls, order } = run(["Dublin", "Frankfurt"], { REFUSALS: "3" });
    expect([status, notDone]).toEqual([0, []]);
    for (const region of ["eu-west-1", "eu-central-1"]) {
      expect(held(`log-role-${region}`)).toBe(ROLE);
      expect(calls(`aws apigateway update-account --region ${region}`)).toHaveLength(4);
      expect(calls(`aws apigateway get-account --region ${region}`)).toHaveLength(2);
    }
    // API Gateway takes one such request in 20 seconds.
    expect(new Set(calls("sleep"))).toEqual(new Set(["sleep 20"]));
    expect(order("aws iam create-role", "aws iam wait role-exists", "aws iam attach-role-policy")).toEqual([
      "aws iam create-role",
      "aws iam wait role-exists",
      "aws iam attach-role-policy",
    ]);
  });

  test("run once more, nothing is done twice", () => {
    run(["Dublin"]);
    const { status, notDone, calls } = run(["Dublin"]);
    expect([status, notDone]).toEqual([0, []]);
    expect(calls("aws apigateway update-account")).toEqual([]);
  });

  test("a role that other APIs use already stays", () => {
    hold("log-role-eu-west-1", "arn:aws:iam::123456789012:role/service-role/theirs");
    const { status, calls } = run(["Dublin", "Frankfurt"]);
    expect(status).toBe(0);
    expect(held("log-role-eu-west-1")).toBe("arn:aws:iam::123456789012:role/service-role/theirs");
    expect(held("log-role-eu-central-1")).toBe(ROLE);
    expect(calls("aws apigateway update-account --region eu-west-1")).toEqual([]);
  });

  test("where it can't be told which role there is, none is set", () => {
    hold("log-role-eu-west-1", "arn:aws:iam::123456789012:role/service-role/theirs");
    const { status, notDone, calls } = run(["Dublin"], { DENIED: "apigateway get-account" });
    expect([status, notDone]).toEqual([1, ["API Gateway in eu-west-1 does not say which role it has for logs"]]);
    expect(calls("aws apigateway update-account")).toEqual([]);
  });

  test("never accepted: so many tries and no more, with what API Gateway said, and the other region is done", () => {
    hold("log-role-eu-central-1", ROLE);
    const { status, notDone, calls } = run(["Dublin", "Frankfurt"], { REFUSALS: "1000" });
    expect(status).toBe(1);
    expect(notDone).toHaveLength(1);
    expect(notDone[0]).toMatch(
      /^API Gateway in eu-west-1 does not take the role arn:aws:iam::123456789012:role\/apigateway-logs: .*BadRequestException.*required permissions/,
    );
    expect(calls("aws apigateway update-account")).toHaveLength(15);
    expect(calls("aws apigateway get-account --region eu-central-1")).toHaveLength(1);
  });

  test("a refusal that waiting doesn't mend is tried once", () => {
    const { status, notDone, calls } = run(["Dublin"], { DENIED: "apigateway update-account" });
    expect(status).toBe(1);
    expect(notDone[0]).toMatch(/AccessDeniedException.*not authorized/);
    expect(calls("aws apigateway update-account")).toHaveLength(1);
    expect(calls("sleep")).toEqual([]);
  });

  test("a role that was accepted and isn't there is said", () => {
    const { status, notDone } = run(["Dublin"], { FORGETFUL: "1" });
    expect([status, notDone]).toEqual([1, [`API Gateway in eu-west-1 has the role None for logs instead of ${ROLE}`]]);
  });

  test("a role that couldn't be made is said", () => {
    const { status, notDone } = run(["Dublin"], { DENIED: "iam create-role" });
    expect(status).toBe(1);
    expect(notDone.slice(0, 2)).toEqual([
      "there is no role apigateway-logs",
      "the role apigateway-logs may not write logs",
    ]);
  });

  test("a region is asked for once, and bootstrapped when it says that it is enabled", () => {
    const { status, notDone, calls, order } = run(["Cape Town"], { ENABLING: "3" });
    expect([status, notDone]).toEqual([0, []]);
    expect(calls("aws account enable-region")).toEqual(["aws account enable-region --region-name af-south-1"]);
    expect(calls("sleep")).toEqual(["sleep 60", "sleep 60", "sleep 60"]);
    expect(held("region-af-south-1")).toBe("ENABLED");
    const steps = order("aws account get-region-opt-status", "npx cdk bootstrap");
    expect(steps.lastIndexOf("aws account get-region-opt-status")).toBeLessThan(steps.indexOf("npx cdk bootstrap"));
  });

  test.each(["ENABLED", "ENABLING"])("a region that is %s isn't asked for again", (state) => {
    hold("region-af-south-1", state);
    const { status, calls } = run(["Cape Town"]);
    expect(status).toBe(0);
    expect(calls("aws account enable-region")).toEqual([]);
  });

  test("a region that doesn't come is waited for so long and no longer", () => {
    const { status, notDone, calls } = run(["Cape Town"], { ENABLING: "100000" });
    expect([status, notDone]).toEqual([1, ["af-south-1 is ENABLING after 2 hours; run this again later"]]);
    expect(calls("sleep 60")).toHaveLength(119);
  });

  test("without an account in the configuration it is that of the credentials", () => {
    const { status, calls } = run(["Dublin"], {}, {});
    expect(status).toBe(0);
    expect(held("log-role-eu-west-1")).toBe(ROLE);
    expect(calls("npx cdk bootstrap")[0]).toBe(`npx cdk bootstrap aws://${ACCOUNT}/eu-central-1`);
  });

  test("a region that couldn't be bootstrapped is said, and ends it with 1", () => {
    const { status, notDone } = run(["Dublin"], { NPX_STATUS: "1" });
    expect([status, notDone]).toEqual([1, ["eu-central-1 is not bootstrapped", "eu-west-1 is not bootstrapped"]]);
  });
});
