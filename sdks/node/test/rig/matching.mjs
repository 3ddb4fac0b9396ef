// Compares what came with what a vector or a scenario wants (sdks/conformance/README.md, Matching).

const MATCHERS = {
  $type: (got, want) => (want === 'array' ? Array.isArray(got) : want === 'object' ? isObject(got) : typeof got === want),
  $matches: (got, want) => typeof got === 'string' && new RegExp(want).test(got),
  $absent: (got) => got === undefined,
  $gte: (got, want) => typeof got === 'number' && got >= want,
  $oneOf: (got, want) => want.includes(got),
  $length: (got, want) => Array.isArray(got) && got.length === want,
  $contains: (got, want) => Array.isArray(got) && got.some((one) => mismatch(one, want) === undefined),
};

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const show = (value) => JSON.stringify(value)?.slice(0, 300);

/** Why `got` does not match `want`; nothing when it does. `whole` also refuses fields that are not wanted. */
export function mismatch(got, want, path = 'it', whole = false) {
  if (isObject(want)) {
    const matchers = Object.keys(want).filter((name) => name in MATCHERS);
    if (matchers.length > 0) {
      const missed = matchers.find((name) => !MATCHERS[name](got, want[name]));
      return missed && `${path} is ${show(got)}, not ${missed} ${show(want[missed])}`;
    }
    if (got === null || typeof got !== 'object') return `${path} is ${show(got)}, not ${show(want)}`;
    const more = whole ? Object.keys(got).find((name) => !(name in want)) : undefined;
    if (more !== undefined) return `${path}.${more} is ${show(got[more])}, and nobody wants it`;
    return first(Object.entries(want), ([name, inner]) => mismatch(got[name], inner, `${path}.${name}`, whole));
  }
  if (Array.isArray(want)) {
    if (!Array.isArray(got) || got.length !== want.length) return `${path} is ${show(got)}, not ${show(want)}`;
    return first(want.entries(), ([at, inner]) => mismatch(got[at], inner, `${path}[${at}]`, whole));
  }
  return Object.is(got, want) ? undefined : `${path} is ${show(got)}, not ${show(want)}`;
}

function first(entries, ask) {
  for (const entry of entries) {
    const found = ask(entry);
    if (found !== undefined) return found;
  }
  return undefined;
}
