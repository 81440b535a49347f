/** The files of an environment, as checksums and attributes: those that its database names, or all that its bucket lists. */
import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { differingAttributes } from "../../lambda/snapshot/file-attributes";
import type { ObjectAttributes } from "../../lambda/storage/object-attributes";
import { withDatabase, type LocalEnvironment } from "./environment";
import { inParallel } from "./in-parallel";
import { readFileDigest } from "./read-object";

export interface FileFingerprint {
  readonly size: number;
  readonly sha256: string;
  /** Absent in archives, which don't carry them. */
  readonly attributes?: ObjectAttributes;
}
export interface FilesFingerprint {
  readonly files: ReadonlyMap<string, FileFingerprint>;
  /** Keys that the database names and the bucket does not have. */
  readonly missing: readonly string[];
  readonly bytes: number;
}

/** Reads each file once for as long as its ETag and size stay. */
export class FileReader {
  private readonly known = new Map<string, FileFingerprint>();

  constructor(private readonly client: S3Client) {}

  async fingerprint(environment: LocalEnvironment): Promise<FilesFingerprint> {
    const stored = await this.list(environment);
    const named =
      environment.referenceQuery === undefined
        ? [...stored.keys()]
        : await referencedKeys(environment, environment.referenceQuery);
    const missing = named.filter((key) => !stored.has(key)).toSorted();
    const files = new Map<string, FileFingerprint>();
    await inParallel(
      named.filter((key) => stored.has(key)),
      8,
      async (key) => {
        files.set(key, await this.read(environment, key, stored.get(key) ?? ""));
      },
    );
    const bytes = [...files.values()].reduce((sum, { size }) => sum + size, 0);
    return { files, missing, bytes };
  }

  /** Every key in the bucket under the prefix, with what tells a change. */
  async list({ bucket, prefix }: LocalEnvironment): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (let token: string | undefined; ;) {
      const page = await this.client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
      );
      for (const { Key = "", ETag, Size } of page.Contents ?? [])
        found.set(Key.slice(prefix.length), `${ETag} ${Size}`);
      if (page.NextContinuationToken === undefined) return found;
      token = page.NextContinuationToken;
    }
  }

  private async read({ bucket, prefix }: LocalEnvironment, key: string, mark: string): Promise<FileFingerprint> {
    const name = `${bucket}\n${prefix}${key}\n${mark}`;
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const fingerprint = await readFileDigest(this.client, { bucket, key: `${prefix}${key}` });
    this.known.set(name, fingerprint);
    return fingerprint;
  }
}

/** The distinct keys that the query's first column names. */
export const referencedKeys = (environment: LocalEnvironment, query: string): Promise<readonly string[]> =>
  withDatabase(environment.database, async (client) => {
    const { rows } = await client.query<unknown[]>({ text: query, rowMode: "array" });
    return [...new Set(rows.map(([key]) => String(key)))];
  });

/** What differs, one line each; `kept` are keys that may stand there besides. */
export const compareFiles = (
  expected: ReadonlyMap<string, FileFingerprint>,
  found: ReadonlyMap<string, FileFingerprint>,
): readonly string[] => {
  const differences: string[] = [];
  for (const [key, { size, sha256, attributes }] of expected) {
    const other = found.get(key);
    if (other === undefined) differences.push(`${key} is not there`);
    else if (other.sha256 !== sha256)
      differences.push(`${key} has ${other.size} bytes instead of ${size}, or other ones`);
    else if (attributes !== undefined && other.attributes !== undefined)
      for (const name of differingAttributes(attributes, other.attributes))
        differences.push(`${key} has another ${name} than it had`);
  }
  for (const key of found.keys()) if (!expected.has(key)) differences.push(`${key} should not be there`);
  return differences;
};

/** As archives carry them: of an upload's files nobody knows what attributes they had. */
export const withoutAttributes = (files: FilesFingerprint): FilesFingerprint => ({
  ...files,
  files: new Map([...files.files].map(([key, { size, sha256 }]) => [key, { size, sha256 }])),
});
