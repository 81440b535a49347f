/** How RDS answers: XML, and errors in the form of its query protocol. */
import { Readable } from "node:stream";

export const escaped = (value: string): string =>
  value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
export const answer = (action: string, result: string) =>
  response(
    200,
    `<${action}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><${action}Result>${result}</${action}Result>` +
      `<ResponseMetadata><RequestId>523e3218-afc7-11c3-90f5-f90431260ab4</RequestId></ResponseMetadata></${action}Response>`,
  );
export const error = (code: string, message: string, status = 400) =>
  response(
    status,
    `<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error><Type>Sender</Type><Code>${code}</Code>` +
      `<Message>${escaped(message)}</Message></Error><RequestId>523e3218-afc7-11c3-90f5-f90431260ab4</RequestId></ErrorResponse>`,
  );
const response = (statusCode: number, body: string) => ({
  statusCode,
  headers: { "content-type": "text/xml" },
  body: Readable.from([Buffer.from(body)]),
});
