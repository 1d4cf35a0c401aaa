import type { DynamoDBRecord } from 'aws-lambda';
import { broadcast } from '../../../../../shared/fanout/broadcast/broadcast.ts';
import { createBroadcastFixture } from '../../../../helpers/broadcast-fixture.ts';
import { type HeadFields, headImage, numberOf, recordOf } from '../../../../helpers/change-records.ts';
import { LOGGED_TRACES } from '../../../../../shared/fanout/broadcast/broadcast-summary.ts';

const traceOf = (place: number): string => `1-58406520-${String(place).padStart(24, '0')}`;

const tracedRecord = (place: number, fields: HeadFields, traceId: string): DynamoDBRecord =>
  recordOf(numberOf(place), { ...headImage(fields), traceId: { S: traceId } });

/** The trace ids in each log line of the broadcast of these records. */
async function reported(records: readonly DynamoDBRecord[]): Promise<(readonly string[] | undefined)[]> {
  const world = createBroadcastFixture({ subscribers: { news: ['a'] } });
  await broadcast(world, records);
  const [event] = world.events;
  if (event?.event !== 'broadcast') throw new Error('The broadcast reported nothing.');
  return event.summary.lines.map(({ traceIds }) => traceIds);
}

describe('the report of a broadcast', () => {
  it('names the traces of each topic, each once', async () => {
    const records = [
      tracedRecord(0, { topic: 'news', seq: 1 }, traceOf(1)),
      tracedRecord(1, { topic: 'news', seq: 2 }, traceOf(1)),
      tracedRecord(2, { topic: 'counter:a', seq: 1, value: 1 }, traceOf(2)),
    ];

    expect(await reported(records)).toEqual([[traceOf(1)], [traceOf(2)]]);
  });

  it('names no more than its bound', async () => {
    const records = Array.from({ length: LOGGED_TRACES + 5 }, (_, place) =>
      tracedRecord(place, { topic: 'news', seq: place + 1 }, traceOf(place)),
    );

    expect(await reported(records)).toEqual([Array.from({ length: LOGGED_TRACES }, (_, i) => traceOf(i))]);
  });

  it('names none where there is no proper one, and delivers all the same', async () => {
    const world = createBroadcastFixture({ subscribers: { news: ['a'] } });
    const records = [tracedRecord(0, { topic: 'news', seq: 1 }, 'no trace')];

    const failedFrom = await broadcast(world, records);

    expect(failedFrom).toBeUndefined();
    expect(world.delivered.get('a')).toHaveLength(1);
    expect(await reported(records)).toEqual([undefined]);
  });
});
