import fc from 'fast-check';
import { readAnswer } from '../../shared/http/http-answer.ts';

const text = fc.string({ unit: 'binary-ascii', maxLength: 200 });
/** A body in pieces, each with at least one character. */
const pieces = fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }), { maxLength: 6 });
const status = fc.integer({ min: 200, max: 599 }).filter((each) => each !== 204 && each !== 304);
const interim = fc.constantFrom('HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 X\r\nlink: <a>\r\n\r\n');
const header = fc
  .tuple(fc.stringMatching(/^x-[a-z]{1,8}$/), fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/))
  .map(([name, value]) => `${name}: ${value}\r\n`);
/** The start of an answer: everything before the headers that say how long the body is. */
const start = fc
  .tuple(fc.array(interim, { maxLength: 2 }), status, fc.array(header, { maxLength: 4 }))
  .map(([before, code, headers]) => ({ code, head: `${before.join('')}HTTP/1.1 ${code} X\r\n${headers.join('')}` }));

const withLength = text.map((body) => ({ body, wire: `Content-Length: ${body.length}\r\n\r\n${body}` }));
const inChunks = pieces.map((chunks) => ({
  body: chunks.join(''),
  wire: `Transfer-Encoding: chunked\r\n\r\n${chunks.map((c) => `${c.length.toString(16)}\r\n${c}\r\n`).join('')}0\r\n\r\n`,
}));

describe('an answer to a post, of any form', () => {
  it('is whole when all of it has come and never before, and is the same wherever it is cut', () => {
    fc.assert(
      fc.property(start, fc.oneof(withLength, inChunks), ({ code, head }, { body, wire }) => {
        const bytes = head + wire;

        const parts = Array.from({ length: bytes.length }, (_, end) => readAnswer(bytes.slice(0, end)));
        expect(parts.filter((part) => part?.isWhole === true)).toEqual([]);
        expect(parts.filter((part) => !body.startsWith(part?.text ?? ''))).toEqual([]);
        expect(readAnswer(bytes)).toMatchObject({ status: code, text: body, isWhole: true, keepsAlive: true });
      }),
    );
  });

  it('leaves nothing of what comes behind it to the next one', () => {
    fc.assert(
      fc.property(
        start,
        fc.oneof(withLength, inChunks),
        fc.string({ minLength: 1 }),
        ({ head }, { body, wire }, more) => {
          expect(readAnswer(head + wire + more)).toMatchObject({ text: body, keepsAlive: false });
        },
      ),
    );
  });
});
