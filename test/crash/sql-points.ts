/** SQL statements as points: before they are sent and after they are answered. A stopped invocation loses its connections. */
import { Client } from "pg";
import type { CrashPoints } from "./crash-points";

type Query = (...args: unknown[]) => unknown;

let watching: CrashPoints | undefined;
let patched = false;

export const watchSql = (points: CrashPoints): void => {
  watching = points;
  if (patched) return;
  patched = true;
  // oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
  const original = Client.prototype.query as unknown as Query;
  const replacement = function (this: Client, ...args: unknown[]): unknown {
    const watched = watching;
    const invocation = watched?.current();
    if (watched === undefined || invocation === undefined) return original.apply(this, args);
    const text = statementOf(args[0]);
    invocation.onStop(() =>
      (this as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy(),
    );
    const [query] = args;
    const isCursor = typeof (query as { submit?: unknown }).submit === "function";
    if (isCursor || typeof args.at(-1) === "function") return original.apply(this, args);
    return (async () => {
      watched.pass(`sql ${text}`);
      const result = await (original.apply(this, args) as Promise<unknown>);
      if (!/^(select|fetch|show)/i.test(text)) watched.pass(`sql ${text} done`);
      return result;
    })();
  };
  (Client.prototype as unknown as { query: Query }).query = replacement;
};

const statementOf = (query: unknown): string => {
  const text = typeof query === "string" ? query : ((query as { text?: string }).text ?? "");
  return text.trim().replace(/\s+/g, " ").slice(0, 60);
};
