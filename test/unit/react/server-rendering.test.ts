import { createElement as h, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { App } from '../../browser/react-page/app.ts';
import { createHooks, RealtimeProvider, useTopic } from '../../../react/src/index.ts';

const made: string[] = [];

/** The function that makes the client. A server must not call it. */
function client(): never {
  made.push('client');
  throw new Error('A server has no client.');
}

const PARTS = { topic: 'river', lists: ['left'], isCounting: true, isShown: true };

describe('rendering on a server', () => {
  it('makes no client, and shows the state before anything is known', () => {
    const html = renderToString(h(StrictMode, undefined, h(App, { client, parts: PARTS })));

    expect(made).toEqual([]);
    expect(html).toContain('<p id="status">connecting</p>');
    expect(html).toContain('<ol id="left" data-state="subscribing"></ol>');
    expect(html).toContain('<button id="first">unknown</button>');
    expect(html).toContain('<p id="people">unknown</p>');
  });

  it('shows a component without a topic as idle', () => {
    const html = renderToString(h(App, { client, parts: { ...PARTS, topic: null } }));

    expect(html).toContain('<ol id="left" data-state="idle"></ol>');
  });
});

describe('a hook', () => {
  const Alone = () => h('p', undefined, useTopic('river').state);

  it('says that its provider is missing', () => {
    expect(() => renderToString(h(Alone))).toThrow('There is no RealtimeProvider above this component.');
  });

  it('does not take the provider of other hooks for its own', () => {
    const other = createHooks();

    expect(() => renderToString(h(other.RealtimeProvider, { client }, h(Alone)))).toThrow('no RealtimeProvider');
    expect(renderToString(h(RealtimeProvider, { client }, h(Alone)))).toBe('<p>subscribing</p>');
  });
});
