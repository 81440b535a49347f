/**
 * The real `cdk import`, up to what it asks of CloudFormation: a server stands for AWS, knows no stack, and keeps the
 * change set that it is asked for. Everything else here builds imports as this shows that the command does.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { findExisting } from "../../lib/adoption/find-existing";
import { stacksOfAssembly } from "../../lib/review/read-assembly";
import { importSubset, synthesizeForAdoption, synthesizeRecoveries } from "../support/assemblies";
import { must } from "../support/must";
import { withoutValidation } from "../support/without-validation";

const PROJECT = join(__dirname, "..", "..");
const ACCOUNT = "123456789012";
const { parse } = createRequire(require.resolve("aws-cdk-lib"))("yaml") as { parse: (text: string) => unknown };
const folder = mkdtempSync(join(tmpdir(), "cdk-import-"));
let server: Server;
let asked: URLSearchParams[] = [];

withoutValidation();
let assemblies: readonly string[] = [];
beforeAll(async () => {
  assemblies = [
    synthesizeForAdoption(join(folder, "adoption"), ["eu-central-1", "ap-northeast-3"]),
    ...synthesizeRecoveries(join(folder, "recoveries"), ["eu-central-1"]),
  ];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += String(part)));
    request.on("end", () => {
      const given = new URLSearchParams(body);
      const [status, answer] = answerTo(given.get("Action") ?? String(request.headers["x-amz-target"]), given);
      response.writeHead(status, {
        "content-type": answer.startsWith("<") ? "text/xml" : "application/x-amz-json-1.1",
      });
      response.end(answer);
    });
  });
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
}, 300_000);
afterAll(async () => {
  await new Promise((done) => void server.close(done));
  rmSync(folder, { recursive: true });
});

const refused = (message: string): [number, string] => [
  400,
  `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`,
];
const answerTo = (action: string, given: URLSearchParams): [number, string] => {
  const inSts = (name: string, inside: string): [number, string] => [
    200,
    `<${name}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${name}Result>${inside}</${name}Result></${name}Response>`,
  ];
  switch (action) {
    case "GetCallerIdentity":
      return inSts(
        action,
        `<Arn>arn:aws:iam::${ACCOUNT}:user/one</Arn><UserId>ONE</UserId><Account>${ACCOUNT}</Account>`,
      );
    case "AssumeRole":
      return inSts(
        action,
        "<Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>B</SecretAccessKey><SessionToken>C</SessionToken>" +
          "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>",
      );
    case "AmazonSSM.GetParameter":
      return [200, JSON.stringify({ Parameter: { Name: "version", Type: "String", Value: "30" } })];
    case "CreateChangeSet":
      asked.push(given);
      return refused("This server makes no change sets.");
    default:
      return refused(`Stack with id ${given.get("StackName")} does not exist`);
  }
};

test.each(["Primary-Frankfurt", "Replica-Osaka", "Recovery-Frankfurt"])(
  "%s: cdk import sends exactly the import subset, each resource with its identifier",
  async (id) => {
    const assembly = must(assemblies.find((one) => stacksOfAssembly(one).some((stack) => stack.id === id)));
    const stack = must(stacksOfAssembly(assembly).find((one) => one.id === id));
    const aws = (args: readonly string[]): string => `key-of-${args[3]}\tEnabled\n`;
    const { mapping } = findExisting(stack, { account: ACCOUNT, givenKeys: new Map(), check: false, aws });
    const file = join(folder, `${id}.json`);
    writeFileSync(file, JSON.stringify(mapping));

    asked = [];
    const said = await promisify(execFile)(
      join(PROJECT, "node_modules/.bin/cdk"),
      ["import", id, "--app", assembly, "--resource-mapping", file],
      {
        cwd: PROJECT,
        timeout: 100_000,
        env: {
          PATH: process.env["PATH"],
          HOME: folder,
          CI: "true",
          AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          AWS_ACCESS_KEY_ID: "a",
          AWS_SECRET_ACCESS_KEY: "b",
          AWS_REGION: stack.region,
          AWS_EC2_METADATA_DISABLED: "true",
          CDK_DISABLE_CLI_TELEMETRY: "true",
        },
      },
    ).catch((error: { stdout: string; stderr: string }) => error);
    expect([asked.length, `${said.stdout}${said.stderr}`]).toEqual([
      1,
      expect.stringContaining("makes no change sets"),
    ]);

    const changeSet = must(asked[0]);
    expect(changeSet.get("ChangeSetType")).toBe("IMPORT");
    expect(changeSet.get("StackName")).toBe(stack.stackName);
    expect(parse(changeSet.get("TemplateBody") ?? "")).toEqual(importSubset(stack.template));
    const member = (number: number, what: string): string | null =>
      changeSet.get(`ResourcesToImport.member.${number}.${what}`);
    const sent = Object.keys(mapping).map((_id, index) => [
      member(index + 1, "LogicalResourceId"),
      {
        [String(member(index + 1, "ResourceIdentifier.entry.1.key"))]: member(
          index + 1,
          "ResourceIdentifier.entry.1.value",
        ),
      },
    ]);
    expect(Object.fromEntries(sent)).toEqual(mapping);
    expect(member(Object.keys(mapping).length + 1, "LogicalResourceId")).toBeNull();

    // The role that a vault's policy lets delete an empty vault is the one that CloudFormation works with.
    const vault = Object.values(stack.template.Resources).find(({ Type }) => Type === "AWS::Backup::BackupVault");
    const role = changeSet
      .get("RoleARN")
      ?.replace(/.*role\//, "")
      .replace(`-${ACCOUNT}-`, "-<account>-");
    if (vault !== undefined)
      expect(JSON.stringify(vault.Properties).replaceAll(/",\{"Ref":"AWS::AccountId"\},"/g, "<account>")).toContain(
        `:role/${role}"`,
      );
  },
  120_000,
);
