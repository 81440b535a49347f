/** Every AWS call of the run: which role, what it is called in IAM, on which resource. */
import type { Action } from "./s3-actions";

export interface RecordedCall extends Action {
  /** The logical id of the role that made it. */
  readonly role: string;
  /** Values of IAM condition keys that the call carries, such as `s3:prefix`. */
  readonly context: Readonly<Record<string, string>>;
}

export class CallRecord {
  private readonly seen = new Map<string, RecordedCall>();
  private counts = new Map<string, Map<string, number>>();

  /** One request: it may need several permissions. */
  add(role: string, actions: readonly Action[], context: Readonly<Record<string, string>> = {}): void {
    this.note(role, actions, context);
    const name = actions[0]?.action ?? "none";
    const ofRole = this.counts.get(role) ?? new Map<string, number>();
    ofRole.set(name, (ofRole.get(name) ?? 0) + 1);
    this.counts.set(role, ofRole);
  }

  /** A permission that a request already counted needs besides. */
  note(role: string, actions: readonly Action[], context: Readonly<Record<string, string>> = {}): void {
    for (const { action, resource } of actions) {
      this.seen.set(JSON.stringify([role, action, resource, context]), { role, action, resource, context });
    }
  }

  /** Each different call once. */
  calls(): readonly RecordedCall[] {
    return [...this.seen.values()];
  }

  /** Requests by role and operation since the last time this was asked. */
  takeCounts(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    const counts = Object.fromEntries(
      [...this.counts]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([role, ofRole]) => [role, Object.fromEntries(ofRole)]),
    );
    this.counts = new Map();
    return counts;
  }
}
