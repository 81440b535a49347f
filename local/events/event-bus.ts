/** EventBridge's default bus, as far as the service uses it: takes events, keeps them, and writes them to a file. */
import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { ServiceError, type LocalService } from "../gateway/gateway";

export interface BusEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
}
interface Entry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
}
const ENTRIES_AT_ONCE = 10;

export class EventBus {
  readonly events: BusEvent[] = [];

  constructor(private readonly logFolder: string) {}

  readonly service: LocalService = async ({ target, body }) => {
    if (target?.endsWith(".PutEvents") !== true)
      throw new ServiceError("UnknownOperationException", `The local run does not serve ${target}.`);
    const { Entries = [] } = JSON.parse(body) as { Entries?: readonly Entry[] };
    if (Entries.length === 0 || Entries.length > ENTRIES_AT_ONCE)
      throw new ServiceError("ValidationException", "Member must have length between 1 and 10 at 'entries'");
    const answers = Entries.map((entry) => this.take(entry));
    return {
      body: { FailedEntryCount: answers.filter((one) => "ErrorCode" in one).length, Entries: answers },
    };
  };

  private take({ Source, DetailType, Detail }: Entry): Readonly<Record<string, string>> {
    const detail = parseObject(Detail);
    if (Source === undefined || DetailType === undefined)
      return { ErrorCode: "InvalidArgument", ErrorMessage: "Parameter Source or DetailType is not valid." };
    if (detail === undefined) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
    const event = { source: Source, detailType: DetailType, detail };
    this.events.push(event);
    appendFileSync(join(this.logFolder, "events.ndjson"), `${JSON.stringify(event)}\n`);
    return { EventId: randomUUID() };
  }
}

const parseObject = (text: string | undefined): Readonly<Record<string, unknown>> | undefined => {
  try {
    const parsed: unknown = JSON.parse(text ?? "");
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};
