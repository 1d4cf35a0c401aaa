import { readTableSource, SOURCE_BYTES } from '../../../../shared/from-table/table-source.ts';

const SOURCE = { topic: 'order:{customer}', on: ['INSERT'], when: {}, project: ['status'] };

describe('the configuration of a source', () => {
  it('is read as it is', () => {
    expect(readTableSource(SOURCE)).toEqual(SOURCE);
  });

  it.each([
    ['no topic', { topic: undefined }, 'topic'],
    ['a topic that is no template', { topic: 'order {id}' }, 'topic: is not a template of topics'],
    ['no event', { on: [] }, 'on'],
    ['an unknown event', { on: ['UPDATE'] }, 'on.0'],
    ['an unknown operator', { when: { status: [{ suffix: 'x' }] } }, 'when.status.0'],
    ['a condition that is no list', { when: { status: 'paid' } }, 'when.status'],
    ['an attribute that JSON cannot carry', { project: ['__proto__'] }, 'project.0'],
    ['too many attributes', { project: Array.from({ length: 51 }, (_, i) => `a${i}`) }, 'project'],
    ['an unknown part', { filter: {} }, 'filter: unknown field'],
  ])('is refused with %s, by the name of the faulty part', (_what, part, fault) => {
    expect(() => readTableSource({ ...SOURCE, ...part })).toThrow(fault);
  });

  it('is refused when it is too large for the environment of a function', () => {
    const when = { status: Array.from({ length: 300 }, (_, i) => `status-${i}`) };

    expect(() => readTableSource({ ...SOURCE, when })).toThrow(`at most ${SOURCE_BYTES} fit`);
  });
});
