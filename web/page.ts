import { connect } from '../client/src/index.ts';
import { ConnectionStatus } from './connection-status.ts';
import { animate, showCounter } from './counter-view.ts';
import { element, within } from './element.ts';
import { createNameField } from './name-field.ts';
import { rememberTopics, rememberedTopics } from './remembered.ts';
import { showStatus } from './status-view.ts';
import { TopicsView } from './topics-view.ts';

const COUNTER = 'global-counter';

/** Returns the URL of the server: the value of `?url=`, else the server of this page. */
function serverUrl(): string {
  const named = new URLSearchParams(location.search).get('url');
  return named ?? `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`;
}

function start(): void {
  const rt = connect(serverUrl(), { topics: [`counter:${COUNTER}`] });
  const connection = new ConnectionStatus(rt);
  showStatus(connection);
  const onMoved = (): void => animate(element('delta'), 'flow');
  showCounter(within(document, '.counter'), { counter: rt.counter(COUNTER), connection, onMoved });
  const name = createNameField();
  const topics = new TopicsView({ rt, connection, name, mainCounter: COUNTER, remember: rememberTopics });
  for (const topic of rememberedTopics()) topics.add(topic);
}

try {
  start();
} catch (error) {
  // An invalid `?url=`: nothing on the page can work. The status line shows the error.
  element('status-text').textContent = error instanceof Error ? error.message : String(error);
}
