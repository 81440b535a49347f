import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommandLine } from "../../bin/command-line/run-command-line";
import { CommandFailure, type DeploymentAddress, type Surroundings } from "../../bin/command-line/surroundings";
import { handleRequest } from "../../lambda/registration/handle-request";
import { expireEnvironment } from "../../lambda/retention/expire";
import { retentionInput } from "../../lambda/retention/contract";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { NOTHING_ELSE } from "./cli-fixture";
import { createEnvironment, seal } from "../retention/sealed-environment";

const ID = "orders-production";
const FILE = {
  environmentId: ID,
  appId: "orders",
  region: "eu-central-1",
  database: { host: "db.example", name: "orders", secret: "orders-db" },
  network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
  files: { bucket: "orders-files" },
};

let folder: string;
let collaborators: FakeCollaborators;
let out: string[];
let err: string[];
let addresses: DeploymentAddress[];
let started: { workflow: string; name: string; input: unknown }[];
/** What the probe finds, once it answers; undefined: it never does. */
let findings: string[] | undefined;
let outcome: { succeeded: boolean; message: string } | null;

/** The deployed functions, run in this process; each wait moves the clock and lets the probe answer. */
const surroundings = (): Surroundings => ({
  ...NOTHING_ELSE,
  connect: async (address) => {
    addresses.push(address);
    return {
      region: "eu-central-1",
      invoke: async (name, input) => {
        const sent = JSON.parse(JSON.stringify(input)) as unknown;
        if (name === "registration") return handleRequest(sent, collaborators);
        const parsed = retentionInput.parse(sent);
        if (parsed.step !== "expire") throw new Error("unexpected");
        return expireEnvironment(parsed, collaborators);
      },
      start: async (workflow, name, input) => {
        started.push({ workflow, name, input });
        return "execution-arn";
      },
      outcomeOf: async () => outcome,
    };
  },
  out: (line) => out.push(line),
  err: (line) => err.push(line),
  sleep: async (milliseconds) => {
    collaborators.clock.advance(milliseconds);
    const found = findings;
    if (found === undefined) return;
    await collaborators.catalog.updateEnvironment(ID, {
      probe: { at: collaborators.clock.now().toISOString(), findings: found },
    });
  },
  now: () => collaborators.clock.now(),
  user: () => "operator",
  newRequestId: () => "00000000-0000-4000-8000-000000000001",
});
const backups = (...args: string[]): Promise<number> => runCommandLine(args, surroundings());
const write = (text: string): string => {
  const path = join(folder, "orders.json");
  writeFileSync(path, text);
  return path;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "backups-cli-"));
  collaborators = fakeCollaborators({ now: new Date("2026-12-03T10:00:00Z") });
  [out, err, addresses, started] = [[], [], [], []];
  findings = [];
  outcome = { succeeded: true, message: "" };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("backups register", () => {
  it("registers, probes and prints what was found", async () => {
    const path = write(`// of the orders team\n${JSON.stringify(FILE)}`);
    expect(await backups("register", path)).toBe(0);
    expect(out).toEqual([
      `Environment ${ID} is registered. Its snapshots are replicated to the replication region; this choice is final.`,
      `The probe of 2026-12-03T10:00:05.000Z found nothing missing in environment ${ID}.`,
    ]);
    expect(addresses).toEqual([{ stage: "default", region: "eu-central-1", account: undefined }]);
    expect(await collaborators.catalog.getEnvironment(ID)).toBeDefined();
  });
  it("prints findings one a line and fails when something is missing", async () => {
    findings = [
      "The database refuses the password in the secret orders-db; correct the secret.",
      "The bucket orders-files is missing; create it.",
    ];
    expect(await backups("register", write(JSON.stringify(FILE)))).toBe(1);
    expect(out.slice(1)).toEqual(findings);
    expect(err).toEqual([`The probe of environment ${ID} found 2 problem(s); mend them and probe again.`]);
  });
  it("does not probe when told so", async () => {
    expect(await backups("register", write(JSON.stringify(FILE)), "--no-probe")).toBe(0);
    expect(collaborators.workflows.started).toEqual([]);
  });
  it("names every problem of a file with its path and mend, and asks nobody", async () => {
    const { files: _files, ...rest } = FILE;
    const path = write(
      JSON.stringify({
        ...rest,
        environmentId: "a b",
        network: { subnets: [], securityGroups: ["sg-1"] },
        database: { ...FILE.database, port: 70000, ssl: "no" },
      }),
    );
    expect(await backups("register", path)).toBe(2);
    expect(err).toEqual([
      `${path}: "environmentId" says "a b"; it must be 1 to 64 letters, digits or hyphens, starting with a letter or digit.`,
      `${path}: "database.port" says 70000; it must be at most 65535.`,
      `${path}: "database.ssl" says "no"; it must be "disable" or "require" or "verify-full".`,
      `${path}: "network.subnets" says []; it must be at least 1 entries long.`,
      `${path}: "files" is missing; add it (it must be an object).`,
    ]);
    expect(addresses).toEqual([]);
  });
  it("says where a file is no JSON, or is missing", async () => {
    const path = write('{\n  "environmentId": "a",\n}');
    expect(await backups("register", path)).toBe(2);
    expect(err[0]).toContain(`${path}: line 3 cannot be read as JSON`);
    expect(await backups("register", `${path}.txt`)).toBe(2);
    expect(err[1]).toBe(`The file ${path}.txt can't be read; check its name and permissions.`);
  });
  it("says what the service refuses", async () => {
    expect(await backups("register", write(JSON.stringify({ ...FILE, replication: "off" })))).toBe(1);
    expect(err[0]).toContain('replication can be "off" only on the premium plan');
  });
  it("does not let file and option name different regions", async () => {
    expect(await backups("--region", "eu-west-1", "register", write(JSON.stringify(FILE)))).toBe(2);
    expect(err[0]).toContain('"region" says "eu-central-1", and --region says "eu-west-1"');
  });
  it("answers in one JSON document", async () => {
    expect(await backups("register", write(JSON.stringify(FILE)), "--json")).toBe(0);
    expect(JSON.parse(out.join("\n"))).toMatchObject({ environmentId: ID, probe: { findings: [] } });
  });
});

describe("backups started, stopped, show, probe", () => {
  beforeEach(async () => {
    await backups("register", write(JSON.stringify(FILE)), "--no-probe");
    out.length = 0;
  });
  it("note what the app does", async () => {
    expect(await backups("started", ID, "--model-version", "2.0.0")).toBe(0);
    expect(await collaborators.catalog.getEnvironment(ID)).toMatchObject({ running: true, modelVersion: "2.0.0" });
    expect(await backups("stopped", ID)).toBe(0);
    expect(await collaborators.catalog.getEnvironment(ID)).toMatchObject({ running: false });
    expect(out).toEqual([
      `Environment ${ID} is noted as started. Its nightly backups begin with the next window.`,
      `Environment ${ID} is noted as stopped.`,
    ]);
  });
  it("show an environment", async () => {
    await backups("probe", ID);
    out.length = 0;
    expect(await backups("show", ID)).toBe(0);
    expect(out.join("\n")).toContain("state          stopped, not started yet, so no nightly backups");
    expect(out.join("\n")).toContain("nothing missing");
    expect(out.join("\n")).toMatch(/^mode {11}\S/m);
    out.length = 0;
    expect(await backups("show", ID, "--json")).toBe(0);
    expect(JSON.parse(out.join("\n"))).toMatchObject({ environmentId: ID });
  });
  it("wait for new findings, and not for ever", async () => {
    expect(await backups("probe", ID)).toBe(0);
    findings = undefined;
    // The findings of the first probe are not an answer to the second.
    expect(await backups("probe", ID, "--wait", "60")).toBe(1);
    expect(err).toEqual([
      `The probe of environment ${ID} has not answered within 60 seconds; look later with: backups show ${ID}`,
    ]);
  });
  it("say that an environment is not there", async () => {
    expect(await backups("show", "none")).toBe(1);
    expect(err).toEqual([
      "There is no environment none in eu-central-1; register it first, or check its name and region.",
    ]);
  });
});

describe("backups delete", () => {
  it("starts the deletion in the user's name and waits for its end", async () => {
    expect(await backups("delete", ID, "one", "--yes", "--region", "eu-central-1")).toBe(0);
    expect(started).toEqual([
      {
        workflow: "deletion",
        name: "one-1796292000",
        input: { environmentId: ID, snapshotId: "one", requestedBy: "operator" },
      },
    ]);
    expect(out).toEqual([`Snapshot one of environment ${ID} is deleted.`]);
  });
  it("passes a refusal on, and does not wait for ever", async () => {
    outcome = { succeeded: false, message: "Snapshot one can't be deleted before 2026-12-17T03:18:00Z." };
    expect(await backups("delete", ID, "one", "--yes")).toBe(1);
    outcome = null;
    findings = undefined;
    expect(await backups("delete", ID, "one", "--yes", "--wait", "10")).toBe(1);
    expect(err).toEqual([
      "Snapshot one can't be deleted before 2026-12-17T03:18:00Z.",
      "The deletion has not ended within 10 seconds and goes on; look at execution-arn.",
    ]);
  });
  it("wants a yes", async () => {
    expect(await backups("delete", ID, "one")).toBe(2);
    expect(started).toEqual([]);
  });
});

describe("backups expire --dry-run", () => {
  it("prints the plan", async () => {
    const environment = await createEnvironment(collaborators);
    await seal(collaborators, environment, "one");
    expect(await backups("expire", ID, "--dry-run")).toBe(0);
    expect(out).toEqual([
      "snapshot one lives: kept until 2026-12-17T10:00:00Z",
      "0 versions, 0 bytes would be deleted; 0 left for later.",
    ]);
    await collaborators.catalog.updateSnapshot(ID, "one", { state: "failed" });
    expect(await backups("expire", ID, "--dry-run")).toBe(1);
    expect(await backups("expire", ID)).toBe(2);
  });
});

describe("usage", () => {
  it.each([
    [["nonsense"]],
    [["register"]],
    [["show", ID, "--colour"]],
    [["probe", ID, "--wait", "soon"]],
    [["--account", "12", "show", ID]],
    [[]],
  ])("%j is answered with exit code 2", async (args) => {
    expect(await backups(...args)).toBe(2);
    expect(err).not.toEqual([]);
  });
  it("--help is no failure", async () => {
    expect(await backups("--help")).toBe(0);
    expect(out.join("\n")).toContain("register [options] <file>");
  });
  it("a failure of the deployment is one sentence", async () => {
    const failing: Surroundings = {
      ...surroundings(),
      connect: () => Promise.reject(new CommandFailure(1, ["The function could not be called."])),
    };
    expect(await runCommandLine(["show", ID], failing)).toBe(1);
    expect(err).toEqual(["The function could not be called."]);
  });
});
