/** SNS: tells whoever is subscribed to the alarm topic. Telling twice is possible after a lost reply. */
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { smallRequests, unavailable, type AwsOptions } from "./aws-options";
import type { Notifier } from "./collaborators";

const SUBJECT_LENGTH = 100;
/** SNS takes 256 KiB of UTF-8, of which a character has at most four bytes. */
const MESSAGE_LENGTH = 60_000;

export class SnsNotifier implements Notifier {
  private readonly client: SNSClient;
  constructor(
    private readonly topicArn: string,
    options: AwsOptions,
  ) {
    this.client = new SNSClient(smallRequests(options));
  }

  async tell(subject: string, message: string): Promise<void> {
    try {
      await this.client.send(
        new PublishCommand({
          TopicArn: this.topicArn,
          Subject: plainSubject(subject),
          Message: message.slice(0, MESSAGE_LENGTH),
        }),
      );
    } catch (error) {
      throw unavailable(`Telling the topic ${this.topicArn}`, error);
    }
  }
}

/** Printable ASCII on one line, beginning with a visible character: SNS refuses anything else. */
export const plainSubject = (subject: string): string => {
  const plain = subject
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^\x21-\x7e]+/g, " ")
    .trim();
  return plain.length === 0 ? "Backup service" : plain.slice(0, SUBJECT_LENGTH);
};
