/** Replaces the public addresses of this application's APIs in a string by those of the local gateway. */
export type Localize = (text: string) => string;

/** The public address of an API. Any region and URL suffix matches, because a template may contain them literally. */
const PUBLIC_ADDRESS = /(https|wss):\/\/([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/g;

/**
 * Returns a function that replaces the public addresses of APIs, given by their ids with their ports. Handlers read the
 * callback endpoint from their environment, as on AWS, and here it must lead to this machine.
 */
export function localEndpoints(ports: ReadonlyMap<string, number>): Localize {
  return (text) =>
    text.replaceAll(PUBLIC_ADDRESS, (address, scheme: string, apiId: string) => {
      const port = ports.get(apiId);
      return port === undefined ? address : `${scheme === 'wss' ? 'ws' : 'http'}://127.0.0.1:${port}`;
    });
}
