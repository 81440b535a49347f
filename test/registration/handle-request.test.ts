import { registrationRecord } from "../../lambda/catalog/records";
import { handleRequest } from "../../lambda/registration/handle-request";
import { registrationRecordKey } from "../../lambda/storage/object-keys";
import type { RegistrationInput } from "../../lambda/catalog/registration";
import { fakeCollaborators, PRIMARY_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { crashAt } from "../retention/crash-at-each-request";

const ID = "orders-production";
const file = (change: Partial<RegistrationInput> = {}): RegistrationInput => ({
  environmentId: ID,
  appId: "orders",
  region: "eu-central-1",
  database: { host: "db.example", name: "orders", secret: "orders-db" },
  network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
  files: { bucket: "orders-files" },
  ...change,
});
const record = (collaborators: FakeCollaborators, replication: "replicated" | "single-region" = "replicated") =>
  registrationRecord.parse(
    JSON.parse(
      collaborators.store.bytes(PRIMARY_BUCKET, registrationRecordKey({ environmentId: ID, replication })).toString(),
    ),
  );

let collaborators: FakeCollaborators;
const send = (event: unknown) => handleRequest(event, collaborators);
const register = (change: Partial<RegistrationInput> = {}) => send({ action: "register", registration: file(change) });
beforeEach(() => {
  collaborators = fakeCollaborators({ now: new Date("2026-12-03T10:00:00Z") });
});

describe("whether the server's certificate is verified", () => {
  const RDS = {
    instance: "orders",
    host: "orders.example.eu-central-1.rds.amazonaws.com",
    name: "orders",
    secret: "s",
  };
  const ssl = async () => (await collaborators.catalog.getEnvironment(ID))?.registration.database.ssl;

  it("is stored, and said when registering again changes it", async () => {
    // As earlier registrations were stored, whether the file said it or not.
    expect(await register({ database: { ...RDS, ssl: "require" } })).toMatchObject({ ok: true });
    expect(await ssl()).toBe("require");
    const again = await register({ database: RDS });
    expect(await ssl()).toBe("verify-full");
    expect(record(collaborators).registration.database.ssl).toBe("verify-full");
    expect(again.message).toBe(
      `The registration of environment ${ID} was brought up to date. Its connections now verify the server's certificate and that it names the registered host ("ssl": "verify-full"); until now it was "require", which the file has to say if it is to stay.`,
    );
    expect((await register({ database: RDS })).message).toBe(
      `The registration of environment ${ID} was brought up to date.`,
    );
    expect((await register({ database: { ...RDS, ssl: "require" } })).message).toContain(
      "are encrypted, and the server's certificate is not verified",
    );
    expect((await register({ database: { ...RDS, ssl: "disable" } })).message).toContain("are no longer encrypted");
  });

  it("is said of the drill target too", async () => {
    const target = (host: string, mode?: string) => ({
      action: "drill-target",
      target: {
        database: { host, secret: "s", ...(mode === undefined ? {} : { ssl: mode }) },
        network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
      },
    });
    expect((await send(target(RDS.host, "require"))).message).not.toContain("ssl");
    expect((await send(target(RDS.host))).message).toContain('"ssl": "verify-full"');
    expect((await collaborators.catalog.getDrillTarget())?.database.ssl).toBe("verify-full");
  });
});

describe("registering", () => {
  it("writes the catalog's item and a record from which it can be rebuilt", async () => {
    expect(await register({ modelVersion: "1.2.3" })).toMatchObject({ ok: true });
    const environment = await collaborators.catalog.getEnvironment(ID);
    expect(environment).toMatchObject({
      replication: "replicated",
      registeredAt: "2026-12-03T10:00:00Z",
      firstStartedAt: null,
      running: false,
      modelVersion: "1.2.3",
      lastSnapshotId: null,
      probe: null,
    });
    const { format: _format, updatedAt: _updatedAt, ...facts } = record(collaborators);
    expect(environment).toMatchObject(facts);
  });
  it("again brings everything up to date but what the service itself found out", async () => {
    await register({ modelVersion: "1.2.3" });
    await send({ action: "started", environmentId: ID });
    await collaborators.catalog.updateEnvironment(ID, { lastSnapshotId: "one" });
    expect(await register({ database: { host: "db2.example", name: "orders", secret: "orders-db" } })).toMatchObject({
      ok: true,
    });
    const environment = await collaborators.catalog.getEnvironment(ID);
    expect(environment).toMatchObject({
      running: true,
      lastSnapshotId: "one",
      modelVersion: "1.2.3",
      firstStartedAt: "2026-12-03T10:00:00Z",
    });
    expect(environment?.registration.database.host).toBe("db2.example");
    expect(record(collaborators).registration.database.host).toBe("db2.example");
  });
  it("keeps what look-ups go by, in the record too, and refuses a mode that the app has already", async () => {
    const facts = { appName: "Orders", mode: "Blue", url: "https://orders.example", runtimeVersion: "10.6.1" };
    expect(await register(facts)).toMatchObject({ ok: true });
    expect(record(collaborators).registration).toMatchObject(facts);
    expect((await collaborators.catalog.getEnvironment(ID))?.registration).toMatchObject(facts);
    const second = await register({ environmentId: "orders-green", mode: "BLUE" });
    expect(second).toMatchObject({ ok: false, message: expect.stringContaining(`is that of environment ${ID}`) });
    expect(await collaborators.catalog.getEnvironment("orders-green")).toBeUndefined();
    expect(await register({ environmentId: "bills", appId: "bills", mode: "Blue" })).toMatchObject({ ok: true });
    // Left out again, it is as it was before.
    expect(await register()).toMatchObject({ ok: true });
    expect((await collaborators.catalog.getEnvironment(ID))?.registration.mode).toBeUndefined();
  });
  it("refuses an environment of another region", async () => {
    const answer = await register({ region: "eu-west-1" });
    expect(answer).toMatchObject({
      ok: false,
      message: expect.stringContaining("is in eu-west-1, but this deployment serves eu-central-1"),
    });
    expect(await collaborators.catalog.getEnvironment(ID)).toBeUndefined();
    expect(collaborators.store.requests).toEqual([]);
  });
  it("refuses another app for the same environment", async () => {
    await register();
    expect(await register({ appId: "invoices" })).toMatchObject({
      ok: false,
      message: expect.stringContaining("belongs to app orders"),
    });
  });
  it.each(["before", "after"] as const)("can be repeated after a crash %s any request", async (moment) => {
    for (let at = 1; ; at++) {
      collaborators = fakeCollaborators();
      const crashed = await crashAt(collaborators, at, moment, () => register());
      expect(await register()).toMatchObject({ ok: true });
      expect(record(collaborators)).toMatchObject({ environmentId: ID });
      expect(await collaborators.catalog.getEnvironment(ID)).toBeDefined();
      if (!crashed) break;
      expect(at).toBeLessThan(10);
    }
  });
  it("by two at once leaves one environment", async () => {
    const answers = await Promise.all([register(), register()]);
    expect(answers).toMatchObject([{ ok: true }, { ok: true }]);
    expect(collaborators.table.all()).toHaveLength(1);
  });
});

describe("Rule 7: replication is chosen when an environment is registered, and never changes", () => {
  it("can be off for licensed environments of premium plans", async () => {
    expect(await register({ replication: "off", plan: "premium" })).toMatchObject({ ok: true });
    expect((await collaborators.catalog.getEnvironment(ID))?.replication).toBe("single-region");
    expect(record(collaborators, "single-region").replication).toBe("single-region");
  });
  it.each([
    ["basic", true, 'its plan is "basic"'],
    ["standard", true, 'its plan is "standard"'],
    ["premium", false, "only for licensed environments"],
  ] as const)("can't be off on the %s plan, licensed: %s", async (plan, licensed, sentence) => {
    const answer = await register({ replication: "off", plan, licensed });
    expect(answer).toMatchObject({ ok: false, message: expect.stringContaining(sentence) });
    expect(collaborators.table.all()).toEqual([]);
  });
  it.each([
    ["premium", true, "off", "single-region"],
    ["premium", false, "off", "replicated"],
    ["standard", true, "off", "replicated"],
    ["basic", true, "off", "replicated"],
    ["premium", true, "on", "replicated"],
  ] as const)(
    "unsaid on the %s plan, licensed: %s, with the installation's default %s: %s",
    async (plan, licensed, installationDefault, replication) => {
      collaborators = fakeCollaborators({ settings: { REPLICATION_DEFAULT: installationDefault } });
      expect(await register({ plan, licensed })).toMatchObject({ ok: true });
      const environment = await collaborators.catalog.getEnvironment(ID);
      const choice = replication === "replicated" ? "on" : "off";
      expect(environment).toMatchObject({ replication, registration: { replication: choice } });
      expect(record(collaborators, replication)).toMatchObject({ replication, registration: { replication: choice } });
    },
  );
  it.each(["on", "off"] as const)("unsaid, stays %s whatever the default and the plan are by then", async (chosen) => {
    await register({ replication: chosen, plan: "premium" });
    const { catalog } = collaborators;
    Object.assign(collaborators.settings, { REPLICATION_DEFAULT: chosen === "on" ? "off" : "on" });
    for (const plan of ["premium", "basic"] as const) {
      expect(await register({ plan, modelVersion: "2.0.0" })).toMatchObject({ ok: true });
      expect(await catalog.getEnvironment(ID)).toMatchObject({
        modelVersion: "2.0.0",
        registration: { plan, replication: chosen },
      });
    }
  });
  it("unsaid, is what the one of two at once said that was first", async () => {
    const answers = await Promise.all([
      register({ replication: "off", plan: "premium" }),
      register({ plan: "premium" }),
    ]);
    expect(answers).toMatchObject([{ ok: true }, { ok: true }]);
    expect((await collaborators.catalog.getEnvironment(ID))?.replication).toBe("single-region");
  });
  it.each(["on", "off"] as const)("stays %s", async (replication) => {
    await register({ replication, plan: "premium" });
    const before = collaborators.table.all();
    const answer = await register({ replication: replication === "on" ? "off" : "on", plan: "premium" });
    expect(answer).toMatchObject({ ok: false, message: expect.stringContaining(`was chosen as "${replication}"`) });
    expect(collaborators.table.all()).toEqual(before);
  });
  it("stays off when the plan is another one later", async () => {
    await register({ replication: "off", plan: "premium" });
    expect(await register({ replication: "off", plan: "basic" })).toMatchObject({ ok: true });
  });
});

describe("Rule 4: started and stopped", () => {
  it("keeps the first start, the model version and the record in step", async () => {
    await register();
    expect(await send({ action: "started", environmentId: ID, modelVersion: "2.0.0" })).toMatchObject({
      ok: true,
      message: expect.stringContaining("begin with the next window"),
    });
    collaborators.clock.advance(86_400_000);
    await send({ action: "stopped", environmentId: ID });
    expect(record(collaborators)).toMatchObject({
      running: false,
      firstStartedAt: "2026-12-03T10:00:00Z",
      modelVersion: "2.0.0",
    });
    await send({ action: "started", environmentId: ID });
    const environment = await collaborators.catalog.getEnvironment(ID);
    expect(environment).toMatchObject({ running: true, firstStartedAt: "2026-12-03T10:00:00Z", modelVersion: "2.0.0" });
    expect(record(collaborators)).toMatchObject({ running: true, firstStartedAt: "2026-12-03T10:00:00Z" });
  });
});

it("shows an environment, and says when there is none", async () => {
  await register();
  expect(await send({ action: "show", environmentId: ID })).toMatchObject({
    ok: true,
    environment: { environmentId: ID },
  });
  for (const action of ["show", "started", "stopped", "probe"]) {
    expect(await send({ action, environmentId: "none" })).toMatchObject({
      ok: false,
      message: "There is no environment none in eu-central-1; register it first, or check its name and region.",
    });
  }
});

it("starts the probe in the environment's network, once a second at most", async () => {
  await register({ network: { subnets: ["s-1", "s-2"], securityGroups: ["sg-1"], publicAddress: true } });
  await send({ action: "probe", environmentId: ID });
  await send({ action: "probe", environmentId: ID });
  expect(collaborators.workflows.started).toEqual([
    {
      stateMachineArn: collaborators.settings.PROBE_STATE_MACHINE_ARN,
      name: `${ID}-1796292000`,
      input: {
        environmentId: ID,
        network: { subnets: ["s-1", "s-2"], securityGroups: ["sg-1"], assignPublicIp: "ENABLED" },
      },
    },
  ]);
});

it("answers what it can't read with sentences", async () => {
  const { files: _files, ...rest } = file();
  const answer = await send({ action: "register", registration: { ...rest, plan: "gold", colour: "red" } });
  expect(answer).toEqual({
    ok: false,
    message: [
      '"registration.plan" says "gold"; it must be "basic" or "standard" or "premium".',
      '"registration.files" is missing; add it (it must be an object).',
      '"registration.colour" is not known here; remove it, or check its spelling.',
    ].join("\n"),
  });
});
