import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Poster } from '../shared/config.ts';
import type { RateLimits } from '../shared/rates/rate-limits.ts';
import { type AuthProps, knownAuth, withTokens } from './auth-props.ts';
import type { HandlerBundles } from './handler-bundles.ts';
import type { HttpSettings } from './http-settings.ts';
import type { AlarmProps } from './monitoring.ts';
import { type AddressType, readSettings, type Settings } from './settings.ts';
import type { TablePolicy } from './tables.ts';
import { settingsOfTopics, type TopicPropsByPattern } from './topic-props.ts';

/** The properties of a Distributary. All are optional. An invalid one throws, with the text of the app's setting. */
export interface DistributaryProps {
  /** The last segment of the URL: 1 to 128 letters, digits, `_` and `-`. Default: `live`. */
  readonly stageName?: string;
  /**
   * Time for which messages are kept, so that clients can catch up: whole hours, 1 to 8,760. Default: 24 hours. The
   * setting is `messageRetentionHours`.
   */
  readonly retention?: Duration;
  /** The authentication of connections. Default: none; everyone may connect and do everything. */
  readonly auth?: AuthProps;
  /** The Origins whose pages may connect, like `https://app.example.com`. Default: all. They need `auth`. */
  readonly allowedOrigins?: readonly string[];
  /**
   * The rates that each connection and each subject are held to. Default: 100 frames and 100 publishes a second for a
   * connection, 500 of each for a subject, 120 handshakes a minute for a subject. `off`: no limits.
   */
  readonly rateLimits?: Partial<RateLimits> | 'off';
  /**
   * The settings of topics, by topic pattern: who creates one, how long and how many messages are kept and read, or its
   * last value only, as in `{ 'price/*': { lastValueOnly: true } }`. The most specific pattern holds, as a whole.
   * Default: none. docs/topic-settings.md has the rules.
   */
  readonly topics?: TopicPropsByPattern;
  /**
   * The path of a bundled ES module that exports what `defineTopics` returns, as `topics` or as its default. Routes
   * refuse data that does not fit its topic's schema, and hold counters to their bounds. Default: none.
   */
  readonly schemas?: string;
  /**
   * The HTTP door, by which topics are read and published to as Durable Streams: `on`, or its settings. Default: `off`.
   */
  readonly http?: 'on' | 'off' | Partial<HttpSettings>;
  /** Number of frames a second that the routes take together: 100 to 1,000,000. Default: 5,000. */
  readonly framesPerSecond?: number;
  /**
   * Number of concurrent executions reserved for the Lambdas that deliver: 20 to 100,000, or 0. Default: 0, none, since
   * Lambda refuses a reservation that does not leave 100 to the rest of the account.
   */
  readonly streamConcurrency?: number;
  /** The notifications of the alarms. Default: `dashboard`; they notify nobody. */
  readonly alarms?: AlarmProps;
  /**
   * The fate of the tables Topics and Messages and of the failure bucket when the stack is deleted. Default: RETAIN,
   * and the tables are protected from deletion. With DESTROY all data goes with the stack.
   */
  readonly removalPolicy?: RemovalPolicy;
  /** The addresses at which clients reach the API: `ipv4`, or `dualstack` for IPv4 and IPv6. Default: `ipv4`. */
  readonly ipAddressType?: AddressType;
  /**
   * Whether the stage logs every access. Default: false, because API Gateway refuses such a stage in an account without
   * a role for it. That role is one setting for all APIs of an account and region.
   */
  readonly accessLogs?: boolean;
  /**
   * Whether this construct sets the role with which API Gateway writes logs, for the whole account and region; at most
   * one construct of an account should. The role stays when the stack is deleted. Default: false.
   */
  readonly setsLoggingRole?: boolean;
  /** The poster of the Lambdas that deliver: `fast`, or `sdk` for the official client. Default: `fast`. */
  readonly poster?: Poster;
  /** The bundles of the handlers. Default: those that the package brings. */
  readonly bundles?: HandlerBundles;
}

/** The properties in the terms of the settings, with every default filled in. */
export type ReadProps = Settings & {
  readonly alarms: AlarmProps;
  readonly removalPolicy: TablePolicy;
  readonly hasAccessLogs: boolean;
};

/**
 * Reads the properties of a Distributary: each by the rule and with the default of the app's setting. Throws for an
 * invalid one.
 */
export function readProps(props: DistributaryProps): ReadProps {
  const { retention, auth, setsLoggingRole = false, alarms = 'dashboard', topics } = props;
  const given: Readonly<Record<string, unknown>> = {
    ...props,
    setsLoggingRole,
    messageRetentionHours: retention?.toHours({ integral: false }),
    alarmEmail: typeof alarms === 'object' && 'email' in alarms ? alarms.email : undefined,
    auth: auth === undefined ? undefined : knownAuth(auth),
    topics: typeof topics === 'object' && topics !== null ? settingsOfTopics(topics) : topics,
  };
  const settings = readSettings({ tryGetContext: (setting) => given[setting] });
  return {
    ...settings,
    ...(auth === undefined || settings.auth === undefined ? {} : { auth: withTokens(settings.auth, auth) }),
    alarms,
    removalPolicy: policyOf(props.removalPolicy),
    hasAccessLogs: props.accessLogs ?? setsLoggingRole,
  };
}

function policyOf(policy: RemovalPolicy = RemovalPolicy.RETAIN): TablePolicy {
  if (policy === RemovalPolicy.RETAIN || policy === RemovalPolicy.DESTROY) return policy;
  throw new Error('removalPolicy must be RETAIN or DESTROY.');
}
