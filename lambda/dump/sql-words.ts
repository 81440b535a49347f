/**
 * The words of a statement as pg_dump writes it: quoted names, texts, signs, and everything else between them. Pure.
 * Names that are keywords are always quoted there, so an unquoted word that is a keyword is one.
 */

const WORDS = /"(?:[^"]|"")*"|[Ee]?'(?:[^'\\]|''|\\.)*'|[^\s,.();"']+|[,.();]/g;

export const wordsOf = (statement: string): string[] => statement.match(WORDS) ?? [];

/** The name that a word stands for. */
export const nameOf = (word: string): string => (word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word);
