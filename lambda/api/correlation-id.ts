/**
 * Which work a request is about: the restore, archive, upload or snapshot that its address or its answer names, else the
 * request itself. The same id stands in every line of the log of that work. A link's token is never taken for an id.
 */
import type { ApiContext } from "./api-context";

const IN_ADDRESS = ["restores", "archives", "uploads", "snapshots"].map(
  (name) => new RegExp(`/${name}/([A-Za-z0-9-]{1,100})(?:/|$)`),
);
const IN_ANSWER = ["restore_id", "plan_id", "archive_id", "upload_id", "snapshot_id"] as const;

export async function correlationIdOf(context: ApiContext): Promise<string> {
  if (context.req.method === "POST" && context.res.ok) {
    const created = await createdId(context.res);
    if (created !== undefined) return created;
  }
  const { pathname } = new URL(context.req.url);
  const found = IN_ADDRESS.flatMap((pattern) => pattern.exec(pathname)?.[1] ?? []);
  return found[0] ?? context.env.requestId;
}

async function createdId(answer: Response): Promise<string | undefined> {
  if (answer.headers.get("content-type")?.startsWith("application/json") !== true) return undefined;
  const body = (await answer.clone().json()) as Readonly<Record<string, unknown>> | null;
  const ids = IN_ANSWER.map((name) => body?.[name]);
  return ids.find((id) => typeof id === "string");
}
