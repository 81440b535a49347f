/** The shape of what a client sends, in which order, and what it takes from the answers. */
export type Taken =
  | "text"
  /** Absent or empty it stops the client, which shows it or goes by it. */
  | "filled"
  | "number"
  | "boolean"
  /** ISO 8601. */
  | "time"
  /** Since 1970. */
  | "milliseconds"
  | "address";

export interface Step {
  readonly does: "looks up" | "lists" | "creates" | "polls" | "asks for a download" | "downloads" | "restores";
  /** `GET`, `POST`, `HEAD`, and the path with its query. `{name}` was taken from an earlier answer under that name. */
  readonly sends?: string;
  /** Besides those that all its requests have. */
  readonly headers?: readonly (readonly [string, string])[];
  /** Absent: no body at all. */
  readonly body?: string;
  /** Field by field: `snapshots[0].state`, or `[Mode=Production].EnvironmentId` of the first that has this value. */
  readonly takes?: Readonly<Record<string, Taken>>;
  /** What it remembers, by the field. */
  readonly remembers?: Readonly<Record<string, string>>;
  /** It asks until the field says this. Without a field: until the answer's status is a success. */
  readonly until?: { readonly field: string; readonly says: string } | "success";
  /** Of downloads: the name under which it remembered the address. */
  readonly from?: string;
}

export interface RecordedClient {
  /** Language and library: how it speaks HTTP. */
  readonly kind: string;
  readonly http?: "1.0";
  /** Names and values of all its requests, to the letter; `{user}` and `{key}` sign in. */
  readonly headers: readonly (readonly [string, string])[];
  readonly steps: readonly Step[];
}
