/** `npm run drill:region` with few files and one night, and what it says when a byte at the replica is wrong. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Objectives } from "../../local/drill/objectives";

interface ReportFile {
  readonly passed: boolean;
  readonly checks: readonly { readonly part: string; readonly what: string; readonly passed: boolean }[];
  readonly unusedGrants: readonly string[];
  readonly objectives?: Objectives;
}
const PROJECT = join(__dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "drill-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const drill = async (...options: readonly string[]): Promise<ReportFile & { readonly code: number }> => {
  const report = join(folder, `report-${options.length}.json`);
  const start = join(PROJECT, "local", "start.mjs");
  const size = ["--nights", "1", "--files", "20"];
  const code = await promisify(execFile)(
    process.execPath,
    [start, "drill:region", ...size, ...options, "--report", report],
    { cwd: PROJECT },
  ).then(
    () => 0,
    (error: { readonly code: number }) => error.code,
  );
  return { ...(JSON.parse(readFileSync(report, "utf8")) as ReportFile), code };
};
const failedChecks = ({ checks }: ReportFile) => checks.filter(({ passed }) => !passed).map(({ what }) => what);

/** Of the recovery's roles: what a night without accidents doesn't need. */
const EXPLAINED: readonly RegExp[] = [
  // Waiting for a lease that another execution holds, and taking it over once it has ended.
  /restore (states:DescribeExecution|ecs:DescribeTasks)$/,
  // Undoing a restore: the files that it put, its unfinished uploads.
  /restore s3:(AbortMultipartUpload|DeleteObject|DeleteObjectVersion|ListBucketMultipartUploads)$/,
  // A restore that fails tells someone.
  /restore sns:Publish$/,
  // IAM knows these calls; neither moto nor the local run makes them visible.
  / kms:/,
  / logs:/,
  / xray:/,
  / events:PutEvents$/,
  /start-task (ecr|logs):/,
  // Step Functions watches and stops tasks itself.
  /run-\w+ ecs:(DescribeTasks|StopTask)$/,
  // Reading is granted whole; which of its calls a night needs follows from sizes and locks.
  / s3:(GetObject|GetObjectRetention)$/,
  // Of files with tags that stand at the target, or in a bucket that keeps versions.
  /(database-task|restore) s3:GetObject(Version)?Tagging$/,
  // Files in a bucket that keeps versions are removed by version.
  /database-task s3:DeleteObjectVersion$/,
  // `backups snapshots`, with which people choose: the drill restores all.
  /requests dynamodb:Query$/,
  // Of restores of recovery points, which the drill has none of.
  /instance-swap /,
  // AWS Backup itself restores copies of recovery points with it.
  /restoring rds:/,
  // Files of very large lists are stored in parts.
  / s3:AbortMultipartUpload$/,
];

test("every replicated snapshot is restored, byte by byte, and each call is allowed by the recovery's own roles", async () => {
  const report = await drill();
  expect(failedChecks(report)).toEqual([]);
  expect(report.code).toBe(0);
  expect(report.checks.map(({ part }) => part)).toEqual(
    expect.arrayContaining(["before", "loss", "recovery", "permissions"]),
  );
  expect(report.checks.filter(({ what }) => what.startsWith("every file is as in the snapshot"))).toHaveLength(2);
  expect(report.checks.map(({ what }) => what)).toContain(
    "vault, whose replication is off, is listed as lost by choice",
  );
  // The night was taken hours before the region was lost, and its data stands again within the hour.
  const { environments = [], worst = null, stages = {} } = report.objectives ?? {};
  expect(environments).toHaveLength(2);
  expect(worst?.recoveryPointSeconds).toBeGreaterThan(60);
  expect(worst?.recoveryTimeSeconds).toBeGreaterThan(0);
  expect(Object.keys(stages)).toEqual(["stack", "catalog", "target", "restores"]);
  const unused = report.unusedGrants.map((grant) => grant.replace(/^\S*?-recover-/, ""));
  expect(unused.filter((grant) => !EXPLAINED.some((explained) => explained.test(grant)))).toEqual([]);
}, 900_000);

test("one wrong byte at the replica fails it", async () => {
  const report = await drill("--damage");
  expect(report.code).toBe(1);
  expect(failedChecks(report)).toContain("every replicated snapshot is offered, and no other");
}, 900_000);
