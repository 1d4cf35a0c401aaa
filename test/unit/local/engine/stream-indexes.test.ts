import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';

import { createTables } from '../../../../local/engine/create-tables.ts';
import { startEngine } from '../../../../local/engine/start-engine.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';
import { clientFor, TOPICS } from './sample-tables.ts';

const terminal = { info: () => {}, warn: () => {}, lambdaLog: () => {} };

/** The statements of dynoxide 1.2 that become slower as the stream grows. */
const HIGHEST_NUMBER =
  'SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = ?1';
const RECORDS_AFTER = `SELECT event_name FROM _stream_records
  WHERE table_name = ?1 AND shard_id = ?2 AND CAST(sequence_number AS INTEGER) > ?3
  ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?4`;
const RANGE =
  'SELECT MIN(sequence_number), MAX(sequence_number) FROM _stream_records WHERE table_name = ?1 AND shard_id = ?2';

describe('addStreamIndexes', () => {
  it('lets the engine find its place in a stream without reading all of it', async () => {
    const directory = temporaryDirectory();
    const engine = await startEngine({ engine: 'dynoxide', dataDirectory: directory.path }, { terminal });
    const database = new DatabaseSync(join(directory.path, 'dynoxide.db'));

    const planOf = (statement: string): string =>
      database
        .prepare(`EXPLAIN QUERY PLAN ${statement}`)
        .all()
        .map((row) => String(row['detail']))
        .join('; ');
    const plans = [planOf(HIGHEST_NUMBER), planOf(RECORDS_AFTER), planOf(RANGE)];
    const journal = database.prepare('PRAGMA journal_mode').get()?.['journal_mode'];

    database.close();
    await engine.stop();
    directory.remove();
    expect(plans[0]).toMatch(/SEARCH _stream_records USING COVERING INDEX stream_records_by_number/);
    expect(plans[1]).toMatch(/^SEARCH _stream_records USING INDEX stream_records_of_shard[^;]*$/);
    expect(plans[2]).toMatch(/^SEARCH _stream_records USING COVERING INDEX stream_records_of_shard[^;]*$/);
    expect(journal).toBe('wal');
  });

  it('leaves the numbering of records as it was, also after a restart', async () => {
    const directory = temporaryDirectory();
    const choice = { engine: 'dynoxide', dataDirectory: directory.path };

    for (let run = 0; run < 2; run += 1) {
      const engine = await startEngine(choice, { terminal });
      const client = clientFor(engine.endpoint);
      await createTables([TOPICS], client);
      for (let write = 0; write < 12; write += 1) {
        const Key = { topic: { S: 'news' } };
        const ExpressionAttributeValues = { ':one': { N: '1' } };
        await client.send(
          new UpdateItemCommand({
            TableName: TOPICS.name,
            Key,
            UpdateExpression: 'ADD seq :one',
            ExpressionAttributeValues,
          }),
        );
      }
      client.destroy();
      await engine.stop();
    }

    const database = new DatabaseSync(join(directory.path, 'dynoxide.db'));
    const numbers = database.prepare('SELECT sequence_number AS number FROM _stream_records ORDER BY id').all();
    database.close();
    directory.remove();
    expect(numbers.map((row) => Number(row['number']))).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
  });
});
