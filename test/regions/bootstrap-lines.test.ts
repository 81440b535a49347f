import { bootstrapLines } from "../../lib/regions/bootstrap-lines";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";

const commands = (lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith("#"));

test("a subset needs its own regions and their replication regions, each once", () => {
  const rows = NIGHTLY_TABLE.filter(({ name }) => ["Dublin", "Frankfurt", "Cape Town"].includes(name));
  expect(commands(bootstrapLines({ account: "123456789012", rows }))).toEqual([
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
