/** What is refused is accepted by kinds, each with a reason, over the statements that were read. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { acceptanceText, draftText, reasonsFor, SHORTEST_REASON } from "../../lib/review/acceptance";
import type { RefusedKind } from "../../lib/review/finding";

const kind = (id: string, ...statements: readonly string[]): RefusedKind => ({
  id,
  group: "more-rights",
  statements,
  instead: ["take the right back"],
});
const PUT = kind("more-rights-put", 'In every region, the role "a" may now put.');
const ROLE = kind(
  "new-role-b",
  'In Osaka, the role "b" is new; it may:\n  - s3:GetObject on R\n  - s3:PutObject on R.',
);
const HELP = "npm run review -- --accept --reasons FILE";
const given = (kinds: readonly RefusedKind[], reasons: readonly string[], text?: string) =>
  Object.fromEntries(
    reasonsFor(kinds, { reasons, ...(text === undefined ? {} : { file: { path: "why.md", text } }) }, HELP),
  );

test("one reason does for one kind, and each of several has its own", () => {
  expect(given([PUT], ["Traces = calls, followed"])).toEqual({ "more-rights-put": "Traces = calls, followed" });
  expect(
    given([PUT, ROLE], ["more-rights-put=nights are followed there", "new-role-b= it is b that restores "]),
  ).toEqual({
    "more-rights-put": "nights are followed there",
    "new-role-b": "it is b that restores",
  });
  expect(given([], [])).toEqual({});
});

test.each<[what: string, kinds: readonly RefusedKind[], reasons: readonly string[], sentence: string]>([
  ["none", [PUT], [], `What is refused is accepted only with a reason, and more-rights-put has none: ${HELP}`],
  [
    "an empty one",
    [PUT],
    ["  "],
    `What is refused is accepted only with a reason, and more-rights-put has none: ${HELP}`,
  ],
  ...["x", "-", "TODO", "because", "see the ticket"].map(
    (reason): [string, readonly RefusedKind[], readonly string[], string] => [
      `one that says nothing, "${reason}",`,
      [PUT],
      [reason],
      `"${reason}" says too little for more-rights-put; write in 20 characters or more why it is wanted: ${HELP}`,
    ],
  ),
  ["one for two", [PUT, ROLE], ["why"], `One reason doesn't do for 2 kinds of change; give each its own: ${HELP}`],
  [
    "one of two",
    [PUT, ROLE],
    ["new-role-b=why"],
    `What is refused is accepted only with a reason, and more-rights-put has none: ${HELP}`,
  ],
  [
    "one for what isn't refused",
    [PUT],
    ["more-rights-get=why"],
    "--reason names more-rights-get, and no such kind of change is refused; those are more-rights-put.",
  ],
])("%s is said in one sentence", (_what, kinds, reasons, sentence) => {
  expect(() => given(kinds, reasons)).toThrow(sentence);
});

test("a reason is kept in one line, in which nothing looks like another kind's", () => {
  expect(given([PUT], ["Nights are followed.\n## Roles (`new-role-c`)\n- S.\n\nBecause: all is well."])).toEqual({
    "more-rights-put": "Nights are followed. ## Roles (`new-role-c`) - S. Because: all is well.",
  });
});

describe("a file", () => {
  const draft = draftText([PUT, ROLE], "");
  const filled = draft
    .replace("Because:\n", "Because: nights are\nfollowed there.\n")
    .replace(/Because:\s*$/, "Because: it is b that restores.\n");

  test("lists every statement whole, with a line for each reason", () => {
    expect(draft).toBe(`# Why it is wanted

Write after each "Because:" why what stands above it is wanted, or take the change back.

## Roles may do more (\`more-rights-put\`)

- In every region, the role "a" may now put.

Because:

## Roles may do more (\`new-role-b\`)

- In Osaka, the role "b" is new; it may:
  - s3:GetObject on R
  - s3:PutObject on R.

Because:
`);
    expect(() => given([PUT, ROLE], [], draft)).toThrow(/more-rights-put, new-role-b has none/);
    expect(given([PUT, ROLE], [], filled)).toEqual({
      "more-rights-put": "nights are followed there.",
      "new-role-b": "it is b that restores.",
    });
  });

  test("may have been saved with another system's line ends", () => {
    expect(given([PUT, ROLE], [], filled.replaceAll("\n", "\r\n"))).toEqual(given([PUT, ROLE], [], filled));
  });

  test("is what is kept", () => {
    const reasons = new Map(Object.entries(given([PUT, ROLE], [], filled)));
    expect(acceptanceText([PUT, ROLE], reasons)).toBe(
      `${draft.split("\n").slice(4).join("\n").replace("Because:\n", "Because: nights are followed there.\n").trimEnd()} it is b that restores.\n`,
    );
  });

  test("begun again keeps reasons of what is still refused", () => {
    const again = draftText([ROLE, kind("more-rights-new", "S.")], filled);
    expect(again).toContain("Because: it is b that restores.\n");
    expect(again).not.toContain("nights are");
  });

  test("over other statements than those refused now signs nothing", () => {
    const changed = kind("more-rights-put", 'In every region, the roles "a" and "c" may now put.');
    expect(() => given([changed, ROLE], [], filled)).toThrow(
      "What why.md says of more-rights-put isn't what is refused now; begin it again with --draft why.md, which keeps the reasons, and read it.",
    );
    expect(() => given([PUT], [], filled)).toThrow(
      "why.md names new-role-b, and no such kind of change is refused; those are more-rights-put.",
    );
  });
});

describe("what has been accepted", () => {
  const REVIEWED = join(__dirname, "..", "..", "config", "reviewed");
  test.each(readdirSync(REVIEWED))("%s: stands there whole, in statements, each kind with its reason", (stage) => {
    const text = readFileSync(join(REVIEWED, stage, "accepted.md"), "utf8");
    const blocks = text.split(/^(?=## )/m).slice(1);
    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) {
      expect(block).toMatch(/^## .+ \(`[a-z0-9-]+`\)\n\n(- .+\n( {2}- .+\n)*)+\nBecause: .+\n*$/);
      expect((/^Because: (.+)$/m.exec(block)?.[1] ?? "").length).toBeGreaterThanOrEqual(SHORTEST_REASON);
      expect(block).not.toMatch(/and \d+ more\b|\.\.\.|take it back|accept it|would /);
    }
  });
});
