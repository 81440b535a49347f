/** What the run found out: every check with its outcome, the nights, the snapshots, the requests. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export interface Check {
  readonly part: string;
  readonly what: string;
  readonly passed: boolean;
  /** Why it failed, or what was seen. */
  readonly detail: string;
}
export type RequestCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;
export interface PartReport {
  readonly part: string;
  readonly seconds: number;
  readonly simulatedTime: string;
  /** By role and operation. */
  readonly requests: RequestCounts;
}

export class Report {
  readonly checks: Check[] = [];
  readonly parts: PartReport[] = [];
  readonly facts: Record<string, unknown> = {};
  private readonly begin = Date.now();

  constructor(private readonly onCheck: (check: Check) => void) {}

  check(part: string, what: string, passed: boolean, detail = ""): boolean {
    const check = { part, what, passed, detail };
    this.checks.push(check);
    this.onCheck(check);
    return passed;
  }

  /** Passes when there is no difference; shows the first ones otherwise. */
  checkNone(part: string, what: string, differences: readonly string[], seen = ""): boolean {
    const more = differences.length > 5 ? `, and ${differences.length - 5} more` : "";
    return this.check(
      part,
      what,
      differences.length === 0,
      differences.length === 0 ? seen : `${differences.slice(0, 5).join("; ")}${more}`,
    );
  }

  get passed(): boolean {
    return this.checks.length > 0 && this.checks.every(({ passed }) => passed);
  }
  get seconds(): number {
    return (Date.now() - this.begin) / 1000;
  }

  write(file: string, cannotShow: readonly string[]): void {
    const { passed, seconds, checks, parts, facts } = this;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify({ passed, seconds, ...facts, checks, parts, cannotShow }, null, 2)}\n`);
  }
}
