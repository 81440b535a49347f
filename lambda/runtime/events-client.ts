/**
 * EventBridge: tells the account's default bus what has happened. Never throws: what it tells stands already, and must
 * not fail for those who listen. What could not be sent is a line of the log and a metric with an alarm. A step that is
 * run again sends again.
 */
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { isoSeconds } from "../catalog/catalog";
import {
  EVENT_VERSION,
  EVENTS,
  eventSource,
  type EventDetail,
  type EventType,
  type ServiceEvent,
} from "../observability/event-contract";
import { correlationOf } from "../observability/correlation";
import { smallRequests, type AwsOptions } from "./aws-options";
import type { Clock, Events, Logger, Metrics } from "./collaborators";

export interface EventsOptions extends AwsOptions {
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}
/** PutEvents takes ten entries, and together 256 KB, which ours are far from. */
const ENTRIES_AT_ONCE = 10;
/** After the SDK's own retries of the whole request, single entries may still be refused for a moment. */
const ROUNDS = 3;
/** Failures have reasons of any length. */
const REASON_LENGTH = 2_000;

export class EventBridgeEvents implements Events {
  private readonly client: EventBridgeClient;

  constructor(private readonly options: EventsOptions) {
    this.client = new EventBridgeClient(smallRequests(options));
  }

  async publish<T extends EventType>(type: T, detail: EventDetail<T>): Promise<void> {
    await this.publishAll([{ type, detail } as unknown as ServiceEvent]);
  }

  async publishAll(events: readonly ServiceEvent[]): Promise<void> {
    const entries = events.flatMap((event) => this.entry(event) ?? []);
    for (let from = 0; from < entries.length; from += ENTRIES_AT_ONCE)
      await this.send(entries.slice(from, from + ENTRIES_AT_ONCE));
  }

  private entry({ type, detail }: ServiceEvent): PutEventsRequestEntry | undefined {
    const { prefix, region, clock } = this.options;
    try {
      const whole = EVENTS[type].parse({
        at: isoSeconds(clock.now()),
        correlationId: correlationOf(detail),
        ...detail,
        ...("reason" in detail && detail.reason !== undefined && { reason: detail.reason.slice(0, REASON_LENGTH) }),
        version: EVENT_VERSION,
        region,
      });
      return { Source: eventSource(prefix), DetailType: type, Detail: JSON.stringify(whole) };
    } catch (error) {
      this.lost([type], error);
      return undefined;
    }
  }

  private async send(entries: readonly PutEventsRequestEntry[]): Promise<void> {
    let left = entries;
    let refusal: unknown;
    for (let round = 1; round <= ROUNDS && left.length > 0; round++) {
      try {
        const sent = left;
        const answer = await this.client.send(new PutEventsCommand({ Entries: [...sent] }));
        if ((answer.FailedEntryCount ?? 0) === 0) return;
        // The answer's entries stand in the request's order; those that were refused have a code.
        refusal = answer.Entries?.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode;
        left = sent.filter((_, position) => answer.Entries?.[position]?.ErrorCode !== undefined);
      } catch (error) {
        // The SDK has tried often enough.
        return this.lost(
          left.map(({ DetailType }) => DetailType ?? ""),
          error,
        );
      }
    }
    this.lost(
      left.map(({ DetailType }) => DetailType ?? ""),
      refusal,
    );
  }

  private lost(types: readonly string[], error: unknown): void {
    if (types.length === 0) return;
    this.options.log.error("Events could not be sent.", { types, error: String(error) });
    this.options.metrics.add("EventsNotSent", types.length);
  }
}
