/** What the client makes of recorded answers, and that the double answers in the same shapes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { BackupClientConfig } from "@aws-sdk/client-backup";
import { AwsBackup } from "../../lambda/recovery-point/backup-client";
import { AwsBackupDouble } from "../support/aws-backup/aws-backup-double";
import { recoveryPointsIn } from "../support/collaborators";

interface Recorded {
  readonly status: number;
  readonly type?: string;
  readonly body: Readonly<Record<string, unknown>>;
}
const recorded = JSON.parse(readFileSync(join(__dirname, "recorded-answers.json"), "utf8")) as Readonly<
  Record<"describeBackupJobOfRds" | "describeBackupJobCreated" | "vaultNotEmpty", Recorded>
>;

const answering = ({ status, type, body }: Recorded): AwsBackup => {
  const handler = {
    handle: async () => ({
      response: {
        statusCode: status,
        headers: { "content-type": "application/json", ...(type === undefined ? {} : { "x-amzn-errortype": type }) },
        body: Readable.from([Buffer.from(JSON.stringify(body))]),
      },
    }),
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  } as NonNullable<BackupClientConfig["requestHandler"]>;
  return new AwsBackup({ region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } }, handler);
};

test("a completed job of an RDS instance, as it was recorded", async () => {
  expect(await answering(recorded.describeBackupJobOfRds).describeJob("9AA49310")).toEqual({
    jobId: "9AA49310",
    state: "COMPLETED",
    message: "",
    createdAt: new Date("2020-12-22T23:14:33.406Z"),
    completedAt: new Date("2020-12-22T23:28:05.634Z"),
    recoveryPointArn: "arn:aws:rds:us-east-1:111111111111:snapshot:awsbackup:job-9aa49310-5f3c-4e5b-a0b0-6b3522195fdb",
    bytes: 0,
  });
});

test("a job that was created and has not begun has no recovery point yet", async () => {
  expect(await answering(recorded.describeBackupJobCreated).describeJob("a1b2")).toMatchObject({
    state: "CREATED",
    createdAt: new Date("2020-09-21T20:58:12.929Z"),
    completedAt: null,
    recoveryPointArn: null,
  });
});

test("a refusal keeps AWS Backup's own sentence, and its exception as cause", async () => {
  const client = answering(recorded.vaultNotEmpty);
  await expect(client.describeJob("a1b2")).rejects.toMatchObject({
    code: "RecoveryPointRequestRefused",
    message:
      "Looking at the backup job a1b2 was refused by AWS Backup: Backup vault cannot be deleted because it contains recovery points.",
    cause: { name: "InvalidRequestException" },
  });
  expect(await client.delete({ vault: "v", arn: "arn" })).toEqual({
    outcome: "locked",
    why: "Backup vault cannot be deleted because it contains recovery points",
  });
});

test("the double's answers have the recorded fields, of the recorded kinds", async () => {
  let now = new Date("2026-12-05T00:00:00Z");
  const double = new AwsBackupDouble(() => now);
  const client = recoveryPointsIn(double, "us-east-1");
  const jobId = await client.start({
    vault: "backups-us-east-1-primary",
    resourceArn: "arn:aws:rds:us-east-1:111111111111:db:test",
    roleArn: "arn:aws:iam::111111111111:role/backups-111111111111-us-east-1-recovery-points",
    token: "t",
    startWindowMinutes: 60,
    completeWindowMinutes: 120,
    deleteAfterDays: 14,
    tags: {},
  });
  now = new Date("2026-12-05T01:00:00Z");
  const answer = double.raw("us-east-1", "GET", `/backup-jobs/${jobId}`);
  const { CreatedBy: _ofPlansOnly, ...fields } = recorded.describeBackupJobOfRds.body;
  for (const [name, value] of Object.entries(fields)) expect([name, typeof answer[name]]).toEqual([name, typeof value]);
});

test("throttling, a missing permission and a full account are told apart", async () => {
  const asked = async (type: string, status = 400) => {
    const error = await answering({ status, type, body: { Message: "no" } })
      .describeCopy("c")
      .catch((thrown: unknown) => thrown);
    return (error as { code: string; retryable: boolean }).code;
  };
  expect(await asked("ThrottlingException")).toBe("RecoveryPointsUnavailable");
  expect(await asked("ServiceUnavailableException", 500)).toBe("RecoveryPointsUnavailable");
  expect(await asked("AccessDeniedException", 403)).toBe("RecoveryPointsRefused");
  expect(await asked("LimitExceededException")).toBe("RecoveryPointLimit");
}, 60_000);
