/**
 * What may stand in no log: keys, passwords and links. Collects them while the story goes on, and looks for them in
 * the run's log files, in their plain form and as JSON would write them.
 */
import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Presigned URLs and our own link tokens, wherever they stand in a text. */
const LINKS = [/X-Amz-Signature=([0-9a-f]{64})/g, /\/links\/([^/\s"'?#&<]+)/g];

export class Secrets {
  private readonly values = new Set<string>();

  add(value: string): void {
    // Shorter ones, such as a password "local", stand in every second line for other reasons.
    if (value.length < 8) return;
    this.values.add(value);
    this.values.add(JSON.stringify(value).slice(1, -1));
    this.values.add(encodeURIComponent(value));
  }
  noteLinks(text: string): void {
    for (const pattern of LINKS) for (const [, value = ""] of text.matchAll(pattern)) this.add(value);
  }
  get count(): number {
    return this.values.size;
  }

  /** `<file>:<line>` of every secret in the folder's files; never the secret itself. */
  async findIn(folder: string): Promise<readonly string[]> {
    const found: string[] = [];
    for (const name of readdirSync(folder)) {
      let line = 0;
      for await (const text of createInterface({ input: createReadStream(join(folder, name)) })) {
        line += 1;
        for (const value of this.values) if (text.includes(value)) found.push(`${name}:${line}`);
      }
    }
    return [...new Set(found)];
  }
}
