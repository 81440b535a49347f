/** Every retained resource of every stack has the identifier that `cdk import` needs. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { IDENTIFIERS, importMapping } from "../../lib/adoption/import-mapping";
import { isRetained } from "../../lib/review/deployment";
import { must } from "../support/must";
import { synthesizeOnce } from "../support/synthesized";

const ACCOUNT = "123456789012";
const { templates, assemblyDir } = synthesizeOnce();

test("every retained resource of every stack, and nothing else, by names that hold no reference", () => {
  for (const template of Object.values(templates)) {
    const { mapping, keys, unknown } = importMapping(template, ACCOUNT);
    const retained = Object.entries(template.Resources).filter(([, { DeletionPolicy }]) => isRetained(DeletionPolicy));
    expect(unknown).toEqual([]);
    expect(Object.keys({ ...mapping, ...keys }).toSorted()).toEqual(retained.map(([id]) => id).toSorted());
    for (const [id, identifier] of Object.entries(mapping)) {
      const [[name, value] = ["", ""]] = Object.entries(identifier);
      expect(name).toBe(IDENTIFIERS[must(template.Resources[id]).Type]);
      expect(value).toMatch(/^(alias\/)?backups-[a-z0-9-]+$/);
      // A vault's name has no room for the account, and needs none: it is the account's own.
      if (name !== "BackupVaultName") expect(value).toContain(ACCOUNT);
    }
    for (const alias of Object.values(keys)) expect(alias).toMatch(/^alias\/backups-123456789012-[a-z0-9-]+$/);
  }
});

test("buckets, policies, aliases and catalog of a region by their names", () => {
  const { mapping, keys } = importMapping(must(templates["Primary-Osaka"]), ACCOUNT);
  const values = Object.values(mapping).map((identifier) => JSON.stringify(identifier));
  const name = `backups-${ACCOUNT}-ap-northeast-3`;
  for (const expected of [
    { BucketName: `${name}-primary` },
    { Bucket: `${name}-primary` },
    { BucketName: `${name}-transfer` },
    { AliasName: `alias/${name}-primary` },
    { TableName: `${name}-catalog` },
  ])
    expect(values).toContain(JSON.stringify(expected));
  expect(Object.values(keys)).toContain(`alias/${name}-primary`);
});

test("a type nobody knows how to import is named", () => {
  const Resources = { Odd: { Type: "AWS::EC2::Volume", DeletionPolicy: "Retain", Properties: {} } };
  expect(importMapping({ Resources }, ACCOUNT).unknown).toEqual(["Odd"]);
});

describe("npm run import-mapping", () => {
  const run = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [require.resolve("tsx/cli"), "bin/import-mapping.ts", "--templates", assemblyDir, ...args],
      { cwd: join(__dirname, "..", ".."), encoding: "utf8", env: { ...process.env, PATH: "/nowhere" } },
    );
    return { status, stdout, stderr };
  };
  const alias = `alias/backups-${ACCOUNT}-ap-northeast-3-replica`;

  test("prints what cdk import reads", () => {
    const { status, stdout } = run(
      "Replica-Osaka",
      "--account",
      ACCOUNT,
      "--key",
      `${alias}=11111111-2222-3333-4444-555555555555`,
    );
    expect(status).toBe(0);
    expect(Object.values(JSON.parse(stdout) as object)).toEqual(
      expect.arrayContaining([
        { BucketName: `backups-${ACCOUNT}-ap-northeast-3-replica` },
        { Bucket: `backups-${ACCOUNT}-ap-northeast-3-replica` },
        { AliasName: alias },
        { KeyId: "11111111-2222-3333-4444-555555555555" },
      ]),
    );
  });

  test("says what is missing", () => {
    expect(run("Replica-Osaka").stderr).toMatch(/^Name one stack, and the account with twelve digits; usage: /);
    expect(run("Replica-Oslo", "--account", ACCOUNT).stderr).toMatch(
      /has no stack Replica-Oslo; it has .*Primary-Osaka/,
    );
    expect(run("Replica-Osaka", "--account", ACCOUNT).stderr).toMatch(
      new RegExp(
        `^The key of ${alias} in ap-northeast-1 can't be looked up: .*; mend that, or give it as --key ${alias}=KEY_ID\\.`,
      ),
    );
  });
});
