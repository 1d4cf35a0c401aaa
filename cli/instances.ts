import { OperatorError } from './operator-error.ts';

/** One Distributary of a stack: what the stack's outputs say of it. */
export interface FoundInstance {
  /** The name for people, of the stack and of the instance if it has one. */
  readonly name: string;
  /** The start of the names of the instance's outputs and resources; empty for the construct id `Default`. */
  readonly instance: string;
  readonly resources: StackResources;
  readonly monitoring: StackMonitoring;
  /** The settings of topics as JSON. Absent where no topic has any. */
  readonly topicSettings?: string | undefined;
}

/** The outputs of an instance. */
export type StackResources = Readonly<Record<keyof typeof OUTPUTS, string>>;

/** The outputs that name an instance's monitoring. A stack of an older version has none. */
interface StackMonitoring {
  readonly dashboardName?: string | undefined;
  /** The ARN of the topic that alarms are sent to. Absent where no address for alarms is set. */
  readonly alarmTopicArn?: string | undefined;
}

type Outputs = Readonly<Record<string, string>>;

const OUTPUTS = {
  webSocketUrl: 'WebSocketUrl',
  callbackUrl: 'CallbackUrl',
  topicsTable: 'TopicsTable',
  messagesTable: 'MessagesTable',
  keysTable: 'KeysTable',
  subscriptionsTable: 'SubscriptionsTable',
  failuresBucket: 'FailuresBucket',
  messageRetentionHours: 'MessageRetentionHours',
} as const;

/** The construct id that is left out of the names of outputs and resources. */
const HIDDEN = 'Default';

/** The request for an instance: which one, and where. */
export interface InstanceSearch {
  /** The stack's name for people. */
  readonly title: string;
  /** The name that the operator gives. Undefined: the stack has one instance only. */
  readonly instance: string | undefined;
}

/** Reads an instance from a stack's outputs. Throws OperatorError if it is not there, or is one of several. */
export function readInstance(outputs: Outputs, { title, instance: wanted }: InstanceSearch): FoundInstance {
  const instance = choose(listInstances(outputs), { title, instance: wanted });
  const name = instance === '' ? title : `${instance} in ${title}`;
  return {
    name,
    instance,
    resources: readOutputs(outputs, { name, instance }),
    monitoring: readMonitoring(outputs, instance),
    topicSettings: outputs[`${instance}TopicSettings`],
  };
}

/**
 * Returns the names of the instances in a stack, by its outputs: `Live` for `LiveWebSocketUrl` and its tables. The name
 * of the construct id `Default` is empty.
 */
export function listInstances(outputs: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(outputs)
    .filter((name) => name.endsWith(OUTPUTS.webSocketUrl))
    .map((name) => name.slice(0, -OUTPUTS.webSocketUrl.length))
    .filter((instance) => `${instance}${OUTPUTS.topicsTable}` in outputs);
}

function choose(instances: readonly string[], { title, instance: wanted }: InstanceSearch): string {
  const names = instances.map((instance) => instance || HIDDEN).join(', ');
  if (wanted !== undefined) {
    const instance = wanted === HIDDEN ? '' : wanted;
    if (instances.includes(instance)) return instance;
    throw new OperatorError(
      `There is no instance ${wanted} in ${title}. ${names === '' ? 'It has none.' : `It has ${names}.`}`,
    );
  }
  // Without any, the error names the outputs that are missing.
  const [instance = '', ...others] = instances;
  if (others.length === 0) return instance;
  throw new OperatorError(
    `There are several instances in ${title}: ${names}. Name one by --instance ${names.split(',')[0]}.`,
  );
}

function readOutputs(outputs: Outputs, { name, instance }: Pick<FoundInstance, 'name' | 'instance'>): StackResources {
  const missing = Object.values(OUTPUTS).filter((output) => !outputs[`${instance}${output}`]);
  if (missing.length > 0) {
    throw new OperatorError(
      `In ${name} the outputs ${missing.join(', ')} are missing: deploy it again from this version.`,
    );
  }
  const output = (key: keyof typeof OUTPUTS): string => outputs[`${instance}${OUTPUTS[key]}`] ?? '';
  return {
    webSocketUrl: output('webSocketUrl'),
    callbackUrl: output('callbackUrl'),
    topicsTable: output('topicsTable'),
    messagesTable: output('messagesTable'),
    keysTable: output('keysTable'),
    subscriptionsTable: output('subscriptionsTable'),
    failuresBucket: output('failuresBucket'),
    messageRetentionHours: output('messageRetentionHours'),
  };
}

const readMonitoring = (outputs: Outputs, instance: string): StackMonitoring => ({
  dashboardName: outputs[`${instance}DashboardName`],
  alarmTopicArn: outputs[`${instance}AlarmTopicArn`],
});
