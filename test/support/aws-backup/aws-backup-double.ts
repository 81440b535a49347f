/**
 * AWS Backup in memory, spoken to by the real client in AWS Backup's own JSON: several regions of one account, with
 * locked vaults, and jobs that go on with the clock. It refuses what the synthesized roles don't hold, the caller's and
 * the one that a job is handed. The shapes of its answers are the recorded ones
 * (`recorded-answers.json` says where each is from); `recorded-shapes.test.ts` holds the two against each other.
 */
import type { BackupClientConfig } from "@aws-sdk/client-backup";
import type { MetKey } from "../service-needs/aws-backup";
import { failure, success, type HttpResponse } from "./answers";
import { describedCopy, describedJob, describedPoint, describedRestore, restoreMetadata } from "./descriptions";
import { keyArn, uuid } from "./ids";
import {
  completedAt,
  copiedAt,
  copyArn,
  copyState,
  deleteAt,
  fateOf,
  jobState,
  pointArn,
  restoreState,
  type Copy,
  type Fate,
  type Job,
  type Point,
  type RestoreJob,
  type Vault,
} from "./jobs";
import { objectionToBackup, objectionToCopy, objectionToRestore, refusalOfCaller } from "./role-checks";

/** A fixed quota of AWS Backup. */
const COPIES_AT_ONCE = 5;

interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}
type Body = Record<string, unknown>;

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
  private readonly jobs = new Map<string, Job>();
  private readonly copies = new Map<string, Copy>();
  private readonly tokens = new Map<string, string>();
  private readonly restores = new Map<string, RestoreJob>();

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
        const made = { createdAt: job.createdAt, madeAt: completedAt(job), status: "COMPLETED" };
        this.points.set(arn, { arn, region, vault, resourceArn, days, ...made });
      }
    }
    for (const copy of this.copies.values()) {
      const arn = copyArn(copy);
      if (copyState(copy, this.time()) !== "COMPLETED" || this.points.has(arn) || this.deleted.has(arn)) continue;
      const { resourceArn, createdAt } = copy.source;
      // A copy's creation date, and so its expiry, is its source's.
      const made = { createdAt, madeAt: copiedAt(copy), status: "COMPLETED" };
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

  private stateOf(job: Job): string {
    return jobState(job, this.time(), this.forgetsWindows);
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
    const named = /recovery-points\/(.+?)(?:\/restore-metadata)?$/.exec(path)?.[1] ?? "";
    return caller === undefined ? undefined : refusalOfCaller(caller, { region, action, body, pointArn: named });
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
      return ["GetRecoveryPointRestoreMetadata", () => this.metadataOf(point(), missing)];
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
    return success(describedJob(job, this.stateOf(job)));
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
      const running = [...this.copies.values()].filter((copy) =>
        ["CREATED", "RUNNING"].includes(copyState(copy, this.time())),
      );
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
    return success(describedCopy(copy, copyState(copy, this.time())));
  }

  private describePoint(point: Point | undefined, missing: () => HttpResponse): HttpResponse {
    return point === undefined ? missing() : success(describedPoint(point, this.encrypted));
  }
  private metadataOf(point: Point | undefined, missing: () => HttpResponse): HttpResponse {
    return point === undefined ? missing() : success(restoreMetadata(point));
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
      const point = textOf(body, "RecoveryPointArn");
      const objection = objectionToRestore(textOf(body, "IamRoleArn"), point, wanted, this.keyIn(region));
      const fate = fateOf(this.restoreFate, objection);
      this.restores.set(id, { id, metadata: wanted, pointArn: point, createdAt: this.time(), fate });
      if ((fate.ends ?? "COMPLETED") === "COMPLETED") this.onRestore?.(wanted);
    }
    return success({ RestoreJobId: id });
  }
  private describeRestore(id: string): HttpResponse {
    const job = this.restores.get(id);
    if (job === undefined || !this.isSeen(job.createdAt))
      return failure(400, "ResourceNotFoundException", `Restore job ${id} does not exist.`);
    return success(describedRestore(job, restoreState(job, this.time())));
  }
}

const textOf = (body: Body, name: string): string => {
  const value = body[name];
  return typeof value === "string" ? value : "";
};
const daysOf = (body: Body): number => (body["Lifecycle"] as { readonly DeleteAfterDays: number }).DeleteAfterDays;
