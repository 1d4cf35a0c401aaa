import { listHeads } from '../shared/store/operator-heads.ts';
import { TooManyItemsError } from '../shared/store/operator-scan.ts';
import type { Backend } from './backend.ts';
import { describeUnknownTopic } from './near-names.ts';
import { tableOf } from './table-of.ts';

/** Explains that nobody has published to a topic, and names those that may be meant, if the table is not too large. */
export const explainUnknownTopic = async (
  backend: Pick<Backend, 'stack' | 'dynamodb'>,
  topic: string,
): Promise<string> => describeUnknownTopic(topic, await listNames(backend));

async function listNames(backend: Pick<Backend, 'stack' | 'dynamodb'>): Promise<string[]> {
  try {
    return (await listHeads(tableOf(backend, 'topicsTable'))).map(({ topic }) => topic);
  } catch (error) {
    if (error instanceof TooManyItemsError) return [];
    throw error;
  }
}
