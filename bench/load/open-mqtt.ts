import { connectAsync } from 'mqtt';
import type { Client, OnStamp, LoadTarget } from './client.ts';
import { eachStamp } from './stamped.ts';

/** Opens an MQTT client over WebSocket, with QoS 0: nothing is acknowledged or stored, as with the other peers. */
export async function openMqtt({ url, topics: [topic = ''] }: LoadTarget, onStamp: OnStamp): Promise<Client> {
  const client = await connectAsync(url, { reconnectPeriod: 0 });
  client.on('message', (_topic, payload) => eachStamp(payload.toString('latin1'), onStamp));
  await client.subscribeAsync(topic, { qos: 0 });
  return { publish: (message) => client.publish(topic, message) };
}
