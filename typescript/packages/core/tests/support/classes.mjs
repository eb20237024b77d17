// User classes for the tests. Each test registers under its own names, so that none sees another's.
import { providerRegistry } from '../../dist/index.js';

let count = 0;

/** Registers `providerClass` under a new name and gives the name. */
export function register(providerClass) {
  count += 1;
  const name = `test-${process.pid}-${count}`;
  providerRegistry.register(name, providerClass);
  return name;
}

/** A class whose `generate` is `answer(request, instance)`. */
export function answering(answer, name = 'Answering') {
  const made = {
    [name]: class {
      name = 'answering';
      constructor(config) {
        this.config = config;
      }
      isAvailable() {
        return true;
      }
      calculateCost() {
        return 0;
      }
      generate(request) {
        return answer(request, this);
      }
    },
  };
  return made[name];
}

/** A class that also streams: `chunks(request, instance)` is an async generator. */
export function streaming(answer, chunks, name = 'Streaming') {
  const made = {
    [name]: class extends answering(answer) {
      stream(request) {
        return chunks(request, this);
      }
    },
  };
  return made[name];
}

export const CAPITAL = 'What is the capital of France?';
export const PARIS = {
  content: 'The capital of France is Paris.',
  model: 'small',
  finish_reason: 'stop',
  usage: { prompt_tokens: 12, completion_tokens: 8, total_tokens: 20 },
};

/** Two models of the class, a cheap one and a dear one. */
export function pair(provider, rest = {}) {
  return {
    models: [
      { name: 'small', provider, cost: 0.0002 },
      { name: 'large', provider, cost: 0.005 },
    ],
    ...rest,
  };
}
