import type { IncomingMessage } from 'node:http';
import type { CorsModel } from '../model.ts';

type Headers = Readonly<Record<string, string>>;

/** Whether a request asks what another one may do, which Lambda answers without the function. */
export const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

/** Returns the headers that Lambda adds to a response, for an origin that the URL lets in. */
export function corsHeaders(cors: CorsModel | undefined, { headers }: IncomingMessage): Headers {
  const { origin } = headers;
  if (cors === undefined || origin === undefined) return {};
  const isForAll = cors.allowOrigins.includes('*');
  if (!isForAll && !cors.allowOrigins.includes(origin)) return {};
  return {
    'Access-Control-Allow-Origin': isForAll && !cors.allowCredentials ? '*' : origin,
    ...(isForAll ? {} : { Vary: 'Origin' }),
    ...(cors.allowCredentials ? { 'Access-Control-Allow-Credentials': 'true' } : {}),
    ...listed('Access-Control-Expose-Headers', cors.exposeHeaders),
  };
}

/** Returns the headers of the answer to a preflight. */
export const preflightHeaders = (cors: CorsModel | undefined, request: IncomingMessage): Headers => ({
  ...corsHeaders(cors, request),
  ...listed('Access-Control-Allow-Methods', cors?.allowMethods ?? []),
  ...listed('Access-Control-Allow-Headers', cors?.allowHeaders ?? []),
  ...(cors?.maxAgeSeconds === undefined ? {} : { 'Access-Control-Max-Age': String(cors.maxAgeSeconds) }),
});

const listed = (name: string, values: readonly string[]): Headers =>
  values.length === 0 ? {} : { [name]: values.join(',') };
