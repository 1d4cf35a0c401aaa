import { type FormEvent, useEffect, useRef, useState } from 'react';

/** The time in ms without a key after which nobody types any more. */
const TYPING_MS = 3_000;

interface ComposerProps {
  /** Publishes a text. Rejects when it was not published. */
  readonly onSay: (text: string) => Promise<unknown>;
  readonly onTyping: (isTyping: boolean) => void;
}

/** A field to say something. What waits for the connection stays in sight. */
export function Composer({ onSay, onTyping }: ComposerProps) {
  const [waiting, setWaiting] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState('');
  const typing = useTyping(onTyping);
  const say = async (text: string) => {
    setWaiting((before) => [...before, text]);
    try {
      await onSay(text);
      setProblem('');
    } catch (error) {
      setProblem(`Not sent: ${text} (${error instanceof Error ? error.message : error})`);
    }
    setWaiting((before) => before.toSpliced(before.indexOf(text), 1));
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const field = new FormData(event.currentTarget).get('text');
    event.currentTarget.reset();
    typing.end();
    void say(String(field));
  };
  return (
    <>
      {waiting.map((text, place) => (
        <p key={place} className="faint waiting">
          {text} …
        </p>
      ))}
      {problem !== '' && <p role="alert">{problem}</p>}
      <form className="row" onSubmit={submit} onChange={typing.go}>
        <input name="text" required maxLength={2_000} aria-label="Message" placeholder="Say something" autoComplete="off" />
        <button type="submit">Send</button>
      </form>
    </>
  );
}

/** Reports once that somebody types, and once that it has ended. */
function useTyping(onTyping: (isTyping: boolean) => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const end = () => {
    if (timer.current === undefined) return;
    clearTimeout(timer.current);
    timer.current = undefined;
    onTyping(false);
  };
  const go = () => {
    if (timer.current === undefined) onTyping(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(end, TYPING_MS);
  };
  return { go, end };
}
