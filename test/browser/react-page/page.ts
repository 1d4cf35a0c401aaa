/** A page of components on the hooks, under StrictMode. `window.sent` has the frames that its clients sent. */
import { createElement as h, type ReactElement, StrictMode, useState } from 'react';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { connect, type Realtime } from '@distributary/client';
import { App, type Parts } from './app.ts';

declare global {
  interface Window {
    sent: string[];
    clients: Realtime[];
    /** The HTML that a server has rendered; undefined for none. */
    rendered?: string;
    change: (parts: Partial<Parts>) => void;
  }
}

window.sent = [];
window.clients = [];

function client(): Realtime {
  const debug = (direction: 'in' | 'out', text: string): void => {
    if (direction === 'out') window.sent.push(text);
  };
  const made = connect(`ws://${location.host}/live`, { debug });
  window.clients.push(made);
  return made;
}

/** The whole page. A test changes what it shows by `window.change`. */
function Page(): ReactElement {
  const [parts, setParts] = useState<Parts>({
    topic: 'river',
    lists: ['left', 'right'],
    isCounting: true,
    isShown: true,
  });
  window.change = (changed) => setParts((before) => ({ ...before, ...changed }));
  return h(StrictMode, undefined, h(App, { client, parts }));
}

const root = document.querySelector('#root');
if (root === null) throw new Error('The page has no root.');
if (window.rendered === undefined) createRoot(root).render(h(Page));
else {
  root.innerHTML = window.rendered;
  hydrateRoot(root, h(Page));
}
