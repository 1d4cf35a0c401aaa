import { createInterface } from 'node:readline';
import { connect } from '../client/src/index.ts';
import { type Example, stopped } from './example.ts';

const TOPIC = 'general';

/** Publishes to all but the sender: typed lines are printed by the other clients, and not here. */
export const others: Example = async ({ url, count = Infinity, stop }) => {
  const ending = new AbortController();
  const rt = connect(url);
  const subscription = rt.subscribe(TOPIC);
  let heard = 0;
  subscription.on('subscribed', () => console.log(`Subscribed to ${TOPIC}.`));
  subscription.on('message', ({ seq, data }) => {
    console.log(`#${seq} ${typeof data === 'string' ? data : JSON.stringify(data)}`);
    heard += 1;
    if (heard >= count) ending.abort();
  });
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    rt.publish(TOPIC, line, { echo: false }).then(
      ({ seq }) => console.log(`(sent to the others as #${seq})`),
      (error: unknown) => console.error(error instanceof Error ? error.message : String(error)),
    );
  });
  await stopped(AbortSignal.any([stop, ending.signal]));
  lines.close();
  rt.close();
};
