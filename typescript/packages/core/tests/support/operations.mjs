// The operations of the shared tests over this package.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CascadeAgent,
  CircuitBreaker,
  countTokens,
  engine,
  estimateCost,
  getAvailableProviders,
  getConfiguredProviders,
  LiteLLMCostProvider,
  ManualClock,
  Prices,
} from '../../dist/index.js';
import { batchRecord, errorRecord, resultRecord } from './records.mjs';
import { Script } from './script.mjs';

/** Options as this package names them. */
function optionsOf(options = {}) {
  const renamed = {};
  for (const [key, value] of Object.entries(options)) {
    const name =
      key === 'deadline_ms' ? 'timeout' : key.replace(/_([a-z])/g, (_, c) => c.toUpperCase());
    renamed[name] = value;
  }
  if (renamed.strategy?.run_all_steps !== undefined) {
    const { run_all_steps: runAllSteps, ...rest } = renamed.strategy;
    renamed.strategy = { ...rest, runAllSteps };
  }
  return renamed;
}

function queryOf(input) {
  return input.messages ?? input.query;
}

/** Tools that give the texts of a case: hooks of the agent, and what they add to the record. */
function toolsOf({ tool_outputs: outputs }) {
  if (outputs === undefined) return { hooks: {}, told: {} };
  const executed = [];
  const toolExecutor = ({ function: { name } }) => {
    executed.push(name);
    if (!(name in outputs)) throw new Error('no such tool');
    return outputs[name];
  };
  return { hooks: { toolExecutor }, told: { executed } };
}

async function run(config, input) {
  const script = new Script(input.script, config);
  const { hooks, told } = toolsOf(input);
  try {
    const agent = CascadeAgent.fromConfig(config, hooks);
    const result = await agent.run(queryOf(input), optionsOf(input.options));
    return { ...resultRecord(result), ...told };
  } catch (error) {
    return { ...errorRecord(error), ...told };
  } finally {
    script.finish();
  }
}

/** What may differ between a plain and a streamed run. */
const TIMED = ['timings', 'latency_ms', 'started_ms', 'first_chunk_ms', 'trace'];

function timeless(record) {
  return JSON.parse(
    JSON.stringify(record, (key, value) => (TIMED.includes(key) ? undefined : value)),
  );
}

/** Whether some answer breaks off in the middle: a stream then has used tokens that a plain call has not. */
function breaksOff(script = {}) {
  return Object.values(script)
    .flat()
    .some((answer) => answer.chunks && answer.error);
}

async function stream(config, input) {
  const script = new Script(input.script, config);
  const types = [];
  let shown = '';
  let streamed = '';
  let record;
  const { hooks, told } = toolsOf(input);
  try {
    const agent = CascadeAgent.fromConfig(config, hooks);
    for await (const event of agent.streamEvents(queryOf(input), optionsOf(input.options))) {
      const type = event.type === 'chunk' ? (event.data.type ?? 'chunk') : event.type;
      if (type === 'error') record = errorRecord(event.data.exception);
      else if (types.at(-1) !== type) types.push(type);
      if (type === 'switch') shown = '';
      if (type === 'chunk') {
        shown += event.content;
        streamed += event.content;
      }
      if (type === 'complete') record = resultRecord(event.data.result);
    }
    record = { ...record, ...told };
  } catch (error) {
    record = { ...errorRecord(error), ...told };
  } finally {
    script.finish();
  }
  if (!breaksOff(input.script)) {
    const plain = await run(config, input);
    assert.deepEqual(timeless(record), timeless(plain), 'streamed and plain differ');
  }
  if (!record.error) assert.equal(shown, record.content, 'what is shown is not the content');
  return { ...record, events: types, shown, streamed };
}

async function batch(config, input) {
  const script = new Script(input.script, config);
  const given = input.batch ?? {};
  const progress = [];
  try {
    const agent = CascadeAgent.fromConfig(config);
    const report = await agent.runBatch(
      input.queries,
      {
        ...(given.max_parallel === undefined
          ? {}
          : { maxParallel: given.max_parallel, batchSize: Math.max(1, given.max_parallel) }),
        ...(given.timeout_per_query_ms === undefined
          ? {}
          : { timeoutPerQuery: given.timeout_per_query_ms / 1000 }),
        ...(given.total_timeout_ms === undefined
          ? {}
          : { totalTimeout: given.total_timeout_ms / 1000 }),
        ...(given.stop_on_error === undefined ? {} : { stopOnError: given.stop_on_error }),
        ...(given.retries === undefined ? {} : { retries: given.retries }),
        onProgress: (at) => progress.push(at),
      },
      optionsOf(input.options),
    );
    const done = progress.map((at) => at.done);
    const every = input.queries.map((_, at) => at + 1);
    const ended = given.stop_on_error ? every.slice(0, done.length) : every;
    assert.deepEqual(done, ended, 'progress is reported once for each query');
    return batchRecord(report, progress.at(-1));
  } catch (error) {
    return errorRecord(error);
  } finally {
    script.finish();
  }
}

async function error(config, input) {
  const script = input.script === undefined ? undefined : new Script(input.script, config);
  const environment = input.environment ?? {};
  let record;
  try {
    const agent = CascadeAgent.fromConfig(config, script ? {} : { environment });
    const result = await agent.run(queryOf(input), optionsOf(input.options));
    record = resultRecord(result);
  } catch (thrown) {
    record = errorRecord(thrown);
    const { kind, field, hint } = record.error;
    if (kind === 'config' || kind === 'validation') {
      assert.ok(field && hint, `no field or no hint: ${JSON.stringify(record)}`);
    }
    const secrets = Object.values(environment).filter((value) => value.trim() !== '');
    for (const model of Array.isArray(config.models) ? config.models : []) {
      if (model?.api_key) secrets.push(model.api_key);
    }
    const said = `${thrown.stack}${JSON.stringify(thrown)}`;
    for (const secret of secrets) assert.ok(!said.includes(secret), 'an error shows a secret');
  } finally {
    script?.finish();
  }
  assert.ok(record.error, 'nothing failed');
  return record;
}

async function plan(config, input) {
  const script = new Script({}, config);
  try {
    return await CascadeAgent.fromConfig(config).plan(queryOf(input), optionsOf(input.options));
  } catch (thrown) {
    return errorRecord(thrown);
  } finally {
    script.finish();
  }
}

/** What `call` gives, or the record of its error. */
function outcome(call) {
  try {
    return call();
  } catch (thrown) {
    return errorRecord(thrown);
  }
}

const BREAKER_CALLS = {
  can_execute: (breaker) => breaker.canExecute(),
  success: (breaker) => breaker.recordSuccess(),
  failure: (breaker) => breaker.recordFailure(),
  rejection: (breaker) => breaker.recordRejection(),
  force_open: (breaker) => breaker.forceOpen(),
  force_close: (breaker) => breaker.forceClose(),
  reset: (breaker) => breaker.reset(),
  nothing: () => undefined,
};

function circuitBreaker(_, { settings, steps }) {
  const clock = new ManualClock();
  const config = {
    failureThreshold: settings.failure_threshold,
    recoveryTimeoutMs: settings.recovery_timeout_ms,
    halfOpenMaxCalls: settings.half_open_max_calls,
    successThreshold: settings.success_threshold,
    failureWindowMs: settings.failure_window_ms,
  };
  const breaker = new CircuitBreaker('case', config, { clock });
  const changes = [];
  breaker.onStateChange((from, to) => changes.push(`${from} > ${to}`));
  const seen = steps.map(({ after_ms: after = 0, do: what }) => {
    clock.advance(after);
    const allowed = BREAKER_CALLS[what](breaker) ?? null;
    return { allowed, state: breaker.state, retry_in_ms: breaker.timeUntilRetryMs ?? null };
  });
  const metrics = breaker.getMetrics();
  return {
    steps: seen,
    changes,
    total_calls: metrics.totalCalls,
    successful_calls: metrics.successfulCalls,
    failed_calls: metrics.failedCalls,
    rejected_calls: metrics.rejectedCalls,
    failures: breaker.failureCount,
  };
}

function validateProvider(_, { provider }) {
  return outcome(() => {
    const info = new LiteLLMCostProvider().validateProvider(provider);
    return {
      name: info.name,
      display_name: info.displayName,
      requires_api_key: info.requiresApiKey,
      built_in: info.builtIn,
    };
  });
}

function availableProviders(_, { environment }) {
  return {
    available: getAvailableProviders(environment),
    configured: getConfiguredProviders(environment),
  };
}

function costEstimate(_, { max_tokens: maxTokens, ...input }) {
  return outcome(() => {
    const estimate = estimateCost({ ...input, maxTokens });
    return {
      model: estimate.model,
      provider: estimate.provider,
      input_tokens: estimate.inputTokens,
      counted: estimate.counted,
      output_tokens: estimate.outputTokens,
      input_cost: estimate.inputCost,
      cost: estimate.cost,
      priced: estimate.priced,
    };
  });
}

function usageOf(usage) {
  const named = Object.entries(usage).map(([key, count]) => [
    key.replace(/_([a-z0-9])/g, (_, c) => c.toUpperCase()),
    count,
  ]);
  return Object.fromEntries(named);
}

function priceFile(_, { contents, provider, model, usage }) {
  const folder = mkdtempSync(join(tmpdir(), 'prices-'));
  const path = join(folder, 'prices.json');
  let prices;
  const steps = contents.map((content) => {
    writeFileSync(path, content);
    let error = null;
    try {
      if (prices === undefined) prices = new Prices(path);
      else prices.reload();
    } catch (thrown) {
      error = errorRecord(thrown).error;
    }
    const cost = prices?.calculateCost({ model, provider, ...usageOf(usage) });
    return { cost: cost ?? null, error };
  });
  rmSync(folder, { recursive: true });
  return { steps };
}

export const OPERATIONS = {
  analyse: (_, input) => engine.analyse(input.query),
  complexity: (_, input) => engine.complexity(input.query),
  plan,
  verdict: (config, input) => engine.verdict({ quality: config.quality, ...input }),
  price: (_, input) => engine.price(input),
  circuit_breaker: circuitBreaker,
  validate_provider: validateProvider,
  available_providers: availableProviders,
  count_tokens: (_, input) => countTokens(input),
  estimate_cost: costEstimate,
  price_file: priceFile,
  forecast: (_, input) => outcome(() => engine.forecast(input)),
  budget_outlook: (_, input) => outcome(() => engine.budgetOutlook(input)),
  anomalies: (_, input) => outcome(() => engine.detectAnomalies(input)),
  cost_breakdown: (_, input) => outcome(() => engine.costBreakdown(input)),
  budget_session: (_, input) => outcome(() => engine.budgetSession(input)),
  run,
  stream,
  batch,
  error,
};
