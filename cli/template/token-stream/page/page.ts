import { connect } from '@distributary/client';
import { readAnswer, type Topics } from './answers.ts';
import { element } from './element.ts';
import { serverUrl } from './server-url.ts';

const rt = connect<Topics>(serverUrl());

rt.on('status', (status) => {
  element('status').textContent = status;
});

element('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = element('ask').querySelector('input')?.value ?? '';
  const id = crypto.randomUUID();
  void rt.publish('questions', { id, text });
  // The answer's address: a reload, or another tab, reads the same answer.
  location.hash = id;
});

let end: () => void = () => undefined;

function show(): void {
  end();
  const id = location.hash.slice(1);
  if (id === '') return;
  element('answer').textContent = '…';
  end = readAnswer(rt, id, ({ text, isWhole }) => {
    element('answer').textContent = text;
    element('answer').toggleAttribute('data-whole', isWhole);
  });
}

addEventListener('hashchange', show);
show();
