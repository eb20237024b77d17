// Comparison of a record with what a case expects; shared-tests/README.md tells the rules.

function isAmount(key) {
  return key === 'cost' || key === 'cost_saved' || key === 'reported_cost' || key.endsWith('_cost');
}

function isMapping(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first difference as text; undefined when `actual` matches. */
export function matches(actual, expected, key = '', path = '$') {
  const differs = () => `${path}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`;
  if (expected === null) return actual === null || actual === undefined ? undefined : differs();
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return differs();
    return expected
      .map((item, at) => matches(actual[at], item, key, `${path}[${at}]`))
      .find((wrong) => wrong !== undefined);
  }
  if (isMapping(expected)) {
    if ('approx' in expected && 'within' in expected) {
      const near = Math.abs(Number(actual) - Number(expected.approx)) <= expected.within;
      return actual !== null && actual !== undefined && near ? undefined : differs();
    }
    const keys = Object.keys(expected);
    if (keys.length > 0 && keys.every((name) => name === 'min' || name === 'max')) {
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = expected;
      const number = actual === null || actual === undefined ? Number.NaN : Number(actual);
      return number >= min && number <= max ? undefined : differs();
    }
    if (!isMapping(actual)) return differs();
    return keys
      .map((name) => matchesKey(actual, name, expected[name], path))
      .find((wrong) => wrong !== undefined);
  }
  if (isAmount(key)) {
    return actual !== null && actual !== undefined && Number(actual) === Number(expected)
      ? undefined
      : differs();
  }
  return actual === expected ? undefined : differs();
}

function matchesKey(actual, name, expected, path) {
  const contains = name.match(/^(.+)_contains$/);
  if (contains === null) return matches(actual[name], expected, name, `${path}.${name}`);
  const text = actual[contains[1]];
  const wanted = Array.isArray(expected) ? expected : [expected];
  for (const piece of wanted) {
    if (typeof text !== 'string' || !text.toLowerCase().includes(String(piece).toLowerCase())) {
      return `${path}.${contains[1]}: ${JSON.stringify(text)} does not contain ${JSON.stringify(piece)}`;
    }
  }
  return undefined;
}
