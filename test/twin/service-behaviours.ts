import type { Behaviour } from './behaviour.ts';

const lambda = (file: string): string => `unit/local/lambda/${file}.test.ts`;

/** The behaviours of Lambda, DynamoDB, S3 and IAM. */
export const SERVICE_BEHAVIOURS: readonly Behaviour[] = [
  {
    number: 'C1.1',
    what: 'an environment is frozen between invocations',
    test: [lambda('freezing'), 'work that nobody awaits continues with the next invocation only'],
  },
  {
    number: 'C1.2',
    what: 'a timeout kills the environment',
    test: [lambda('failures'), 'is killed when the time is over, and the next invocation starts cold'],
  },
  {
    number: 'C1.3',
    what: 'a rejection that nobody handles fails its invocation',
    test: [lambda('failures'), 'by a rejection that nobody waits for fails the invocation that caused it'],
  },
  {
    number: 'C1.4',
    what: 'events and results of 6 MB',
    test: [lambda('invocation'), 'may answer with 6 MB and no more'],
  },
  {
    number: 'C1.5',
    what: 'the context and the reserved environment',
    test: [lambda('invocation'), 'has a context as Lambda builds it'],
  },
  {
    number: 'C1.6',
    what: 'Invoke answers 200 for a function that failed',
    test: [lambda('invoke-api'), 'answers a function that throws with 200'],
  },
  {
    number: 'C1.7',
    what: 'asynchronous invocation with its retries',
    test: [lambda('event-invocations'), 'a function that fails gets its event three times'],
  },
  {
    number: 'C1.8',
    what: 'an asynchronous event has one id at all its attempts',
    test: [lambda('invoke-answers'), 'to an event has the id by which the function sees it, at each attempt'],
  },
  {
    number: 'C1.9',
    what: 'errors of Invoke have the members of its model',
    test: [lambda('invoke-answers'), 'says why it throttles'],
  },
  {
    number: 'C1.10',
    what: 'the end of the log and the client context',
    test: [lambda('invoke-answers'), 'has the end of the log, if the caller asks for it'],
  },
  {
    number: 'C1.11',
    what: 'GetFunction, GetFunctionConfiguration and ListFunctions, with versions, pages and errors',
    test: ['local/lambda-api.test.ts', 'tells of a version and of an alias by their ARNs'],
  },
  {
    number: 'C1.12',
    what: 'an event source mapping is disabled, and goes on from its place when it is enabled',
    test: ['local/mappings-api.test.ts', 'stops a stream’s poller, which goes on from its place'],
  },
  {
    number: 'C1.13',
    what: 'a second change of a mapping while the first is under way is refused',
    test: ['unit/local/switched-mapping.test.ts', 'takes no second change meanwhile, in the words of the service'],
  },
  {
    number: 'C1.14',
    what: 'creating, changing and deleting functions and mappings',
    otherwise: 'the template is what runs; the settings of a mapping that are numbers or flags may be changed',
  },
  {
    number: 'C1.15',
    what: 'a package that is in neither the function nor a layer is not found, whatever the developer has',
    test: [lambda('layers'), 'does not find a package that is in no layer, nor a file above its folder'],
  },
  {
    number: 'C1.16',
    what: 'layers are one folder at /opt, whose packages `require` finds and `import` does not',
    test: [lambda('layers'), 'finds for a package of a layer those of the layers beside it, by require and by import'],
  },
  {
    number: 'D1.1',
    what: 'items are deleted by TTL, and stay readable until then',
    test: ['unit/local/engine/ttl-sweeper.test.ts', 'deletes what has expired and keeps what DynamoDB would keep'],
  },
  {
    number: 'D1.2',
    what: 'a listing of a bucket is in the order of bytes',
    test: ['unit/local/engine/start-buckets.test.ts', 'lists every key once, in byte order'],
  },
  {
    number: 'D1.3',
    what: 'five requests that the default engine answers otherwise',
    otherwise:
      'see [the local runtime](local-runtime.md#where-the-engines-are-not-dynamodb); DynamoDB Local does each as DynamoDB',
  },
  {
    number: 'E1.1',
    what: 'a grant that is missing refuses the call in the words of the service',
    test: ['local/removed-grants.test.ts', 'is refused in the words of the service, and with the grant it passes'],
  },
  {
    number: 'E1.2',
    what: 'denials and permissions boundaries',
    test: ['unit/local/iam/judging.test.ts', 'is refused outside of the permissions boundary'],
  },
  {
    number: 'E1.3',
    what: 'conditions on leading keys',
    test: ['unit/local/iam/judging.test.ts', '%s of another key is refused'],
  },
  {
    number: 'E1.4',
    what: 'a signature for another region, or by a key of nobody',
    test: ['unit/local/iam/judging.test.ts', 'is refused with a signature %s'],
  },
  {
    number: 'E1.5',
    what: 'a role that Lambda may not take on',
    test: ['unit/local/iam/judging.test.ts', 'refuses a role that Lambda may not take on'],
  },
  { number: 'E1.6', what: 'policies of buckets and tables', otherwise: 'not judged' },
  {
    number: 'E1.7',
    what: 'a signature by another secret or of another request',
    test: ['unit/local/iam/verify-signature.test.ts', 'of another body, path, method, header or secret is noticed'],
  },
  {
    number: 'E1.8',
    what: 'an invocation of a version or an alias is judged by its ARN, before anybody looks whether it exists',
    test: ['local/lambda-api.test.ts', 'judges an invocation of a version by the ARN of the version'],
  },
  {
    number: 'E1.9',
    what: 'a role that API Gateway may not take on fails its integration',
    test: ['local/integration-trust.test.ts', 'fails where API Gateway may not take on its role'],
  },
  {
    number: 'E1.10',
    what: 'a handshake with AWS_IAM on $connect, whose signer may not invoke the route',
    test: [
      'local/signed-connect.test.ts',
      'refuses a signer without the right, and one with the right at another stage',
    ],
  },
  {
    number: 'E1.11',
    what: 'a signature in the URL of a handshake',
    test: [
      'unit/local/iam/verify-signature.test.ts',
      'of another host, parameter, date, algorithm or secret is noticed',
    ],
  },
  {
    number: 'E1.12',
    what: 'a signature that is too old, or of a time to come',
    test: ['local/signature-age.test.ts', 'made %i ms ago is refused by a service outside of five minutes'],
  },
];
