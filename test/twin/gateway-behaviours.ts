import type { Behaviour } from './behaviour.ts';

const gateway = (file: string): string => `unit/local/gateway/${file}.test.ts`;

/** The behaviours of API Gateway. */
export const GATEWAY_BEHAVIOURS: readonly Behaviour[] = [
  {
    number: 'A1.1',
    what: 'the fields of the event of $connect, in their order',
    test: [gateway('events'), 'has the fields of API Gateway in its order'],
  },
  {
    number: 'A1.2',
    what: 'a query is in the event in two forms, or not at all',
    test: [gateway('events'), 'has the query in both forms, only when there is one'],
  },
  {
    number: 'A1.3',
    what: 'the event of a message has neither headers nor query',
    test: [gateway('events'), 'has only context and body'],
  },
  {
    number: 'A1.4',
    what: 'the event of $disconnect has odd headers, a code and a reason',
    test: [gateway('events'), 'has the odd headers and the close in AWS order'],
  },
  {
    number: 'A1.5',
    what: 'ids are padded, URL-safe, and of more than one length',
    test: [gateway('parts'), 'are like those of AWS: padded, URL-safe'],
  },
  {
    number: 'A2.1',
    what: 'a message that matches no route falls back to $default',
    test: [gateway('events'), 'names the route $default when the message fell back to it'],
  },
  {
    number: 'A2.2',
    what: 'without $default it is answered Forbidden, and the connection stays',
    test: [gateway('messages'), 'that matches no route is forbidden, in the exact text of AWS'],
  },
  { number: 'A2.3', what: 'a binary frame closes with 1003', test: [gateway('endings'), 'by a binary frame is 1003'] },
  {
    number: 'A2.4',
    what: 'text that is almost JSON is routed by what its parser finds',
    otherwise: 'bodies are routed by strict JSON',
  },
  {
    number: 'A2.5',
    what: 'a model refuses a message with Bad request body',
    test: ['local/integrations.test.ts', 'refuses one that does not match its model'],
  },
  {
    number: 'A2.6',
    what: 'each stage has its own connections',
    test: [gateway('stages'), 'has connections of each stage apart'],
  },
  {
    number: 'A3.1',
    what: 'the body of a result is sent, whatever its status',
    test: [gateway('messages'), 'is answered with the body of the result, whatever its status'],
  },
  {
    number: 'A3.2',
    what: 'a one-way route answers nothing',
    test: [gateway('messages'), 'of a one-way route is not answered'],
  },
  {
    number: 'A3.3',
    what: 'a failure is answered Internal server error on one-way routes too',
    test: [gateway('messages'), 'of a one-way route is answered Internal server error'],
  },
  {
    number: 'A3.4',
    what: 'an integration that takes too long is answered Endpoint request timed out',
    test: [gateway('messages'), 'that takes longer than its integration may is answered so'],
  },
  {
    number: 'A3.5',
    what: 'messages of one connection run concurrently',
    test: [gateway('messages'), 'runs at the same time as the others of its connection'],
  },
  {
    number: 'A4.1',
    what: 'the handshake waits for $connect',
    test: [gateway('upgrade'), 'is granted at the stage, once $connect has answered'],
  },
  {
    number: 'A4.2',
    what: 'a $connect without a permission is 502',
    test: [gateway('upgrade'), 'is refused with 502 when API Gateway may not invoke $connect'],
  },
  {
    number: 'A4.3',
    what: '$connect chooses the subprotocol',
    test: [gateway('upgrade'), 'carries the subprotocol that $connect chose'],
  },
  { number: 'A4.4', what: 'compression is not negotiated', test: [gateway('upgrade'), 'negotiates no compression'] },
  {
    number: 'A4.5',
    what: 'the context of an authorizer is in each event, as texts',
    test: [gateway('authorizer'), 'gives its context to every event of the connection, as strings'],
  },
  {
    number: 'A4.6',
    what: 'an authorizer that fails is 500',
    test: [gateway('authorizer'), 'that takes too long, or may not be invoked, refuses with 500'],
  },
  {
    number: 'A5.1',
    what: 'a message may have 128 KB, in frames of 32 KB; past them 1009',
    test: [gateway('endings'), 'past 128 KB ends the connection with 1009, in frames too'],
  },
  {
    number: 'A5.2',
    what: 'an idle connection ends after 10 minutes, whatever pings come',
    test: [gateway('endings'), 'by idleness is put off by a message of either side, not by a ping'],
  },
  {
    number: 'A5.3',
    what: 'the throttle of the stage',
    test: [gateway('messages'), 'past the throttle of the stage is answered Too Many Requests'],
  },
  {
    number: 'A5.4',
    what: '500 new connections a second, and the account’s own throttle',
    otherwise: 'quotas of an account, not of a template',
  },
  {
    number: 'A6.1',
    what: 'a connection is gone as long as $connect runs',
    test: [gateway('management-api'), 'is gone as long as $connect has not answered'],
  },
  {
    number: 'A6.2',
    what: 'a gone connection is known by a header, without a body',
    test: [gateway('management-api'), 'posts, describes, deletes, and knows a gone connection by its name'],
  },
  {
    number: 'A6.3',
    what: 'a client that does not read is 429',
    test: [gateway('management-api'), 'is answered 429 once a client does not read what it gets'],
  },
  {
    number: 'A6.4',
    what: 'an unsigned request is 403',
    test: [gateway('management-api'), 'is refused when it is not signed'],
  },
  {
    number: 'A6.5',
    what: 'DELETE closes, and $disconnect runs',
    test: [gateway('management-api'), 'close it, and $disconnect runs'],
  },
  {
    number: 'A6.6',
    what: 'a post that is too large is 413, whatever its signature is',
    test: [gateway('management-api'), 'answers 413 by the size alone'],
  },
  {
    number: 'A6.7',
    what: 'another stage, and the host of an API that does not exist, are 403 Forbidden with x-amzn-ErrorType',
    test: ['local/callback-addresses.test.ts', 'is refused by API Gateway when it posts to %s'],
  },
  {
    number: 'A6.8',
    what: 'a signature for another region is 403 InvalidSignatureException',
    test: ['local/callback-addresses.test.ts', 'is refused by API Gateway when it signs for another region'],
  },
  {
    number: 'A7.1',
    what: 'an integration with DynamoDB, by a mapping template and the role of the integration',
    test: ['local/integrations.test.ts', 'writes its connections to a table'],
  },
  {
    number: 'A7.2',
    what: 'an integration with a queue, by the parameters of the query protocol',
    test: ['local/integrations.test.ts', 'sends a message to a queue'],
  },
  {
    number: 'A7.3',
    what: 'a function behind a mapping template, and a response made of its result',
    test: ['local/integrations.test.ts', 'gives a function what the template makes'],
  },
  {
    number: 'A7.4',
    what: 'a mock, with a response by its status',
    test: ['local/integrations.test.ts', 'answers by a mock'],
  },
  {
    number: 'A7.5',
    what: 'what the role of an integration may not do',
    test: ['local/integrations.test.ts', 'is refused what the role of the integration may not do'],
  },
  {
    number: 'A7.6',
    what: 'variables and methods of mapping templates',
    test: ['unit/local/integrations/mapping-template.test.ts', '%s is %s'],
  },
  {
    number: 'A7.7',
    what: 'an integration with a topic, whose queues receive the message',
    test: ['local/integrations.test.ts', 'publishes a message to a topic'],
  },
  {
    number: 'A7.8',
    what: 'HTTP integrations, and services other than DynamoDB, Lambda, SQS and SNS',
    otherwise: 'refused at the start',
  },
];
