import { CLIENT_FRAMES } from '../../shared/protocol/client-frames.ts';
import { ERROR_CODES } from '../../shared/protocol/error-codes.ts';
import { SERVER_FRAMES } from '../../shared/protocol/server-frames.ts';
import { namesIn, readDocument, rowsOf, sectionsUnder } from './markdown.ts';

const text = readDocument('docs/protocol.md');

/** Returns the names that have a row or a heading under the heading. */
function documented(heading: RegExp): readonly string[] {
  const sections = sectionsUnder(text, heading);
  const inRows = rowsOf(sections).flatMap(({ names }) => names);
  return [...new Set([...inRows, ...sections.slice(1).flatMap((section) => namesIn(section.heading))])].toSorted();
}

describe('docs/protocol.md', () => {
  it('has a row for every error code under «Errors», and none for a code that does not exist', () => {
    expect(documented(/^errors$/i)).toEqual(Object.keys(ERROR_CODES).toSorted());
  });

  it('has a row or a heading for every action under «What a client sends», and for no other', () => {
    expect(documented(/^what a client sends/i)).toEqual(Object.keys(CLIENT_FRAMES).toSorted());
  });

  it('has a row or a heading for every type under «What a client receives», and for no other', () => {
    expect(documented(/^what a client receives/i)).toEqual(Object.keys(SERVER_FRAMES).toSorted());
  });

  it('names every field of every frame', () => {
    const fields = Object.values({ ...CLIENT_FRAMES, ...SERVER_FRAMES }).flatMap(({ shape }) => Object.keys(shape));

    const missing = [...new Set(fields)].filter((field) => !new RegExp(`\\b${field}\\b`).test(text));
    expect(missing).toEqual([]);
  });
});
