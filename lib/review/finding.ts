/**
 * What a review says: sentences, each for the stacks that it holds for. A sentence is written with `{of}` and `{in}`,
 * and one that holds for many regions is said once: "Osaka's", "in Osaka and Tokyo", "in every region". Each states what
 * is so after the change, whole, so that whoever accepts it signs what they have read. Pure.
 */
import { createHash } from "node:crypto";

/** Groups of what is refused, in the order in which they are said, with their titles. */
export const GROUPS = {
  replaced: "What holds data is replaced, deleted or left behind",
  "kept-less": "What holds data is kept less well",
  weaker: "A lock or a guard gets weaker",
  "refuses-less": "A policy refuses less",
  "lets-in": "A policy lets somebody do more",
  "new-role": "There is a new role",
  "more-rights": "Roles may do more",
  "taken-on": "Roles may be taken on by others",
  "called-by": "Functions may be called by others",
  "kept-shorter": "Snapshots are kept shorter",
  residency: "Data may leave its political region",
  reached: "API and page are reached from elsewhere",
  silent: "Something no longer runs, or no longer tells anybody",
} as const;
export type Group = keyof typeof GROUPS;

/** Of what is refused: what is accepted together, with one reason. */
export interface Kind {
  readonly group: Group;
  /** What it is about; the same for what belongs together. */
  readonly subject: string;
  /** What to do where it isn't wanted. */
  readonly instead: string;
}
export interface Finding {
  /** Harmful ones fail the review until they are accepted. */
  readonly kind?: Kind;
  /** `{of}` stands for "Osaka's", `{in}` for "in Osaka". */
  readonly sentence: string;
  /** As users name it; empty for what holds everywhere. */
  readonly place: string;
  /** What `{who}` stands for, with `{is}` as its verb: the same sentence about several of a place is said once. */
  readonly who?: string;
}

/** A finding whose place is not known yet. */
export interface Sentence extends Pick<Finding, "kind" | "sentence" | "who"> {
  /** `<resource> <property>`: of these nobody else has to speak. */
  readonly about?: string;
}
/** `sentence` is without its full stop. */
export const harmless = (sentence: string, more: Pick<Sentence, "about" | "who"> = {}): Sentence => ({
  ...more,
  sentence: `${sentence}.`,
});
export const harmful = (
  group: Group,
  subject: string,
  sentence: string,
  instead: string,
  more: Pick<Sentence, "about" | "who"> = {},
): Sentence => ({ ...more, kind: { group, subject, instead }, sentence: `${sentence}.` });

export interface SaidFinding {
  readonly kind?: Kind;
  readonly sentence: string;
}
/** What is refused, by what is accepted together. */
export interface RefusedKind {
  /** As `--reason` names it: the same whenever the same is found. */
  readonly id: string;
  readonly group: Group;
  readonly statements: readonly string[];
  readonly instead: readonly string[];
}

/** More places than these are named after their number. */
const NAMED = 4;

/** In the order in which they were found. */
export const sayFindings = (findings: readonly Finding[], allPlaces: readonly string[]): readonly SaidFinding[] => {
  const bySentence = new Map<string, Pick<Finding, "kind" | "sentence"> & { places: Set<string> }>();
  for (const { kind, sentence, place } of withWhom(findings)) {
    const key = `${JSON.stringify(kind)} ${sentence}`;
    const known = bySentence.get(key) ?? { ...(kind === undefined ? {} : { kind }), sentence, places: new Set() };
    if (place !== "") known.places.add(place);
    bySentence.set(key, known);
  }
  return [...bySentence.values()].map(({ kind, sentence, places }) => ({
    ...(kind === undefined ? {} : { kind }),
    sentence: fill(sentence, [...places], allPlaces),
  }));
};

export const refusedKinds = (said: readonly SaidFinding[]): readonly RefusedKind[] => {
  const byId = new Map<string, { group: Group; statements: string[]; instead: Set<string> }>();
  for (const { kind, sentence } of said) {
    if (kind === undefined) continue;
    const known = byId.get(idOf(kind)) ?? { group: kind.group, statements: [], instead: new Set() };
    known.statements.push(sentence);
    known.instead.add(kind.instead);
    byId.set(idOf(kind), known);
  }
  const order = Object.keys(GROUPS);
  return [...byId]
    .map(([id, { group, statements, instead }]) => ({ id, group, statements, instead: [...instead] }))
    .toSorted((a, b) => order.indexOf(a.group) - order.indexOf(b.group));
};

/** Short subjects are told apart by their words, longer ones by the first word and a digest. */
const LONGEST_SUBJECT = 40;

const idOf = ({ group, subject }: Kind): string => {
  const slug = (words: string): string =>
    words
      .toLowerCase()
      .replace(/^the /, "")
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "");
  if (subject.length <= LONGEST_SUBJECT) return slug(`${group} ${subject.replace(/^the /, "")}`);
  const digest = createHash("sha256").update(subject).digest("hex").slice(0, 4);
  return slug(`${group} ${subject.split(" ")[0]} ${digest}`);
};

/** Those of each place together, so that places with the same ones can be named together afterwards. */
const withWhom = (findings: readonly Finding[]): readonly Finding[] => {
  const together = new Map<string, string[]>();
  const keyOf = ({ kind, sentence, place }: Finding): string => `${JSON.stringify(kind)} ${place} ${sentence}`;
  for (const finding of findings)
    if (finding.who !== undefined) together.set(keyOf(finding), [...(together.get(keyOf(finding)) ?? []), finding.who]);
  return findings.map((finding) => {
    const all = together.get(keyOf(finding));
    if (finding.who === undefined || all === undefined) return finding;
    const sentence = finding.sentence
      .replaceAll("{who}", theyAll([...new Set(all)]))
      .replaceAll("{is}", all.length === 1 ? "is" : "are");
    return { ...finding, sentence };
  });
};

/** `the role "a"` and `the role "b"` are `the roles "a" and "b"`. */
const theyAll = (all: readonly string[]): string => {
  const byNoun = new Map<string, string[]>();
  const parts: string[] = [];
  for (const one of all) {
    const [, noun, name] = /^the ([A-Za-z ]+) (".*")$/.exec(one) ?? [];
    if (noun === undefined || name === undefined) parts.push(one);
    else byNoun.set(noun, [...(byNoun.get(noun) ?? []), name]);
  }
  const named = [...byNoun].map(([noun, names]) => `the ${names.length > 1 ? plural(noun) : noun} ${andList(names)}`);
  return andList([...named, ...parts]);
};

const plural = (noun: string): string => `${noun}${/(?:s|x|ch|sh)$/.test(noun) ? "es" : "s"}`;

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

export const andList = (parts: readonly string[], and = "and"): string =>
  parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} ${and} ${parts.at(-1)}`;
