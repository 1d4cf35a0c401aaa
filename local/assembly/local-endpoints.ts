/** Replaces this API's public addresses in a string by those of the local gateway. */
export type Localize = (text: string) => string;

/**
 * Returns a function that replaces an API's public addresses. Handlers read the callback endpoint from their
 * environment, as on AWS, and here it must lead to this machine. Any region and URL suffix matches, because a template
 * may contain them literally.
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
