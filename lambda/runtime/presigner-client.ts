/**
 * URLs that carry their own permission for one request: one object to get, one part to put. Whoever has one needs no
 * other credentials, so none is ever logged. A URL dies with the credentials that signed it: those to get an object are
 * signed by a role of which the end is known, those to put a part, within the hour, by the function's own.
 */
import { GetObjectCommand, HeadObjectCommand, UploadPartCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { createS3Client, type S3ClientOptions } from "../storage/s3-connection-client";
import type { Clock, Presigner, SignedUrl } from "./collaborators";
import { SigningRole, type SigningSession } from "./signing-role-client";

export interface PresignerOptions extends S3ClientOptions {
  readonly clock: Clock;
  /** What signs URLs to get objects. @default the client's own credentials, which have no end */
  readonly reading?: Pick<SigningRole, "session">;
}

export class S3Presigner implements Presigner {
  private readonly client: S3Client;
  private reader: { readonly session: SigningSession; readonly client: S3Client } | undefined;

  constructor(private readonly options: PresignerOptions) {
    this.client = createS3Client(options);
  }

  async getUrl(
    { bucket, key }: { readonly bucket: string; readonly key: string },
    { seconds, fileName, method }: Parameters<Presigner["getUrl"]>[1],
  ): Promise<SignedUrl> {
    const object = {
      Bucket: bucket,
      Key: key,
      ResponseContentDisposition: attachment(fileName),
      ResponseContentType: fileName.endsWith(".gz") ? "application/gzip" : "application/octet-stream",
      // An archive is made once; a browser must not keep a copy of its own.
      ResponseCacheControl: "no-store",
    };
    const command = method === "HEAD" ? new HeadObjectCommand(object) : new GetObjectCommand(object);
    const { client, ends } = await this.readingClient();
    // A signature counts from the whole second in which it is made.
    const begin = Math.floor(this.options.clock.now().getTime() / 1000) * 1000;
    const expiresIn = Math.min(seconds, Math.floor((ends - begin) / 1000));
    const url = await getSignedUrl(client, command, { expiresIn, signingDate: new Date(begin) });
    return { url, expiresAt: new Date(begin + expiresIn * 1000) };
  }

  partUrl(
    { bucket, key }: { readonly bucket: string; readonly key: string },
    {
      uploadId,
      partNumber,
      seconds,
    }: { readonly uploadId: string; readonly partNumber: number; readonly seconds: number },
  ): Promise<string> {
    const command = new UploadPartCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumber: partNumber });
    return getSignedUrl(this.client, command, { expiresIn: seconds, signingDate: this.options.clock.now() });
  }

  private async readingClient(): Promise<{ readonly client: S3Client; readonly ends: number }> {
    const session = await this.options.reading?.session();
    if (session === undefined) return { client: this.client, ends: Infinity };
    if (this.reader?.session !== session) {
      this.reader?.client.destroy();
      this.reader = { session, client: createS3Client({ ...this.options, credentials: session.credentials }) };
    }
    return { client: this.reader.client, ends: session.expiresAt.getTime() };
  }
}

/** Where S3 is: AWS's own endpoint, or the one of the SDK's standard variables. */
export const createPresigner = (
  region: string,
  downloadRoleArn: string,
  clock: Clock,
  variables: NodeJS.ProcessEnv,
): S3Presigner => {
  const endpoint = variables["AWS_ENDPOINT_URL_S3"] || variables["AWS_ENDPOINT_URL"];
  const reading = new SigningRole(downloadRoleArn, clock, { region });
  return new S3Presigner({ region, clock, reading, ...(endpoint ? { endpoint } : {}) });
};

/** RFC 6266: a name in ASCII for old programs, and the whole name in UTF-8. */
export const attachment = (fileName: string): string => {
  const ascii = fileName.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const plain = `attachment; filename="${ascii}"`;
  return ascii === fileName
    ? plain
    : `${plain}; filename*=UTF-8''${encodeURIComponent(fileName).replace(/['()*]/g, percent)}`;
};
const percent = (mark: string): string => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`;
