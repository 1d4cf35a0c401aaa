import { tableMessageOf, readTableRecord } from '../../../../shared/from-table/table-record.ts';
import { orderRecord, type OrderChange } from '../../../helpers/table-records.ts';

function messageFor(change: OrderChange) {
  const read = readTableRecord(orderRecord(change));
  if ('fault' in read) throw new Error(read.fault);
  return tableMessageOf(read, { project: ['status', 'id'] });
}

const item = { status: { S: 'paid' }, card: { S: 'secret' } };

describe('the message of a change', () => {
  it('says what happened, to which item, and its projected attributes', () => {
    expect(messageFor({ id: 'o1', place: 1, eventName: 'INSERT', item })).toEqual({
      event: 'insert',
      keys: { id: 'o1' },
      item: { status: 'paid', id: 'o1' },
    });
    expect(messageFor({ id: 'o1', place: 2, item })).toMatchObject({ event: 'modify' });
  });

  it('of a deletion has the item as it was', () => {
    expect(messageFor({ id: 'o1', place: 1, eventName: 'REMOVE', item })).toEqual({
      event: 'remove',
      keys: { id: 'o1' },
      item: { status: 'paid', id: 'o1' },
    });
  });

  it('of a deletion by TTL says so', () => {
    expect(messageFor({ id: 'o1', place: 1, eventName: 'REMOVE', item, isByTtl: true })).toMatchObject({
      expired: true,
    });
  });
});

describe('a record that cannot become a message', () => {
  it('lacks the image', () => {
    const record = orderRecord({ id: 'o1', place: 1 });
    const keysOnly = { ...record, dynamodb: { ...record.dynamodb, NewImage: undefined } };

    expect(readTableRecord(JSON.parse(JSON.stringify(keysOnly)))).toEqual({ fault: 'the stream has no new image' });
  });

  it.each(['eventID', 'eventName', 'eventSourceARN', 'dynamodb'])('lacks %s', (part) => {
    const record = { ...orderRecord({ id: 'o1', place: 1 }), [part]: undefined };

    expect(readTableRecord(record)).toEqual({ fault: 'the stream record is not whole' });
  });
});
