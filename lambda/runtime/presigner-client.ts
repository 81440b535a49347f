/**
 * URLs that carry their own permission for one request: one object to get, one part to put. Made here, without a
 * request; whoever has one needs no other credentials, so none is ever logged. A URL dies with the credentials that
 * signed it, which for a function are some hours old at most.
 */
import { GetObjectCommand, HeadObjectCommand, UploadPartCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { createS3Client, type S3ClientOptions } from "../storage/s3-connection-client";
import type { Presigner } from "./collaborators";

export class S3Presigner implements Presigner {
  private readonly client: S3Client;

  constructor(options: S3ClientOptions) {
    this.client = createS3Client(options);
  }

  getUrl(
    { bucket, key }: { readonly bucket: string; readonly key: string },
    { seconds, fileName, method }: Parameters<Presigner["getUrl"]>[1],
  ): Promise<string> {
    const object = {
      Bucket: bucket,
      Key: key,
      ResponseContentDisposition: attachment(fileName),
      ResponseContentType: fileName.endsWith(".gz") ? "application/gzip" : "application/octet-stream",
      // An archive is made once; a browser must not keep a copy of its own.
      ResponseCacheControl: "no-store",
    };
    const command = method === "HEAD" ? new HeadObjectCommand(object) : new GetObjectCommand(object);
    return getSignedUrl(this.client, command, { expiresIn: seconds });
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
    return getSignedUrl(this.client, command, { expiresIn: seconds });
  }
}

/** Where S3 is: AWS's own endpoint, or the one of the SDK's standard variables. */
export const createPresigner = (region: string, variables: NodeJS.ProcessEnv): S3Presigner => {
  const endpoint = variables["AWS_ENDPOINT_URL_S3"] || variables["AWS_ENDPOINT_URL"];
  return new S3Presigner({ region, ...(endpoint ? { endpoint } : {}) });
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
