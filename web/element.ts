/** The element with that id. The page without it is broken, so its absence throws. */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}

/** The first such element below `root`. */
export function within(root: ParentNode, selector: string): HTMLElement {
  const found = root.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`The page has no ${selector}.`);
  return found;
}

/** The text field named `name` of a form. */
export function field(form: HTMLElement, name: string): HTMLInputElement {
  const found = form.querySelector<HTMLInputElement>(`input[name="${name}"]`);
  if (found === null) throw new Error(`The form has no field ${name}.`);
  return found;
}

/** Says something under a control, as a complaint or not; an empty text takes it back. */
export function remark(target: HTMLElement, text: string, isBad = false): void {
  // Setting the same text again would have it read aloud again.
  if (target.textContent !== text) target.textContent = text;
  target.toggleAttribute('data-bad', isBad);
}

/** What to tell a person of an error. */
export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
