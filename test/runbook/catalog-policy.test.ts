/**
 * The catalog's own policy stands in an article, for a table that was recovered without it: nothing but a person puts it
 * back, so it has to be what the template says.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SynthesizedApp } from "../../local/template/app";
import { synthesizeOnce } from "../support/synthesized";

const ACCOUNT = "123456789012";
const ARTICLE = join(__dirname, "../../docs/runbook/adopt-retained-resources.md");

test("the article puts back the policy that every catalog has in its template", () => {
  const [, written = ""] =
    /put-resource-policy [^']*--policy \\\n\s*'([^']+)'/.exec(readFileSync(ARTICLE, "utf8")) ?? [];
  const { assemblyDir } = synthesizeOnce();
  const tables = new SynthesizedApp(assemblyDir, ACCOUNT).all<{
    readonly ResourcePolicy: { readonly PolicyDocument: { readonly Statement: readonly object[] } };
  }>("AWS::DynamoDB::Table");
  expect(tables).toHaveLength(17);
  for (const { region, properties } of tables) {
    const filled = JSON.parse(written.replaceAll("ACCOUNT", ACCOUNT).replaceAll("REGION", region)) as unknown;
    expect([region, filled]).toEqual([region, properties.ResourcePolicy.PolicyDocument]);
  }
});
