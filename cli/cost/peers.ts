import { bytesOut, connectionMinutes, onlineSeconds } from './bill.ts';
import type { Load } from './load.ts';
import { priceOf } from './price-of.ts';
import { ABLY_PACKAGES, AWS_PRICES, type Certainty, PEER_PRICES, type PricePlan, PUSHER_PLANS } from './prices.ts';
import { trafficOf } from './traffic.ts';

/** The bill of another service for the load. */
export interface PeerBill {
  readonly name: string;
  /** The price of a month; undefined where no published price covers the load. */
  readonly usd: number | undefined;
  readonly remark: string;
  readonly source: string;
  readonly seen: string;
  readonly certainty: Certainty;
}

const GIGABYTE = 2 ** 30;
/**
 * The bytes of one step: AppSync and IoT Core meter a message in steps, and Ably's price includes one step a message.
 */
const STEP_BYTES = 5 * 1_024;
/** The size in bytes of Pusher's largest message, as published. */
const PUSHER_MESSAGE_BYTES = 10 * 1_024;

/** Computes the bills of other services for this load, by their published prices. */
export const peerBills = (load: Load): readonly PeerBill[] => [appSync(load), iotCore(load), ably(load), pusher(load)];

interface Usage {
  readonly publishes: number;
  readonly deliveries: number;
  /** Messages metered in steps of 5 KB. */
  readonly steps: number;
  readonly minutes: number;
}

/** Returns a month's publishes and deliveries. None of these services combines messages of several publishes. */
function usageOf(load: Load): Usage {
  const seconds = onlineSeconds(load);
  const publishes = load.publishesPerSecond * seconds;
  const deliveries = publishes * load.fanout;
  const steps = (publishes + deliveries) * Math.ceil(load.messageBytes / STEP_BYTES);
  return { publishes, deliveries, steps, minutes: connectionMinutes(load) };
}

function appSync(load: Load): PeerBill {
  const { steps, minutes } = usageOf(load);
  const { source, seen, certainty } = PEER_PRICES.appSyncOperations;
  const single = { ...load, messagesPerFrame: 1 } as const;
  const outGb = (bytesOut(single, trafficOf(single)) * onlineSeconds(load)) / GIGABYTE;
  const usd =
    priceOf(PEER_PRICES.appSyncOperations, steps) +
    priceOf(PEER_PRICES.appSyncMinutes, minutes) +
    priceOf(AWS_PRICES.dataOut, outGb);
  const remark = 'Data transfer included. No history, no order promised, no recovery after a gap.';
  return { name: 'AppSync Events', usd, remark, source, seen, certainty };
}

function iotCore(load: Load): PeerBill {
  const { steps, minutes } = usageOf(load);
  const { source, seen, certainty } = PEER_PRICES.iotMessages;
  const usd = priceOf(PEER_PRICES.iotMessages, steps) + priceOf(PEER_PRICES.iotMinutes, minutes);
  const remark = 'Data transfer left out: not verified. MQTT; no history but one retained message.';
  return { name: 'IoT Core', usd, remark, source, seen, certainty };
}

/** Returns Ably's bill at list rates. By agreement the rates fall with volume, down to a fifth. */
function ably(load: Load): PeerBill {
  const { publishes, deliveries, minutes } = usageOf(load);
  const { source, seen, certainty } = ABLY_PACKAGES;
  const perSecond = load.publishesPerSecond * (1 + load.fanout);
  const fits = ({ connections, messagesPerSecond = 0 }: PricePlan): boolean =>
    connections >= load.connections && messagesPerSecond >= perSecond;
  const plan = ABLY_PACKAGES.plans.find(fits);
  const beyondGb = ((publishes + deliveries) * Math.max(0, load.messageBytes - STEP_BYTES)) / GIGABYTE;
  const usage =
    priceOf(PEER_PRICES.ablyMessages, publishes + deliveries) +
    priceOf(PEER_PRICES.ablyMinutes, minutes) +
    priceOf(PEER_PRICES.ablyBandwidth, beyondGb);
  const largest = ABLY_PACKAGES.plans.at(-1)?.usd ?? 0;
  const remark =
    plan === undefined
      ? 'No published package covers the load (50,000 connections, 10,000 messages/s): list rates, Enterprise by agreement, as low as a fifth.'
      : `Package ${plan.name}, at list rates; volume discounts by agreement. Channel minutes left out. History and recovery included.`;
  return { name: 'Ably', usd: usage + (plan?.usd ?? largest), remark, source, seen, certainty };
}

function pusher(load: Load): PeerBill {
  const { source, seen, certainty, plans } = PUSHER_PLANS;
  const perDay = load.publishesPerSecond * (1 + load.fanout) * 3_600 * load.hoursOnline;
  const isSmall = load.messageBytes <= PUSHER_MESSAGE_BYTES;
  const plan = plans.find(
    ({ connections, messagesPerDay = 0 }) => isSmall && connections >= load.connections && messagesPerDay >= perDay,
  );
  const remark =
    plan === undefined
      ? 'No published plan covers the load (30,000 connections, 90 million messages a day, 10 KB a message).'
      : `Plan ${plan.name}. No history, no recovery after a gap.`;
  return { name: 'Pusher Channels', usd: plan?.usd, remark, source, seen, certainty };
}
