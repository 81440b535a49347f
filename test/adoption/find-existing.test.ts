/** What of a stack is there to be imported, where AWS answers as it does for what is there, gone, forbidden or dying. */
import { findExisting, type Asked } from "../../lib/adoption/find-existing";
import { importSubset } from "../support/assemblies";
import { must } from "../support/must";
import { stacksOfAssembly, type FoundStack } from "../../lib/review/read-assembly";
import { synthesizeOnce } from "../support/synthesized";

const ACCOUNT = "123456789012";
const found = stacksOfAssembly(synthesizeOnce().assemblyDir);
/** Without what refers to the rest of its stack, as `-c adopt=true` makes it; another test holds that it does. */
const stackOf = (id: string): FoundStack => {
  const stack = must(found.find((one) => one.id === id));
  const { Resources } = structuredClone(importSubset(stack.template));
  for (const resource of Object.values(Resources) as { DependsOn?: unknown; Properties?: Record<string, unknown> }[]) {
    delete resource.DependsOn;
    delete resource.Properties?.["CorsConfiguration"];
  }
  return { ...stack, template: { Resources } };
};
const failing = (code: string, operation: string, text: string): never => {
  throw new Error(`\nAn error occurred (${code}) when calling the ${operation} operation: ${text}\n`);
};

/** Everything is there but what `gone` names, by the name that is asked for. */
const account = (gone: readonly string[] = [], state = "Enabled") => {
  const calls: string[] = [];
  const aws: Asked["aws"] = (args) => {
    calls.push(args.join(" "));
    const name = must(args[3]);
    const isGone = gone.includes(name);
    switch (args[1]) {
      case "describe-key":
        if (isGone) failing("NotFoundException", "DescribeKey", `Alias ${name} is not found.`);
        return args.join(" ").includes("KeyState") ? `key-of-${name.split("-").at(-1)}\t${state}\n` : "key\n";
      case "head-bucket":
        return isGone ? failing("404", "HeadBucket", "Not Found") : "there\n";
      case "get-bucket-policy":
        return isGone
          ? failing("NoSuchBucketPolicy", "GetBucketPolicy", "The bucket policy does not exist")
          : "there\n";
      case "describe-table":
        return isGone ? failing("ResourceNotFoundException", "DescribeTable", "Table not found") : `${name}\n`;
      case "list-backup-vaults":
        return gone.some((vault) => name.includes(`'${vault}'`)) ? "\n" : "vault\n";
      default:
        throw new Error(`not expected: ${args.join(" ")}`);
    }
  };
  return { aws, calls };
};
const ask = (id: string, { aws }: { aws: Asked["aws"] }, more: Partial<Asked> = {}) =>
  findExisting(stackOf(id), { account: ACCOUNT, givenKeys: new Map(), check: true, aws, ...more });
const name = `backups-${ACCOUNT}-eu-central-1`;

test("everything is there: every resource, in the template's order, each asked for in the stack's own region", () => {
  const world = account();
  const { mapping, gone } = ask("Primary-Frankfurt", world);
  expect(gone).toEqual([]);
  expect(Object.keys(mapping)).toEqual(Object.keys(stackOf("Primary-Frankfurt").template.Resources));
  expect(Object.values(mapping)).toContainEqual({ KeyId: "key-of-primary" });
  for (const call of world.calls) expect(call).toContain("--region eu-central-1 --output text --cli-connect-timeout");
  const replica = account();
  ask("Replica-Frankfurt", replica);
  for (const call of replica.calls) expect(call).toContain("--region eu-west-1 ");
});

test("what is gone is left out and named: the transfer bucket with its policy, the vault", () => {
  const { mapping, gone } = ask("Primary-Frankfurt", account([`${name}-transfer`, "backups-eu-central-1-primary"]));
  expect(gone.map((one) => one.replace(/^.*\(/, "("))).toEqual([
    `(${name}-transfer)`,
    `(${name}-transfer)`,
    "(backups-eu-central-1-primary)",
  ]);
  expect(Object.keys(mapping).filter((id) => /^(Transfer|RecoveryPoints)/.test(id))).toEqual([]);
});

test("after a first deployment that failed the catalog alone is there", () => {
  const left = account([
    `alias/${name}-primary`,
    `alias/${name}-alarm`,
    `${name}-primary`,
    `${name}-transfer`,
    "backups-eu-central-1-primary",
  ]);
  expect(Object.values(ask("Primary-Frankfurt", left).mapping)).toEqual([{ TableName: `${name}-catalog` }]);
});

test("a bucket without its key is refused in one sentence, and taken with the key that somebody names", () => {
  const world = account([`alias/${name}-primary`]);
  expect(() => ask("Primary-Frankfurt", world)).toThrow(
    new RegExp(
      `^SnapshotsBucket\\w+ of Primary-Frankfurt can't be imported without Key\\w+ \\(the key of alias/${name}-primary\\), which is not there; give a key whose alias is gone as --key ALIAS=KEY_ID, and bring back anything else first\\.$`,
    ),
  );
  const { mapping, gone } = ask("Primary-Frankfurt", world, { givenKeys: new Map([[`alias/${name}-primary`, "abc"]]) });
  expect(Object.values(mapping)).toContainEqual({ KeyId: "abc" });
  expect(gone).toHaveLength(1);
  expect(gone[0]).toContain(`alias/${name}-primary`);
});

test.each(["PendingDeletion", "PendingReplicaDeletion"])("a key that is %s is not imported silently", (state) => {
  expect(() => ask("Replica-Frankfurt", account([], state))).toThrow(
    new RegExp(`is ${state}, and can't be imported; let the break-glass role run aws kms cancel-key-deletion`),
  );
});

test("what AWS doesn't tell is no absence", () => {
  const forbidden: Asked["aws"] = (args) =>
    args[1] === "head-bucket" ? failing("403", "HeadBucket", "Forbidden") : account().aws(args);
  expect(() => ask("Primary-Frankfurt", { aws: forbidden })).toThrow(
    /^Whether backups-\S+-primary in eu-central-1 is there can't be told: .*\(403\).*; mend that, and try again\.$/,
  );
  const missing: Asked["aws"] = () => {
    throw new Error("spawnSync aws ENOENT");
  };
  expect(() => ask("Primary-Frankfurt", { aws: missing })).toThrow(/The key of .* can't be looked up: spawnSync aws/);
});

test("templates of an ordinary deployment are refused, and how to make others is said", () => {
  const ordinary = must(found.find(({ id }) => id === "Primary-Osaka"));
  const asked = { account: ACCOUNT, givenKeys: new Map(), check: false, aws: account().aws };
  expect(() => findExisting(ordinary, asked)).toThrow(
    /^SnapshotsBucket\w+ of Primary-Osaka refers to ReplicationRole\w+, which an import can't bring along; synthesize with -c adopt=true, and name that folder with --templates\.$/,
  );
});

test("a retained resource that nobody knows how to import is named", () => {
  const stack = stackOf("Replica-Osaka");
  const Resources = { ...stack.template.Resources, Odd: { Type: "AWS::EC2::Volume", DeletionPolicy: "Retain" } };
  const asked = { account: ACCOUNT, givenKeys: new Map(), check: false, aws: account().aws };
  expect(() => findExisting({ ...stack, template: { Resources } }, asked)).toThrow(/not known how to import Odd of/);
});
