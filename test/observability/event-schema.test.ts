/** What docs/events.md promises of details is what the code sends. `UPDATE_GOLDEN=1` writes the schemas anew. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EVENTS } from "../../lambda/observability/event-contract";
import { golden } from "../support/golden";

const DOCS = join(__dirname, "../../docs");
const document = readFileSync(join(DOCS, "events.md"), "utf8");

test("the published schemas are the code's own", () => {
  const schemas = Object.fromEntries(Object.entries(EVENTS).map(([type, schema]) => [type, z.toJSONSchema(schema)]));
  const text = `${JSON.stringify(schemas, undefined, 2)}\n`;
  expect(JSON.parse(golden(join(DOCS, "events.schema.json"), text))).toEqual(JSON.parse(text));
});

test("the document lists every type with all of its states", () => {
  for (const [type, { shape }] of Object.entries(EVENTS)) {
    const { enum: states } = z.toJSONSchema(shape.state) as { enum: readonly string[] };
    expect(document).toContain(`| \`${type}\` | ${states.map((state) => `\`${state}\``).join(", ")} |`);
  }
});

test("the document's example passes its schema, and its rule's pattern names what is sent", () => {
  const example = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(document)?.[1] ?? "") as {
    "detail-type": "Snapshot State Change";
    detail: unknown;
  };
  expect(EVENTS[example["detail-type"]].parse(example.detail)).toEqual(example.detail);
  const pattern = JSON.parse(/--event-pattern '([\s\S]*?)'/.exec(document)?.[1] ?? "") as {
    source: string[];
    "detail-type": ["Snapshot State Change"];
    detail: { state: string[] };
  };
  expect(pattern.source).toEqual(["nightly-backups.PREFIX"]);
  for (const type of pattern["detail-type"])
    for (const state of pattern.detail.state) EVENTS[type].shape.state.parse(state);
});

test("no detail has a field for names or keys of files, or for secrets", () => {
  const fields = Object.values(EVENTS).flatMap(({ shape }) => Object.keys(shape));
  expect(fields.filter((name) => /file|key|secret|password|token|url/i.test(name))).toEqual([]);
});
