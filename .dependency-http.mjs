import { GROUND, HTTP, may, npm, PORT, SDK_POST } from './.dependency-rooms.mjs';

/** The rules of requests over sockets, and of the posts that go over them. */
export const HTTP_RULES = [
  may('http-imports-sockets-alone', {
    room: HTTP,
    doors: ['^(node:)?(crypto|net|tls)$'],
    instead: 'This room sends a request and reads the answer, and knows no service: hand in what else it needs.',
  }),
  may('post-imports-http-alone', {
    room: '^shared/post/',
    except: SDK_POST,
    doors: [GROUND, HTTP, '^shared/protocol/', '^(node:)?crypto$'],
    instead: 'This room signs a post, sends it and reads the answer, and nothing more: hand in what else it needs.',
  }),
  may('sdk-post-imports-the-official-client', {
    room: SDK_POST,
    doors: [PORT, npm('@aws-sdk/client-apigatewaymanagementapi', '@smithy/node-http-handler')],
    instead: 'These files are the official client behind a port, and nothing of ours.',
  }),
];
