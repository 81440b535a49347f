/** Whether a server's certificate is verified where the file doesn't say, and that a change of it is told. */
import { drillTarget, drillTargetRecord } from "../../lambda/catalog/drills";
import { registration, registrationFile, type RegistrationInput } from "../../lambda/catalog/registration";

const RDS = "shop.example.eu-central-1.rds.amazonaws.com";
const file = (database: Partial<RegistrationInput["database"]>): RegistrationInput => ({
  environmentId: "shop",
  appId: "shop",
  region: "eu-central-1",
  database: { host: "db.example", name: "shop", secret: "s", ...database },
  network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
  files: { bucket: "shop-files" },
});
const stored = (database: Partial<RegistrationInput["database"]>): string =>
  registrationFile.parse(file(database)).database.ssl;

test.each<[string, Partial<RegistrationInput["database"]>, string]>([
  ["an instance of RDS at its own address", { instance: "shop", host: RDS }, "verify-full"],
  ["an instance of RDS at a name of one's own", { instance: "shop", host: "db.shop.example" }, "verify-full"],
  ["an address of RDS without its instance", { host: RDS }, "verify-full"],
  ["an address of RDS in capitals", { host: RDS.toUpperCase() }, "verify-full"],
  ["an address of RDS with a dot at its end", { host: `${RDS}.` }, "verify-full"],
  ["a cluster of Aurora", { host: "shop.cluster-example.eu-central-1.rds.amazonaws.com" }, "verify-full"],
  ["a reader of Aurora", { host: "shop.cluster-ro-example.eu-central-1.rds.amazonaws.com" }, "verify-full"],
  ["a proxy of RDS", { host: "shop.proxy-example.eu-central-1.rds.amazonaws.com" }, "verify-full"],
  ["an address of RDS in China", { host: "shop.example.rds.cn-north-1.amazonaws.com.cn" }, "verify-full"],
  ["a server of one's own", { host: "db.shop.example" }, "require"],
  ["a name that only looks like one of RDS", { host: "shop.rds.amazonaws.com.example.org" }, "require"],
  ["a name that ends alike", { host: "shop.notrds.amazonaws.com" }, "require"],
  ["an address in numbers", { host: "10.0.0.1" }, "require"],
  ["require, asked for", { instance: "shop", host: RDS, ssl: "require" }, "require"],
  ["disable, asked for", { instance: "shop", host: RDS, ssl: "disable" }, "disable"],
  ["verify-full, asked for", { host: "db.shop.example", ssl: "verify-full" }, "verify-full"],
])("%s", (_what, database, expected) => {
  expect(stored(database)).toBe(expected);
});

test("what is stored stays as it was stored when it is read", () => {
  const standing = {
    ...registrationFile.parse(file({ instance: "shop", host: RDS, ssl: "require" })),
    replication: "on",
  };
  expect(registration.parse(JSON.parse(JSON.stringify(standing))).database.ssl).toBe("require");
});

test.each([
  [RDS, undefined, "verify-full"],
  ["drills.example", undefined, "require"],
  [RDS, "require", "require"],
] as const)("a drill target at %s that says %s", (host, ssl, expected) => {
  const target = drillTarget.parse({
    database: { host, secret: "s", ...(ssl === undefined ? {} : { ssl }) },
    network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
  });
  expect(target.database.ssl).toBe(expected);
  const record = drillTargetRecord.parse({ format: 1, target, updatedAt: "2026-12-05T00:00:00Z" });
  expect(record.target?.database.ssl).toBe(expected);
});

test("a mode that there is not is refused", () => {
  expect(registrationFile.safeParse(file({ ssl: "verify-ca" as "require" })).error?.issues).toMatchObject([
    { path: ["database", "ssl"] },
  ]);
});
