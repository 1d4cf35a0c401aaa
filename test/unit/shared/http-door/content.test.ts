import fc from 'fast-check';
import { bodyOfMessages, joinPieces, contentOf, piecesOf } from '../../../../shared/http-door/content.ts';
import { HTTP_BOUNDS } from '../../../../shared/http-door/http-bounds.ts';
import { byteLength } from '../../../../shared/protocol/decode-frame.ts';
import { LIMITS } from '../../../../shared/protocol/limits.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('the bytes of a body', () => {
  it.each([true, false])('come back as they were, in pieces that fit a frame (as text: %s)', (asText) => {
    const texts = fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text.repeat(300)));
    fc.assert(
      fc.property(fc.oneof(texts, fc.uint8Array({ maxLength: 300 })), (body) => {
        const pieces = piecesOf(body, asText);

        expect(Buffer.from(joinPieces(pieces)).equals(Buffer.from(body))).toBe(true);
        expect(pieces.filter((piece) => byteLength(piece) > LIMITS.DATA_BYTES)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('are cut between characters where they are text', () => {
    const [first = '', second = ''] = piecesOf(bytes(`${'a'.repeat(HTTP_BOUNDS.PIECE_BYTES - 1)}€uro`), true);

    expect([first.length, second]).toEqual([HTTP_BOUNDS.PIECE_BYTES + 1, '"€uro"']);
  });

  it('keep a byte order mark', () => {
    expect(joinPieces(piecesOf(bytes('\uFEFFa'), true))).toEqual(bytes('\uFEFFa'));
  });
});

describe('a JSON body', () => {
  it('is a message for each element of an array, and one for any other value', () => {
    const messagesOf = (text: string) => contentOf(bytes(text), 'Application/JSON; charset=utf-8').messages;

    expect(messagesOf('[1,[2],{"a":null}]')).toEqual(['1', '[2]', '{"a":null}']);
    expect(messagesOf('"x"')).toEqual(['"x"']);
    expect(messagesOf('[]')).toEqual([]);
  });

  it('is read back as one array', () => {
    expect(bodyOfMessages(['1', '[2]'], 'application/json')).toBe('[1,[2]]');
  });

  it.each([
    ['{', 'bad-json'],
    [JSON.stringify(['x'.repeat(LIMITS.DATA_BYTES)]), 'too-large'],
    [JSON.stringify(Array.from({ length: HTTP_BOUNDS.MESSAGES + 1 }, () => 1)), 'too-large'],
    [`"${'x'.repeat(HTTP_BOUNDS.BODY_BYTES)}"`, 'too-large'],
  ])('that is no message is refused (%#)', (body, code) => {
    expect(() => contentOf(bytes(body), 'application/json')).toThrow(expect.objectContaining({ code }));
  });
});
