import { judgeBatch } from '../../../../local/streams/batch-verdict.ts';
import { functionError, serviceError, success } from '../../../helpers/mapping-fixtures.ts';

const sequenceNumbers = ['99', '100', '101'];
const failures = (...identifiers: unknown[]): unknown => ({
  batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
});
const judge = (payload: unknown, reportBatchItemFailures = true) =>
  judgeBatch({ result: success(payload), sequenceNumbers, reportBatchItemFailures });

describe('The answer of a function that reports batch item failures', () => {
  it.each([[[]], [null], [undefined], [{}], [{ batchItemFailures: [] }], [{ batchItemFailures: null }]])(
    'is a success when it is %j',
    (payload) => {
      expect(judge(payload)).toEqual({ kind: 'done' });
    },
  );

  it.each([
    [failures('')],
    [failures(null)],
    [failures(123)],
    [failures('77')],
    [failures('101', 'unknown')],
    [{ batchItemFailures: [{ foo: 123 }] }],
    [{ batchItemFailures: [{ foo: null }] }],
    [{ batchItemFailures: [null] }],
    [{ batchItemFailures: 'all' }],
  ])('is a failure of the whole batch when it is %j', (payload) => {
    expect(judge(payload)).toEqual({ kind: 'failed', functionError: null, divisible: true });
  });

  it('makes progress up to the lowest number named, in whatever order they come', () => {
    expect(judge(failures('101', '100'))).toEqual({ kind: 'progress', index: 1 });
  });

  it('makes no progress and no halves when the first record is named', () => {
    expect(judge(failures('99'))).toEqual({ kind: 'failed', functionError: null, divisible: false });
  });
});

describe('An answer', () => {
  it('means success whatever it says when failures are not reported', () => {
    expect(judge(failures('99'), false)).toEqual({ kind: 'done' });
  });

  it('is a failure when the function threw, and nothing yet when it could not run', () => {
    const batch = { sequenceNumbers, reportBatchItemFailures: false };

    expect(judgeBatch({ ...batch, result: functionError() })).toMatchObject({
      kind: 'failed',
      functionError: 'Unhandled',
    });
    expect(judgeBatch({ ...batch, result: serviceError() })).toEqual({ kind: 'not-run' });
  });
});
