import type { Readable } from 'node:stream';
import type { StreamRequest } from '../shared/http-door/stream-request.ts';

/**
 * The event of a function URL, in the fields that are used here.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export interface UrlEvent {
  readonly rawPath: string;
  readonly rawQueryString: string;
  /** The headers, by their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestContext: {
    readonly domainName: string;
    readonly http: { readonly method: string };
    /** The signer of the request, as Lambda has verified it. Only a URL with the authentication AWS_IAM has it. */
    readonly authorizer?: { readonly iam?: { readonly userArn: string } };
  };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/** The result of a function behind a URL, whose body is sent as it comes. */
export interface UrlResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Readable;
}

/** Returns the request for a stream that an event stands for. */
export function requestOf(event: UrlEvent): StreamRequest {
  const { headers, requestContext, body = '', isBase64Encoded } = event;
  const scheme = headers['x-forwarded-proto'] ?? 'https';
  return {
    method: requestContext.http.method,
    path: event.rawPath,
    origin: `${scheme}://${headers['host'] ?? requestContext.domainName}`,
    query: new URLSearchParams(event.rawQueryString),
    headers,
    isSigned: requestContext.authorizer?.iam !== undefined,
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}
