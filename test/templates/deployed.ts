/** The synthesized default stage as the named contracts look at it. */
import { stackLabel } from "../../lib/names";
import { NIGHTLY_TABLE, type NightlyRow } from "../../lib/regions/nightly-table";
import { must } from "../support/must";
import { synthesizeOnce, type Resource, type Template } from "../support/synthesized";
import { plain, resourcesOf, rolesOf, statementsOf, type RoleOf, type Statement } from "./policies";

export const { assemblyDir, templates } = synthesizeOnce();
export const stacks = Object.entries(templates);
export const primaries = NIGHTLY_TABLE.map((row) => [row, must(templates[`Primary-${stackLabel(row.name)}`])] as const);

export const each = (
  type: string,
  check: (resource: Resource, template: Template, logicalId: string) => void,
): void => {
  let found = 0;
  for (const [, template] of stacks) {
    for (const [logicalId, resource] of resourcesOf(template, type)) {
      found += 1;
      check(resource, template, logicalId);
    }
  }
  expect(found).toBeGreaterThan(0);
};
export const role = (template: Template, suffix: string): RoleOf =>
  must(rolesOf(template).find(({ name }) => name.endsWith(`-${suffix}`)));
export const functionRole = (template: Template, row: NightlyRow, name: string): RoleOf =>
  role(template, `${row.region}-${name}`);
export const bucketPolicy = (template: Template, bucketId: string): Statement[] =>
  statementsOf(
    must(
      resourcesOf(template, "AWS::S3::BucketPolicy").find(
        ([, { Properties }]) => plain(Properties.Bucket) === `<${bucketId}>`,
      ),
    )[1].Properties.PolicyDocument,
  );
export const bucketName = (resource: Resource): string => plain(resource.Properties.BucketName);
export const isLocked = (resource: Resource): boolean => !bucketName(resource).endsWith("transfer");
