/** Breaks the task's connection to PostgreSQL at a chosen statement: before it is sent, or after it was answered. */
import { Client } from "pg";

export interface Breaking {
  /** Statements seen so far. */
  readonly seen: () => number;
  readonly restore: () => void;
}

export const breakAt = (statement: number, when: "before" | "after"): Breaking => {
  let seen = 0;
  // oxlint-disable-next-line typescript/unbound-method -- called with its own client below
  const query = Client.prototype.query as (...args: unknown[]) => Promise<unknown>;
  const prototype: { query: (...args: unknown[]) => Promise<unknown> } = Client.prototype;
  const spy = jest.spyOn(prototype, "query").mockImplementation(async function breaking(
    this: Client,
    ...args: unknown[]
  ) {
    const socket = (this as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
    const isIt = ++seen === statement;
    if (isIt && when === "before") socket.destroy();
    const result = await query.apply(this, args);
    if (!isIt) return result;
    socket.destroy();
    throw new Error("Connection terminated unexpectedly");
  });
  return { seen: () => seen, restore: () => spy.mockRestore() };
};
