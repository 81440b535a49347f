/** What an import of every stack's resources sends to CloudFormation: whole in itself, and nothing that can't be imported. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IDENTIFIERS } from "../../lib/adoption/import-mapping";
import { danglingReferences, importTemplate } from "../../lib/adoption/import-template";
import type { Template } from "../../lib/review/normal-form";
import { plain } from "../../lib/review/plain-values";
import { stacksOfAssembly, type FoundStack } from "../../lib/review/read-assembly";
import { importSubset, synthesizeForAdoption, synthesizeRecoveries } from "../support/assemblies";
import { must } from "../support/must";
import { synthesizeOnce } from "../support/synthesized";
import { plain as plainText } from "../templates/policies";
import { withoutValidation } from "../support/without-validation";

const folder = mkdtempSync(join(tmpdir(), "adoption-"));
let adoption: readonly FoundStack[] = [];
let recoveries: readonly FoundStack[] = [];
const ordinary = stacksOfAssembly(synthesizeOnce().assemblyDir);

withoutValidation();
beforeAll(() => {
  adoption = stacksOfAssembly(synthesizeForAdoption(join(folder, "adoption")));
  recoveries = synthesizeRecoveries(join(folder, "recoveries")).flatMap(stacksOfAssembly);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

const typesOf = ({ Resources }: Template): Readonly<Record<string, number>> => {
  const count: Record<string, number> = {};
  for (const { Type } of Object.values(Resources)) count[Type] = (count[Type] ?? 0) + 1;
  return count;
};

test("the import of each of 34 stacks and 17 recoveries refers to nothing outside itself", () => {
  expect([adoption.length, recoveries.length]).toEqual([34, 17]);
  for (const { id, template } of [...adoption, ...recoveries])
    expect([id, danglingReferences(importSubset(template))]).toEqual([id, []]);
});

test("it holds everything that holds data or leads to it, each with the DeletionPolicy that an import demands", () => {
  const expected: readonly (readonly [start: string, types: Readonly<Record<string, number>>])[] = [
    ["Primary-", { Key: 2, Alias: 2, Bucket: 2, BucketPolicy: 2, BackupVault: 1, Table: 1 }],
    ["Replica-", { Key: 1, Alias: 1, Bucket: 1, BucketPolicy: 1, BackupVault: 1 }],
    ["Recovery-", { Key: 2, Alias: 2, Bucket: 1, BucketPolicy: 1, Table: 1 }],
  ];
  for (const { id, template } of [...adoption, ...recoveries]) {
    const subset = importSubset(template);
    const [, types] = must(expected.find(([start]) => id.startsWith(start)));
    const short = Object.entries(typesOf(subset)).map(([type, count]) => [type.split("::").at(-1), count] as const);
    expect([id, Object.fromEntries(short)]).toEqual([id, types]);
    for (const { DeletionPolicy } of Object.values(subset.Resources))
      expect(DeletionPolicy).toMatch(/^(Retain|Delete)/);
    expect(Object.keys(subset)).toEqual(["Resources"]);
    expect(
      Object.values(template.Resources).filter(
        ({ Type, DeletionPolicy }) => DeletionPolicy?.startsWith("Retain") === true && IDENTIFIERS[Type] === undefined,
      ),
    ).toEqual([]);
  }
});

test("of an ordinary template two buckets can't be imported; those for adoption lack that, and nothing else", () => {
  for (const { id, template } of ordinary) {
    const whole = importSubset(template);
    const missing = danglingReferences(whole).map(({ logicalId, missing: name }) => [
      plain({ Ref: logicalId }),
      plain({ Ref: name }),
    ]);
    expect([id, missing]).toEqual([
      id,
      id.startsWith("Primary-")
        ? [
            ["<SnapshotsBucket>", "<ReplicationRoleDefaultPolicy>"],
            ["<SnapshotsBucket>", "<ReplicationRole>"],
            ["<TransferBucket>", "<Api>"],
          ]
        : [],
    ]);
    const adopted = importSubset(must(adoption.find((stack) => stack.id === id)).template);
    const left = Object.entries(whole.Resources).map(([logicalId, resource]) => {
      const { DependsOn: _waits, Properties, ...rest } = resource as typeof resource & { DependsOn?: unknown };
      const { CorsConfiguration: _cors, ...properties } = Properties ?? {};
      return [logicalId, { ...rest, Properties: properties }];
    });
    expect(adopted.Resources).toEqual(Object.fromEntries(left));
  }
});

test("the replication of an adopted bucket names the very role that the deployment then makes", () => {
  for (const { template } of adoption.filter(({ id }) => id.startsWith("Primary-"))) {
    const found = Object.values(template.Resources).find(
      ({ Properties }) => Properties?.["ReplicationConfiguration"] !== undefined,
    );
    const configuration = plain(must(found).Properties?.["ReplicationConfiguration"]) as { readonly Role: string };
    const roles = Object.values(template.Resources)
      .filter(({ Type }) => Type === "AWS::IAM::Role")
      .map(({ Properties }) => `arn:aws:iam::<account>:role/${plainText(Properties?.["RoleName"])}`);
    expect(roles).toContain(configuration.Role);
  }
});

describe("references that an import's template can't resolve", () => {
  const missing = (resource: object): readonly string[] =>
    danglingReferences({ Resources: { Mine: { Type: "Any", ...resource } } }).map((one) => one.missing);
  const inside = (value: unknown): readonly string[] => missing({ Properties: { deep: [{ value }] } });

  test.each<[string, readonly string[], readonly string[]]>([
    ["Ref to another", inside({ Ref: "Other" }), ["Other"]],
    ["Ref to itself", inside({ Ref: "Mine" }), []],
    ["Ref to a pseudo parameter", inside({ Ref: "AWS::AccountId" }), []],
    ["Ref to a parameter", inside({ Ref: "BootstrapVersion" }), ["BootstrapVersion"]],
    ["GetAtt as a list", inside({ "Fn::GetAtt": ["Other", "Arn"] }), ["Other"]],
    ["GetAtt as a text", inside({ "Fn::GetAtt": "Other.Arn" }), ["Other"]],
    ["Sub", inside({ "Fn::Sub": "${Other}-${Mine}-${AWS::Region}-${!Literal}" }), ["Other"]],
    ["Sub with an attribute", inside({ "Fn::Sub": "${Other.Arn}" }), ["Other"]],
    ["Sub with variables", inside({ "Fn::Sub": ["${own}${Other}", { own: { Ref: "Third" } }] }), ["Other", "Third"]],
    ["Join", inside({ "Fn::Join": ["", ["a", { Ref: "Other" }]] }), ["Other"]],
    ["If", inside({ "Fn::If": ["IsBig", { Ref: "Other" }, 1] }), ["IsBig", "Other"]],
    ["FindInMap", inside({ "Fn::FindInMap": ["Sizes", { Ref: "AWS::Region" }, "x"] }), ["Sizes"]],
    ["a condition inside a value", inside({ Condition: "IsBig" }), ["IsBig"]],
    ["a policy's conditions are no reference", inside({ Condition: { Bool: { a: "false" } } }), []],
    ["Select and Split", inside({ "Fn::Select": [0, { "Fn::Split": [",", { Ref: "Other" }] }] }), ["Other"]],
    ["DependsOn, one", missing({ DependsOn: "Other" }), ["Other"]],
    ["DependsOn, several", missing({ DependsOn: ["Other", "Mine"] }), ["Other"]],
    ["a resource's condition", missing({ Condition: "IsBig" }), ["IsBig"]],
    ["metadata", missing({ Metadata: { note: { Ref: "Other" } } }), ["Other"]],
  ])("%s", (_name, found, expected) => expect(found).toEqual(expected));

  test("only what is chosen is sent", () => {
    const Resources = { A: { Type: "Any" }, B: { Type: "Any" } };
    expect(importTemplate({ Resources, Outputs: { O: {} } }, ["B", "Gone"])).toEqual({
      Resources: { B: { Type: "Any", DeletionPolicy: "Retain" } },
    });
  });
});
