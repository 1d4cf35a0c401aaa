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

/** Creates an element with text. Data from the wire is never used as markup. */
export function part(name: string, className: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Creates a button with a listener. */
export function button(label: string, onPress: () => void): HTMLElement {
  const made = part('button', 'quiet', label);
  made.setAttribute('type', 'button');
  made.addEventListener('click', onPress);
  return made;
}

let lastId = 0;

/** Returns a copy of the article in the template `id`, named after a topic. */
export function articleFrom(id: string, topic: string): HTMLElement {
  const template = element(id);
  if (!(template instanceof HTMLTemplateElement)) throw new Error(`#${id} is not a template.`);
  const root = within(document.importNode(template.content, true), 'article');
  const heading = within(root, 'h3');
  heading.textContent = topic;
  lastId += 1;
  heading.id = `branch-${lastId}`;
  root.setAttribute('aria-labelledby', heading.id);
  within(root, 'header button').setAttribute('aria-label', `Unsubscribe from ${topic}`);
  return root;
}

/** Shows a remark under a control, as an error if `isBad`. An empty text removes the remark. */
export function remark(target: HTMLElement, text: string, isBad = false): void {
  // Setting the same text again would make a screen reader read it again.
  if (target.textContent !== text) target.textContent = text;
  target.toggleAttribute('data-bad', isBad);
}
