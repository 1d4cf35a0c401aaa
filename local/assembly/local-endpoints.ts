/** Replaces the public addresses of this application's APIs in a string by those of the local gateway. */
export type Localize = (text: string) => string;

/** Matches the address of a function URL, of this application or of another. */
const FUNCTION_URL = /https:\/\/([a-z0-9]+)\.lambda-url\.[a-z0-9-]+\.on\.aws/g;

/** The public address of an API. Any region and URL suffix matches, because a template may contain them literally. */
const PUBLIC_ADDRESS = /(https|wss):\/\/([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/g;

/** The ports at which an application is served. */
export interface LocalPorts {
  /** The ports of the application's function URLs, by their ids. */
  readonly byUrl: ReadonlyMap<string, number>;
  /** The ports of the APIs, by their ids. */
  readonly byApi: ReadonlyMap<string, number>;
}

/**
 * Returns a function that replaces the public addresses of the APIs and of the function URLs. Handlers read the
 * callback endpoint from their environment, as on AWS, and here it must lead to this machine.
 */
export function localEndpoints({ byUrl, byApi }: LocalPorts): Localize {
  return (text) =>
    text
      .replaceAll(PUBLIC_ADDRESS, (address, scheme: string, apiId: string) => {
        const port = byApi.get(apiId);
        return port === undefined ? address : `${scheme === 'wss' ? 'ws' : 'http'}://127.0.0.1:${port}`;
      })
      .replaceAll(FUNCTION_URL, (address, urlId: string) => {
        const port = byUrl.get(urlId);
        return port === undefined ? address : `http://127.0.0.1:${port}`;
      });
}
