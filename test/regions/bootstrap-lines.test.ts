import { bootstrapLines } from "../../lib/regions/bootstrap-lines";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";

const commands = (lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith("#"));

/** Without API Gateway's role for logs, which has a test of its own. */
const places = (lines: readonly string[]): string[] =>
  commands(lines).filter((line) => !/^aws (iam|apigateway) /.test(line));

test("a subset needs its own regions and their replication regions, each once", () => {
  const rows = NIGHTLY_TABLE.filter(({ name }) => ["Dublin", "Frankfurt", "Cape Town"].includes(name));
  expect(places(bootstrapLines({ account: "123456789012", rows }))).toEqual([
    "aws account enable-region --region-name af-south-1",
    "aws account get-region-opt-status --region-name af-south-1 --query RegionOptStatus --output text",
    'npx cdk bootstrap "aws://123456789012/af-south-1"',
    'npx cdk bootstrap "aws://123456789012/eu-central-1"',
    'npx cdk bootstrap "aws://123456789012/eu-west-1"',
  ]);
});

test("all regions: 22 to bootstrap, seven to ask for", () => {
  const lines = commands(bootstrapLines({ rows: NIGHTLY_TABLE }));
  expect(lines.filter((line) => line.startsWith("npx cdk bootstrap"))).toHaveLength(22);
  expect(
    lines
      .filter((line) => line.includes("enable-region"))
      .map((line) => line.split(" ").at(-1))
      .toSorted((a = "", b = "") => a.localeCompare(b)),
  ).toEqual([
    "af-south-1",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ca-west-1",
    "me-central-1",
    "me-south-1",
  ]);
  expect(lines[14]).toBe(
    'npx cdk bootstrap "aws://$(aws sts get-caller-identity --query Account --output text)/af-south-1"',
  );
});

test("API Gateway gets a role for logs in each primary region, and one that is there already stays", () => {
  const rows = NIGHTLY_TABLE.filter(({ name }) => ["Dublin", "Cape Town"].includes(name));
  const lines = commands(bootstrapLines({ account: "123456789012", rows })).filter((line) =>
    line.includes("apigateway"),
  );
  expect(lines.map((line) => line.split(" --")[0])).toEqual([
    "aws iam create-role",
    "aws iam attach-role-policy",
    "aws apigateway get-account",
    "aws apigateway get-account",
  ]);
  expect(lines.slice(2)).toEqual(
    ["af-south-1", "eu-west-1"].map(
      (region) =>
        `aws apigateway get-account --region ${region} --query cloudwatchRoleArn --output text | grep -q '^arn:' || ` +
        `aws apigateway update-account --region ${region} --patch-operations "op=replace,path=/cloudwatchRoleArn,value=arn:aws:iam::123456789012:role/apigateway-logs"`,
    ),
  );
});
