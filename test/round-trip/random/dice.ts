/** Reproducible choices (mulberry32): one seed, one sequence. */
import { identifier } from "../../../lambda/database-task/sql-text";

export class Dice {
  private state: number;
  private names = 0;
  constructor(seed: number) {
    this.state = (seed * 0x9e3779b1) >>> 0;
  }
  /** 0 to `below` - 1. */
  number(below: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }
  chance(percent: number): boolean {
    return this.number(100) < percent;
  }
  one<T>(of: readonly T[]): T {
    const found = of[this.number(of.length)];
    if (found === undefined) throw new Error("There is nothing to choose from.");
    return found;
  }
  /** Each of them or not, in their order. */
  some<T>(of: readonly T[], percent = 50): T[] {
    return of.filter(() => this.chance(percent));
  }
  times<T>(most: number, make: (number: number) => T): T[] {
    return Array.from({ length: this.number(most + 1) }, (_, number) => make(number));
  }
  /** A quoted name that no other object has. */
  name(stem: string): string {
    const unique = `${stem}_${++this.names}`;
    return identifier(this.chance(70) ? unique : this.one(ODD_NAMES)(unique));
  }
}

/** As the server keeps them: at most 63 bytes. */
const ODD_NAMES: readonly ((unique: string) => string)[] = [
  (unique) => `Upper ${unique}`,
  (unique) => `it's ${unique}`,
  (unique) => `"${unique}"`,
  (unique) => `${unique}.with.dots`,
  (unique) => `ünïcode € ${unique}`,
  (unique) => `${unique}\nsecond line`,
  (unique) => `\\${unique}\\`,
  (unique) => `${unique}; -- %s $1 $$`,
  (unique) => `${unique}_`.padEnd(63, "x"),
  (unique) => ` ${unique} `,
  (unique) => `${unique}\t'"`,
];

/** A text as SQL writes it, often with what has to be quoted. */
export const oddText = (dice: Dice): string => dice.one(TEXTS);
const TEXTS = [
  "plain",
  "it's",
  'say "hello"',
  "two\nlines",
  "back\\slash",
  "€ ünïcode 漢字",
  "$$ $1 %s",
  "",
  " ",
  "\t\\N\\.",
];
