/** The templates of a row whose replication region has changed, beside those of the row as it was. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { emptyBundle } from "../../lib/assets/bundle";
import { loadStage } from "../../lib/config/load-configuration";
import { NIGHTLY_TABLE, type NightlyRow } from "../../lib/regions/nightly-table";
import { replicaKind, replicaPlaces } from "../../lib/regions/replica-places";
import { serviceApp } from "../../lib/service-app";
import type { Template } from "../support/synthesized";
import { allows, plain, resourcesOf, rolesOf } from "./policies";
import { must } from "../support/must";
import { projectContext } from "../../lib/config/project-context";
import { withoutValidation } from "../support/without-validation";

const context = projectContext();
const PARIS = { name: "Paris", region: "eu-west-3", politicalRegion: "EU" } as const;
const row = must(NIGHTLY_TABLE.find(({ name }) => name === "Frankfurt"));
const changed: NightlyRow = {
  ...row,
  replication: PARIS,
  formerReplicationRegions: [row.replication],
  firstReplicationRegion: row.replication.region,
};
/** Dublin is empty, and its stack was removed. */
const emptied: NightlyRow = { ...changed, formerReplicationRegions: [] };

const folder = mkdtempSync(join(tmpdir(), "changed-region-"));
withoutValidation();
afterAll(() => rmSync(folder, { recursive: true }));

const made = new Map<NightlyRow, Readonly<Record<string, Template>>>();
const templatesOf = (of: NightlyRow): Readonly<Record<string, Template>> => {
  const known = made.get(of);
  if (known !== undefined) return known;
  const outdir = mkdtempSync(join(folder, "out-"));
  const stage = { ...loadStage("default"), rows: [of] };
  serviceApp(stage, emptyBundle(join(folder, "bundle")), new App({ outdir, context })).synth();
  const templates = Object.fromEntries(
    readdirSync(outdir)
      .filter((name) => name.endsWith(".template.json"))
      .map((name) => [
        name.slice(0, -".template.json".length),
        JSON.parse(readFileSync(join(outdir, name), "utf8")) as Template,
      ]),
  );
  made.set(of, templates);
  return templates;
};
const primary = (of: NightlyRow): Template => must(templatesOf(of)["Primary-Frankfurt"]);
const bucketOf = (template: Template): string =>
  plain(must(resourcesOf(template, "AWS::S3::Bucket")[0])[1].Properties.BucketName);
const DUBLIN_BUCKET = "backups-<account>-eu-central-1-replica";
const PARIS_BUCKET = `${DUBLIN_BUCKET}-eu-west-3`;

test("no row of the table has another name than before", () => {
  for (const each of NIGHTLY_TABLE) {
    expect(replicaKind(each)).toBe("replica");
    expect(replicaPlaces(each)).toEqual([{ place: each.replication, kind: "replica", isCurrent: true }]);
  }
});

test("the former stack stays as it is, to the letter but its description; the new one has names of its own", () => {
  expect(Object.keys(templatesOf(changed)).toSorted()).toEqual([
    "Primary-Frankfurt",
    "Replica-Frankfurt",
    "Replica-Frankfurt-Paris",
  ]);
  const resourcesIn = (of: NightlyRow) => must(templatesOf(of)["Replica-Frankfurt"]).Resources;
  expect(resourcesIn(changed)).toEqual(resourcesIn(row));
  expect(bucketOf(must(templatesOf(changed)["Replica-Frankfurt"]))).toBe(DUBLIN_BUCKET);
  expect(bucketOf(must(templatesOf(changed)["Replica-Frankfurt-Paris"]))).toBe(PARIS_BUCKET);
});

test("once the former is empty and gone from the row, the new one keeps its names", () => {
  expect(Object.keys(templatesOf(emptied)).toSorted()).toEqual(["Primary-Frankfurt", "Replica-Frankfurt-Paris"]);
  expect(templatesOf(emptied)["Replica-Frankfurt-Paris"]).toEqual(templatesOf(changed)["Replica-Frankfurt-Paris"]);
  expect(JSON.stringify(primary(emptied))).not.toContain("FORMER_REPLICAS");
});

test("S3 replicates to the new region only, and its role may write nowhere else", () => {
  const [, bucket] = must(
    resourcesOf(primary(changed), "AWS::S3::Bucket").find(([, { Properties }]) => Properties.ReplicationConfiguration),
  );
  const rules = bucket.Properties.ReplicationConfiguration.Rules as { Destination: { Bucket: unknown } }[];
  expect(new Set(rules.map(({ Destination }) => plain(Destination.Bucket)))).toEqual(
    new Set([`arn:aws:s3:::${PARIS_BUCKET}`]),
  );
  const { statements } = must(rolesOf(primary(changed)).find(({ name }) => name.endsWith("-replication")));
  const text = JSON.stringify(statements);
  expect(text).toContain(PARIS_BUCKET);
  expect(text).not.toContain(`${DUBLIN_BUCKET}/`);
});

test("functions know both buckets; the former is read, locked and emptied, and nothing new goes there", () => {
  const [, { Properties }] = must(resourcesOf(primary(changed), "AWS::Lambda::Function")[0]);
  const variables = Properties.Environment.Variables;
  expect(plain(variables.REPLICA_BUCKET)).toBe(PARIS_BUCKET);
  expect(variables.REPLICA_REGION).toBe("eu-west-3");
  expect(JSON.parse(plain(variables.FORMER_REPLICAS))).toEqual([{ region: "eu-west-1", bucket: DUBLIN_BUCKET }]);

  const may = (name: string, action: string, bucket: string): boolean => {
    const { statements } = must(rolesOf(primary(changed)).find((one) => one.name.endsWith(`eu-central-1-${name}`)));
    return allows(statements, action, `arn:aws:s3:::${bucket}/replicated/shop/packs/p.tar.gz`);
  };
  for (const reader of ["restore", "archive", "retention", "deletion", "replication-check", "keep", "database-task"])
    for (const bucket of [DUBLIN_BUCKET, PARIS_BUCKET])
      expect({ reader, bucket, may: may(reader, "s3:GetObjectVersion", bucket) }).toEqual({
        reader,
        bucket,
        may: true,
      });
  for (const bucket of [DUBLIN_BUCKET, PARIS_BUCKET]) {
    expect(may("retention", "s3:DeleteObjectVersion", bucket)).toBe(true);
    expect(may("retention", "s3:BypassGovernanceRetention", bucket)).toBe(false);
    expect(may("deletion", "s3:BypassGovernanceRetention", bucket)).toBe(true);
    expect(may("keep", "s3:PutObjectRetention", bucket)).toBe(true);
    expect(may("replication-check", "s3:PutObject", bucket)).toBe(bucket === PARIS_BUCKET);
  }
});
