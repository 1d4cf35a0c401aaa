import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import { findingsOf } from '../../../cli/doctor/check-mappings.ts';

const AS_DEPLOYED: EventSourceMappingConfiguration = {
  State: 'Enabled',
  DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::failures' } },
  MaximumRetryAttempts: 8,
  MaximumRecordAgeInSeconds: 600,
  BisectBatchOnFunctionError: true,
  FunctionResponseTypes: ['ReportBatchItemFailures'],
};

describe('the doctor’s look at event source mappings', () => {
  it('finds nothing wrong with one as it is deployed', () => {
    const findings = findingsOf('Topics', [AS_DEPLOYED]);

    expect(findings.map(({ status }) => status)).toEqual(['ok']);
  });

  it('finds a stream that nobody reads', () => {
    const findings = findingsOf('Topics', []);

    expect(findings).toMatchObject([{ status: 'problem', found: expect.stringContaining('nothing reads') }]);
  });

  it.each<[string, Partial<EventSourceMappingConfiguration>, RegExp]>([
    ['is disabled', { State: 'Disabled' }, /it is Disabled/],
    ['has no failure destination', { DestinationConfig: {} }, /no failure destination/],
    ['retries without end', { MaximumRetryAttempts: -1 }, /retries are unset/],
    ['has no record age', { MaximumRecordAgeInSeconds: -1 }, /record age is unset/],
    ['does not halve batches', { BisectBatchOnFunctionError: false }, /not halved/],
    ['takes no partial answers', { FunctionResponseTypes: [] }, /partial answers are off/],
  ])('finds one that %s, with a remedy', (_, change, found) => {
    const findings = findingsOf('Topics', [{ ...AS_DEPLOYED, ...change }]);

    expect(findings).toEqual([
      { check: expect.any(String), status: 'problem', found: expect.stringMatching(found), remedy: expect.any(String) },
    ]);
  });
});
