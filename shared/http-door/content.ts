import { ClientError } from '../errors.ts';
import { byteLength, encodeData } from '../protocol/decode-frame.ts';
import { LIMITS } from '../protocol/limits.ts';
import { mediaTypeOf } from '../store/judge-append.ts';
import { JSON_TYPE } from '../store/stream-state.ts';
import { HTTP_BOUNDS } from './http-bounds.ts';

/** The content type of a stream whose creator names none. */
export const DEFAULT_TYPE = 'application/octet-stream';

/** The messages that a body stands for. */
export interface Content {
  /** The data of each message as JSON text. */
  readonly messages: readonly string[];
  /** The values of the messages, of JSON. */
  readonly values: readonly unknown[];
}

/** Whether the messages of a stream are JSON values. Those of any other are pieces of its bytes. */
export const isJson = (contentType: string): boolean => mediaTypeOf(contentType) === JSON_TYPE;

/** Whether the bytes of a stream are text, which server-sent events carry as it is. */
export const isText = (contentType: string): boolean => mediaTypeOf(contentType).startsWith('text/');

/**
 * Returns the messages that a body stands for: the elements of a JSON array, another JSON value, or pieces of bytes.
 * Throws ClientError: `bad-json`, `bad-frame`, `too-large`.
 */
export function contentOf(body: Uint8Array, contentType: string): Content {
  if (body.byteLength > HTTP_BOUNDS.BODY_BYTES) throw tooLarge(`A body is at most ${HTTP_BOUNDS.BODY_BYTES} bytes.`);
  if (!isJson(contentType)) return { messages: piecesOf(body, isText(contentType)), values: [] };
  const parsed = parseJson(body);
  const values: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (values.length > HTTP_BOUNDS.MESSAGES) throw tooLarge(`A body has at most ${HTTP_BOUNDS.MESSAGES} messages.`);
  return { messages: values.map((value) => encodeData(value)), values };
}

/** Returns the body of an answer with these messages: a JSON array, or the bytes of the pieces. */
export function bodyOfMessages(messages: readonly string[], contentType: string): string | Uint8Array {
  return isJson(contentType) ? `[${messages.join(',')}]` : joinPieces(messages);
}

/** Returns the bytes of the pieces, one behind the other. */
export const joinPieces = (messages: readonly string[]): Uint8Array => Buffer.concat(messages.map(pieceBytes));

/** Returns the bytes of one piece, which is a text or an object with base64. */
export function pieceBytes(message: string): Buffer {
  const data: unknown = JSON.parse(message);
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  const isPiece = typeof data === 'object' && data !== null && 'base64' in data && typeof data.base64 === 'string';
  return isPiece ? Buffer.from(String(data.base64), 'base64') : Buffer.alloc(0);
}

/** Cuts bytes into pieces of which each fits a frame. Text is cut between characters. */
export function piecesOf(body: Uint8Array, asText: boolean): readonly string[] {
  const pieces: string[] = [];
  for (let start = 0; start < body.byteLength; ) {
    const end = asText ? characterEnd(body, start + HTTP_BOUNDS.PIECE_BYTES) : start + HTTP_BOUNDS.PIECE_BYTES;
    pieces.push(pieceOf(body.subarray(start, end), asText));
    start = end;
  }
  return pieces;
}

/** Returns where the character ends before a place in UTF-8, at most three bytes before it. */
function characterEnd(body: Uint8Array, place: number): number {
  let end = place;
  while (end > place - 4 && ((body[end] ?? 0) & 0xc0) === 0x80) end--;
  return end === place - 4 ? place : end;
}

/** Returns a piece as a text where that gives exactly these bytes back, otherwise as base64. */
function pieceOf(bytes: Uint8Array, asText: boolean): string {
  const text = asText ? textIn(bytes) : undefined;
  const json = text === undefined ? undefined : JSON.stringify(text);
  if (json !== undefined && byteLength(json) <= LIMITS.DATA_BYTES) return json;
  return JSON.stringify({ base64: Buffer.from(bytes).toString('base64') });
}

function textIn(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    // Bytes that are no text, in a stream of text: they are kept as they are.
    return undefined;
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(body));
  } catch (cause) {
    throw new ClientError('bad-json', 'The body is not JSON.', { cause });
  }
}

const tooLarge = (message: string): ClientError => new ClientError('too-large', message);
