/** How findings of many places and many functions become few sentences. */
import { sayFindings, type Finding } from "../../lib/review/finding";

const PLACES = ["Frankfurt", "Osaka", "Tokyo"];
const told = (place: string, who: string): Finding => ({
  harmful: false,
  sentence: "{in}, {who} told A=1 instead of nothing.",
  place,
  who,
});
const said = (findings: readonly Finding[]): readonly string[] =>
  sayFindings(findings, PLACES).map(({ sentence }) => sentence);

test("one, some and all places; harmful ones first", () => {
  const at = (place: string, sentence: string, harmful = false): Finding => ({ place, sentence, harmful });
  expect(
    said([
      at("Osaka", "{of} start moves."),
      ...PLACES.map((place) => at(place, "{in}, logs are kept.")),
      at("Osaka", "{in}, a bucket is gone.", true),
      at("Tokyo", "{in}, a bucket is gone.", true),
    ]),
  ).toEqual(["In Osaka and Tokyo, a bucket is gone.", "Osaka's start moves.", "In every region, logs are kept."]);
});

test("the same about several functions is said once, for exactly the places that have all of them", () => {
  const all = PLACES.flatMap((place) => [told(place, 'the function "a"'), told(place, 'the function "b"')]);
  expect(said(all)).toEqual([
    'In every region, the function "a" and the function "b" are told A=1 instead of nothing.',
  ]);
  expect(said([...all.slice(0, 3), told("Tokyo", 'the function "c"')])).toEqual([
    'In Frankfurt, the function "a" and the function "b" are told A=1 instead of nothing.',
    'In Osaka, the function "a" is told A=1 instead of nothing.',
    'In Tokyo, the function "c" is told A=1 instead of nothing.',
  ]);
  expect(said(["a", "b", "c", "d", "e"].map((name) => told("Osaka", name)))).toEqual([
    "In Osaka, a, b, c and 2 more are told A=1 instead of nothing.",
  ]);
});
