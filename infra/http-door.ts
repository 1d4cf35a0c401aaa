import { Duration, Validations } from 'aws-cdk-lib';
import { type FunctionUrl, FunctionUrlAuthType, HttpMethod, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../shared/config.ts';
import { authorizeBy } from './authorize-by.ts';
import type { HandlerBundles } from './handler-bundles.ts';
import { HandlerFunction } from './handler-function.ts';
import type { HttpSettings } from './http-settings.ts';
import type { Settings } from './settings.ts';
import type { Tables } from './tables.ts';
import { withSchemas } from './topic-schemas.ts';

/** The handler's file name of the HTTP door, which only a stack with the setting `http` has. */
export const STREAM_HANDLER = 'stream';

/** The alias of the door's function whose URL takes signed requests. */
const SIGNED_ALIAS = 'signed';

/** The time in seconds that the door's Lambda has beyond its longest answer. */
const MARGIN_SECONDS = 30;

/** The request headers that pages of other origins may send. A `*` would not include `Authorization`. */
const REQUEST_HEADERS = [
  'Authorization',
  'Content-Type',
  'If-None-Match',
  'Producer-Epoch',
  'Producer-Id',
  'Producer-Seq',
  'Stream-Closed',
  'Stream-Expires-At',
  'Stream-Fork-Offset',
  'Stream-Fork-Sub-Offset',
  'Stream-Forked-From',
  'Stream-Seq',
  'Stream-TTL',
];

/** The response headers that these pages may read. */
const RESPONSE_HEADERS = [
  'ETag',
  'Location',
  'Producer-Epoch',
  'Producer-Expected-Seq',
  'Producer-Received-Seq',
  'Producer-Seq',
  'Retry-After',
  'Stream-Closed',
  'Stream-Cursor',
  'Stream-Expires-At',
  'Stream-Next-Offset',
  'Stream-SSE-Data-Encoding',
  'Stream-TTL',
  'Stream-Up-To-Date',
];

/** The time in seconds for which a browser keeps the answer to a preflight; none keeps it longer. */
const PREFLIGHT_SECONDS = 7_200;

/** The properties of the door. */
export interface HttpDoorProps
  extends Pick<Settings, 'stackName' | 'auth' | 'allowedOrigins' | 'topics' | 'schemas' | 'rateLimits'> {
  readonly http: HttpSettings;
  readonly tables: Tables;
  readonly bundles: HandlerBundles;
}

/**
 * The HTTP door: one Lambda behind a function URL that sends its answers as they come. docs/adr/0033 has the reasons
 * for the URL, and for one function.
 */
export class HttpDoor extends Construct {
  readonly handler: HandlerFunction;
  readonly url: FunctionUrl;
  /** The URL for requests that are signed by IAM. Absent without the setting `iam`. */
  readonly signedUrl: FunctionUrl | undefined;

  constructor(scope: Construct, id: string, props: HttpDoorProps) {
    super(scope, id);
    const { http, tables, bundles, schemas, topics } = props;
    this.handler = new HandlerFunction(this, 'Stream', {
      handler: STREAM_HANDLER,
      bundles: schemas === undefined ? bundles : withSchemas(bundles, schemas),
      description: `Distributary: ${STREAM_HANDLER}`,
      memoryMb: 512,
      timeout: Duration.seconds(Math.max(http.longPollSeconds, http.eventsSeconds) + MARGIN_SECONDS),
      stackName: props.stackName,
      ...(http.concurrency === 0 ? {} : { reservedConcurrency: http.concurrency }),
    });
    this.#use(tables, http);
    this.#limit(props);
    const environment = this.handler.function;
    if (Object.keys(topics).length > 0) environment.addEnvironment(ENVIRONMENT.topicSettings, JSON.stringify(topics));
    if (schemas !== undefined) environment.addEnvironment(ENVIRONMENT.topicSchemas, 'on');
    if (props.auth !== undefined) {
      authorizeBy(this.handler, { ...props, auth: props.auth });
      environment.addEnvironment(ENVIRONMENT.auth, 'on');
    }
    this.url = this.#open(props.allowedOrigins);
    this.signedUrl = http.iam ? this.#openSigned() : undefined;
  }

  #use({ topics, messages }: Tables, { longPollSeconds, eventsSeconds }: HttpSettings): void {
    this.handler.bind(ENVIRONMENT.topicsTable, topics.tableName, {
      actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
      resources: [topics.tableArn],
    });
    this.handler.bind(ENVIRONMENT.messagesTable, messages.tableName, {
      actions: ['dynamodb:Query'],
      resources: [messages.tableArn],
    });
    this.handler.function.addEnvironment(ENVIRONMENT.longPollSeconds, String(longPollSeconds));
    this.handler.function.addEnvironment(ENVIRONMENT.eventsSeconds, String(eventsSeconds));
  }

  /** Grants what a frame with a key writes, and the rates of subjects: only where there are subjects. */
  #limit({ tables: { keys }, rateLimits, auth }: HttpDoorProps): void {
    const counts = rateLimits !== undefined && auth !== undefined;
    const actions = ['dynamodb:PutItem', ...(counts ? ['dynamodb:UpdateItem'] : [])];
    this.handler.bind(ENVIRONMENT.keysTable, keys.tableName, { actions, resources: [keys.tableArn] });
    if (counts) this.handler.function.addEnvironment(ENVIRONMENT.rateLimits, JSON.stringify(rateLimits));
  }

  /**
   * Opens a second URL to the same function, which takes signed requests only. The authentication is one for a URL, and
   * a function has one URL for itself and one for each alias.
   */
  #openSigned(): FunctionUrl {
    Validations.of(this.handler.function).acknowledge({
      id: 'Annotation::@aws-cdk/aws-lambda:addPermissionsToVersionOrAlias',
      reason: 'The permission for everyone is for the URL without signatures alone; callers of the alias have grants.',
    });
    return this.handler.function
      .addAlias(SIGNED_ALIAS)
      .addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM, invokeMode: InvokeMode.RESPONSE_STREAM });
  }

  #open(allowedOrigins: readonly string[]): FunctionUrl {
    return this.handler.function.addFunctionUrl({
      authType: FunctionUrlAuthType.NONE,
      invokeMode: InvokeMode.RESPONSE_STREAM,
      cors: {
        allowedOrigins: allowedOrigins.length === 0 ? ['*'] : [...allowedOrigins],
        allowedMethods: [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.PUT, HttpMethod.POST, HttpMethod.DELETE],
        allowedHeaders: [...REQUEST_HEADERS],
        exposedHeaders: [...RESPONSE_HEADERS],
        maxAge: Duration.seconds(PREFLIGHT_SECONDS),
      },
    });
  }
}
