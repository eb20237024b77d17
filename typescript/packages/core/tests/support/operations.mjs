// The operations of the shared tests over this package.
import assert from 'node:assert/strict';
import { CascadeAgent, engine } from '../../dist/index.js';
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

async function run(config, input) {
  const script = new Script(input.script, config);
  try {
    const agent = CascadeAgent.fromConfig(config);
    return resultRecord(await agent.run(queryOf(input), optionsOf(input.options)));
  } catch (error) {
    return errorRecord(error);
  } finally {
    script.finish();
  }
}

/** What may differ between a plain and a streamed run. */
function timeless(record) {
  return JSON.parse(
    JSON.stringify(record, (key, value) =>
      ['timings', 'latency_ms', 'trace'].includes(key) ? undefined : value,
    ),
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
  try {
    const agent = CascadeAgent.fromConfig(config);
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
  } catch (error) {
    record = errorRecord(error);
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

export const OPERATIONS = {
  analyse: (_, input) => engine.analyse(input.query),
  complexity: (_, input) => engine.complexity(input.query),
  plan,
  verdict: (config, input) => engine.verdict({ quality: config.quality, ...input }),
  price: (_, input) => engine.price(input),
  run,
  stream,
  batch,
  error,
};
