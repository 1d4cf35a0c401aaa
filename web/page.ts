import { connect } from '../client/src/index.ts';
import { ConnectionStatus } from './connection-status.ts';
import { animate, showCounter } from './counter-view.ts';
import { element, within } from './element.ts';
import { openIdentity } from './identity.ts';
import { createNameField } from './name-field.ts';
import { showNotices } from './notice.ts';
import { rememberTopics, rememberedTopics } from './remembered.ts';
import { showStatus } from './status-view.ts';
import { TopicsView } from './topics-view.ts';

const COUNTER = 'global-counter';

/** Returns the URL of another server than that of this page, if the value of `?url=` names one. */
const namedUrl = (): string | null => new URLSearchParams(location.search).get('url');

/** Returns the URL of the server of this page. */
const ownUrl = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`;

async function start(): Promise<void> {
  const named = namedUrl();
  // Tokens of this page's own server are for no other.
  const token = named === null ? await openIdentity() : undefined;
  const options = { topics: [`counter:${COUNTER}`], ...(token === undefined ? {} : { token }) };
  const rt = connect(named ?? ownUrl(), options);
  const connection = new ConnectionStatus(rt);
  showStatus(connection);
  showNotices(rt, connection);
  const onMoved = (): void => animate(element('delta'), 'flow');
  showCounter(within(document, '.counter'), { counter: rt.counter(COUNTER), connection, onMoved });
  const name = createNameField();
  const topics = new TopicsView({ rt, connection, name, mainCounter: COUNTER, remember: rememberTopics });
  for (const topic of rememberedTopics()) topics.add(topic);
}

start().catch((error: unknown) => {
  // An invalid `?url=`: nothing on the page can work. The status line shows the error.
  element('status-text').textContent = error instanceof Error ? error.message : String(error);
});
