/**
 * Amazon RDS in memory, spoken to by the real client in RDS's own protocol (forms in, XML out), with instances whose
 * statuses go on with the clock as they do on AWS: a rename is pending, then `renaming` under the old name, then
 * `rebooting` under the new one; a change of the password is pending, then `resetting-master-credentials`. The shapes
 * of its answers are those of the Amazon RDS API Reference (DescribeDBInstances, ModifyDBInstance, DeleteDBInstance,
 * DescribeAccountAttributes, AddTagsToResource, RemoveTagsFromResource: example responses and errors). It refuses what
 * the caller's synthesized role does not hold.
 */
import type { RDSClientConfig } from "@aws-sdk/client-rds";
import { ACCOUNT, iamOfDefaultStage } from "../iam";
import { answer, error, escaped } from "./answers";

const MINUTE_MS = 60_000;

export interface DoubleInstance {
  name: string;
  readonly resourceId: string;
  masterUsername: string;
  password: string;
  instanceClass: string;
  allocatedGiB: number;
  maximumGiB: number | undefined;
  engineVersion: string;
  multiAz: boolean;
  port: number;
  host: string | undefined;
  publiclyAccessible: boolean;
  subnetGroup: string;
  subnetGroupStatus: string;
  securityGroups: readonly string[];
  parameterGroup: string;
  optionGroup: string;
  deletionProtection: boolean;
  backupRetentionDays: number;
  backupWindow: string;
  maintenanceWindow: string;
  performanceInsights: boolean;
  monitoringSeconds: number;
  replicas: readonly string[];
  managedPassword: boolean;
  cluster: string | undefined;
  tags: Record<string, string>;
  /** Overrides what the clock says. */
  stuckAs: string | undefined;
}
/** What is under way: from each minute on, a status; at the end what it was asked for comes true. */
interface Course {
  readonly startedAt: number;
  readonly stages: readonly { readonly untilMinute: number; readonly status: string; readonly name?: string }[];
  readonly pending: Readonly<Record<string, string>>;
  readonly end: (instance: DoubleInstance) => void;
}
interface HttpRequest {
  readonly body?: unknown;
}
type Form = Readonly<Record<string, string>>;
interface Fault {
  readonly action: string;
  /** RDS's error code; null: the work is done and the reply is lost. */
  readonly code: string | null;
  readonly times?: number;
}

export const doubleInstance = (name: string, change: Partial<DoubleInstance> = {}): DoubleInstance => ({
  name,
  resourceId: `db-${name.toUpperCase().replaceAll("-", "")}`,
  masterUsername: "shop",
  password: "the password of the target",
  instanceClass: "db.r6g.2xlarge",
  allocatedGiB: 100,
  maximumGiB: 500,
  engineVersion: "15.14",
  multiAz: true,
  port: 5432,
  host: undefined,
  publiclyAccessible: false,
  subnetGroup: "shop-subnets",
  subnetGroupStatus: "Complete",
  securityGroups: ["sg-target-1", "sg-target-2"],
  parameterGroup: "shop-postgres15",
  optionGroup: "default:postgres-15",
  deletionProtection: true,
  backupRetentionDays: 14,
  backupWindow: "04:00-04:30",
  maintenanceWindow: "wed:05:00-wed:05:30",
  performanceInsights: true,
  monitoringSeconds: 0,
  replicas: [],
  managedPassword: false,
  cluster: undefined,
  tags: { team: "shop", "nightly-backups": "allowed", "aws:cloudformation:stack-name": "shop" },
  stuckAs: undefined,
  ...change,
});

export class RdsDouble {
  readonly instances = new Map<string, DoubleInstance>();
  readonly requests: Form[] = [];
  readonly faults: Fault[] = [];
  quotas: Readonly<Record<string, readonly [used: number, most: number]>> = {
    DBInstances: [3, 40],
    AllocatedStorage: [300, 100_000],
  };
  /** Runs before an answer: a point at which a service may be stopped. */
  onRequest: ((action: string) => void) | undefined;
  onReply: ((action: string) => void) | undefined;
  /** Whether RDS takes tags of an instance that it is still making; AWS does not say. */
  tagsWhileCreating = false;
  /** The role of whoever calls, by its name; undefined: not judged. */
  caller: () => string | undefined = () => undefined;
  private readonly courses = new Map<string, Course>();
  private readonly deletions = new Map<string, number>();
  private made = 0;

  constructor(private readonly now: () => Date) {}

  add(instance: DoubleInstance): DoubleInstance {
    this.instances.set(instance.resourceId, instance);
    return instance;
  }
  /** By the name that it has now. */
  named(name: string): DoubleInstance | undefined {
    this.settle();
    return [...this.instances.values()].find((one) => this.nameOf(one) === name);
  }
  /** Everything that has the name now, or has ended up with it. */
  names(): readonly string[] {
    this.settle();
    return [...this.instances.values()].map((one) => this.nameOf(one)).toSorted();
  }
  save(): () => void {
    const instances = [...this.instances.values()].map((one) => ({ ...one, tags: { ...one.tags } }));
    const [courses, deletions, made] = [new Map(this.courses), new Map(this.deletions), this.made];
    return () => {
      this.instances.clear();
      for (const one of instances) this.add({ ...one, tags: { ...one.tags } });
      this.courses.clear();
      for (const [id, course] of courses) this.courses.set(id, course);
      this.deletions.clear();
      for (const [id, at] of deletions) this.deletions.set(id, at);
      this.made = made;
      this.faults.length = 0;
      this.requests.length = 0;
    };
  }

  /** As AWS Backup makes one from its restore job's metadata: what they don't say is the source's, or RDS's default. */
  restoreFrom(metadata: Readonly<Record<string, string>>, change: Partial<DoubleInstance> = {}, minutes = 20): void {
    const resourceId = `db-RESTORED${++this.made}`;
    const instance = doubleInstance(metadata["DBInstanceIdentifier"] ?? "", {
      resourceId,
      masterUsername: "shop",
      password: "the password of the recovery point",
      instanceClass: metadata["DBInstanceClass"] ?? "db.t3.micro",
      maximumGiB: undefined,
      multiAz: metadata["MultiAZ"] === "true",
      port: Number(metadata["Port"] ?? 5432),
      publiclyAccessible: metadata["PubliclyAccessible"] === "true",
      subnetGroup: metadata["DBSubnetGroupName"] ?? "default",
      securityGroups: JSON.parse(metadata["VpcSecurityGroupIds"] ?? '["sg-default"]') as string[],
      parameterGroup: metadata["DBParameterGroupName"] ?? "default.postgres15",
      optionGroup: metadata["OptionGroupName"] ?? "default:postgres-15",
      deletionProtection: metadata["DeletionProtection"] === "true",
      backupRetentionDays: 1,
      backupWindow: "03:00-03:30",
      maintenanceWindow: "mon:02:00-mon:02:30",
      performanceInsights: false,
      tags: {},
      ...change,
    });
    this.add(instance);
    this.run(instance, [
      { untilMinute: minutes, status: "creating" },
      { untilMinute: minutes + 2, status: "backing-up" },
      { untilMinute: minutes + 3, status: "modifying" },
    ]);
  }

  handler(): NonNullable<RDSClientConfig["requestHandler"]> {
    const handler = {
      handle: async (request: HttpRequest) => ({ response: this.answer(request) }),
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
    };
    return handler as NonNullable<RDSClientConfig["requestHandler"]>;
  }

  private answer({ body }: HttpRequest) {
    const form = Object.fromEntries(new URLSearchParams(String(body)));
    const action = form["Action"] ?? "";
    this.requests.push(form);
    this.onRequest?.(action);
    this.settle();
    const fault = this.takeFault(action);
    if (fault !== undefined && fault.code !== null) return error(fault.code, `no: ${fault.code}`);
    const refusal = this.refusal(action, form);
    if (refusal !== undefined) return error("AccessDenied", refusal, 403);
    const answered = this.work(action, form);
    this.onReply?.(action);
    if (fault !== undefined) throw Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
    return answered;
  }
  private refusal(action: string, form: Form): string | undefined {
    const role = this.caller();
    if (role === undefined) return undefined;
    const { DBInstanceIdentifier: name, ResourceName: arn } = form;
    const resource = arn ?? (name === undefined ? "*" : `arn:aws:rds:eu-central-1:${ACCOUNT}:db:${name}`);
    const keys = Object.keys(form)
      .filter((key) => /^Tags\.Tag\.\d+\.Key$|^TagKeys\.member\.\d+$/.test(key))
      .map((key) => form[key]);
    const tags = [...this.instances.values()].find((one) => this.arnOf(one) === resource)?.tags ?? {};
    const context = keys.length === 0 ? {} : { "aws:TagKeys": keys.join("\n") };
    return iamOfDefaultStage().refusal({ role, action: `rds:${action}`, resource, context, tags });
  }
  private takeFault(action: string): Fault | undefined {
    const at = this.faults.findIndex((one) => one.action === action);
    const fault = this.faults[at];
    if (fault === undefined) return undefined;
    if ((fault.times ?? 1) > 1) this.faults[at] = { ...fault, times: (fault.times ?? 1) - 1 };
    else this.faults.splice(at, 1);
    return fault;
  }

  private work(action: string, form: Form) {
    const name = form["DBInstanceIdentifier"] ?? "";
    const found = this.named(name);
    const missing = () => error("DBInstanceNotFound", `DBInstance ${name} not found.`, 404);
    if (action === "DescribeAccountAttributes") return this.describeQuotas();
    if (action === "AddTagsToResource") return this.addTags(form);
    if (action === "RemoveTagsFromResource") return this.removeTags(form);
    if (found === undefined) return missing();
    if (action === "DescribeDBInstances") return answer(action, `<DBInstances>${this.xml(found)}</DBInstances>`);
    if (action === "ModifyDBInstance") return this.modify(found, form);
    if (action === "DeleteDBInstance") return this.remove(found);
    return error("InvalidAction", action);
  }

  private modify(found: DoubleInstance, form: Form) {
    const status = this.statusOf(found);
    if (!["available", "storage-optimization"].includes(status) || this.courses.has(found.resourceId))
      return error(
        "InvalidDBInstanceState",
        `Database instance is not in available state: ${this.nameOf(found)} is ${status}.`,
      );
    const newName = form["NewDBInstanceIdentifier"];
    if (newName !== undefined) {
      if (this.named(newName) !== undefined)
        return error("DBInstanceAlreadyExists", `DB instance already exists: ${newName}`);
      this.run(
        found,
        [
          { untilMinute: 0.5, status: "available" },
          { untilMinute: 2, status: "renaming" },
          { untilMinute: 4, status: "rebooting", name: newName },
        ],
        { DBInstanceIdentifier: newName },
        (one) => (one.name = newName),
      );
    } else {
      const password = form["MasterUserPassword"];
      if (form["DeletionProtection"] !== undefined) found.deletionProtection = form["DeletionProtection"] === "true";
      if (form["BackupRetentionPeriod"] !== undefined)
        found.backupRetentionDays = Number(form["BackupRetentionPeriod"]);
      found.backupWindow = form["PreferredBackupWindow"] ?? found.backupWindow;
      found.maintenanceWindow = form["PreferredMaintenanceWindow"] ?? found.maintenanceWindow;
      if (form["MaxAllocatedStorage"] !== undefined) found.maximumGiB = Number(form["MaxAllocatedStorage"]);
      if (form["EnablePerformanceInsights"] !== undefined)
        found.performanceInsights = form["EnablePerformanceInsights"] === "true";
      if (password !== undefined)
        this.run(
          found,
          [
            { untilMinute: 0.5, status: "available" },
            { untilMinute: 2, status: "resetting-master-credentials" },
          ],
          { MasterUserPassword: "****" },
          (one) => (one.password = password),
        );
    }
    return answer("ModifyDBInstance", this.xml(found));
  }

  private remove(found: DoubleInstance) {
    const status = this.statusOf(found);
    if (found.deletionProtection)
      return error(
        "InvalidParameterCombination",
        "Cannot delete protected DB Instance, please disable deletion protection and try again.",
      );
    if (status === "creating" || status === "deleting" || status === "renaming")
      return error("InvalidDBInstanceState", `Instance ${this.nameOf(found)} is ${status}.`);
    this.courses.delete(found.resourceId);
    this.deletions.set(found.resourceId, this.now().getTime());
    return answer("DeleteDBInstance", this.xml(found));
  }

  private addTags(form: Form) {
    const found = [...this.instances.values()].find((one) => this.arnOf(one) === form["ResourceName"]);
    if (found === undefined) return error("DBInstanceNotFound", "no such resource", 404);
    if (this.statusOf(found) === "creating" && !this.tagsWhileCreating)
      return error("InvalidDBInstanceState", `Instance ${this.nameOf(found)} is creating.`);
    for (let index = 1; form[`Tags.Tag.${index}.Key`] !== undefined; index++) {
      const key = form[`Tags.Tag.${index}.Key`] ?? "";
      if (key.startsWith("aws:")) return error("InvalidParameterValue", "aws: is reserved");
      found.tags[key] = form[`Tags.Tag.${index}.Value`] ?? "";
    }
    return { ...answer("AddTagsToResource", "") };
  }

  private removeTags(form: Form) {
    const found = [...this.instances.values()].find((one) => this.arnOf(one) === form["ResourceName"]);
    if (found === undefined) return error("DBInstanceNotFound", "no such resource", 404);
    for (let index = 1; form[`TagKeys.member.${index}`] !== undefined; index++)
      delete found.tags[form[`TagKeys.member.${index}`] ?? ""];
    return answer("RemoveTagsFromResource", "");
  }

  private describeQuotas() {
    const items = Object.entries(this.quotas).map(
      ([name, [used, most]]) =>
        `<AccountQuota><AccountQuotaName>${name}</AccountQuotaName><Used>${used}</Used><Max>${most}</Max></AccountQuota>`,
    );
    return answer("DescribeAccountAttributes", `<AccountQuotas>${items.join("")}</AccountQuotas>`);
  }

  private run(
    instance: DoubleInstance,
    stages: Course["stages"],
    pending: Course["pending"] = {},
    end: Course["end"] = () => undefined,
  ): void {
    this.courses.set(instance.resourceId, { startedAt: this.now().getTime(), stages, pending, end });
  }
  /** What has come to its end by now, has. */
  private settle(): void {
    for (const [id, course] of this.courses) {
      const instance = this.instances.get(id);
      const last = course.stages.at(-1);
      if (instance === undefined || last === undefined || this.minutesSince(course.startedAt) < last.untilMinute)
        continue;
      course.end(instance);
      this.courses.delete(id);
    }
    for (const [id, at] of this.deletions) {
      if (this.minutesSince(at) < 5) continue;
      this.deletions.delete(id);
      this.instances.delete(id);
    }
  }
  private minutesSince(at: number): number {
    return (this.now().getTime() - at) / MINUTE_MS;
  }
  private stageOf({ resourceId }: DoubleInstance) {
    const course = this.courses.get(resourceId);
    if (course === undefined) return undefined;
    return course.stages.find(({ untilMinute }) => this.minutesSince(course.startedAt) < untilMinute);
  }
  statusOf(instance: DoubleInstance): string {
    if (this.deletions.has(instance.resourceId)) return "deleting";
    return instance.stuckAs ?? this.stageOf(instance)?.status ?? "available";
  }
  private nameOf(instance: DoubleInstance): string {
    return this.stageOf(instance)?.name ?? instance.name;
  }
  private arnOf(instance: DoubleInstance): string {
    return `arn:aws:rds:eu-central-1:${ACCOUNT}:db:${this.nameOf(instance)}`;
  }

  private xml(one: DoubleInstance): string {
    const name = this.nameOf(one);
    const status = this.statusOf(one);
    const stage = this.stageOf(one);
    const pending = stage?.name === undefined ? (this.courses.get(one.resourceId)?.pending ?? {}) : {};
    const text = (values: Readonly<Record<string, string | number | boolean | undefined>>): string =>
      Object.entries(values)
        .map(([key, value]) => (value === undefined ? "" : `<${key}>${escaped(String(value))}</${key}>`))
        .join("");
    const endpoint =
      status === "creating"
        ? ""
        : `<Endpoint>${text({ Address: one.host ?? `${name}.abc123.eu-central-1.rds.amazonaws.com`, Port: one.port, HostedZoneId: "Z1RLNUO7B9Q6NB" })}</Endpoint>`;
    return `<DBInstance>${text({
      DBInstanceIdentifier: name,
      DBInstanceClass: one.instanceClass,
      Engine: "postgres",
      DBInstanceStatus: status,
      MasterUsername: one.masterUsername,
      AllocatedStorage: one.allocatedGiB,
      MaxAllocatedStorage: one.maximumGiB,
      PreferredBackupWindow: one.backupWindow,
      BackupRetentionPeriod: one.backupRetentionDays,
      PreferredMaintenanceWindow: one.maintenanceWindow,
      MultiAZ: one.multiAz,
      EngineVersion: one.engineVersion,
      AutoMinorVersionUpgrade: true,
      PubliclyAccessible: one.publiclyAccessible,
      StorageType: "gp3",
      Iops: 12_000,
      DbInstancePort: 0,
      StorageEncrypted: true,
      DbiResourceId: one.resourceId,
      CACertificateIdentifier: "rds-ca-rsa2048-g1",
      CopyTagsToSnapshot: true,
      MonitoringInterval: one.monitoringSeconds,
      DBInstanceArn: this.arnOf(one),
      IAMDatabaseAuthenticationEnabled: false,
      PerformanceInsightsEnabled: one.performanceInsights,
      DeletionProtection: one.deletionProtection,
      DBClusterIdentifier: one.cluster,
    })}${endpoint}${one.managedPassword ? "<MasterUserSecret><SecretStatus>active</SecretStatus></MasterUserSecret>" : ""}<DBSubnetGroup>${text(
      { DBSubnetGroupName: one.subnetGroup, SubnetGroupStatus: one.subnetGroupStatus, VpcId: "vpc-1" },
    )}</DBSubnetGroup><VpcSecurityGroups>${one.securityGroups
      .map(
        (id) =>
          `<VpcSecurityGroupMembership>${text({ VpcSecurityGroupId: id, Status: "active" })}</VpcSecurityGroupMembership>`,
      )
      .join("")}</VpcSecurityGroups><DBParameterGroups><DBParameterGroup>${text({
      DBParameterGroupName: one.parameterGroup,
      ParameterApplyStatus: "in-sync",
    })}</DBParameterGroup></DBParameterGroups><OptionGroupMemberships><OptionGroupMembership>${text({
      OptionGroupName: one.optionGroup,
      Status: "in-sync",
    })}</OptionGroupMembership></OptionGroupMemberships><PendingModifiedValues>${text(pending)}</PendingModifiedValues><ReadReplicaDBInstanceIdentifiers>${one.replicas
      .map((id) => text({ ReadReplicaDBInstanceIdentifier: id }))
      .join("")}</ReadReplicaDBInstanceIdentifiers><AssociatedRoles/><TagList>${Object.entries(one.tags)
      .map(([Key, Value]) => `<Tag>${text({ Key, Value })}</Tag>`)
      .join("")}</TagList></DBInstance>`;
  }
}
