// Runs the corpus of shared tests; shared-tests/README.md tells the format.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { matches } from './support/matching.mjs';
import { OPERATIONS } from './support/operations.mjs';

const cases = join(dirname(fileURLToPath(import.meta.url)), '../../../../shared-tests/cases');
const schema = JSON.parse(readFileSync(join(cases, '../schema.json'), 'utf8'));
const CASE_KEYS = ['name', 'note', 'operation', 'config', 'input', 'expected'];
const DEFAULT_KEYS = ['operation', 'config', 'input'];

function onlyKeys(value, allowed, where) {
  for (const key of Object.keys(value))
    assert.ok(allowed.includes(key), `${where}: key \`${key}\``);
}

/** The keys that the schema knows for the input of an operation. */
function inputKeys(operation) {
  let shape = schema.$defs.inputs[operation];
  while (shape?.$ref) {
    shape = shape.$ref
      .split('/')
      .slice(1)
      .reduce((at, key) => at[key], schema);
  }
  return shape ? Object.keys(shape.properties) : [];
}

function casesOf(file) {
  const content = parse(readFileSync(file, 'utf8'));
  const listed = Array.isArray(content) ? content : content?.cases;
  const defaults = (Array.isArray(content) ? undefined : content?.defaults) ?? {};
  assert.ok(Array.isArray(listed) && listed.length > 0, `${file} has no cases`);
  if (!Array.isArray(content)) onlyKeys(content, ['cases', 'defaults'], file);
  onlyKeys(defaults, DEFAULT_KEYS, file);
  return listed.map((given) => {
    onlyKeys(given, CASE_KEYS, `${file}: ${given.name}`);
    const filled = { ...defaults, ...given };
    filled.input = { ...defaults.input, ...given.input };
    return filled;
  });
}

const files = readdirSync(cases, { recursive: true })
  .filter((name) => /\.ya?ml$/.test(name))
  .map((name) => join(cases, name))
  .sort();
assert.ok(files.length > 0, `no case files in ${cases}`);

const names = new Set();
let ran = 0;

for (const file of files) {
  for (const { name, operation, config, input, expected } of casesOf(file)) {
    test(`${relative(cases, file)}: ${name}`, async () => {
      assert.ok(typeof name === 'string' && !names.has(name), `a name twice: ${name}`);
      names.add(name);
      assert.ok(expected && Object.keys(expected).length > 0, 'nothing is expected');
      const run = OPERATIONS[operation];
      assert.ok(run, `unknown operation: ${operation}`);
      onlyKeys(input, inputKeys(operation), 'input');
      const record = await run(structuredClone(config ?? {}), structuredClone(input));
      const wrong = matches(record, expected);
      assert.equal(wrong, undefined, `${wrong}\nrecord: ${JSON.stringify(record, undefined, 1)}`);
      ran += 1;
    });
  }
}

after(() => console.log(`corpus: ${ran} cases ran`));
