/**
 * Requests made from the API's description by a seeded generator: half of what they hold is as described or known to
 * exist, the rest is broken in ways that clients and attackers have. The same seed makes the same requests.
 */
import { gzipSync } from "node:zlib";
import type { OpenApiDocument } from "../../lambda/api/openapi-document";
import { ACCEPTANCE, OTHER, PRODUCTION, SNAPSHOTS } from "../support/api-world";

export interface GeneratedRequest {
  readonly method: string;
  /** With the base `/api/v2`, percent-encoded, without the query. */
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly const?: unknown;
  readonly default?: unknown;
}
interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

const METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  projectId: ["shop", "shop", "shop", "bank"],
  environmentId: [PRODUCTION, ACCEPTANCE, ACCEPTANCE, OTHER],
  snapshotId: SNAPSHOTS.map(({ snapshotId }) => snapshotId),
  source_snapshot_id: SNAPSHOTS.map(({ snapshotId }) => snapshotId),
  acknowledge: ["*", "", "model-version,other-code"],
};
/** Text that has broken programs: empty, of other scripts, of half a character, of markup, of names that objects have. */
const STRANGE_TEXTS = [
  "",
  " ",
  "0",
  "null",
  "true",
  "TRUE",
  "-1",
  "1e309",
  "99999999999999999999",
  "0x10",
  "NaN",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "toString",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\udfff\ud800",
  "\uFEFF",
  "ü€😀",
  "x".repeat(129),
  "y".repeat(3000),
  "../../etc/passwd",
  "..",
  "%2e%2e",
  "%",
  "a/b",
  "a?b#c",
  "'; DROP TABLE x; --",
  "<script>alert(1)</script>",
  "${jndi:ldap://x}",
  "\r\nSet-Cookie: a=b",
  "2026-02-30T00:00:00Z",
  "9999-12-31T23:59:59Z",
  "+275760-09-13T00:00:00.001Z",
  "-000001-01-01T00:00:00Z",
];
const STRANGE_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  -0.5,
  1e308,
  2 ** 53,
  [],
  {},
  [[[[]]]],
  { constructor: { prototype: 1 } },
  ...STRANGE_TEXTS,
];
const BROKEN_BODIES: readonly Buffer[] = [
  Buffer.from("{"),
  Buffer.from("[]"),
  Buffer.from("null"),
  Buffer.from("1e999"),
  Buffer.from('{"__proto__":{"comment":"x"}}'),
  Buffer.from('{"comment":"\\ud800"}'),
  Buffer.from('{"comment":"a","comment":"b"}'),
  Buffer.from([0xff, 0xfe, 0x00]),
  Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
  Buffer.from('{"comment":"ü"}', "latin1"),
  Buffer.from('{"comment":"ü"}', "utf16le"),
  gzipSync('{"comment":"a"}'),
  Buffer.from("[".repeat(20_000)),
  Buffer.alloc(70_000, 32),
  Buffer.from("comment=a&x=1"),
];

export class RequestGenerator {
  private readonly operations: readonly (readonly [path: string, method: string, operation: Operation])[];

  constructor(
    private readonly document: OpenApiDocument,
    private state: number,
  ) {
    this.operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
      Object.entries(methods as Record<string, Operation>).map(([method, one]) => [path, method, one] as const),
    );
  }

  next(): GeneratedRequest {
    const [template, described, { parameters = [], requestBody }] = this.pick(this.operations);
    const method = this.chance(0.9) ? described.toUpperCase() : this.pick(METHODS);
    const path = this.pathOf(template);
    const query = parameters
      .filter(({ in: place }) => place === "query")
      .flatMap(({ name, schema }) => (this.chance(0.7) ? [[name, this.textFor(name, schema)] as const] : []));
    const extra = this.chance(0.1) ? [[this.pick(STRANGE_TEXTS), this.pick(STRANGE_TEXTS)] as const] : [];
    const twice = this.chance(0.05) ? query.slice(0, 1) : [];
    const headers = parameters
      .filter(({ in: place }) => place === "header")
      .flatMap(({ name, schema }) => (this.chance(0.3) ? [[name, this.textFor(name, schema)] as const] : []));
    const content = requestBody?.content["application/json"]?.schema;
    const hasBody =
      method !== "GET" && method !== "HEAD" && (content !== undefined ? this.chance(0.9) : this.chance(0.1));
    return {
      method,
      path,
      query: [...query, ...extra, ...twice],
      headers: { ...Object.fromEntries(headers), ...this.strangeHeaders() },
      body: hasBody ? this.bodyOf(content ?? {}) : null,
    };
  }

  private pathOf(template: string): string {
    const parts = template.split("/").map((part, at) => {
      if (at === 0) return part;
      const name = /^\{(.*)\}$/.exec(part)?.[1];
      if (name === undefined) return this.chance(0.01) ? this.encoded(this.pick(STRANGE_TEXTS)) : part;
      const known = KNOWN[name];
      if (known !== undefined && this.chance(0.88)) return this.pick(known);
      return this.encoded(this.pick(STRANGE_TEXTS));
    });
    return `${parts.join("/")}${this.chance(0.05) ? "/" : ""}`;
  }

  /** Percent-encoded rightly, twice, or not at all as far as a path can hold it. */
  private encoded(text: string): string {
    const once = encodeURIComponent(Buffer.from(text).toString());
    if (this.chance(0.1)) return encodeURIComponent(once);
    return this.chance(0.1) ? this.pick(["%zz", "%", "%ff", "%c0%af", "%ed%a0%80", "%00"]) : once;
  }

  private textFor(name: string, schema: Schema): string {
    if (this.chance(0.25)) return this.pick(STRANGE_TEXTS);
    const known = KNOWN[name];
    return known === undefined ? String(this.valueFor(schema, 0)) : this.pick(known);
  }

  private strangeHeaders(): Readonly<Record<string, string>> {
    if (this.chance(0.8)) return {};
    return this.pick([
      { "content-type": "application/json; charset=utf-16le" },
      { "content-type": "text/plain; charset=klingon" },
      { "content-type": "multipart/form-data; boundary=x" },
      { "content-encoding": "gzip" },
      { "content-length": "99999999999" },
      { "accept-encoding": "gzip, br" },
      { accept: "application/xml" },
      { range: "bytes=0-1" },
      { "if-match": "*" },
      { host: "evil.example:x@y" },
      { "x-http-method-override": "DELETE" },
    ]);
  }

  private bodyOf(schema: Schema): Buffer {
    if (this.chance(0.15)) return this.pick(BROKEN_BODIES);
    const value = this.chance(0.1) ? this.pick(STRANGE_VALUES) : this.valueFor(schema, 0);
    // What isn't well-formed stays so, as an escape.
    return Buffer.from(JSON.stringify(value) ?? "");
  }

  private valueFor(given: Schema, depth: number): unknown {
    const schema = this.resolve(given);
    if (depth > 0 && this.chance(0.12)) return this.pick(STRANGE_VALUES);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return this.pick(schema.enum);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices !== undefined) return this.valueFor(this.pick(choices), depth + 1);
    const type = Array.isArray(schema.type) ? this.pick(schema.type as readonly string[]) : schema.type;
    switch (type) {
      case "object": {
        const own = Object.entries(schema.properties ?? {}).flatMap(([name, one]) =>
          schema.required?.includes(name) === true || this.chance(0.5) ? [[name, this.valueFor(one, depth + 1)]] : [],
        );
        const unknown = this.chance(0.05) ? [[this.pick(STRANGE_TEXTS), 1]] : [];
        return Object.fromEntries([...own, ...unknown]) as unknown;
      }
      case "array":
        return Array.from({ length: this.below(4) }, () => this.valueFor(schema.items ?? {}, depth + 1));
      case "integer":
      case "number":
        return this.numberFor(schema);
      case "boolean":
        return this.chance(0.5);
      case "null":
        return null;
      default:
        return this.wordFor(schema);
    }
  }

  private numberFor({ minimum = 0, maximum = 100_000 }: Schema): number {
    const edges = [minimum, maximum, minimum - 1, maximum + 1, 2 ** 31, 2 ** 53 - 1];
    return this.chance(0.3) ? this.pick(edges) : minimum + this.below(Math.min(maximum - minimum, 1000) + 1);
  }

  private wordFor({ format, default: usual }: Schema): string {
    if (typeof usual === "string" && this.chance(0.5)) return usual;
    if (format === "date-time")
      return this.pick(["2027-06-01T00:00:00Z", "2026-12-31T23:59:59.999Z", "2020-01-01T00:00:00Z"]);
    if (format === "uuid") return `7d3c9b36-1c88-4cf9-9b5e-${String(this.below(1000)).padStart(12, "0")}`;
    return this.pick(["before the release", "shop.tar.gz", PRODUCTION, "shop", "1.5.0", "Größe 😀"]);
  }

  private resolve(schema: Schema): Schema {
    const name = schema.$ref?.split("/").at(-1);
    return name === undefined ? schema : (this.document.components?.schemas?.[name] as Schema);
  }

  private chance(probability: number): boolean {
    return this.random() < probability;
  }
  private pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }
  /** Mulberry32. */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
