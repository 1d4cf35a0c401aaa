type Write = (text: string) => void;

/**
 * Returns a function that writes all texts of one turn of the event loop at once, in their order: a write for each log
 * line costs more than the line. What is left when the process exits is written then.
 */
export function gatherWrites(write: Write): Write {
  let gathered = '';
  const flush = (): void => {
    const text = gathered;
    gathered = '';
    if (text !== '') write(text);
  };
  process.once('exit', flush);
  return (text) => {
    if (gathered === '') setImmediate(flush);
    gathered += text;
  };
}
