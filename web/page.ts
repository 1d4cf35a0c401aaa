import { connect } from '../client/src/index.ts';
import { showCounter } from './counter-view.ts';
import { element } from './element.ts';
import { rememberTopics, rememberedTopics } from './remembered-topics.ts';
import { showStatus } from './status-view.ts';
import { TopicsView } from './topics-view.ts';

const COUNTER = 'global-counter';

/** The server that served this page, or the one that `?url=` names. */
function serverUrl(): string {
  const named = new URLSearchParams(location.search).get('url');
  return named ?? `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`;
}

function start(): void {
  const rt = connect(serverUrl(), { topics: [`counter:${COUNTER}`] });
  showStatus(rt);
  showCounter(rt, rt.counter(COUNTER));
  const topics = new TopicsView(rt, rememberTopics);
  for (const topic of rememberedTopics()) topics.add(topic);
}

try {
  start();
} catch (error) {
  // A bad `?url=`: nothing on the page can work, so say it where the connection is spoken of.
  element('status-text').textContent = error instanceof Error ? error.message : String(error);
}
