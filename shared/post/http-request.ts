import type { SignedPost } from './sigv4.ts';

/** Writes signed posts to one callback URL as HTTP/1.1 has them, in one piece: a write of its own for the body costs as much again. */
export function createRequestEncoder(callbackUrl: string): (post: SignedPost) => Buffer {
  const { host } = new URL(callbackUrl);
  return ({ path, headers, body }) => {
    let head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
    for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
    head += `content-length: ${body.length}\r\n\r\n`;
    const request = Buffer.allocUnsafe(head.length + body.length);
    request.write(head, 'latin1');
    body.copy(request, head.length);
    return request;
  };
}
