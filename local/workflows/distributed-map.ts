/**
 * A Map state in distributed mode: every item is an execution of its own, with its own history and identity, and its
 * states know nothing of the parent's. As on AWS the first item that fails ends the map run, the others are stopped, and
 * the parent sees `States.ExceedToleratedFailureThreshold`, whatever the item's own error was
 * (docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html).
 */
import { randomUUID } from "node:crypto";
import type { Definition, State } from "./definition";
import type { ExecutionIdentity, Interpretation } from "./interpreter";

/** An item's own state machine; the same one for every execution, because checking a definition takes a while. */
const childDefinition = (map: State): Definition => {
  const known = childDefinitions.get(map);
  if (known !== undefined) return known;
  const { ProcessorConfig: _config, ...definition } = processorOf(map);
  childDefinitions.set(map, definition);
  return definition;
};
const childDefinitions = new WeakMap<State, Definition>();

/** What the parent's prepared map hands to each item's only state. */
interface ItemInput {
  readonly item: unknown;
  readonly limit: number;
}

export const CHILD_RESOURCE = "local:child";
export const childStateOf = (map: string): string => `${map} (child execution)`;

interface MapProcessor extends Definition {
  readonly ProcessorConfig?: { readonly Mode?: string; readonly ExecutionType?: string };
}
export const processorOf = (map: State): MapProcessor => map["ItemProcessor"] as MapProcessor;
export const isDistributed = (state: State): boolean =>
  state.Type === "Map" && processorOf(state).ProcessorConfig?.Mode === "DISTRIBUTED";

/** The map as the interpreter gets it: each item goes to one task, which stands for the child execution. */
export const prepareDistributed = (name: string, state: State, taskTimeoutSeconds: number): State => {
  const { ItemSelector, MaxConcurrency, MaxConcurrencyPath, Label: _label, ...rest } = state;
  const limit = MaxConcurrencyPath === undefined ? { limit: MaxConcurrency ?? 0 } : { "limit.$": MaxConcurrencyPath };
  const item = ItemSelector === undefined ? { "item.$": "$$.Map.Item.Value" } : { item: ItemSelector };
  const child = childStateOf(name);
  const task: State = { Type: "Task", Resource: CHILD_RESOURCE, TimeoutSeconds: taskTimeoutSeconds, End: true };
  return { ...rest, ItemSelector: { ...item, ...limit }, ItemProcessor: { StartAt: child, States: { [child]: task } } };
};

export interface MapRunOptions {
  readonly name: string;
  readonly state: State;
  readonly parent: ExecutionIdentity;
  readonly startChild: (definition: Definition, input: unknown, identity: ExecutionIdentity) => Interpretation;
  readonly onItem: (identity: ExecutionIdentity) => void;
  readonly onItemEnd: (identity: ExecutionIdentity) => void;
  /** What the parent sees of a failed map run. */
  readonly exceeded: () => Error;
}

export class MapRun {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly children = new Set<Interpretation>();
  private failed = false;

  constructor(private readonly options: MapRunOptions) {}

  /** One item, once there is a place for it. */
  async item(input: unknown): Promise<unknown> {
    const { item, limit } = input as ItemInput;
    if (this.running === 0 && this.waiting.length === 0) this.failed = false;
    await this.place(limit);
    try {
      if (this.failed) throw this.options.exceeded();
      return await this.child(item);
    } finally {
      this.running -= 1;
      this.waiting.shift()?.();
    }
  }

  /** The parent has ended, or one item too many has failed. */
  abort(): void {
    this.failed = true;
    for (const child of this.children) child.abort();
  }

  private async child(item: unknown): Promise<unknown> {
    const { name, state, parent, startChild, onItem, onItemEnd, exceeded } = this.options;
    const identity = childIdentity(parent, (state["Label"] as string | undefined) ?? name);
    onItem(identity);
    const child = startChild(childDefinition(state), item, identity);
    this.children.add(child);
    try {
      return await child.result;
    } catch {
      this.abort();
      throw exceeded();
    } finally {
      this.children.delete(child);
      onItemEnd(identity);
    }
  }

  private async place(limit: number): Promise<void> {
    this.running += 1;
    if (limit === 0 || this.running <= limit) return;
    this.running -= 1;
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running += 1;
  }
}

/** `…:execution:<machine>/<label>:<uuid>`. */
const childIdentity = ({ id, stateMachineId }: ExecutionIdentity, label: string): ExecutionIdentity => {
  const name = randomUUID();
  const machine = id.includes(":execution:") ? id.split(":").slice(0, -1).join(":") : id;
  return { id: `${machine}/${label}:${name}`, name, stateMachineId: `${stateMachineId}/${label}` };
};
