import type { CoveredRequest } from './verify-signature.ts';

/** Returns a request, given the text of its head and its body, as its signature covers it. */
export function signedRequestOf(head: string, body: Buffer): CoveredRequest {
  const [line = '', ...lines] = head.split('\r\n');
  const [method = '', target = '/'] = line.split(' ');
  const headers = new Map(
    lines.map((text) => {
      const colon = text.indexOf(':');
      return [text.slice(0, colon).toLowerCase(), text.slice(colon + 1)];
    }),
  );
  return { method, target, header: (name) => headers.get(name)?.trim(), body };
}

/** The parts of a request that Node's HTTP server has read. */
interface ServedRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
}

/** Returns a request that Node's HTTP server has read, as its signature covers it. */
export function servedRequestOf({ method = '', url = '/', headers }: ServedRequest, body?: Buffer): CoveredRequest {
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' ? value : value?.join(',');
  };
  return { method, target: url, header, body };
}
