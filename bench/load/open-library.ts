import { WebSocket } from 'ws';
import { connect } from '../../client/src/index.ts';
import type { Client, OnStamp, LoadTarget } from './client.ts';

interface Stamped {
  readonly t: number;
}

/** Opens a client with our library, as an application uses it. */
export async function openLibrary({ url, topics }: LoadTarget, onStamp: OnStamp): Promise<Client> {
  const rt = connect<Record<string, Stamped>>(url, { socketClass: WebSocket, topics });
  const subscriptions = topics.map((topic) => {
    const subscription = rt.subscribe(topic);
    subscription.on('message', ({ data }) => onStamp(data.t));
    return new Promise<void>((resolve) => {
      subscription.on('subscribed', () => resolve());
    });
  });
  await Promise.all(subscriptions);
  return {
    publish: (message) => {
      const data: Stamped = JSON.parse(message);
      void rt.publish(topics[0] ?? '', data);
    },
  };
}
