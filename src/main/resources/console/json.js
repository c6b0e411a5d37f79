// Reads JSON.

const LONG = /\d{16}/;

/** What the JSON means; numbers that are too long for one of JavaScript keep their digits, where the browser can do that. */
export function parse(text) {
  return LONG.test(text) && JSON.rawJSON ? JSON.parse(text, exact) : JSON.parse(text);
}

function exact(name, value, { source }) {
  return typeof value === "number" && String(value) !== source ? JSON.rawJSON(source) : value;
}
