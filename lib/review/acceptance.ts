/**
 * How something that is refused is accepted: each kind of change with its reason, over the statements that were read.
 * A file begun with `--draft` has a heading for each kind, its statements, and a line for the reason; filled in it is what
 * `accepted.md` keeps. Pure.
 */
import { GROUPS, type RefusedKind } from "./finding";
import { ReviewError } from "./review-error";

const BECAUSE = "Because:";
/** Characters: fewer are no reason that anybody could weigh later. */
export const SHORTEST_REASON = 20;
const HEADING = /^## .*\(`([a-z0-9-]+)`\)$/;

interface Reasoned {
  readonly reason: string;
  /** Empty where the reason was not given over statements. */
  readonly statements: readonly string[];
}

export const ACCEPTED_HEAD = `# What was accepted

Each statement is a change at which \`npm run review\` stops until somebody says why it is wanted: what is so since then,
whole, by kinds, and why. \`<account>\`, \`<region>\`, \`<replication region>\` and \`<place>\` stand for those of each stack,
and other names in angle brackets for resources of the same stack.
`;

/** A block for each kind: what a draft holds, and, with its reason, what is kept. */
export const acceptanceText = (kinds: readonly RefusedKind[], reasons: ReadonlyMap<string, string>): string =>
  kinds
    .map(({ id, group, statements }) =>
      [
        `## ${GROUPS[group]} (\`${id}\`)`,
        "",
        ...statements.map((statement) => `- ${statement}`),
        "",
        `${BECAUSE} ${reasons.get(id) ?? ""}`.trimEnd(),
        "",
      ].join("\n"),
    )
    .join("\n");

/** Reasons that an earlier draft has already stay, where their kinds are still refused. */
export const draftText = (kinds: readonly RefusedKind[], earlier: string): string =>
  `# Why it is wanted\n\nWrite after each "${BECAUSE}" why what stands above it is wanted, or take the change back.\n\n${acceptanceText(
    kinds,
    new Map([...parsed(earlier)].map(([id, { reason }]) => [id, reason])),
  )}`;

const parsed = (text: string): ReadonlyMap<string, Reasoned> => {
  const found = new Map<string, { reason: string; statements: string[] }>();
  let current: { reason: string; statements: string[] } | undefined;
  let inReason = false;
  for (const line of text.split(/\r?\n/)) {
    const id = HEADING.exec(line)?.[1];
    if (id !== undefined) {
      current = { reason: "", statements: [] };
      inReason = false;
      found.set(id, current);
    } else if (current !== undefined && line.startsWith(BECAUSE)) {
      inReason = true;
      current.reason = line.slice(BECAUSE.length).trim();
    } else if (current !== undefined && inReason) current.reason = `${current.reason} ${line.trim()}`.trim();
    else if (line.startsWith("- ")) current?.statements.push(line.slice(2));
    else if (line.startsWith("  - ")) current?.statements.push(`${current.statements.pop() ?? ""}\n${line}`);
  }
  return found;
};

export interface GivenReasons {
  /** `KIND=why` each, or one without a kind for the only one that is refused. */
  readonly reasons: readonly string[];
  readonly file?: { readonly path: string; readonly text: string };
}

/**
 * The reason of every kind that is refused.
 * @throws ReviewError that names what has no reason, what isn't refused, or whose statements are others by now.
 */
export const reasonsFor = (
  kinds: readonly RefusedKind[],
  { reasons, file }: GivenReasons,
  help: string,
): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const ids = kinds.map(({ id }) => id);
  const known = (id: string, where: string): string => {
    if (ids.includes(id)) return id;
    throw new ReviewError(
      `${where} names ${id}, and no such kind of change is refused; those are ${ids.join(", ") || "none"}.`,
    );
  };
  for (const [id, { reason, statements }] of parsed(file?.text ?? "")) {
    const kind = kinds.find((one) => one.id === known(id, file?.path ?? ""));
    if (JSON.stringify(kind?.statements) !== JSON.stringify(statements))
      throw new ReviewError(
        `What ${file?.path} says of ${id} isn't what is refused now; begin it again with --draft ${file?.path}, which keeps the reasons, and read it.`,
      );
    if (reason !== "") found.set(id, reason);
  }
  /** In one line, as `accepted.md` keeps it: nothing in it can look like another heading. */
  for (const given of reasons.map((text) => text.replace(/\s+/g, " ").trim()).filter((text) => text !== "")) {
    const [, id, reason = ""] = /^([a-z0-9-]+)=(.*)$/s.exec(given) ?? [];
    if (id !== undefined) {
      if (reason.trim() !== "") found.set(known(id, "--reason"), reason.trim());
      continue;
    }
    const [only, ...others] = ids;
    if (only === undefined) continue;
    if (others.length > 0)
      throw new ReviewError(`One reason doesn't do for ${ids.length} kinds of change; give each its own: ${help}`);
    found.set(only, given);
  }
  const without = ids.filter((id) => !found.has(id));
  if (without.length > 0)
    throw new ReviewError(
      `What is refused is accepted only with a reason, and ${without.join(", ")} has none: ${help}`,
    );
  for (const [id, reason] of found)
    if (reason.length < SHORTEST_REASON)
      throw new ReviewError(
        `"${reason}" says too little for ${id}; write in ${SHORTEST_REASON} characters or more why it is wanted: ${help}`,
      );
  return found;
};
