// Field names: camelCase for callers, and what the API writes on the wire. Owns the one place where names are changed;
// what callers name themselves (metadata) is never touched.

/** Under these names lie keys that somebody else chose. */
const OPAQUE = new Set(['metadata', 'before', 'after']);

function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Objects that carry metadata; one version leaves it out when it is empty. */
const WITH_METADATA = new Set<unknown>(['terminal_payment', 'refund']);

/** An answer of the API with every field in camel case, and metadata wherever it can be. */
export function fromWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromWire);
  if (value === null || typeof value !== 'object') return value;
  const fields = Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [camel(name), OPAQUE.has(name) ? inner : fromWire(inner)]),
  );
  if (WITH_METADATA.has(fields['object'])) fields['metadata'] ??= {};
  return fields;
}

/** The fields of a body that the API takes in snake case: those of webhook endpoints. */
export function toSnake(body: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [snake(name), value]));
}

/** Cursors are the only parameters of a query that the API takes in snake case. */
const CURSORS: Readonly<Record<string, string>> = { startingAfter: 'starting_after', endingBefore: 'ending_before' };

/** A query as the API takes it: nested objects and arrays in brackets. */
export function toQuery(parameters: object): URLSearchParams {
  const query = new URLSearchParams();
  const put = (name: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    if (Array.isArray(value)) value.forEach((one) => put(`${name}[]`, one));
    else if (typeof value === 'object') Object.entries(value).forEach(([inner, one]) => put(`${name}[${inner}]`, one));
    else query.append(name, String(value));
  };
  Object.entries(parameters).forEach(([name, value]) => put(CURSORS[name] ?? name, value));
  return query;
}
