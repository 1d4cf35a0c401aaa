/** Distance in pixels from the end within which the list counts as read to its end. */
const AT_END_PX = 48;

/**
 * Keeps a scrolled list at its newest line, whatever changes: new lines, the width of the column, the height of what
 * is around it. A reader who has scrolled up stays there.
 */
export class EndFollower {
  readonly #log: HTMLElement;
  #isAtEnd = true;

  constructor(log: HTMLElement, list: HTMLElement) {
    this.#log = log;
    // A change of the layout fires this event, too, if it moves the text: by then the observer has followed.
    log.addEventListener('scroll', () => {
      this.#isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < AT_END_PX;
    });
    const observer = new ResizeObserver(() => this.follow());
    observer.observe(log);
    observer.observe(list);
  }

  /** Scrolls to the end if the reader was there. */
  follow(): void {
    if (this.#isAtEnd) this.#log.scrollTop = this.#log.scrollHeight;
  }
}
