/** Distance in pixels from the end within which the list counts as read to its end. */
const AT_END_PX = 48;

/**
 * Keeps a scrolled list at its newest line, whatever changes: new lines, the width of the column, the height of what
 * is around it. A reader who has scrolled up stays there.
 */
export class EndFollower {
  readonly #log: HTMLElement;
  #isAtEnd = true;
  /** The height of the view and of its content at the last look. */
  #heights = '';

  constructor(log: HTMLElement, list: HTMLElement) {
    this.#log = log;
    log.addEventListener('scroll', () => this.#scrolled());
    const observer = new ResizeObserver(() => this.follow());
    observer.observe(log);
    observer.observe(list);
  }

  /** Scrolls to the end if the reader was there. */
  follow(): void {
    const log = this.#log;
    this.#heights = heightsOf(log);
    if (this.#isAtEnd) log.scrollTop = log.scrollHeight;
  }

  /** A change of the layout moves the text, too. Then the reader has not scrolled, and the observer comes next. */
  #scrolled(): void {
    const log = this.#log;
    if (heightsOf(log) !== this.#heights) return;
    this.#isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < AT_END_PX;
  }
}

const heightsOf = ({ clientHeight, scrollHeight }: HTMLElement): string => `${clientHeight}/${scrollHeight}`;
