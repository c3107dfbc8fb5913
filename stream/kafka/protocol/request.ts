/** A request of the protocol. Only versions that Kafka 4.0 and all newer releases support. */
import { WireReader, WireWriter } from './wire.ts';

export interface Request<Response> {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  /** The body, in pieces, so that large ones are not copied. */
  readonly body: readonly Buffer[];
  /** True when the response header has no tagged fields (ApiVersions); other flexible versions end with them. */
  readonly plainResponseHeader?: boolean;
  parse(reader: WireReader): Response;
}

/** Returns length, header and body, as sent over the connection. */
export function toFrame(request: Request<unknown>, correlationId: number, clientId: string): Buffer[] {
  const header = new WireWriter()
    .int32(0)
    .int16(request.apiKey)
    .int16(request.apiVersion)
    .int32(correlationId)
    .shortString(clientId)
    .noTags().written;
  const bytes = request.body.reduce((sum, { length }) => sum + length, header.length);
  header.writeInt32BE(bytes - 4, 0);
  return [header, ...request.body];
}

/** @param payload what follows the correlation id */
export function parseResponse<Response>(request: Request<Response>, payload: Buffer): Response {
  const reader = new WireReader(payload);
  if (request.plainResponseHeader !== true) reader.tags();
  return request.parse(reader);
}
