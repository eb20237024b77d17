// How the package is loaded and left: ES modules, CommonJS, worker threads, the end of the process.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as esm from '../dist/index.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

/** Runs a script to its end; kills it, and fails, when it does not end by itself. */
async function script(source, type = 'module') {
  const child = spawn(process.execPath, [`--input-type=${type}`, '-e', source], { cwd: root });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  return { code, signal, output, errors };
}

const PRELUDE = `
const PARIS = { content: 'The capital of France is Paris.', model: 'm' };
class Own { name = 'own'; isAvailable() { return true; } calculateCost() { return 0; }
  async generate() { await new Promise((r) => setTimeout(r, 100)); return PARIS; } }
core.providerRegistry.register('own', Own);
const agent = new core.CascadeAgent({ models: [{ name: 'm', provider: 'own', cost: 1 }] });
`;

test('both module systems give the same package', () => {
  const cjs = require('../dist/index.cjs');
  assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort());
  assert.equal(cjs.CascadeAgent, esm.CascadeAgent);
  assert.equal(cjs.providerRegistry, esm.providerRegistry);
});

test('the package resolves by its name', async () => {
  const { code, errors } = await script(
    `import { VERSION } from '@cascadeflow/core';
     import { createRequire } from 'node:module';
     const cjs = createRequire(process.cwd() + '/x.js')('@cascadeflow/core');
     if (cjs.VERSION !== VERSION) process.exit(3);`,
  );
  assert.equal(code, 0, errors);
});

test('a process exits by itself when its runs are done, not before', async () => {
  const sources = [
    [`import * as core from './dist/index.js';`, 'module'],
    [`const core = require('./dist/index.cjs');`, 'commonjs'],
  ];
  for (const [load, type] of sources) {
    const { code, output, errors } = await script(
      `${load}${PRELUDE}
       agent.run('What is the capital of France?').then((r) => console.log(r.content));`,
      type,
    );
    assert.equal(code, 0, errors);
    assert.equal(output.trim(), 'The capital of France is Paris.');
  }
});

test('an idle agent and an unread stream keep nobody waiting', async () => {
  const { code, output, errors } = await script(
    `import * as core from './dist/index.js';${PRELUDE}
     const events = agent.streamEvents('What is the capital of France?')[Symbol.asyncIterator]();
     await events.next();
     console.log('done');`,
  );
  assert.equal(code, 0, errors);
  assert.equal(output.trim(), 'done');
});

test('checks and a listener keep nobody waiting, and the last event is heard', async () => {
  const { code, output, errors } = await script(
    `import * as core from './dist/index.js';${PRELUDE}
     const heard = [];
     const own = new core.CascadeAgent({
       models: [{ name: 'm', provider: 'own', cost: 1 }, { name: 'n', provider: 'own', cost: 2 }],
       qualityChecks: [{ name: 'fine', check: async () => true }],
       onEvent: (event) => heard.push(event.type),
     });
     process.on('exit', () => console.log(heard.join(' ')));
     await own.run('What is the capital of France?');`,
  );
  assert.equal(code, 0, errors);
  assert.equal(output.trim(), 'planned attempt completed');
});

test('process.exit during a run is safe', async () => {
  const { code, signal, errors } = await script(
    `import * as core from './dist/index.js';${PRELUDE}
     for (let n = 0; n < 20; n += 1) agent.run('What is the capital of France?').catch(() => {});
     setTimeout(() => process.exit(7), 20);`,
  );
  assert.equal(signal, null, errors);
  assert.equal(code, 7, errors);
});

test('worker threads have agents of their own', async () => {
  const source = `
    const { parentPort } = require('node:worker_threads');
    const core = require(${JSON.stringify(join(root, 'dist/index.cjs'))});
    ${PRELUDE}
    agent.run('What is the capital of France?').then((r) => parentPort.postMessage(r.content));`;
  const answers = await Promise.all(
    [1, 2, 3].map(async () => {
      const worker = new Worker(source, { eval: true });
      const exited = once(worker, 'exit');
      const [answer] = await once(worker, 'message');
      await exited;
      return answer;
    }),
  );
  assert.deepEqual(answers, Array(3).fill('The capital of France is Paris.'));
  // The main thread goes on when the workers are gone.
  const detector = new esm.ComplexityDetector();
  assert.equal(detector.detect('hi').complexity, 'trivial');
});

test('memory stays flat over many runs', async () => {
  const { code, output, errors } = await script(
    `import * as core from './dist/index.js';
     const models = [{ name: 'm', provider: 'cascadeflow-instant', cost: 1,
       extra: { content: 'word '.repeat(200) } }];
     const agent = new core.CascadeAgent({ models });
     const runs = async (n) => { for (let i = 0; i < n; i += 1) await agent.run('hello there ' + i); };
     await runs(3000);
     const before = process.memoryUsage().rss;
     await runs(12000);
     console.log(Math.round((process.memoryUsage().rss - before) / 1e6));`,
  );
  assert.equal(code, 0, errors);
  assert.ok(Number(output) < 60, `grew by ${output.trim()} MB over 12,000 runs`);
});
