// Scripted providers: user classes that answer from the script of one case.
import assert from 'node:assert/strict';
import { providerRegistry } from '../../dist/index.js';

function fail({ kind, message = 'scripted failure', status, retry_after_ms: wait }) {
  const retryAfter = wait === undefined ? undefined : wait / 1000;
  throw Object.assign(new Error(message), { kind, status, retryAfter });
}

/** The answers of one case, by model. */
export class Script {
  #answers = new Map();
  #unexpected = [];
  #providers;

  /** Registers a class for every provider that the configuration names. */
  constructor(script = {}, config = {}) {
    for (const [model, answers] of Object.entries(script)) {
      this.#answers.set(
        model,
        answers.map((answer) => ({ answer, used: false })),
      );
    }
    const models = Array.isArray(config?.models) ? config.models : [];
    const named = models.map((model) => model?.provider).filter((name) => typeof name === 'string');
    this.#providers = [...new Set(named)].filter((name) => name.trim() !== '');
    for (const name of this.#providers) providerRegistry.register(name, this.#class());
  }

  #class() {
    const script = this;
    return class Scripted {
      name = 'scripted';
      isAvailable() {
        return true;
      }
      generate(request) {
        const { chunks, ...answer } = script.#take(request);
        if (answer.hang) return new Promise(() => {});
        if (answer.error) fail(answer.error);
        return { ...answer, content: chunks?.join('') ?? answer.content ?? '' };
      }
      async *stream(request) {
        const { chunks, content = '', ...answer } = script.#take(request);
        if (answer.hang) await new Promise(() => {});
        for (const piece of chunks ?? (answer.error || content === '' ? [] : [content])) {
          yield { content: piece };
        }
        if (answer.error) fail(answer.error);
        yield { ...answer, content: '', done: true };
      }
    };
  }

  #take(request) {
    const asked = request.messages.findLast((message) => message.role === 'user')?.content ?? '';
    const text =
      typeof asked === 'string' ? asked : asked.map((part) => part.text ?? '').join('\n');
    const slot = this.#answers
      .get(request.model)
      ?.find(
        ({ answer, used }) => !used && (answer.when === undefined || text.includes(answer.when)),
      );
    if (slot === undefined) {
      this.#unexpected.push(request.model);
      throw new Error(`the script has no answer of \`${request.model}\``);
    }
    slot.used = true;
    const { when: _, reported_cost: cost, finish_reason = 'stop', ...answer } = slot.answer;
    return cost === undefined ? { finish_reason, ...answer } : { finish_reason, ...answer, cost };
  }

  /** Takes the classes away and checks that the calls were those of the script. */
  finish() {
    for (const name of this.#providers) providerRegistry.unregister(name);
    assert.deepEqual(this.#unexpected, [], 'calls that the script does not have');
    for (const [model, answers] of this.#answers) {
      const left = answers.filter(({ used }) => !used).length;
      assert.equal(left, 0, `${left} answers of \`${model}\` were not asked for`);
    }
  }
}
