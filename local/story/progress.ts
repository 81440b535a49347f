/** What the run says while it works: one line for each step, with the real and the simulated time. */
import type { Check } from "./report";

export class Progress {
  private readonly begin = Date.now();
  private readonly colour = process.stdout.isTTY;

  constructor(private readonly simulated: () => Date | undefined) {}

  title(text: string): void {
    this.line(`\n${this.bold(text)}`);
  }
  step(text: string): void {
    const seconds = ((Date.now() - this.begin) / 1000).toFixed(1).padStart(6);
    const time = this.simulated()?.toISOString().slice(0, 16).replace("T", " ") ?? " ".repeat(16);
    this.line(`${seconds} s  ${time}  ${text}`);
  }
  check({ what, passed, detail }: Check): void {
    const mark = passed ? this.paint(32, "ok  ") : this.paint(31, "FAIL");
    this.line(`          ${mark} ${what}${detail === "" ? "" : `: ${detail}`}`);
  }
  line(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  private bold(text: string): string {
    return this.colour ? `\u001b[1m${text}\u001b[0m` : text;
  }
  private paint(colour: number, text: string): string {
    return this.colour ? `\u001b[${colour}m${text}\u001b[0m` : text;
  }
}

/** Columns as wide as their widest cell; numbers stand at the right. */
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string => {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const format = (row: readonly string[], numbers: readonly boolean[]): string =>
    row
      .map((cell, column) =>
        numbers[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const numbers = head.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === "number"));
  return [
    format(head, numbers),
    widths.map((width) => "-".repeat(width)).join("  "),
    ...cells.slice(1).map((row) => format(row, numbers)),
  ].join("\n");
};

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
