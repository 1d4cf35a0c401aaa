import { type HttpServer, startHttpServer } from './http-server.ts';

export interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
}

/** A request of FilterLogEvents. */
interface Look {
  readonly logGroupName: string;
  readonly filterPattern: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly nextToken?: string;
}

type Refusal = 'AccessDeniedException' | 'ThrottlingException';

interface FakeAwsLogs {
  readonly url: string;
  readonly looks: readonly Look[];
  /** Refuses the look at hand, if this gives a reason; `silence` lets it wait for ever. */
  refuse: (look: Look) => Refusal | 'silence' | undefined;
  /** CloudFormation says no. */
  isListingDenied: boolean;
  readonly close: () => Promise<void>;
}

interface FakeAwsLogsOptions {
  /** Log groups by their logical ids. */
  readonly groups: Readonly<Record<string, () => readonly LogEvent[] | Promise<readonly LogEvent[]>>>;
  /** The outputs of the stack, for DescribeStacks. */
  readonly outputs?: Readonly<Record<string, string>>;
}

/** The number of events in a page: low, for there always to be another page. */
const EVENTS_PER_PAGE = 2;

/** Physical name of a log group of the fake. */
export const groupName = (logicalId: string): string => `Test-${logicalId}-0aB`;

/**
 * Plays CloudWatch Logs and CloudFormation: pages with tokens, an empty page first, quoted phrases as the filter
 * pattern.
 */
export async function startFakeAwsLogs({ groups, outputs = {} }: FakeAwsLogsOptions): Promise<FakeAwsLogs> {
  const looks: Look[] = [];
  const events = new Map(Object.entries(groups).map(([id, list]) => [groupName(id), list]));
  const server: HttpServer = await startHttpServer(({ headers, body }, response) => {
    const send = (status: number, text: string): void => void response.writeHead(status).end(text);
    if (headers['x-amz-target'] !== 'Logs_20140328.FilterLogEvents')
      return send(...formation(new URLSearchParams(body), { fake, ids: Object.keys(groups), outputs }));
    const look: Look = JSON.parse(body);
    looks.push(look);
    const refusal = fake.refuse(look);
    if (refusal === 'silence') return undefined;
    if (refusal !== undefined) return send(400, JSON.stringify({ __type: refusal, message: 'no' }));
    void Promise.resolve(events.get(look.logGroupName)?.() ?? []).then((all) =>
      send(200, JSON.stringify(pageOf(all, look))),
    );
  });
  const fake: FakeAwsLogs = {
    url: server.url,
    looks,
    refuse: () => undefined,
    isListingDenied: false,
    close: server.close,
  };
  return fake;
}

function pageOf(all: readonly LogEvent[], { filterPattern, startTime, endTime, nextToken }: Look): object {
  if (nextToken === undefined) return { events: [], nextToken: '0' };
  const phrases = Array.from(filterPattern.matchAll(/"(?:[^"\\]|\\.)*"/g), ([quoted]): string => JSON.parse(quoted));
  const found = all.filter(
    ({ timestamp, message }) =>
      timestamp >= startTime && timestamp <= endTime && phrases.every((phrase) => message.includes(phrase)),
  );
  const end = Number(nextToken) + EVENTS_PER_PAGE;
  return { events: found.slice(Number(nextToken), end), ...(end < found.length ? { nextToken: String(end) } : {}) };
}

interface Formation {
  readonly fake: Pick<FakeAwsLogs, 'isListingDenied'>;
  readonly ids: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
}

/** Answers a call of CloudFormation. A page has one resource. */
function formation(query: URLSearchParams, { fake, ids, outputs }: Formation): [number, string] {
  const answer = (name: string, xml: string): [number, string] => [
    200,
    `<${name}Response><${name}Result>${xml}</${name}Result></${name}Response>`,
  ];
  if (query.get('Action') === 'DescribeStacks') {
    const members = Object.entries(outputs).map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    );
    return answer('DescribeStacks', `<Stacks><member><Outputs>${members.join('')}</Outputs></member></Stacks>`);
  }
  if (fake.isListingDenied)
    return [403, '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>'];
  const place = Number(query.get('NextToken') ?? 0);
  const id = ids[place] ?? '';
  const next = place + 1 < ids.length ? `<NextToken>${place + 1}</NextToken>` : '';
  return answer(
    'ListStackResources',
    `<StackResourceSummaries><member><ResourceType>AWS::Logs::LogGroup</ResourceType><LogicalResourceId>${id}</LogicalResourceId>` +
      `<PhysicalResourceId>${groupName(id)}</PhysicalResourceId></member></StackResourceSummaries>${next}`,
  );
}
