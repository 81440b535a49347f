/** The registration of an environment: what the file given to `backups register` holds. */
import { z } from "zod";
import { ENVIRONMENT_MODE, isOneLine, isWebAddress } from "../rules/look-ups";
import { sslModeInFile, withSslMode } from "./ssl-mode";

const identifier = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/,
    "must be 1 to 64 letters, digits or hyphens, starting with a letter or digit",
  );

const oneLine = (longest: number) =>
  z.string().max(longest).refine(isOneLine, "must be one line of text, without control characters");

/** The query of the platform's own environments (source: the platform's `system$filedocument` table). */
export const DEFAULT_REFERENCE_QUERY =
  'SELECT "__uuid__" FROM "system$filedocument" ' +
  'WHERE ("hascontents" = true OR "submetaobjectname" = \'System.Thumbnail\') ' +
  'AND "deleteafterdownload" IS NOT TRUE';

export const filesRegistration = z.strictObject({
  bucket: z.string().min(3).max(63),
  /** Prefix of every key in the bucket; index and archives hold keys without it. */
  prefix: z.string().max(512).default(""),
  source: z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("reference-query"),
        /** First column: file key without the prefix. Optional second column: a marker that changes with the file. */
        query: z.string().min(1).default(DEFAULT_REFERENCE_QUERY),
      }),
      z.strictObject({ kind: z.literal("listing") }),
    ])
    .default({ kind: "reference-query", query: DEFAULT_REFERENCE_QUERY }),
  /**
   * The app never overwrites a file, so a key that was backed up needs no second look. Without it, files that the query
   * gives no marker for are compared by listing the bucket. Absent: true for the platform's own query alone.
   */
  immutableKeys: z.boolean().optional(),
});

export const hasImmutableKeys = ({ source, immutableKeys }: z.infer<typeof filesRegistration>): boolean =>
  immutableKeys ?? (source.kind === "reference-query" && source.query === DEFAULT_REFERENCE_QUERY);

/** As a file gives it. */
export const databaseInFile = z.strictObject({
  /** RDS instance identifier; null where the database is no RDS instance. */
  instance: z.string().nullable().default(null),
  host: z.string().min(1),
  port: z.number().int().min(1).max(65535).default(5432),
  name: z.string().min(1).max(63),
  /** Secrets Manager secret (ARN or name) with JSON `username` and `password`. */
  secret: z.string().min(1),
  ssl: sslModeInFile,
  /** `recovery-point`: by AWS Backup, for databases too large to dump; needs `instance`. */
  backup: z.enum(["dump", "recovery-point"]).default("dump"),
});

const replicationChoice = z.enum(["on", "off"]);

/** As it stands in catalog and records: every choice made. */
export const registration = z.strictObject({
  environmentId: identifier,
  appId: identifier,
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be an AWS region code such as eu-central-1"),
  plan: z.enum(["basic", "standard", "premium"]).default("standard"),
  licensed: z.boolean().default(true),
  /** Chosen at registration, and final (rule 7). */
  replication: replicationChoice.default("on"),
  modelVersion: z.string().max(64).default(""),
  /** For people and look-ups; nothing of a backup depends on these four. Absent: see `rules/look-ups.ts`. */
  appName: oneLine(200).optional(),
  mode: z
    .string()
    .regex(
      ENVIRONMENT_MODE,
      "must be 1 to 64 letters, digits, spaces, dots, underscores or hyphens, with a letter or digit at both ends",
    )
    .optional(),
  /** Where the app is used. */
  url: z
    .string()
    .max(512)
    .refine(isWebAddress, "must be an address that begins with https:// or http://, without a user name")
    .optional(),
  /** Of the platform's runtime, which runs the model. */
  runtimeVersion: oneLine(64).optional(),
  database: databaseInFile.transform(withSslMode),
  network: z.strictObject({
    subnets: z.array(z.string()).min(1).max(16),
    securityGroups: z.array(z.string()).min(1).max(5),
    publicAddress: z.boolean().default(false),
  }),
  files: filesRegistration,
  /** A backup with more missing files than this fails: a count, and a share of all files; the larger one counts. */
  missingFilesAllowed: z
    .strictObject({ count: z.number().int().min(0), share: z.number().min(0).max(1) })
    .default({ count: 100, share: 0.01 }),
});
export type Registration = z.infer<typeof registration>;

/** As a file gives it: without a replication choice the standing one is kept, and a new one is the installation's. */
export const registrationFile = registration.extend({ replication: replicationChoice.optional() });
export type RegistrationFile = z.infer<typeof registrationFile>;
/** What a registration file may say: defaults left out. */
export type RegistrationInput = z.input<typeof registration>;
