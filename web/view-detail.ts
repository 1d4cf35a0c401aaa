import { part } from './element.ts';
import { short } from './view-rows.ts';
import type { ViewedDetails } from './view-facts.ts';

/** Shows an invocation: its event, its result, its log, and a button that replays it. */
export function showDetail(target: HTMLElement, details: ViewedDetails, replay: () => void): void {
  const { functionName, requestId, event, isWhole, result, log } = details;
  const head = document.createElement('header');
  head.append(
    part('h3', '', short(functionName)),
    isWhole ? replayButton(replay) : part('p', 'facts', 'too large to replay'),
  );
  const outcome = result === undefined ? 'it still runs' : `${result.kind} after ${result.durationMs} ms`;
  target.replaceChildren(
    head,
    part('p', 'facts', `${functionName} · ${requestId} · ${outcome}`),
    ...block('Event', indented(event)),
    ...(result === undefined ? [] : block(result.kind === 'success' ? 'Result' : 'Failure', indented(result.text))),
    ...block('Log', log.length === 0 ? 'It logged nothing.' : log.join('\n')),
  );
}

function replayButton(replay: () => void): HTMLElement {
  const made = part('button', 'replay', 'Replay');
  made.setAttribute('type', 'button');
  made.addEventListener('click', replay);
  return made;
}

const block = (title: string, text: string): readonly HTMLElement[] => [part('h4', '', title), part('pre', '', text)];

/** Returns JSON with an indent. The beginning of a text that was cut off stays as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
