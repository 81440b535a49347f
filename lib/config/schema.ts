/** One stage's configuration: what a deployment may choose. Every message says how to mend what it complains about. */
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { z } from "zod";
import { apiConfiguration } from "./api-schema";

const said = (message: string) => ({ error: message });

/** S3 bucket names with `*` for any run of characters, as IAM matches them. */
export const bucketPattern = z
  .string()
  .regex(
    /^(?=.*[a-z0-9])[a-z0-9*][a-z0-9.*-]{1,61}[a-z0-9*]$/,
    said("must be a bucket name, in which * stands for any characters"),
  );

/** Fargate's sizes: from and to how many GiB, in which steps, for each number of vCPUs. */
const FARGATE_MEMORY = {
  1: { from: 2, to: 8, step: 1 },
  2: { from: 4, to: 16, step: 1 },
  4: { from: 8, to: 30, step: 1 },
  8: { from: 16, to: 60, step: 4 },
} as const;
const memoryObjection = (vcpu: keyof typeof FARGATE_MEMORY, memoryGiB: number): string | undefined => {
  const { from, to, step } = FARGATE_MEMORY[vcpu];
  if (memoryGiB >= from && memoryGiB <= to && (memoryGiB - from) % step === 0) return undefined;
  return `must be ${from} to ${to} with ${vcpu} vCPU${step === 1 ? "" : `, in steps of ${step}`}`;
};

/** What every service of AWS takes as a tag. */
const TAG_KEY = /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/u;
const tagObjection = (key: string, value: string): string | undefined => {
  if (!TAG_KEY.test(key))
    return "must have a key of 1 to 128 letters, digits, spaces and _.:/=+@-, not starting with aws:";
  return TAG_VALUE.test(value) ? undefined : "must be at most 256 letters, digits, spaces and _.:/=+@-";
};

/** A tag alone can be moved: what runs would change without a deployment. */
const IMAGE = /^[\w./-]*(\{region\})?[\w./-]+(:[\w.-]{1,128})?@sha256:[0-9a-f]{64}$/;

/** With its path, as roles of single sign-on have one; not the slash before it. */
const ROLE_NAME = /^(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/;
/** The same, and where it differs by region. */
const DEPLOYMENT_ROLE = /^(?:[\w+=,.@-]+\/)*(?:[\w+=,.@-]|\{account\}|\{region\}){1,64}$/;

export const stageConfiguration = z.strictObject({
  /** Absent: the account of the credentials at deployment, and synth needs none. */
  account: z
    .string()
    .regex(/^\d{12}$/, said("must be twelve digits in quotes"))
    .optional(),
  prefix: z
    .string()
    .regex(
      /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
      said("must be lower-case letters, digits and single hyphens, starting with a letter"),
    )
    .refine(
      (prefix) => !/^(xn--|sthree|amzn-s3-demo)/.test(prefix),
      said("must not start with xn--, sthree or amzn-s3-demo, which S3 reserves"),
    ),
  /** `all`, or AWS region codes of rows of the nightly table. */
  regions: z.union(
    [z.literal("all"), z.array(z.string()).min(1, said("must name at least one region"))],
    said('must be "all" or a list of AWS region codes'),
  ),
  lockMode: z.enum(["governance", "compliance"], said('must be "governance" or "compliance"')),
  /** For environments of licensed premium plans whose registration doesn't say; all others are replicated (rule 7). */
  replicationDefault: z.enum(["on", "off"], said('must be "on" or "off"')),
  api: apiConfiguration,
  /** The account's functions, in each region: how many may run at a time, and who may have them. */
  concurrency: z
    .strictObject({
      /** Lambda's quota "Concurrent executions". New accounts have 10. */
      account: z.number().int().min(1, said("must be 1 or more")),
      /** Reserved for the API; 0 where the quota is too small for any reservation. */
      api: z.number().int().min(0, said("must be 0 or more")),
      /** Of backups, at a time. @default half of what the API leaves */
      backups: z.number().int().min(1, said("must be 1 or more")).optional(),
    })
    .default({ account: 10, api: 0 }),
  /** Buckets that hold the environments' files, in the account and region of the environment. */
  fileBuckets: z.strictObject({
    read: z.array(bucketPattern).min(1, said("must name at least one bucket or pattern")),
    /** Where restores may write and, after a swap, delete. */
    write: z.array(bucketPattern).min(1, said("must name at least one bucket or pattern")),
  }),
  /** Secrets and KMS keys may be used by the service, and RDS instances be replaced, if they carry this tag. */
  resourceTag: z.strictObject({
    key: z.string().regex(/^[\w.:/=+@-]{1,128}$/, said("must be a tag key of letters, digits and _.:/=+@-")),
    value: z
      .string()
      .regex(/^[\w.:/=+@ -]{1,256}$/, said("must be a tag value of letters, digits, spaces and _.:/=+@-")),
  }),
  /** Who is told of failures. */
  notify: z
    .array(z.email(said("must be an e-mail address")))
    .refine(
      (addresses) => new Set(addresses).size === addresses.length,
      said("must name each e-mail address once, because a topic takes each once"),
    ),
  databaseTask: z
    .strictObject({
      /**
       * A ready-made image, as `npm run build-image` prints it: {region} stands for where it is run, its tag is for
       * people. Absent: built from the Dockerfile at deployment.
       */
      image: z
        .string()
        .regex(
          IMAGE,
          said("must be an image with its digest, repository:tag@sha256:…, as npm run build-image prints it"),
        )
        .optional(),
      /** Major versions of the PostgreSQL client programs in the image. */
      postgresqlMajors: z
        .array(z.number().int().min(13, said("must be a major version, 13 or newer")))
        .min(1, said("must name at least one major version")),
      /** Where they are in the image; {major} stands for the version. */
      postgresqlPrograms: z.string().regex(/\{major\}/, said("must contain {major}")),
      architecture: z.enum(["x86_64", "arm64"], said('must be "x86_64" or "arm64"')),
      vcpu: z.union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)], said("must be 1, 2, 4 or 8")),
      memoryGiB: z.number().int().min(2, said("must be at least 2")).max(60, said("must be at most 60")),
      ephemeralStorageGiB: z.number().int().min(21, said("must be 21 to 200")).max(200, said("must be 21 to 200")),
    })
    .superRefine(({ vcpu, memoryGiB }, context) => {
      const message = memoryObjection(vcpu, memoryGiB);
      if (message !== undefined) context.addIssue({ code: "custom", path: ["memoryGiB"], message });
    }),
  /** When a restore drill takes too long, and someone is told. */
  drills: z
    .strictObject({
      slowHours: z.number().positive(said("must be more than 0")).max(24, said("must be at most 24")),
      /** Times the median of the environment's earlier drills, once there are so many of them. */
      slowFactor: z.number().min(1, said("must be 1 or more")),
      leastSamples: z.number().int().min(1, said("must be 1 or more")),
    })
    .default({ slowHours: 4, slowFactor: 2, leastSamples: 3 }),
  /** Only this role may disable the service's keys or schedule their deletion; guards only it and deployments may change. */
  breakGlassRole: z.string().regex(ROLE_NAME, said("must be the name of an IAM role, with its path, without its ARN")),
  /** Names of the roles that CloudFormation deploys with; absent: those of CDK's bootstrap. */
  deploymentRoles: z
    .array(
      z
        .string()
        .regex(
          DEPLOYMENT_ROLE,
          said(
            "must be the name of an IAM role, with its path, without its ARN; {account} and {region} stand for both",
          ),
        ),
    )
    .min(1, said("must name at least one role, or be left out"))
    .optional(),
  /** Managed policy that bounds every role of the service. */
  permissionsBoundary: z
    .string()
    .regex(/^arn:aws:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/, said("must be the ARN of a managed policy"))
    .optional(),
  tags: z.record(z.string(), z.string()).superRefine((tags, context) => {
    for (const [key, value] of Object.entries(tags)) {
      const message = tagObjection(key, value);
      if (message !== undefined) context.addIssue({ code: "custom", path: [key], message });
    }
  }),
  logRetentionDays: z.enum(RetentionDays, said("must be a period that CloudWatch Logs knows, such as 30, 90 or 365")),
  /** Where the runbook's articles are; alarms link them. */
  runbookUrl: z.url(said("must be a web address")),
});
export type StageConfiguration = z.infer<typeof stageConfiguration>;
