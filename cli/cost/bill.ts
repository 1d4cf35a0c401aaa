import { LIMITS } from '../../shared/protocol/limits.ts';
import { ASSUMPTIONS, TEMPLATE } from './assumptions.ts';
import { readUnits, storedBytes, writeUnits } from './capacity-units.ts';
import type { Load } from './load.ts';
import { waitingReaders } from './long-polls.ts';
import { priceOf } from './price-of.ts';
import { AWS_PRICES, type Price } from './prices.ts';
import { type Traffic, trafficOf, type Work } from './traffic.ts';

interface BillLine {
  readonly service: string;
  readonly item: string;
  readonly quantity: number;
  readonly unit: string;
  readonly usd: number;
}

/** A month's bill. */
export interface Bill {
  readonly lines: readonly BillLine[];
  readonly usd: number;
  readonly deliveries: number;
  /** The price of a million deliveries; undefined without deliveries. */
  readonly usdPerMillionDeliveries: number | undefined;
}

/** A line before its price: a quantity a month, or a quantity for each second of the load. */
type Metered = Readonly<
  { service: string; item: string; price: Price } & ({ quantity: number } | { perSecond: number })
>;

const GIGABYTE = 2 ** 30;
const MB_PER_GB = 1_024;
const MINUTES_PER_HOUR = 60;

/** Returns the seconds of a month in which the load lasts. */
export const onlineSeconds = ({ hoursOnline }: Load): number =>
  (ASSUMPTIONS.HOURS_PER_MONTH * hoursOnline * 3_600) / 24;

/** Returns the connection minutes of a month. */
export const connectionMinutes = (load: Load): number => (load.connections * onlineSeconds(load)) / MINUTES_PER_HOUR;

/** Returns the bytes sent to clients a second, in frames with messages and in small ones. */
export const bytesOut = ({ publishesPerSecond }: Load, { frames, frameBytes, pings, posts }: Traffic): number =>
  frames * frameBytes + (publishesPerSecond + pings + posts - frames) * ASSUMPTIONS.SMALL_FRAME_BYTES;

/** Computes the cost of a load in a month, by service. */
export function billOf(load: Load): Bill {
  const traffic = trafficOf(load);
  const outGb = bytesOut(load, traffic) / GIGABYTE;
  const lines = [
    ...gatewayLines(load, traffic),
    ...lambdaLines(traffic),
    ...dynamodbLines(load, traffic),
    ...longPollLines(load),
    ...observationLines(traffic),
    { service: 'Data transfer', item: 'to the internet', price: AWS_PRICES.dataOut, perSecond: outGb },
  ].map((metered) => lineOf(load, metered));
  const usd = lines.reduce((sum, line) => sum + line.usd, 0);
  const deliveries = traffic.deliveries * onlineSeconds(load);
  return { lines, usd, deliveries, usdPerMillionDeliveries: deliveries > 0 ? (usd / deliveries) * 1e6 : undefined };
}

function lineOf(load: Load, { service, item, price, ...much }: Metered): BillLine {
  const quantity = 'quantity' in much ? much.quantity : much.perSecond * onlineSeconds(load);
  return { service, item, quantity, unit: price.unit, usd: priceOf(price, quantity) };
}

/** Returns the messages that API Gateway meters a second. */
function meteredMessages(load: Load, { frames, frameBytes, pings, posts }: Traffic): number {
  const units = (bytes: number): number => Math.ceil(bytes / LIMITS.FRAME_BYTES);
  const publish = units(load.messageBytes + ASSUMPTIONS.ENVELOPE_BYTES) + 1;
  return load.publishesPerSecond * publish + frames * units(frameBytes) + 2 * pings + (posts - frames);
}

function gatewayLines(load: Load, traffic: Traffic): readonly Metered[] {
  const service = 'API Gateway';
  return [
    { service, item: 'messages', price: AWS_PRICES.webSocketMessages, perSecond: meteredMessages(load, traffic) },
    { service, item: 'connections', price: AWS_PRICES.connectionMinutes, quantity: connectionMinutes(load) },
  ];
}

function lambdaLines(traffic: Traffic): readonly Metered[] {
  const service = 'Lambda';
  const { ROUTE_MB, FANOUT_MB } = TEMPLATE;
  const price = AWS_PRICES.lambdaArm;
  const gigabyteSeconds = (memoryMb: number, ...work: readonly Work[]): number =>
    (work.reduce((sum, each) => sum + busy(each), 0) * memoryMb) / MB_PER_GB;
  const { routes, broadcast, workers, catchUp } = traffic;
  return [
    { service, item: 'requests', price: AWS_PRICES.lambdaRequests, perSecond: invocations(traffic) },
    { service, item: `routes, ${ROUTE_MB} MB`, price, perSecond: gigabyteSeconds(ROUTE_MB, routes) },
    { service, item: `fan-out, ${FANOUT_MB} MB`, price, perSecond: gigabyteSeconds(FANOUT_MB, broadcast, workers) },
    { service, item: `catch-up, ${FANOUT_MB} MB`, price, perSecond: gigabyteSeconds(FANOUT_MB, catchUp) },
  ];
}

/** Returns the seconds of Lambda a second, which is the average concurrency. */
export const busy = ({ perSecond, ms }: Work): number => (perSecond * ms) / 1_000;

const invocations = ({ routes, broadcast, workers, catchUp }: Traffic): number =>
  [routes, broadcast, workers, catchUp].reduce((sum, { perSecond }) => sum + perSecond, 0);

function dynamodbLines(load: Load, traffic: Traffic): readonly Metered[] {
  const service = 'DynamoDB';
  const storedGb = storedBytes(load) / GIGABYTE;
  return [
    { service, item: 'writes', price: AWS_PRICES.dynamodbWrites, perSecond: writeUnits(load, traffic) },
    { service, item: 'reads', price: AWS_PRICES.dynamodbReads, perSecond: readUnits(load, traffic) },
    { service, item: 'storage', price: AWS_PRICES.dynamodbStorage, quantity: storedGb },
    { service, item: 'recovery', price: AWS_PRICES.dynamodbRecovery, quantity: storedGb },
  ];
}

function longPollLines({ longPolls = 0, messageBytes }: Load): readonly Metered[] {
  if (longPolls === 0) return [];
  const { gigabyteSeconds, requests, readUnits: looks } = waitingReaders(longPolls, messageBytes);
  return [
    { service: 'Lambda', item: 'long polls', price: AWS_PRICES.lambdaArm, perSecond: gigabyteSeconds },
    { service: 'Lambda', item: 'requests of long polls', price: AWS_PRICES.lambdaRequests, perSecond: requests },
    { service: 'DynamoDB', item: 'looks of long polls', price: AWS_PRICES.dynamodbReads, perSecond: looks },
  ];
}

function observationLines(traffic: Traffic): readonly Metered[] {
  const service = 'CloudWatch';
  const invoked = invocations(traffic);
  const frames = traffic.inbound + 2 * traffic.sessions;
  const logged = invoked * ASSUMPTIONS.LOG_BYTES_PER_INVOCATION + frames * ASSUMPTIONS.LOG_BYTES_PER_FRAME;
  const traced = Math.min(invoked, ASSUMPTIONS.TRACED_PER_SECOND) + invoked * ASSUMPTIONS.TRACED_SHARE;
  return [
    { service, item: 'logs', price: AWS_PRICES.logIngestion, perSecond: logged / GIGABYTE },
    { service, item: 'metrics', price: AWS_PRICES.customMetrics, quantity: TEMPLATE.CUSTOM_METRICS },
    { service, item: 'alarms', price: AWS_PRICES.alarmMetrics, quantity: TEMPLATE.ALARM_METRICS },
    { service, item: 'dashboard', price: AWS_PRICES.dashboards, quantity: TEMPLATE.DASHBOARDS },
    { service: 'X-Ray', item: 'traces', price: AWS_PRICES.traces, perSecond: traced },
  ];
}
