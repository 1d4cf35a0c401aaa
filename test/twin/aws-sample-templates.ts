import type { TriedRepository } from './tried-repository.ts';

/** The templates of AWS’s samples and serverless patterns. */
export const AWS_SAMPLE_TEMPLATES: readonly TriedRepository[] = [
  {
    repository: 'aws-samples/amazon-api-gateway-websocket-feature-toggles',
    commit: 'd76308f',
    under: '',
    templates: [['template.yaml', 'partly', 'functions in another language']],
  },
  {
    repository: 'aws-samples/aws-websocket-async-updates',
    commit: 'fd9c229',
    under: '',
    templates: [
      [
        'backend/template.yml',
        'partly',
        'REST and HTTP APIs, notifications of buckets, Node.js versions that Lambda no longer takes',
      ],
    ],
  },
  {
    repository: 'aws-samples/serverless-coffee',
    commit: '082d2e3',
    under: '',
    templates: [
      [
        '00-baseCore/output.yaml',
        'partly',
        'rules of EventBridge, REST and HTTP APIs, custom resources, state machines, code that is built first',
      ],
      [
        '01-appCore/output.yaml',
        'partly',
        'rules of EventBridge, REST and HTTP APIs, custom resources, state machines, code that is built first',
      ],
      [
        '01-appCore/template.yaml',
        'partly',
        'rules of EventBridge, REST and HTTP APIs, state machines, custom resources, Node.js versions that Lambda no longer takes',
      ],
      [
        'backends/8-order-journey/template.yaml',
        'partly',
        'state machines, rules of EventBridge, Node.js versions that Lambda no longer takes',
      ],
      ['backends/9-validator/template.yaml', 'partly', 'REST and HTTP APIs'],
    ],
  },
  {
    repository: 'aws-samples/serverless-patterns',
    commit: 'fb7b5d0',
    under: '',
    templates: [
      [
        'apigw-lambda-dynamodb-stream-lambda/template.yaml',
        'partly',
        'REST and HTTP APIs, functions in another language',
      ],
      ['apigw-websocket-ack-connect-route/template.yml', 'partly', 'functions in another language'],
      [
        'apigw-websocket-api-bedrock-streaming/template.yaml',
        'partly',
        'custom resources, functions in another language',
      ],
      [
        'apigw-websocket-api-connection-dynamodb/template.yaml',
        'runs',
        'connections come and go in the table, without a function',
      ],
      ['apigw-websocket-api-lambda-authorizer/template.yaml', 'partly', 'functions in another language'],
      [
        'apigw-websocket-api-lambda/template.yml',
        'loads',
        'fails as on AWS: version 2 of the SDK, which Lambda no longer brings along',
      ],
      ['apigw-websocket-api-sfn-async/template.yaml', 'partly', 'state machines'],
      ['apigw-websocket-api-sfn-sync/template.yaml', 'partly', 'state machines'],
      ['apigw-websocket-api-sns/template.yaml', 'runs', 'a valid order is in the topic, another one is refused'],
      ['apigw-websocket-api-sqs-lambda-java/template.yaml', 'partly', 'functions in another language'],
      ['apigw-websocket-api-sqs-lambda/template.yaml', 'runs', 'a message goes through the queue and back'],
      ['apigw-websocket-lambda-bedrock-sam/template.yaml', 'loads', 'asks Bedrock, which is not here'],
      [
        'apigw-websocket-mapping-template-authorizer/template.yaml',
        'loads',
        'fails as on AWS: handlers with callbacks under Node.js 24',
      ],
      ['dynamodb-streams-appsync-subscription/template.yaml', 'partly', 'AppSync'],
      ['dynamodb-streams-lambda-event-filters/template.yaml', 'partly', 'refused by SAM, too: code in no such folder'],
      ['dynamodb-streams-lambda-eventbridge-sam-node/template.yml', 'loads', 'sends to EventBridge, which is not here'],
      ['dynamodb-streams-lambda-eventbridge-sam-rust/template.yml', 'partly', 'functions in another language'],
      [
        'eventbridge-pipes-ddb-stream-apigateway-iot-core-cdk/cdk/cdk.out',
        'partly',
        'REST and HTTP APIs, pipes to one',
      ],
      [
        'eventbridge-pipes-ddb-stream-lambda-sfn-enrich/template.yaml',
        'partly',
        'state machines, pipes that ask one, functions in another language',
      ],
      ['eventbridge-pipes-ddbstream-sfn/template.yaml', 'partly', 'state machines, pipes to one'],
      ['eventbridge-pipes-ddbstream-to-eventbridge-suffix-matching/template.yaml', 'partly', 'pipes to an event bus'],
      ['eventbridge-pipes-ddbstream-to-eventbridge/template.yaml', 'partly', 'pipes to an event bus'],
      ['eventbridge-pipes-ddbstream-with-filters-to-eventbridge/template.yaml', 'partly', 'pipes to an event bus'],
      [
        'eventbridge-pipes-dynamodbstream-sns/template.yaml',
        'runs',
        'the topic gets what the filter takes; e-mails are not sent',
      ],
      ['lambda-dynamodb-ddbstream-lambda-sam-java/template.yml', 'partly', 'code that is built first'],
      ['lambda-esm-ddb-filters-sam/template.yaml', 'runs', 'each function gets what its filter takes'],
    ],
  },
  {
    repository: 'aws-samples/serverless-samples',
    commit: '9894431',
    under: '',
    templates: [['apigw-ws-integrations/template.yaml', 'partly', 'state machines, functions in another language']],
  },
  {
    repository: 'aws-samples/serverless-trivia-game',
    commit: '46a87c5',
    under: '',
    templates: [['backend/Step5/template.yaml', 'partly', 'rules of EventBridge, values of other stacks']],
  },
  {
    repository: 'aws-samples/serverless-websocket-chat',
    commit: 'd88be88',
    under: '',
    templates: [['template.yaml', 'partly', 'functions in another language']],
  },
  {
    repository: 'aws-samples/simple-websockets-chat-app',
    commit: 'fb1f0d6',
    under: '',
    templates: [['template.yaml', 'runs', 'a message reaches every client']],
  },
  {
    repository: 'aws-samples/websocket-api-cognito-auth-sample',
    commit: '26bd488',
    under: '',
    templates: [['cdk/cdk.out', 'partly', 'AppSync']],
  },
  {
    repository: 'aws-samples/websocket-sessions-management',
    commit: 'cd71363',
    under: '',
    templates: [['template.yml', 'partly', 'schedules, functions in another language']],
  },
];
