/** Turns this API's public addresses in a text into those of the local gateway. */
export type Localize = (text: string) => string;

/**
 * Handlers find the callback endpoint in their environment, as on AWS; here it must lead to this machine. Any region and
 * suffix counts, since a template may write them out.
 */
export function localEndpoints(apiId: string, port: number): Localize {
  const publicAddress = new RegExp(
    `(https|wss)://${apiId}\\.execute-api\\.[a-z0-9-]+\\.amazonaws\\.com(?:\\.cn)?`,
    'g',
  );
  return (text) =>
    text.replaceAll(
      publicAddress,
      (_match, scheme: string) => `${scheme === 'wss' ? 'ws' : 'http'}://127.0.0.1:${port}`,
    );
}
