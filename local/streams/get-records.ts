import { Agent, type IncomingMessage, request as requestHttp, type RequestOptions } from 'node:http';
import { Agent as TlsAgent, request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import {
  type AttributeValue,
  type DynamoDBStreamsClient,
  type GetRecordsCommandInput,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
} from '@aws-sdk/client-dynamodb-streams';
import { toolHeaders } from '../tool-headers.ts';

/** A page of records as the engine answers it. */
export type RecordsPage = Pick<GetRecordsCommandOutput, 'Records' | 'NextShardIterator'>;

/** Reads a page of records. Rejects with an error that has the engine's name for it, or the code of a broken socket. */
export type GetRecords = (input: GetRecordsCommandInput, signal: AbortSignal) => Promise<RecordsPage>;

/** The options of a direct way to the engine. */
export interface DirectOptions {
  readonly endpoint: string;
  readonly region: string;
  /** Deadline in ms of one request. */
  readonly timeoutMs: number;
}

/** A direct way to the engine, and its end. */
export interface DirectWay {
  readonly getRecords: GetRecords;
  readonly destroy: () => void;
}

/** Returns the way through the official client. */
export const getRecordsBy =
  (client: DynamoDBStreamsClient): GetRecords =>
  (input, abortSignal) =>
    client.send(new GetRecordsCommand(input), { abortSignal });

/**
 * Opens a way to the engine without the official client, whose layers cost several times what the request itself does:
 * while anything happens, streams are read some hundred times a second.
 */
export function openDirectWay({ endpoint, region, timeoutMs }: DirectOptions): DirectWay {
  const url = new URL(endpoint);
  const isTls = url.protocol === 'https:';
  const agent = isTls ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const request = isTls ? requestHttps : requestHttp;
  const options: RequestOptions = {
    agent,
    host: url.hostname,
    port: url.port,
    path: url.pathname,
    method: 'POST',
    timeout: timeoutMs,
  };
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'DynamoDBStreams_20120810.GetRecords',
    ...toolHeaders('dynamodb', region),
  };
  const getRecords: GetRecords = async (input, signal) => {
    const body = JSON.stringify(input);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(
        { ...options, signal, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
        resolve,
      );
      sent.on('error', reject);
      sent.on('timeout', () => sent.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })));
      sent.end(body);
    });
    return decodeAnswer(response.statusCode, await text(response));
  };
  return { getRecords, destroy: () => agent.destroy() };
}

/** A page as JSON has it: times as numbers, bytes as base64. */
interface JsonPage {
  readonly Records?: readonly JsonRecord[];
  readonly NextShardIterator?: string | null;
  readonly __type?: string;
  readonly message?: string;
}

type EngineRecord = NonNullable<RecordsPage['Records']>[number];
type EngineChange = NonNullable<EngineRecord['dynamodb']>;
type JsonRecord = Omit<EngineRecord, 'dynamodb'> & { readonly dynamodb?: JsonChange };
type JsonChange = Omit<EngineChange, 'ApproximateCreationDateTime' | 'Keys' | 'NewImage' | 'OldImage'> & {
  readonly ApproximateCreationDateTime?: number;
  readonly Keys?: JsonImage;
  readonly NewImage?: JsonImage;
  readonly OldImage?: JsonImage;
};
type JsonImage = Readonly<Record<string, JsonAttribute>>;
type JsonAttribute =
  | Exclude<
      AttributeValue,
      AttributeValue.BMember | AttributeValue.BSMember | AttributeValue.LMember | AttributeValue.MMember
    >
  | { readonly B: string }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly JsonAttribute[] }
  | { readonly M: JsonImage };

const MS_PER_SECOND = 1_000;

/** Decodes an answer. Throws an error with the engine's name for a refusal. */
function decodeAnswer(status: number | undefined, body: string): RecordsPage {
  if (status !== 200) throw refusalOf(status, body);
  const { Records = [], NextShardIterator }: JsonPage = JSON.parse(body);
  return { Records: Records.map(recordOf), NextShardIterator: NextShardIterator ?? undefined };
}

function refusalOf(status: number | undefined, body: string): Error {
  const [, type = `status ${status}`] = /"__type" *: *"(?:[^"]*#)?([^"#]+)"/.exec(body) ?? [];
  return Object.assign(new Error(body), { name: type });
}

function recordOf({ dynamodb, ...record }: JsonRecord): EngineRecord {
  if (dynamodb === undefined) return record;
  const { Keys, NewImage, OldImage, ApproximateCreationDateTime: seconds, ...change } = dynamodb;
  return {
    ...record,
    dynamodb: {
      ...change,
      Keys: imageOf(Keys),
      NewImage: imageOf(NewImage),
      OldImage: imageOf(OldImage),
      ApproximateCreationDateTime: seconds === undefined ? undefined : new Date(seconds * MS_PER_SECOND),
    },
  };
}

/** Returns an image with bytes. `Object.fromEntries` defines own properties, so a prototype is never touched. */
const imageOf = (image: JsonImage | undefined): Record<string, AttributeValue> | undefined => image && mapOf(image);

const mapOf = (image: JsonImage): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(image).map(([name, value]) => [name, attributeOf(value)]));

function attributeOf(json: JsonAttribute): AttributeValue {
  if ('B' in json && json.B !== undefined) return { B: bytesOf(json.B) };
  if ('BS' in json && json.BS !== undefined) return { BS: json.BS.map(bytesOf) };
  if ('L' in json && json.L !== undefined) return { L: json.L.map(attributeOf) };
  if ('M' in json && json.M !== undefined) return { M: mapOf(json.M) };
  return json;
}

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
