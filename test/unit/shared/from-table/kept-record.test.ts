import { decodeFailure } from '../../../../cli/failures/failure.ts';
import { keptObject } from '../../../../shared/from-table/kept-record.ts';
import { orderRecord } from '../../../helpers/table-records.ts';

const KEEPER = {
  functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:App-TopicsFromOrders',
  requestId: 'r1',
};

describe('a record that is kept', () => {
  const kept = keptObject(orderRecord({ id: 'o1', place: 1 }), 'no topic', KEEPER);

  it('has a name that follows from it, so that a repeat overwrites it', () => {
    const again = keptObject(orderRecord({ id: 'o1', place: 1 }), 'no topic', { ...KEEPER, requestId: 'r2' });
    const other = keptObject(orderRecord({ id: 'o1', place: 2 }), 'no topic', KEEPER);

    expect(kept.key).toMatch(
      /^table-records\/App-TopicsFromOrders\/2025-11-20T12\.00\.00-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    );
    expect(again.key).toBe(kept.key);
    expect(other.key).not.toBe(kept.key);
  });

  it('is read as Lambda’s own failure records are', () => {
    const object = { id: '', key: kept.key, writtenAt: new Date(0), bytes: 0 };

    expect(decodeFailure(object, kept.body, { topicsTable: 'T', subscriptionsTable: 'S' })).toMatchObject({
      condition: 'Unpublishable: no topic',
      functionName: 'App-TopicsFromOrders',
    });
  });
});
