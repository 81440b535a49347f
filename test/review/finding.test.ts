/** How findings of many places and many functions become few sentences, and what is refused becomes kinds. */
import { harmful, refusedKinds, sayFindings, type Finding } from "../../lib/review/finding";

const PLACES = ["Frankfurt", "Osaka", "Tokyo"];
const told = (place: string, who: string): Finding => ({
  sentence: "{in}, {who} {is} told A=1 instead of nothing.",
  place,
  who,
});
const said = (findings: readonly Finding[]): readonly string[] =>
  sayFindings(findings, PLACES).map(({ sentence }) => sentence);
const at = (place: string, sentence: string): Finding => ({ place, sentence });

test("one, some and all places", () => {
  expect(
    said([
      at("Osaka", "{of} start moves."),
      ...PLACES.map((place) => at(place, "{in}, logs are kept.")),
      at("Osaka", "{in}, a bucket is gone."),
      at("Tokyo", "{in}, a bucket is gone."),
    ]),
  ).toEqual(["Osaka's start moves.", "In every region, logs are kept.", "In Osaka and Tokyo, a bucket is gone."]);
});

test("the same about several is said once, for exactly the places that have all of them, and each is named", () => {
  const all = PLACES.flatMap((place) => [told(place, 'the function "a"'), told(place, 'the function "b"')]);
  expect(said(all)).toEqual(['In every region, the functions "a" and "b" are told A=1 instead of nothing.']);
  expect(said([...all.slice(0, 3), told("Tokyo", 'the function "c"')])).toEqual([
    'In Frankfurt, the functions "a" and "b" are told A=1 instead of nothing.',
    'In Osaka, the function "a" is told A=1 instead of nothing.',
    'In Tokyo, the function "c" is told A=1 instead of nothing.',
  ]);
  expect(said(["a", "b", "c", "d", "e", "f"].map((name) => told("Osaka", name)))).toEqual([
    "In Osaka, a, b, c, d, e and f are told A=1 instead of nothing.",
  ]);
  expect(said(['the task "t"', 'the function "a"', 'the function "b"'].map((name) => told("Osaka", name)))).toEqual([
    'In Osaka, the task "t" and the functions "a" and "b" are told A=1 instead of nothing.',
  ]);
});

test.each([
  ["alias", "aliases"],
  ["policy of the bucket", "policy of the buckets"],
  ["bucket", "buckets"],
])("several of the noun %s", (noun, plural) => {
  const both = ["a", "b"].map((name) => told("Osaka", `the ${noun} "${name}"`));
  expect(said(both)).toEqual([`In Osaka, the ${plural} "a" and "b" are told A=1 instead of nothing.`]);
});

describe("kinds", () => {
  const more = (who: string, subject: string): Finding => ({
    ...harmful("more-rights", subject, `{in}, {who} may now ${subject}`, "take the right back", { who }),
    place: "Osaka",
  });
  const kindsOf = (findings: readonly Finding[]) => refusedKinds(sayFindings(findings, PLACES));

  test("what is about the same is one, whoever it is about; in the order of their groups", () => {
    const gone = harmful("replaced", 'the bucket "primary"', "{in}, the bucket is gone", "put it back");
    const kinds = kindsOf([
      more('the role "a"', "s3:PutObject r"),
      more('the role "b"', "s3:PutObject r"),
      more('the role "a"', "s3:GetObject r"),
      { ...gone, place: "Osaka" },
    ]);
    expect(kinds).toEqual([
      {
        id: "replaced-bucket-primary",
        group: "replaced",
        statements: ["In Osaka, the bucket is gone."],
        instead: ["put it back"],
      },
      {
        id: "more-rights-s3-putobject-r",
        group: "more-rights",
        statements: ['In Osaka, the roles "a" and "b" may now s3:PutObject r.'],
        instead: ["take the right back"],
      },
      {
        id: "more-rights-s3-getobject-r",
        group: "more-rights",
        statements: ['In Osaka, the role "a" may now s3:GetObject r.'],
        instead: ["take the right back"],
      },
    ]);
  });

  test("a long subject's id is short, its own, and the same again", () => {
    const long = (end: string): string => `s3:PutObject arn:aws:s3:::${"x".repeat(60)}/${end}`;
    const ids = kindsOf([more("a", long("1")), more("a", long("2"))]).map(({ id }) => id);
    expect(ids).toEqual([expect.stringMatching(/^more-rights-s3-putobject-[0-9a-f]{4}$/), expect.any(String)]);
    expect(new Set(ids).size).toBe(2);
    expect(kindsOf([more("b", long("2"))]).map(({ id }) => id)).toEqual(ids.slice(1));
  });
});
