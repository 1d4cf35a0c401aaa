import type { TriedRepository } from './tried-repository.ts';

/** The templates of others. */
export const OTHER_TEMPLATES: readonly TriedRepository[] = [
  {
    repository: 'AlbericoD/simple-websockets-chat-app',
    commit: 'bc37a72',
    under: '',
    templates: [['lambdas/lambdas.yaml', 'partly', 'a cache, code that is built first']],
  },
  {
    repository: 'AnD00/simple-websockets-chat-app',
    commit: '56713fe',
    under: '',
    templates: [['template.yaml', 'partly', 'functions in another language']],
  },
  {
    repository: 'allenheltondev/serverless-websockets',
    commit: 'a7e12d0',
    under: '',
    templates: [['template.yaml', 'partly', 'rules of EventBridge, Node.js versions that Lambda no longer takes']],
  },
  {
    repository: 'aurbac/sam-websocket-api-gateway',
    commit: 'd0e6d0d',
    under: '',
    templates: [['template.yaml', 'partly', 'Node.js versions that Lambda no longer takes']],
  },
  {
    repository: 'coltonw/simple-websockets-chat-app',
    commit: 'd48cb39',
    under: '',
    templates: [['template.yaml', 'partly', 'Node.js versions that Lambda no longer takes']],
  },
  {
    repository: 'drmatt13/sam-websocket-dev-kit',
    commit: '6c895af',
    under: '',
    templates: [['sam-app/template.yaml', 'runs', 'its routes answer, one of them by a post']],
  },
  {
    repository: 'gisheri/simple-websockets-chat-app',
    commit: '64dcb1e',
    under: '',
    templates: [
      ['backend/template.yaml', 'partly', 'code that is built first, Node.js versions that Lambda no longer takes'],
    ],
  },
  {
    repository: 'jasonwong26/simple-websockets-chat-app',
    commit: 'c6a656e',
    under: '',
    templates: [
      ['forked/template.yaml', 'partly', 'Node.js versions that Lambda no longer takes'],
      ['src/template.yaml', 'partly', 'Node.js versions that Lambda no longer takes, code that is built first'],
    ],
  },
  {
    repository: 'reix-m/aws-sam-websocket-api',
    commit: 'c631c5c',
    under: '',
    templates: [['template.yaml', 'partly', 'refused by Lambda, too: a visibility timeout below that of the function']],
  },
  {
    repository: 'superluminar-io/api-gateway-websockets-example',
    commit: '3b86186',
    under: '',
    templates: [['cdk.out', 'runs', 'a client learns its id, and others send to it']],
  },
];
