import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { splitTarget } from '../gateway/http.ts';
import { commonLogTime } from '../gateway/proxy-event.ts';
import type { UrlCaller } from '../iam/url-access.ts';
import type { FunctionUrlModel } from '../model.ts';

/** The content types of which Lambda passes a body on as text. Any other body is encoded as base64. */
const TEXT_TYPE = /^(?:text\/|application\/(?:json|javascript|xml|[\w.-]+\+(?:json|xml))\b)/i;

/** A request, and what the service knows of it. */
export interface UrlRequest {
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly requestId: string;
  readonly nowMs: number;
  /** The signer of the request. Absent where the URL takes requests without a signature. */
  readonly caller?: UrlCaller | undefined;
}

/**
 * Returns the event of a function URL: the payload format 2.0 of HTTP APIs.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
export function urlEventOf(
  { urlId }: FunctionUrlModel,
  { request, body, requestId, nowMs, caller }: UrlRequest,
): object {
  const { method = 'GET', url = '/', headers: all, socket, httpVersion } = request;
  // Cookies have a member of their own in this format.
  const { cookie, ...headers } = all;
  const [path, rawQueryString] = splitTarget(url);
  const domainName = headers.host ?? '';
  const isText = TEXT_TYPE.test(headers['content-type'] ?? '');
  const sourceIp = socket.remoteAddress ?? '';
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/; */) }),
    headers: joined({ ...headers, 'x-forwarded-proto': 'http', 'x-forwarded-for': sourceIp }),
    ...(rawQueryString === '' ? {} : { queryStringParameters: queryOf(rawQueryString) }),
    requestContext: {
      accountId: caller?.accountId ?? 'anonymous',
      apiId: urlId,
      ...(caller === undefined ? {} : { authorizer: { iam: caller } }),
      domainName,
      domainPrefix: urlId,
      http: { method, path, protocol: `HTTP/${httpVersion}`, sourceIp, userAgent: headers['user-agent'] ?? '' },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: commonLogTime(nowMs),
      timeEpoch: nowMs,
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** Returns the headers with several values of one joined by commas. */
const joined = (headers: IncomingHttpHeaders): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(',') : value] as const],
    ),
  );

function queryOf(text: string): Readonly<Record<string, string>> {
  const query = new URLSearchParams(text);
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).join(',')] as const));
}
