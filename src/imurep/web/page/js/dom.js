// The page's elements. Whatever is shown goes through `write`: as text, never as markup.

export function by(id) {
  return document.getElementById(id);
}

export function write(node, words) {
  const said = String(words);
  if (node.textContent !== said) node.textContent = said;
}

export function make(tag, attributes = {}, ...inside) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...inside); // strings become text
  return node;
}
