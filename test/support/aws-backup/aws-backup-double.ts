/**
 * AWS Backup in memory, spoken to by the real client in AWS Backup's own JSON: several regions of one account, with
 * locked vaults, and jobs that go on with the clock. It refuses what the synthesized roles don't hold, the caller's and
 * the one that a job is handed. The shapes of its answers are the recorded ones
 * (`recorded-answers.json` says where each is from); `recorded-shapes.test.ts` holds the two against each other.
 */
import type { BackupClientConfig } from "@aws-sdk/client-backup";
import type { MetKey } from "../service-needs/aws-backup";
import { ACCOUNT } from "../iam";
import { keyArn, uuid } from "./ids";
import { failure, metadata, success, type HttpResponse } from "./answers";
import { objectionToBackup, objectionToCopy, objectionToRestore, refusalOfCaller } from "./role-checks";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A fixed quota of AWS Backup. */
const COPIES_AT_ONCE = 5;

interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}
type Body = Record<string, unknown>;

interface Job {
  readonly id: string;
  readonly region: string;
  readonly vault: string;
  readonly resourceArn: string;
  readonly roleArn: string;
  readonly days: number;
  readonly startWindowMinutes: number;
  readonly createdAt: number;
}
interface Copy {
  readonly id: string;
  readonly region: string;
  readonly source: Point;
  readonly destination: { readonly region: string; readonly vault: string };
  readonly days: number;
  readonly createdAt: number;
}
export interface Point {
  readonly arn: string;
  readonly region: string;
  readonly vault: string;
  readonly resourceArn: string;
  readonly createdAt: number;
  readonly days: number;
  /** When its job ended; a copy's creation date is its source's. */
  readonly madeAt?: number;
  status: string;
  message?: string;
}
interface Vault {
  locked: boolean;
  /** Where a role lacks what deleting takes: the answer is 200, and the recovery point stays as EXPIRED. */
  refusesQuietly?: boolean;
}
/** What becomes of the jobs started from now on. */
export interface Fate {
  /** Before a job runs. Infinity: never. */
  readonly startsAfterMinutes?: number;
  readonly takesMinutes?: number;
  /** COMPLETED, FAILED, ABORTED, PARTIAL. */
  readonly ends?: string;
  readonly message?: string;
}

export class AwsBackupDouble {
  readonly points = new Map<string, Point>();
  readonly requests: { region: string; method: string; path: string; body: unknown }[] = [];
  fate: Fate = {};
  copyFate: Fate = {};
  /** Of the points made from now on. */
  encrypted = true;
  /** Of instances: whose key it is, beside its ARN. */
  key: Omit<MetKey, "arn"> = { tags: { "nightly-backups": "allowed" } };
  /** The role of whoever calls, by its name; undefined: not judged. */
  caller: () => string | undefined = () => undefined;
  /** A job's creation date after the request that made it. */
  createsLaterMs = 0;
  /** AWS Backup is eventually consistent: so long after it was made a job or a recovery point is not found yet. */
  unseenForMs = 0;
  /** Jobs stay CREATED past their start window. */
  forgetsWindows = false;
  /** The next requests of an action are answered like this: `null` loses the reply after the work is done. */
  readonly faults: { readonly action: string; readonly status: number | null; readonly type?: string }[] = [];
  /** AWS Backup asks RDS for the instance. */
  onRestore: ((metadata: Readonly<Record<string, string>>) => void) | undefined;
  /** Of the restore jobs started from now on: 30 minutes, then COMPLETED. */
  restoreFate: Fate = {};
  private readonly vaults = new Map<string, Vault>();
  private readonly jobs = new Map<string, Job & { fate: Fate }>();
  private readonly copies = new Map<string, Copy & { fate: Fate }>();
  private readonly tokens = new Map<string, string>();
  private readonly restores = new Map<string, { metadata: unknown; arn: string; createdAt: number; fate: Fate }>();

  /** Called before and after the work of every request: where a run can be stopped. */
  onRequest: (action: string, done: boolean) => void = () => undefined;

  constructor(private readonly now: () => Date) {}

  /** Calling the result puts vaults, jobs and recovery points back. */
  save(): () => void {
    const maps = [this.points, this.vaults, this.jobs, this.copies, this.tokens, this.restores] as Map<
      string,
      unknown
    >[];
    const saved = maps.map((map) => structuredClone([...map]));
    const gone = [...this.deleted];
    return () => {
      maps.forEach((map, at) => {
        map.clear();
        for (const [key, value] of saved[at] ?? []) map.set(key, value);
      });
      this.deleted.clear();
      for (const arn of gone) this.deleted.add(arn);
      this.requests.length = 0;
    };
  }

  vault(region: string, name: string): Vault {
    const key = `${region}/${name}`;
    const standing = this.vaults.get(key) ?? { locked: true };
    this.vaults.set(key, standing);
    return standing;
  }

  /** What the client of one region sends its requests with. */
  handler(region: string): NonNullable<BackupClientConfig["requestHandler"]> {
    const handler = {
      handle: async (request: HttpRequest) => ({ response: this.answer(region, request) }),
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
    };
    return handler as NonNullable<BackupClientConfig["requestHandler"]>;
  }

  /** What AWS Backup does by itself once lifecycles have ended. */
  removeEnded(): void {
    this.settle();
    for (const point of this.points.values()) if (this.time() >= deleteAt(point)) this.remove(point);
  }

  /** An answer's JSON, as it goes over the wire. */
  raw(region: string, method: string, path: string): Readonly<Record<string, unknown>> {
    const chunk: unknown = this.answer(region, { method, path }).body.read();
    return JSON.parse(String(chunk)) as Readonly<Record<string, unknown>>;
  }

  /** Running jobs go on to where they are at this time. */
  private settle(): void {
    for (const job of this.jobs.values()) {
      const arn = pointArn(job.region, job.id);
      if (this.stateOf(job) === "COMPLETED" && !this.points.has(arn) && !this.deleted.has(arn)) {
        const { region, vault, resourceArn, days } = job;
        const made = { createdAt: job.createdAt, madeAt: this.completedAt(job), status: "COMPLETED" };
        this.points.set(arn, { arn, region, vault, resourceArn, days, ...made });
      }
    }
    for (const copy of this.copies.values()) {
      const arn = copyArn(copy);
      if (this.copyState(copy) !== "COMPLETED" || this.points.has(arn) || this.deleted.has(arn)) continue;
      const { resourceArn, createdAt } = copy.source;
      // A copy's creation date, and so its expiry, is its source's.
      const made = { createdAt, madeAt: this.copiedAt(copy), status: "COMPLETED" };
      this.points.set(arn, { ...copy.destination, arn, resourceArn, days: copy.days, ...made });
    }
    for (const point of this.points.values()) {
      const isOver = this.time() >= deleteAt(point);
      if (isOver && point.status === "DELETING") this.remove(point);
    }
  }
  private readonly deleted = new Set<string>();
  private remove({ arn }: Point): void {
    this.points.delete(arn);
    this.deleted.add(arn);
  }
  private time(): number {
    return this.now().getTime();
  }
  private isSeen(madeAt: number): boolean {
    return this.time() - madeAt >= this.unseenForMs;
  }

  private stateOf(job: Job & { fate: Fate }): string {
    const { startsAfterMinutes = 1, takesMinutes = 10, ends = "COMPLETED" } = job.fate;
    const minutes = (this.time() - job.createdAt) / MINUTE_MS;
    const isOver = minutes >= job.startWindowMinutes && !this.forgetsWindows;
    if (minutes < startsAfterMinutes) return isOver ? "EXPIRED" : "CREATED";
    return minutes < startsAfterMinutes + takesMinutes ? "RUNNING" : ends;
  }
  private copyState({ fate, createdAt }: Copy & { fate: Fate }): string {
    const { startsAfterMinutes = 0, takesMinutes = 20, ends = "COMPLETED" } = fate;
    const minutes = (this.time() - createdAt) / MINUTE_MS;
    if (minutes < startsAfterMinutes) return "CREATED";
    return minutes < startsAfterMinutes + takesMinutes ? "RUNNING" : ends;
  }

  private answer(region: string, request: HttpRequest): HttpResponse {
    const sent = ArrayBuffer.isView(request.body) ? new TextDecoder().decode(request.body as Uint8Array) : request.body;
    const body = (typeof sent === "string" && sent !== "" ? JSON.parse(sent) : {}) as Body;
    const path = decodeURIComponent(request.path);
    this.requests.push({ region, method: request.method, path, body });
    this.settle();
    const [action, work] = this.route(region, request.method, path, body);
    this.onRequest(action, false);
    const refusal = this.refusal(region, action, path, body);
    if (refusal !== undefined) return failure(403, "AccessDeniedException", refusal);
    const fault = this.faults.findIndex((one) => one.action === action);
    const hit = fault === -1 ? undefined : this.faults.splice(fault, 1)[0];
    if (hit !== undefined && hit.status !== null) return failure(hit.status, hit.type ?? "InternalFailure", "no");
    const answer = work();
    this.onRequest(action, true);
    if (hit !== undefined) throw Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
    return answer;
  }

  private refusal(region: string, action: string, path: string, body: Body): string | undefined {
    const caller = this.caller();
    const pointArn = /recovery-points\/(.+?)(?:\/restore-metadata)?$/.exec(path)?.[1] ?? "";
    return caller === undefined ? undefined : refusalOfCaller(caller, { region, action, body, pointArn });
  }
  private keyIn(region: string): MetKey | undefined {
    return this.encrypted ? { ...this.key, arn: keyArn(region) } : undefined;
  }

  private route(
    region: string,
    method: string,
    path: string,
    body: Body,
  ): readonly [action: string, work: () => HttpResponse] {
    const [, first, id = ""] = path.split("/");
    if (method === "PUT" && first === "backup-jobs") return ["StartBackupJob", () => this.startJob(region, body)];
    if (method === "GET" && first === "backup-jobs") return ["DescribeBackupJob", () => this.describeJob(id)];
    if (method === "PUT" && first === "copy-jobs") return ["StartCopyJob", () => this.startCopy(region, body)];
    if (method === "GET" && first === "copy-jobs") return ["DescribeCopyJob", () => this.describeCopy(id)];
    if (method === "PUT" && first === "restore-jobs") return ["StartRestoreJob", () => this.startRestore(region, body)];
    if (method === "GET" && first === "restore-jobs") return ["DescribeRestoreJob", () => this.describeRestore(id)];
    const [, vault = "", arn = ""] =
      /^\/backup-vaults\/([^/]+)\/recovery-points\/(.+?)(?:\/restore-metadata)?$/.exec(path) ?? [];
    const point = (): Point | undefined => {
      const found = this.points.get(arn);
      return found?.vault === vault && found.region === region && this.isSeen(found.madeAt ?? 0) ? found : undefined;
    };
    const missing = () => failure(400, "ResourceNotFoundException", `Cannot find recovery point with ARN ${arn}.`);
    if (method === "DELETE") return ["DeleteRecoveryPoint", () => this.deletePoint(point(), missing)];
    if (path.endsWith("/restore-metadata"))
      return ["GetRecoveryPointRestoreMetadata", () => metadata(point(), missing)];
    if (method === "GET" && arn !== "") return ["DescribeRecoveryPoint", () => this.describePoint(point(), missing)];
    return ["Unknown", () => failure(404, "UnknownOperationException", `${method} ${path}`)];
  }

  private startJob(region: string, body: Body): HttpResponse {
    const standing = this.tokens.get(`${region} backup ${textOf(body, "IdempotencyToken")}`);
    const id = standing ?? uuid(`job ${region} ${textOf(body, "IdempotencyToken")}`);
    if (standing === undefined) {
      this.tokens.set(`${region} backup ${textOf(body, "IdempotencyToken")}`, id);
      this.jobs.set(id, {
        id,
        region,
        vault: textOf(body, "BackupVaultName"),
        resourceArn: textOf(body, "ResourceArn"),
        roleArn: textOf(body, "IamRoleArn"),
        days: daysOf(body),
        startWindowMinutes: (body["StartWindowMinutes"] as number | undefined) ?? 480,
        createdAt: this.time() + this.createsLaterMs,
        fate: fateOf(
          this.fate,
          objectionToBackup(textOf(body, "IamRoleArn"), {
            region,
            vault: textOf(body, "BackupVaultName"),
            instanceArn: textOf(body, "ResourceArn"),
            pointArn: pointArn(region, id),
            key: this.keyIn(region),
          }),
        ),
      });
    }
    const job = this.jobs.get(id);
    return success({ BackupJobId: id, CreationDate: (job?.createdAt ?? 0) / 1000, IsParent: false });
  }

  private describeJob(id: string): HttpResponse {
    const job = this.jobs.get(id);
    if (job === undefined || !this.isSeen(job.createdAt))
      return failure(400, "ResourceNotFoundException", `Backup job ${id} does not exist.`);
    const state = this.stateOf(job);
    const hasPoint = state === "COMPLETED" || state === "RUNNING";
    return success({
      AccountId: ACCOUNT,
      BackupJobId: id,
      BackupVaultName: job.vault,
      BackupVaultArn: `arn:aws:backup:${job.region}:${ACCOUNT}:backup-vault:${job.vault}`,
      ...(hasPoint ? { RecoveryPointArn: pointArn(job.region, job.id) } : {}),
      ResourceArn: job.resourceArn,
      CreationDate: job.createdAt / 1000,
      ...(state === "COMPLETED" ? { CompletionDate: this.completedAt(job) / 1000 } : {}),
      State: state,
      ...messageOf(state, job.fate, EXPIRED_MESSAGE),
      PercentDone: state === "COMPLETED" ? "100.0" : "0.0",
      BackupSizeInBytes: state === "COMPLETED" ? 107_374_182_400 : 0,
      IamRoleArn: job.roleArn,
      ResourceType: "RDS",
      IsParent: false,
      StartBy: (job.createdAt + job.startWindowMinutes * MINUTE_MS) / 1000,
    });
  }
  private completedAt({ createdAt, fate }: Job & { fate: Fate }): number {
    return createdAt + ((fate.startsAfterMinutes ?? 1) + (fate.takesMinutes ?? 10)) * MINUTE_MS;
  }

  private copiedAt({ createdAt, fate }: Copy & { fate: Fate }): number {
    return createdAt + ((fate.startsAfterMinutes ?? 0) + (fate.takesMinutes ?? 20)) * MINUTE_MS;
  }

  private startCopy(region: string, body: Body): HttpResponse {
    const token = `${region} copy ${textOf(body, "IdempotencyToken")}`;
    const standing = this.tokens.get(token);
    const source = this.points.get(textOf(body, "RecoveryPointArn"));
    if (standing === undefined) {
      if (source === undefined || source.vault !== textOf(body, "SourceBackupVaultName"))
        return failure(
          400,
          "ResourceNotFoundException",
          `Cannot find recovery point ${textOf(body, "RecoveryPointArn")}.`,
        );
      const running = [...this.copies.values()].filter((copy) => ["CREATED", "RUNNING"].includes(this.copyState(copy)));
      if (running.length >= COPIES_AT_ONCE)
        return failure(400, "LimitExceededException", "Concurrent copy jobs limit exceeded for the account");
    }
    const id = standing ?? uuid(token).toUpperCase();
    if (standing === undefined && source !== undefined) {
      const [, , , toRegion = "", , , vault = ""] = textOf(body, "DestinationBackupVaultArn").split(":");
      this.tokens.set(token, id);
      const destination = { region: toRegion, vault };
      const into = { ...destination, copyArn: copyArn({ id, destination }) };
      const objection = objectionToCopy(textOf(body, "IamRoleArn"), source, into, this.keyIn(region));
      const fate = fateOf(this.copyFate, objection);
      this.copies.set(id, { id, region, source, destination, days: daysOf(body), createdAt: this.time(), fate });
    }
    return success({ CopyJobId: id, CreationDate: (this.copies.get(id)?.createdAt ?? 0) / 1000, IsParent: false });
  }

  private describeCopy(id: string): HttpResponse {
    const copy = this.copies.get(id);
    if (copy === undefined || !this.isSeen(copy.createdAt))
      return failure(400, "ResourceNotFoundException", `Copy job ${id} does not exist.`);
    const state = this.copyState(copy);
    const vaultArn = (region: string, name: string) => `arn:aws:backup:${region}:${ACCOUNT}:backup-vault:${name}`;
    return success({
      CopyJob: {
        AccountId: ACCOUNT,
        CopyJobId: id,
        SourceBackupVaultArn: vaultArn(copy.source.region, copy.source.vault),
        SourceRecoveryPointArn: copy.source.arn,
        DestinationBackupVaultArn: vaultArn(copy.destination.region, copy.destination.vault),
        ...(state === "COMPLETED" ? { DestinationRecoveryPointArn: copyArn(copy) } : {}),
        ResourceArn: copy.source.resourceArn,
        CreationDate: copy.createdAt / 1000,
        ...(state === "COMPLETED" ? { CompletionDate: this.copiedAt(copy) / 1000 } : {}),
        State: state,
        ...messageOf(state, copy.fate, ""),
        BackupSizeInBytes: 107_374_182_400,
        ResourceType: "RDS",
        IsParent: false,
      },
    });
  }

  private describePoint(point: Point | undefined, missing: () => HttpResponse): HttpResponse {
    if (point === undefined) return missing();
    return success({
      RecoveryPointArn: point.arn,
      BackupVaultName: point.vault,
      BackupVaultArn: `arn:aws:backup:${point.region}:${ACCOUNT}:backup-vault:${point.vault}`,
      ResourceArn: point.resourceArn,
      ResourceType: "RDS",
      Status: point.status,
      ...(point.message === undefined ? {} : { StatusMessage: point.message }),
      CreationDate: point.createdAt / 1000,
      CompletionDate: (point.createdAt + 11 * MINUTE_MS) / 1000,
      BackupSizeInBytes: 107_374_182_400,
      CalculatedLifecycle: { DeleteAt: deleteAt(point) / 1000 },
      Lifecycle: { DeleteAfterDays: point.days },
      ...(this.encrypted ? { EncryptionKeyArn: keyArn(point.region) } : {}),
      IsEncrypted: this.encrypted,
      StorageClass: "WARM",
    });
  }

  /** A locked vault lets go of a recovery point only once its lifecycle has ended. */
  private deletePoint(point: Point | undefined, missing: () => HttpResponse): HttpResponse {
    if (point === undefined) return missing();
    const vault = this.vault(point.region, point.vault);
    if (vault.locked && this.time() < deleteAt(point))
      return failure(
        400,
        "InvalidRequestException",
        `Recovery point ${point.arn} cannot be deleted: backup vault ${point.vault} is locked.`,
      );
    if (vault.refusesQuietly === true) {
      point.status = "EXPIRED";
      point.message = "IAM role lacks permission to delete the recovery point.";
    } else this.remove(point);
    return success({});
  }

  private startRestore(region: string, body: Body): HttpResponse {
    const token = `${region} restore ${textOf(body, "IdempotencyToken")}`;
    const id = this.tokens.get(token) ?? uuid(token).toUpperCase();
    if (!this.tokens.has(token)) {
      this.tokens.set(token, id);
      const wanted = body["Metadata"] as Readonly<Record<string, string>>;
      const arn = textOf(body, "RecoveryPointArn");
      const objection = objectionToRestore(textOf(body, "IamRoleArn"), arn, wanted, this.keyIn(region));
      const fate = fateOf(this.restoreFate, objection);
      this.restores.set(id, { metadata: wanted, arn, createdAt: this.time(), fate });
      if ((fate.ends ?? "COMPLETED") === "COMPLETED") this.onRestore?.(wanted);
    }
    return success({ RestoreJobId: id });
  }
  private describeRestore(id: string): HttpResponse {
    const job = this.restores.get(id);
    if (job === undefined || !this.isSeen(job.createdAt))
      return failure(400, "ResourceNotFoundException", `Restore job ${id} does not exist.`);
    const isOver = this.time() - job.createdAt >= (job.fate.takesMinutes ?? 30) * MINUTE_MS;
    const { ends = "COMPLETED" } = job.fate;
    const isDone = isOver && ends === "COMPLETED";
    const { DBInstanceIdentifier } = job.metadata as { DBInstanceIdentifier?: string };
    return success({
      AccountId: ACCOUNT,
      RestoreJobId: id,
      RecoveryPointArn: job.arn,
      CreationDate: job.createdAt / 1000,
      Status: isOver ? ends : "RUNNING",
      ...(isOver ? messageOf(ends, job.fate, "") : {}),
      PercentDone: isDone ? "100.00%" : "0.00%",
      ...(isDone
        ? { CreatedResourceArn: `arn:aws:rds:${job.arn.split(":")[3]}:${ACCOUNT}:db:${DBInstanceIdentifier}` }
        : {}),
      ResourceType: "RDS",
    });
  }
}

/** A job that may not do its work fails, whatever else was to become of it. */
const fateOf = (fate: Fate, objection: string | undefined): Fate =>
  objection === undefined ? fate : { startsAfterMinutes: 0, takesMinutes: 1, ends: "FAILED", message: objection };
const EXPIRED_MESSAGE = "Backup job expired before completion.";
const textOf = (body: Body, name: string): string => {
  const value = body[name];
  return typeof value === "string" ? value : "";
};
const daysOf = (body: Body): number => (body["Lifecycle"] as { readonly DeleteAfterDays: number }).DeleteAfterDays;
const messageOf = (state: string, fate: Fate, expired: string) => {
  const message = state === "EXPIRED" ? expired : state === fate.ends ? fate.message : undefined;
  return message === undefined || message === "" ? {} : { StatusMessage: message };
};
const pointArn = (region: string, id: string): string =>
  `arn:aws:rds:${region}:${ACCOUNT}:snapshot:awsbackup:job-${id}`;
const copyArn = ({ id, destination }: Pick<Copy, "id" | "destination">): string =>
  `arn:aws:rds:${destination.region}:${ACCOUNT}:snapshot:awsbackup:copyjob-${id.toLowerCase()}`;
export const deleteAt = ({ createdAt, days }: Pick<Point, "createdAt" | "days">): number => createdAt + days * DAY_MS;
