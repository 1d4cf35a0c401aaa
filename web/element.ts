/** Returns the element with this id. Throws if the page has none: it is broken then. */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}

/** Returns the first element below `root` that matches. Throws if there is none. */
export function within(root: ParentNode, selector: string): HTMLElement {
  const found = root.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`The page has no ${selector}.`);
  return found;
}

/** Returns the text field `name` of a form. */
export function field(form: HTMLElement, name: string): HTMLInputElement {
  const found = form.querySelector<HTMLInputElement>(`input[name="${name}"]`);
  if (found === null) throw new Error(`The form has no field ${name}.`);
  return found;
}

/** Shows a remark under a control, as an error if `isBad`. An empty text removes the remark. */
export function remark(target: HTMLElement, text: string, isBad = false): void {
  // Setting the same text again would make a screen reader read it again.
  if (target.textContent !== text) target.textContent = text;
  target.toggleAttribute('data-bad', isBad);
}

/** Returns the text of an error to show to a person. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
