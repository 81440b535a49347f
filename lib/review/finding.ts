/**
 * What a review says: sentences, each for the stacks that it holds for. A sentence is written with `{of}` and `{in}`,
 * and one that holds for many regions is said once: "Osaka's", "in Osaka and Tokyo", "in every region". Pure.
 */
export interface Finding {
  /** Harmful ones fail the review until they are accepted. */
  readonly harmful: boolean;
  /** `{of}` stands for "Osaka's", `{in}` for "in Osaka". Says what, where, and, where harmful, what to do. */
  readonly sentence: string;
  /** As users name it; empty for what holds everywhere. */
  readonly place: string;
  /** What `{who}` stands for: the same sentence about several of a place is said once. */
  readonly who?: string;
}

/** A finding whose place is not known yet. */
export interface Sentence extends Pick<Finding, "harmful" | "sentence" | "who"> {
  /** `<resource> <property>`: of these nobody else has to speak. */
  readonly about?: string;
}
export const about = (key: string, property: string, sentence: string): Sentence => ({
  harmful: true,
  sentence,
  about: `${key} ${property}`,
});

export interface SaidFinding {
  readonly harmful: boolean;
  readonly sentence: string;
}

/** Places named one by one up to this many; more are counted. */
const NAMED = 4;

/** Harmful ones first, otherwise in the order in which they were found. */
export const sayFindings = (findings: readonly Finding[], allPlaces: readonly string[]): readonly SaidFinding[] => {
  const bySentence = new Map<string, { harmful: boolean; sentence: string; places: Set<string> }>();
  for (const { harmful, sentence, place } of withWhom(findings)) {
    const key = `${harmful} ${sentence}`;
    const known = bySentence.get(key) ?? { harmful, sentence, places: new Set() };
    if (place !== "") known.places.add(place);
    bySentence.set(key, known);
  }
  const said = [...bySentence.values()].map(({ harmful, sentence, places }) => ({
    harmful,
    sentence: fill(sentence, [...places], allPlaces),
  }));
  return [...said.filter(({ harmful }) => harmful), ...said.filter(({ harmful }) => !harmful)];
};

/** Those of each place together, so that places with the same ones can be named together afterwards. */
const withWhom = (findings: readonly Finding[]): readonly Finding[] => {
  const together = new Map<string, string[]>();
  const keyOf = ({ harmful, sentence, place }: Finding): string => `${harmful} ${place} ${sentence}`;
  for (const finding of findings)
    if (finding.who !== undefined) together.set(keyOf(finding), [...(together.get(keyOf(finding)) ?? []), finding.who]);
  return findings.map((finding) => {
    const all = together.get(keyOf(finding));
    if (finding.who === undefined || all === undefined) return finding;
    const who =
      all.length > NAMED ? `${all.slice(0, NAMED - 1).join(", ")} and ${all.length - NAMED + 1} more` : andList(all);
    return { ...finding, sentence: finding.sentence.replaceAll("{who}", `${who} ${all.length === 1 ? "is" : "are"}`) };
  });
};

const fill = (sentence: string, places: readonly string[], all: readonly string[]): string => {
  const every = all.length > 1 && all.every((place) => places.includes(place));
  const said =
    places.length > NAMED
      ? {
          of: `${places.length} regions' (${places.join(", ")})`,
          in: `in ${places.length} regions (${places.join(", ")})`,
        }
      : { of: andList(places.map((place) => `${place}'s`)), in: `in ${andList(places)}` };
  const text = sentence
    .replaceAll("{of}", every ? "every region's" : said.of)
    .replaceAll("{in}", every ? "in every region" : said.in);
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
};

export const andList = (parts: readonly string[]): string =>
  parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
