// Overhead of `run` from Node with providers that answer at once; prints JSON.
//
//     node bench/node_overhead.mjs [rounds]
import { readFileSync } from 'node:fs';
import { CascadeAgent, providerRegistry } from '../typescript/packages/core/dist/index.js';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8').trim();
const QUERY = read('query.txt');
const DRAFT = read('draft.txt');

const ROUNDS = Number(process.argv[2] ?? 5000);

class InstantClass {
  constructor(config) {
    this.name = 'instant-class';
    this.config = config;
  }
  isAvailable() {
    return true;
  }
  calculateCost() {
    return 0;
  }
  async generate(request) {
    return {
      content: DRAFT,
      model: request.model,
      finish_reason: 'stop',
      usage: { prompt_tokens: 65, completion_tokens: 260, total_tokens: 325 },
    };
  }
}
providerRegistry.register('instant-class', InstantClass);

function agentOf(provider) {
  const extra = { content: DRAFT };
  return new CascadeAgent({
    models: [
      { name: 'small', provider, cost: 0.0002, extra },
      { name: 'large', provider, cost: 0.005, extra },
    ],
  });
}

async function p50(provider) {
  const agent = agentOf(provider);
  const check = await agent.run(QUERY);
  if (!check.draftAccepted || check.content !== DRAFT) {
    throw new Error(`the draft was not accepted: ${check.rejectionReason ?? check.reason}`);
  }
  for (let round = 0; round < ROUNDS / 5; round += 1) await agent.run(QUERY);
  const times = new Float64Array(ROUNDS);
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = process.hrtime.bigint();
    await agent.run(QUERY);
    times[round] = Number(process.hrtime.bigint() - start) / 1000;
  }
  times.sort();
  return Math.round(times[Math.floor(ROUNDS / 2)] * 10) / 10;
}

console.log(
  JSON.stringify({
    node_native_provider_p50_us: await p50('cascadeflow-instant'),
    node_class_provider_p50_us: await p50('instant-class'),
  }),
);
