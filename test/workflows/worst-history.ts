/**
 * The largest number of events that the history of an execution can have, computed from its definition.
 *
 * An execution is a walk through the states. Every state has its events; a task has those of every retry that its
 * retriers allow. Loops end because time does (the execution's `TimeoutSeconds`, the waits, what a retry without jitter
 * waits for, what a function works before it hands back) or because their rounds are counted. So the largest walk is a
 * linear programme; every set of prices, one for a second and one for each counted round, gives an upper bound of it:
 * what the time and the rounds are worth, and the dearest walk when each state pays for what it uses. Where that walk is
 * endless at any price, a loop has no limit, and is named. The prices only decide how close the bound is.
 */
import {
  ENTERED,
  EXECUTION_EVENTS,
  EXITED,
  insideOf,
  ITERATION_EVENTS,
  tryEvents,
} from "../../local/workflows/history";
import { delayOf, type Retrier } from "../../local/workflows/retry";
import type { State } from "../../lib/workflows/asl";
import { nextsAfterFailure, nextsOf } from "./transitions";

export interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly TimeoutSeconds?: number;
}
/** What a definition doesn't say: how long a step takes at least, or how often it is taken at most, and why. */
export interface StepLimit {
  readonly from: string;
  readonly to: string;
  readonly atLeastSeconds?: number;
  readonly atMost?: number;
  readonly why: string;
}
export interface Limits {
  readonly steps: readonly StepLimit[];
  /** Of each inline map: items at most. */
  readonly items: Readonly<Record<string, number>>;
}

interface Step {
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
  /** Limited rounds that it uses up. */
  readonly uses: readonly string[];
}
interface Prices {
  readonly second: number;
  readonly rounds: Readonly<Record<string, number>>;
}

/** `seconds`: of the execution around it, where it is the inside of a map. */
export const largestHistory = (machine: Machine, limits: Limits): number => {
  const seconds = machine.TimeoutSeconds;
  if (seconds === undefined) throw new Error("An execution without a time limit has no largest history.");
  return EXECUTION_EVENTS + cheapest(new Walks(machine, limits, seconds));
};

/** The lowest of the bounds that some hundred prices give. */
const cheapest = (walks: Walks): number => {
  let prices: Prices = { second: 10, rounds: Object.fromEntries([...walks.most.keys()].map((key) => [key, 1_000])) };
  let best = walks.bound(prices);
  if (best === Infinity) throw new Error(`A loop has no limit: ${walks.endlessLoop(prices).join(" → ")}.`);
  for (let round = 0, before = Infinity; round < 60 && best < before * 0.9999; round++) {
    before = best;
    for (const change of changes(prices)) {
      for (const factor of [0.2, 0.5, 0.8, 0.95, 1.05, 1.3, 2]) {
        const tried = change(factor);
        const bound = walks.bound(tried);
        if (bound < best) [best, prices] = [bound, tried];
      }
    }
  }
  // A number of events is whole.
  return Math.floor(best);
};
const changes = ({ second, rounds }: Prices): readonly ((factor: number) => Prices)[] => [
  (factor) => ({ second: second * factor, rounds }),
  ...Object.entries(rounds).map(([key, price]) => (factor: number) => ({
    second,
    rounds: { ...rounds, [key]: price * factor },
  })),
];

class Walks {
  /** Rounds at most, by what counts them. */
  readonly most = new Map<string, number>();
  private readonly steps: readonly Step[];
  private readonly inner = new Map<string, Walks>();

  constructor(
    private readonly machine: Machine,
    private readonly limits: Limits,
    private readonly seconds: number,
  ) {
    this.steps = Object.keys(machine.States).flatMap((from) => this.stepsFrom(from));
    for (const [name, state] of Object.entries(machine.States)) {
      if (!isInlineMap(state)) continue;
      const walks = new Walks(state["ItemProcessor"] as Machine, limits, seconds);
      this.inner.set(name, walks);
      for (const [key, most] of walks.most) this.most.set(key, most);
    }
  }

  bound(prices: Prices): number {
    const rounds = [...this.most].reduce((sum, [key, most]) => sum + (prices.rounds[key] ?? 0) * most, 0);
    return prices.second * this.seconds * this.atATime() + rounds + this.dearest(prices);
  }

  /** States of a loop that is endless at these prices. */
  endlessLoop(prices: Prices): readonly string[] {
    for (const walks of this.inner.values()) if (walks.dearest(prices) === Infinity) return walks.endlessLoop(prices);
    const { came, changed } = this.longest(prices);
    let at = changed ?? this.machine.StartAt;
    for (let n = 0; n < this.steps.length; n++) at = came.get(at) ?? at;
    const loop = [at];
    for (let next = came.get(at); next !== undefined && next !== at; next = came.get(next)) loop.unshift(next);
    return [...loop, loop[0] ?? at];
  }

  /** What the dearest walk from the start costs; Infinity where it is endless. */
  private dearest(prices: Prices): number {
    const { cost, changed } = this.longest(prices);
    return changed === undefined ? Math.max(...cost.values()) : Infinity;
  }

  /** Bellman and Ford, with the largest instead of the least; `changed` is a state that still grows in the end. */
  private longest(prices: Prices) {
    const { States, StartAt } = this.machine;
    const worth = new Map(Object.entries(States).map(([name, state]) => [name, this.worthOf(name, state, prices)]));
    const cost = new Map([[StartAt, worth.get(StartAt) ?? 0]]);
    const came = new Map<string, string>();
    const stepCosts = this.steps.map(({ seconds, uses }) =>
      uses.reduce((sum, key) => sum + (prices.rounds[key] ?? 0), prices.second * seconds),
    );
    for (let round = 0; ; round++) {
      let changed: string | undefined;
      for (const [n, { from, to }] of this.steps.entries()) {
        const at = cost.get(from);
        if (at === undefined) continue;
        const reached = at - (stepCosts[n] ?? 0) + (worth.get(to) ?? 0);
        if (reached <= (cost.get(to) ?? -Infinity) + 1e-9) continue;
        cost.set(to, reached);
        came.set(to, from);
        changed = to;
      }
      if (changed === undefined || round > Object.keys(States).length) return { cost, came, changed };
      if ([...cost.values()].includes(Infinity)) return { cost, came, changed };
    }
  }

  /** Its events, less what their time is worth. */
  private worthOf(name: string, state: State, prices: Prices): number {
    if (state.Type === "Fail") return ENTERED;
    const inside = insideOf(state.Type, isDistributedMap(state));
    const own = ENTERED + EXITED + inside.begun + inside.ended;
    if (state.Type === "Wait") return own - prices.second * ((state["Seconds"] as number | undefined) ?? 0);
    if (state.Type === "Task") return own + this.triesOf(state, prices);
    const walks = this.inner.get(name);
    if (walks === undefined) return own;
    return own + this.itemsOf(name) * (ITERATION_EVENTS + Math.max(0, walks.dearest(prices)));
  }

  private triesOf(state: State, { second }: Prices): number {
    const resource = state["Resource"] as string;
    const once = tryEvents(resource, true);
    return ((state["Retry"] ?? []) as readonly Retrier[]).reduce((sum, retrier) => {
      const events = tryEvents(resource, !retrier.ErrorEquals.every((name) => /^(Amazon)?ECS\./.test(name)));
      const isSpread = retrier.JitterStrategy === "FULL";
      let worth = 0;
      for (let tried = 0; tried < (retrier.MaxAttempts ?? 3); tried++) {
        const delay = isSpread ? 0 : delayOf(retrier, tried);
        worth += Math.max(0, events - second * delay);
      }
      return sum + worth;
    }, once);
  }

  private itemsOf(name: string): number {
    const items = this.limits.items[name];
    if (items === undefined) throw new Error(`Nothing says how many items the map ${name} has at most.`);
    return items;
  }

  /** Items of a map each have the whole time, as many as run at a time. */
  private atATime(): number {
    const maps = [...this.inner.keys()].map((name) => Number(this.machine.States[name]?.["MaxConcurrency"] ?? 40));
    return 1 + maps.reduce((sum, most) => sum + most, 0);
  }

  private stepsFrom(from: string): Step[] {
    const state = this.machine.States[from];
    if (state === undefined) return [];
    return nextsOf(state).map((to) => {
      const said = this.limits.steps.find((step) => step.from === from && step.to === to);
      const uses = [...this.countedRounds(from, to)];
      if (said?.atMost !== undefined) {
        const key = `${from} → ${to}`;
        this.most.set(key, said.atMost);
        uses.push(key);
      }
      const seconds = (said?.atLeastSeconds ?? 0) + (nextsAfterFailure(state).includes(to) ? lastResort(state) : 0);
      return { from, to, seconds, uses };
    });
  }

  /**
   * A choice that leads elsewhere once `$.rounds.x` has reached a number, before it leads to a wait after which `x` is
   * counted: the wait is entered so many times at most, from all such choices together.
   */
  private countedRounds(from: string, to: string): readonly string[] {
    const choice = this.machine.States[from];
    const wait = this.machine.States[to];
    if (choice?.Type !== "Choice" || wait?.Type !== "Wait") return [];
    const counted = countedBy(this.machine.States[wait["Next"] as string]);
    if (counted === undefined) return [];
    const keys: string[] = [];
    for (const rule of choice["Choices"] as readonly Record<string, unknown>[]) {
      if (rule["Next"] === to) break;
      const most = rule["NumericGreaterThanEquals"];
      if (rule["Variable"] !== `$.rounds.${counted}` || typeof most !== "number") continue;
      keys.push(`${counted} below ${most}`);
      this.most.set(`${counted} below ${most}`, most);
    }
    return keys;
  }
}

/** Seconds that a retrier of everything takes before anything is caught. */
const lastResort = (state: State): number => {
  const retrier = ((state["Retry"] ?? []) as readonly Retrier[]).find(({ ErrorEquals }) =>
    ErrorEquals.includes("States.ALL"),
  );
  if (retrier === undefined || retrier.JitterStrategy === "FULL") return 0;
  return Array.from({ length: retrier.MaxAttempts ?? 3 }, (_, tried) => delayOf(retrier, tried)).reduce(
    (sum, delay) => sum + delay,
    0,
  );
};

/** The counter that a Pass state moves on by one. */
const countedBy = (state: State | undefined): string | undefined => {
  const sums = Object.entries((state?.["Parameters"] ?? {}) as Record<string, unknown>);
  const [name] = sums.find(([field, value]) => value === `States.MathAdd($.rounds.${field.slice(0, -2)}, 1)`) ?? [];
  return name?.slice(0, -2);
};

export const isDistributedMap = (state: State): boolean =>
  state.Type === "Map" &&
  (state["ItemProcessor"] as { ProcessorConfig?: { Mode?: string } }).ProcessorConfig?.Mode === "DISTRIBUTED";
const isInlineMap = (state: State): boolean => state.Type === "Map" && !isDistributedMap(state);
