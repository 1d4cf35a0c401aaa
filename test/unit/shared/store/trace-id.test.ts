import { decodeItem } from '../../../../shared/store/attributes.ts';
import { traceId as traceIdSchema, traceIdIn } from '../../../../shared/store/trace-id.ts';

const ROOT = '1-58406520-a006649127e371903a2de979';

describe('the trace id', () => {
  it.each([
    `Root=${ROOT};Parent=4c721bf33e3caf8f;Sampled=1`,
    `Root=${ROOT}`,
    `Self=1-67891234-12456789abcdef012345678;Root=${ROOT};Sampled=0;Lineage=a87bd80c:1`,
  ])('is the root of %s', (header) => {
    expect(traceIdIn(header)).toBe(ROOT);
  });

  it.each([
    undefined,
    '',
    'Parent=4c721bf33e3caf8f;Sampled=1',
    'Root=',
    ROOT,
    `Root=${ROOT}0;Sampled=1`,
    `Root=${ROOT.toUpperCase()}`,
    `Root=2${ROOT.slice(1)}`,
    `Root=${'x'.repeat(10_000)}`,
  ])('is none in %j', (header) => {
    expect(traceIdIn(header)).toBeUndefined();
  });

  it.each([
    [{ traceId: { S: ROOT } }, ROOT],
    [{ traceId: { S: 'any text' } }, undefined],
    [{ traceId: { S: '' } }, undefined],
    [{ traceId: { N: '1' } }, undefined],
    [{ traceId: { NULL: true } }, undefined],
    [{}, undefined],
  ])('of the item %j is %s', (item, traceId) => {
    expect(decodeItem({ traceId: traceIdSchema }, item)).toEqual({ traceId });
  });
});
