import { once } from 'node:events';
import type { Socket } from 'node:net';

/** The host that raw requests name. The harness lists it, so that a text needs no port. */
export const RAW_HOST = 'raw.test';

/** Returns a well-formed upgrade request, with more headers if given (each with its line end). */
export function upgradeText(path = '/live', extra = ''): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${RAW_HOST}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${extra}\r\n`,
  ].join('\r\n');
}

/** Resolves to everything that a raw socket receives until it ends. */
export async function readToEnd(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

/** Returns a masked client frame. The mask is zero, so that the payload is readable. */
export function clientFrame(payload: Buffer, { opcode = 1, fin = true } = {}): Buffer {
  const length =
    payload.length < 126 ? Buffer.from([payload.length | 0x80]) : Buffer.alloc(payload.length < 65_536 ? 3 : 9);
  if (length.length === 3) {
    length[0] = 126 | 0x80;
    length.writeUInt16BE(payload.length, 1);
  } else if (length.length === 9) {
    length[0] = 127 | 0x80;
    length.writeBigUInt64BE(BigInt(payload.length), 1);
  }
  return Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | opcode]), length, Buffer.alloc(4), payload]);
}
