/** How AWS Backup answers, and how it says that an instance is to be restored. */
import { Readable } from "node:stream";
import { ACCOUNT } from "../iam";
import type { Point } from "./aws-backup-double";

export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Readable;
}

export const metadata = (point: Point | undefined, missing: () => HttpResponse): HttpResponse =>
  point === undefined
    ? missing()
    : success({
        BackupVaultArn: `arn:aws:backup:${point.region}:${ACCOUNT}:backup-vault:${point.vault}`,
        RecoveryPointArn: point.arn,
        RestoreMetadata: {
          AllocatedStorage: "100",
          AutoMinorVersionUpgrade: "true",
          AvailabilityZone: `${point.region}a`,
          CopyTagsToSnapshot: "false",
          DBInstanceClass: "db.r6g.xlarge",
          DBInstanceIdentifier: point.resourceArn.split(":").at(-1),
          DBName: "",
          DBSubnetGroupName: "default",
          Engine: "postgres",
          LicenseModel: "postgresql-license",
          MultiAZ: "false",
          OptionGroupName: "default:postgres-15",
          Port: "5432",
          PubliclyAccessible: "false",
          StorageType: "gp3",
          VpcSecurityGroupIds: '["sg-0123456789abcdef0"]',
        },
      });

export const success = (body: unknown): HttpResponse => json(200, body);
export const failure = (status: number, type: string, message: string): HttpResponse =>
  json(status, { Code: "ERROR", Message: message, Type: "Client" }, { "x-amzn-errortype": type });
const json = (statusCode: number, body: unknown, headers: Record<string, string> = {}): HttpResponse => ({
  statusCode,
  headers: { "content-type": "application/json", ...headers },
  body: Readable.from([Buffer.from(JSON.stringify(body))]),
});
