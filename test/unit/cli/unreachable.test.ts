import { failureReason, unreachableBy } from '../../../cli/unreachable.ts';

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

describe('a request that was not answered', () => {
  it.each([
    ['refused', withCode('ECONNREFUSED')],
    ['refused', new TypeError('fetch failed', { cause: withCode('ECONNREFUSED') })],
    ['late', withCode('ETIMEDOUT')],
    ['late', new TypeError('fetch failed', { cause: withCode('UND_ERR_HEADERS_TIMEOUT') })],
    ['late', AbortSignal.abort(new DOMException('late', 'TimeoutError')).reason],
    ['late', Object.assign(new Error('Connection timed out'), { name: 'TimeoutError' })],
    [undefined, withCode('ECONNRESET')],
    [undefined, new Error('a defect')],
    [undefined, 'no error at all'],
  ])('was %s by %p', (by, error) => {
    expect(unreachableBy(error)).toBe(by);
  });

  it('is explained by what caused it', () => {
    expect(failureReason(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }))).toBe(
      'connect ECONNREFUSED',
    );
    expect(failureReason(new Error('itself'))).toBe('itself');
    expect(failureReason('text')).toBe('text');
  });
});
