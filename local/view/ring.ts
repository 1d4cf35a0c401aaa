/** A list with a bound: past it the oldest elements are forgotten. */
export interface Ring<Element> {
  readonly add: (element: Element) => void;
  /** Returns the elements, the newest first. */
  readonly newest: () => readonly Element[];
}

/** Creates a ring, which holds up to twice its bound between two cuts. */
export function createRing<Element>(maximum: number): Ring<Element> {
  let elements: Element[] = [];
  return {
    add: (element) => {
      elements.push(element);
      if (elements.length >= 2 * maximum) elements = elements.slice(-maximum);
    },
    newest: () => elements.slice(-maximum).toReversed(),
  };
}
