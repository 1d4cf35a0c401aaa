// The prices of the cost meter: list prices in US dollars, without free tiers, discounts and taxes. Each names its source,
// the month in which it was seen, and its certainty.

/**
 * The certainty of a price. `published`: seen at the seller. `quoted`: seen elsewhere. `unverified`: from memory, check
 * it.
 */
export type Certainty = 'published' | 'quoted' | 'unverified';

/** The price of the units up to `upTo` that the tiers before it did not take. */
export interface Tier {
  readonly upTo: number;
  readonly usd: number;
}

/** A price of AWS, with its unit and its source. */
export interface Price {
  /** The tiers, ascending. The last has no end. */
  readonly tiers: readonly Tier[];
  /** The number of units that the price of a tier buys. */
  readonly per: number;
  readonly unit: string;
  readonly source: string;
  /** The month in which the price was seen, as `YYYY-MM`. */
  readonly seen: string;
  readonly certainty: Certainty;
}

/** The price list: its region, since prices differ between regions, and the date of the last check. */
export const PRICE_LIST = { region: 'us-east-1', checked: '2026-11-21' } as const;

const MILLION = 1e6;
const BILLION = 1e9;
/** The gigabytes of a terabyte. Prices of data mean the binary gigabyte by GB. */
const TERABYTE_IN_GB = 1_024;

const flat = (usd: number): readonly Tier[] => [{ upTo: Number.POSITIVE_INFINITY, usd }];
const tiers = (...steps: readonly (readonly [upTo: number, usd: number])[]): readonly Tier[] =>
  steps.map(([upTo, usd]) => ({ upTo, usd }));

const units = (per: number, unit: string) => ({ per, unit });
const published = (source: string, seen: string) => ({ source, seen, certainty: 'published' }) as const;
const quoted = (source: string, seen: string) => ({ source, seen, certainty: 'quoted' }) as const;
const unverified = (source: string, seen: string) => ({ source, seen, certainty: 'unverified' }) as const;

const API_GATEWAY = 'https://aws.amazon.com/api-gateway/pricing/';
const LAMBDA = 'https://aws.amazon.com/lambda/pricing/';
const DYNAMODB = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';
const CLOUDWATCH = 'https://aws.amazon.com/cloudwatch/pricing/';
const APPSYNC = 'https://aws.amazon.com/appsync/pricing/';
const IOT_CORE = 'https://aws.amazon.com/iot-core/pricing/';
const ABLY = 'https://ably.com/docs/platform/pricing';

/** The prices of what this stack uses. */
export const AWS_PRICES = {
  webSocketMessages: {
    tiers: tiers([BILLION, 1], [Number.POSITIVE_INFINITY, 0.8]),
    ...units(MILLION, 'messages of 32 KB'),
    ...quoted(API_GATEWAY, '2026-09'),
  },
  connectionMinutes: { tiers: flat(0.25), ...units(MILLION, 'connection minutes'), ...quoted(API_GATEWAY, '2026-09') },
  lambdaRequests: { tiers: flat(0.2), ...units(MILLION, 'requests'), ...quoted(LAMBDA, '2026-09') },
  // The last tier is from memory.
  lambdaArm: {
    tiers: tiers(
      [7.5 * BILLION, 0.000_013_333_4],
      [18.75 * BILLION, 0.000_012_000_1],
      [Number.POSITIVE_INFINITY, 0.000_010_666_7],
    ),
    ...units(1, 'GB-seconds'),
    ...quoted(LAMBDA, '2026-09'),
  },
  dynamodbWrites: { tiers: flat(0.625), ...units(MILLION, 'write units'), ...quoted(DYNAMODB, '2026-09') },
  dynamodbReads: { tiers: flat(0.125), ...units(MILLION, 'read units'), ...quoted(DYNAMODB, '2026-09') },
  dynamodbStorage: { tiers: flat(0.25), ...units(1, 'GB-months'), ...published(DYNAMODB, '2026-09') },
  dynamodbRecovery: { tiers: flat(0.2), ...units(1, 'GB-months'), ...unverified(DYNAMODB, '2025-01') },
  logIngestion: { tiers: flat(0.5), ...units(1, 'GB'), ...quoted(CLOUDWATCH, '2026-06') },
  customMetrics: { tiers: flat(0.3), ...units(1, 'metrics'), ...quoted(CLOUDWATCH, '2026-02') },
  alarmMetrics: { tiers: flat(0.1), ...units(1, 'alarm metrics'), ...quoted(CLOUDWATCH, '2026-06') },
  dashboards: { tiers: flat(3), ...units(1, 'dashboards'), ...quoted(CLOUDWATCH, '2026-06') },
  traces: {
    tiers: flat(5),
    ...units(MILLION, 'traces'),
    ...unverified('https://aws.amazon.com/xray/pricing/', '2025-01'),
  },
  dataOut: {
    tiers: tiers(
      [10 * TERABYTE_IN_GB, 0.09],
      [50 * TERABYTE_IN_GB, 0.085],
      [150 * TERABYTE_IN_GB, 0.07],
      [Number.POSITIVE_INFINITY, 0.05],
    ),
    ...units(1, 'GB'),
    ...quoted('https://aws.amazon.com/ec2/pricing/on-demand/', '2026-04'),
  },
} as const satisfies Readonly<Record<string, Price>>;

/** The prices of other services. */
export const PEER_PRICES = {
  appSyncOperations: { tiers: flat(1), ...units(MILLION, 'operations of 5 KB'), ...quoted(APPSYNC, '2026-09') },
  appSyncMinutes: { tiers: flat(0.08), ...units(MILLION, 'connection minutes'), ...published(APPSYNC, '2026-09') },
  // The first tier was seen quoted; those past it are from memory.
  iotMessages: {
    tiers: tiers([BILLION, 1], [5 * BILLION, 0.8], [Number.POSITIVE_INFINITY, 0.7]),
    ...units(MILLION, 'messages of 5 KB'),
    ...unverified(IOT_CORE, '2026-09'),
  },
  iotMinutes: { tiers: flat(0.08), ...units(MILLION, 'connection minutes'), ...quoted(IOT_CORE, '2026-09') },
  ablyMessages: { tiers: flat(2.5), ...units(MILLION, 'messages'), ...published(ABLY, '2026-09') },
  ablyMinutes: { tiers: flat(1), ...units(MILLION, 'connection minutes'), ...published(ABLY, '2026-09') },
  ablyBandwidth: { tiers: flat(0.25), ...units(1, 'GB past 5 KB a message'), ...published(ABLY, '2026-09') },
} as const satisfies Readonly<Record<string, Price>>;

/** A plan at a monthly price, and its limits. */
export interface PricePlan {
  readonly name: string;
  readonly usd: number;
  readonly connections: number;
  /** The limit of publishes and deliveries together. */
  readonly messagesPerSecond?: number;
  readonly messagesPerDay?: number;
}

/** A list of price plans. */
export interface PricePlanList {
  readonly source: string;
  readonly seen: string;
  readonly certainty: Certainty;
  /** The plans, the cheapest first. */
  readonly plans: readonly PricePlan[];
}

/** Ably's packages. Their price is added to the price of use. */
export const ABLY_PACKAGES: PricePlanList = {
  source: ABLY,
  seen: '2026-09',
  certainty: 'published',
  plans: [
    { name: 'Standard', usd: 29, connections: 10_000, messagesPerSecond: 2_500 },
    { name: 'Pro', usd: 399, connections: 50_000, messagesPerSecond: 10_000 },
  ],
};

/**
 * Pusher's plans. Startup, Pro, Premium and the largest plan's size were seen quoted in 2026; the others are from
 * memory.
 */
export const PUSHER_PLANS: PricePlanList = {
  source: 'https://pusher.com/channels/pricing/',
  seen: '2026-06',
  certainty: 'unverified',
  plans: [
    { name: 'Startup', usd: 49, connections: 500, messagesPerDay: MILLION },
    { name: 'Pro', usd: 99, connections: 2_000, messagesPerDay: 4 * MILLION },
    { name: 'Business', usd: 299, connections: 5_000, messagesPerDay: 10 * MILLION },
    { name: 'Premium', usd: 499, connections: 10_000, messagesPerDay: 20 * MILLION },
    { name: 'Growth', usd: 699, connections: 15_000, messagesPerDay: 40 * MILLION },
    { name: 'Plus', usd: 899, connections: 20_000, messagesPerDay: 60 * MILLION },
    { name: 'Growth Plus', usd: 1_199, connections: 30_000, messagesPerDay: 90 * MILLION },
  ],
};
