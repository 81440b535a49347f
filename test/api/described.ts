/**
 * Whether an answer is as the API's own description has it: the operation is described, so is the status, and the body
 * has exactly the fields that its schema names.
 */
import { z } from "zod";
import type { OpenApiDocument } from "../../lambda/api/openapi-document";

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: { "application/json"?: { readonly schema: unknown } } }>
  >;
}
type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

export class Described {
  private readonly schemas = new Map<string, z.ZodType>();

  constructor(private readonly document: OpenApiDocument) {}

  /** `path` begins with `/api/`. Throws a sentence that says what differs; bodies are not shown whole. */
  check(method: string, path: string, status: number, body: string): void {
    const name = `${method} ${this.templateOf(path) ?? "(unknown)"} ${status}`;
    const schema = this.schemaOf(method, path.replace(/(?<=.)\/$/, ""), status);
    if (schema === undefined || method === "HEAD") {
      if (body !== "") throw new Error(`${name}: described without a body, and has one.`);
      return;
    }
    const result = schema.safeParse(JSON.parse(body));
    if (!result.success) throw new Error(`${name}: ${z.prettifyError(result.error)}`);
  }

  private schemaOf(method: string, path: string, status: number): z.ZodType | undefined {
    const template = this.templateOf(path);
    const operation = template === undefined ? undefined : this.operation(template, method);
    // What isn't described at all answers with the one body of all errors.
    if (operation === undefined) {
      if (method === "OPTIONS" && status === 204) return undefined;
      // The description doesn't describe itself.
      if (path.endsWith("/openapi.json") && status === 200) return this.zodOf({ type: "object" });
      if (status !== (template === undefined ? 404 : 405))
        throw new Error(`${method} ${path} answers ${status}, and is not described.`);
      return this.zodOf({ $ref: "#/components/schemas/Error" });
    }
    const response = operation.responses[status];
    if (response === undefined) throw new Error(`${method} ${template ?? path} is described without ${status}.`);
    const schema = response.content?.["application/json"]?.schema;
    return schema === undefined ? undefined : this.zodOf(schema);
  }

  private zodOf(schema: unknown): z.ZodType {
    const text = JSON.stringify({ ...(schema as object), $defs: this.document.components?.schemas });
    const known = this.schemas.get(text);
    if (known !== undefined) return known;
    const made = z.fromJSONSchema(JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/")) as JsonSchema);
    this.schemas.set(text, made);
    return made;
  }

  /** HEAD is described by GET. */
  private operation(template: string, method: string): Operation | undefined {
    const operations = this.document.paths?.[template] as Record<string, Operation> | undefined;
    return operations?.[method === "HEAD" ? "get" : method.toLowerCase()];
  }

  private templateOf(path: string): string | undefined {
    const parts = path.split("/");
    const fits = (template: string): boolean => {
      const wanted = template.split("/");
      return (
        wanted.length === parts.length &&
        wanted.every((part, at) => (part.startsWith("{") ? parts[at] !== "" : part === parts[at]))
      );
    };
    const found = Object.keys(this.document.paths ?? {}).filter(fits);
    // A literal part wins over a parameter, as in the router.
    return found.toSorted((a, b) => a.split("{").length - b.split("{").length)[0];
  }
}
