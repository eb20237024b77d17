// What the tests of cost control share.
import { CascadeAgent } from '../../dist/index.js';
import { answering, register, streaming } from '../support/classes.mjs';

/** A Saturday, noon UTC. */
export const NOON = Date.UTC(2026, 10, 21, 12);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const QUESTION = 'What is the capital of France?';

/** What every call uses: 5 tokens in and 95 out. */
const USED = { prompt_tokens: 5, completion_tokens: 95, total_tokens: 100 };

/** A provider that answers after a moment, and the calls made of it by model. */
export function counted(delay = 0) {
  const calls = [];
  const wait = () => new Promise((resolve) => setTimeout(resolve, delay));
  const answer = async (request) => {
    calls.push(request.model);
    if (delay > 0) await wait();
    return { content: 'Paris.', model: request.model, finish_reason: 'stop', usage: USED };
  };
  async function* chunks(request) {
    calls.push(request.model);
    if (delay > 0) await wait();
    yield { content: 'Paris' };
    yield { content: '.', done: true, finish_reason: 'stop', usage: USED };
  }
  return { calls, provider: register(streaming(answer, chunks, 'Counted')) };
}

/** A provider whose calls fail. */
export function failing() {
  return register(
    answering(async () => {
      throw Object.assign(new Error('no'), { kind: 'invalid_request' });
    }, 'Failing'),
  );
}

/** An agent of one model that costs 0.001 USD a call, and no cascade. */
export function single(rest = {}, provider = counted().provider) {
  return new CascadeAgent({
    models: [{ name: 'only', provider, cost: 0.01, maxTokens: 95 }],
    ...rest,
  });
}

/** Runs all of them and gives what came of each. */
export async function settledAll(promises) {
  const outcomes = await Promise.allSettled(promises);
  return {
    fulfilled: outcomes.filter(({ status }) => status === 'fulfilled').map(({ value }) => value),
    rejected: outcomes.filter(({ status }) => status === 'rejected').map(({ reason }) => reason),
  };
}
