import { createNewest } from '../../../shared/newest.ts';

describe('a map of the newest entries', () => {
  it('forgets the oldest key past its bound, and keeps one that was set anew', () => {
    const newest = createNewest<string, number>(2);
    newest.set('a', 1);
    newest.set('b', 2);
    newest.set('a', 3);

    newest.set('c', 4);

    expect(['a', 'b', 'c'].map(newest.get)).toEqual([3, undefined, 4]);
  });

  it('has no key that was deleted, and room for another one then', () => {
    const newest = createNewest<string, number>(2);
    newest.set('a', 1);
    newest.set('b', 2);
    newest.delete('a');

    newest.set('c', 3);

    expect(['a', 'b', 'c'].map(newest.get)).toEqual([undefined, 2, 3]);
  });
});
