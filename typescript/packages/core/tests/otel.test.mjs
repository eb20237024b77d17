// What a receiver of OTLP gets of runs, by both protocols; and that no run waits for it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  BaseProvider,
  CascadeAgent,
  ConfigurationError,
  createExporterFromEnv,
  OpenTelemetryExporter,
  providerRegistry,
} from '../dist/index.js';
import { startReceiver } from './support/otlp-receiver.mjs';

const QUESTION = 'What is the capital of France?';
const ANSWER = 'Paris is the capital of France.';
const REFUSAL = "I'm sorry, but I can't help with that.";

class Scripted extends BaseProvider {
  name = 'scripted-otel';

  async generate(request) {
    if (request.model === 'broken') throw new Error('sk-topsecret');
    return { content: request.model === 'small' ? REFUSAL : ANSWER, model: request.model };
  }

  calculateCost() {
    return 0;
  }
}

let receiver;
before(async () => {
  providerRegistry.register('scripted-otel', Scripted);
  receiver = await startReceiver();
});
after(() => receiver.stop());

const model = (name, cost) => ({ name, provider: 'scripted-otel', cost });

function agentOf(telemetryExporter, ...models) {
  return new CascadeAgent({ models, telemetryExporter });
}

const attribute = (spans, name, key) => spans.find((span) => span.name === name).attributes[key];

for (const protocol of ['http/protobuf', 'grpc']) {
  test(`an escalated run over ${protocol}`, async () => {
    const endpoint = protocol === 'grpc' ? receiver.grpc : receiver.http;
    const service = `shop ${protocol}`;
    const exporter = new OpenTelemetryExporter({
      endpoint,
      protocol,
      serviceName: service,
      headers: { 'x-key': 'hush' },
      exportIntervalMs: 3_600_000,
    });
    const agent = agentOf(exporter, model('small', 0.001), model('big', 0.01));
    const result = await agent.run(QUESTION, { userId: 'ann' });
    assert.equal(await exporter.forceFlush(), true);
    const { spans, metrics, requests } = await receiver.received();
    const own = spans.filter((span) => span.resource['service.name'] === service);
    const names = new Map(own.map((span) => [span.id, span.name]));
    const tree = own.map((span) => `${names.get(span.parent) ?? ''} > ${span.name}`).sort();
    assert.deepEqual(tree, [
      ' > cascadeflow.run',
      'cascadeflow.run > draft',
      'cascadeflow.run > judge',
      'cascadeflow.run > route',
      'cascadeflow.run > verifier',
      'draft > chat small',
      'verifier > chat big',
    ]);
    assert.equal(attribute(own, 'cascadeflow.run', 'cascadeflow.outcome'), 'escalated');
    assert.equal(attribute(own, 'chat big', 'gen_ai.request.model'), 'big');
    const cost = metrics.find(
      (m) => m.name === 'cascadeflow.cost.total' && m.resource['service.name'] === service,
    );
    const spent = cost.points.reduce((sum, point) => sum + point.sum, 0);
    assert.ok(Math.abs(spent - result.totalCost) < 1e-12);
    const mine = requests.filter((request) => request.protocol === protocol);
    assert.ok(mine.length >= 2 && mine.every((request) => request.headers['x-key'] === 'hush'));
    for (const secret of ['capital of France', "can't help", 'ann']) {
      assert.ok(!mine.some((request) => request.text.includes(secret)), secret);
    }
    assert.deepEqual(
      { ...exporter.getCounts(), exportedSpans: 7 },
      {
        runs: 1,
        droppedRuns: 0,
        exportedSpans: 7,
        failedSpans: 0,
        metricExports: 1,
        failedMetricExports: 0,
      },
    );
    await exporter.shutdown();
  });
}

test('streams, failures, and content where it is wanted', async () => {
  const exporter = new OpenTelemetryExporter({
    endpoint: receiver.http,
    serviceName: 'kinds',
    captureContent: true,
  });
  const agent = agentOf(exporter, model('big', 0.01));
  for await (const event of agent.stream(QUESTION)) assert.ok(event);
  await assert.rejects(agentOf(exporter, model('broken', 0.01)).run(QUESTION));
  assert.equal(await exporter.forceFlush(), true);
  const { spans, requests } = await receiver.received();
  const roots = spans.filter(
    (span) => span.resource['service.name'] === 'kinds' && span.name === 'cascadeflow.run',
  );
  const outcomes = roots.map((root) => root.attributes['cascadeflow.outcome']).sort();
  assert.deepEqual(outcomes, ['direct', 'failed']);
  const answered = roots.find((root) => root.attributes['cascadeflow.outcome'] === 'direct');
  const [asked] = JSON.parse(answered.attributes['gen_ai.input.messages']);
  assert.equal(asked.parts[0].content, QUESTION);
  assert.ok(answered.attributes['gen_ai.output.messages'].includes(ANSWER));
  assert.ok(!requests.some((request) => request.text.includes('topsecret')));
  await exporter.shutdown();
});

test('costs of no agent', async () => {
  const exporter = new OpenTelemetryExporter({ endpoint: receiver.http, serviceName: 'costs' });
  exporter.exportCost(0.5, 'ann', 'gpt-4o', 'openai');
  const dimensions = { userId: 'ann', model: 'gpt-4o', provider: 'openai' };
  exporter.record({ cost: 0.25, tokensInput: 3, tokensOutput: 4, latencyMs: 12.5, dimensions });
  await exporter.flush();
  const { metrics } = await receiver.received();
  const [cost] = metrics.filter(
    (m) => m.name === 'cascadeflow.cost.total' && m.resource['service.name'] === 'costs',
  );
  assert.deepEqual(cost.points, [
    { attributes: { user_id: 'ann', model: 'gpt-4o', provider: 'openai' }, sum: 0.75 },
  ]);
  assert.throws(() => exporter.exportCost(-1), /cost is negative/);
  const metric = { cost: 0, tokensInput: 1.5, tokensOutput: 0, latencyMs: 1 };
  assert.throws(() => exporter.record(metric), /tokensInput is no count/);
  await exporter.shutdown();
});

test('a receiver that is down, slow or refuses holds nobody up', async () => {
  for (const endpoint of [
    'http://127.0.0.1:9',
    `${receiver.http}/slow`,
    `${receiver.http}/refuse`,
  ]) {
    const exporter = new OpenTelemetryExporter({ endpoint, queueSize: 2, spanIntervalMs: 1 });
    const agent = agentOf(exporter, model('big', 0.01));
    for (let run = 0; run < 20; run += 1) await agent.run(QUESTION);
    assert.equal(await exporter.forceFlush(endpoint.endsWith('/slow') ? 100 : 20_000), false);
    const counts = exporter.getCounts();
    assert.equal(counts.runs, 20);
    assert.equal(counts.exportedSpans, 0);
    assert.ok(counts.droppedRuns + counts.failedSpans > 0);
    await exporter.shutdown(100);
  }
});

test('what is left when the process ends is sent', async () => {
  const program = `
    import { OpenTelemetryExporter } from ${JSON.stringify(fileURLToPath(new URL('../dist/index.js', import.meta.url)))};
    const exporter = new OpenTelemetryExporter({
      endpoint: ${JSON.stringify(receiver.http)},
      serviceName: 'ended',
      exportIntervalMs: 3600000,
    });
    exporter.exportCost(1);
  `;
  execFileSync(process.execPath, ['--input-type=module', '-e', program]);
  const { metrics } = await receiver.received();
  assert.ok(metrics.some((metric) => metric.resource['service.name'] === 'ended'));
});

test('the environment', () => {
  const saved = Object.entries(process.env).filter(([name]) => name.startsWith('OTEL_'));
  for (const [name] of saved) delete process.env[name];
  try {
    assert.equal(createExporterFromEnv(), null);
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:9';
    process.env.OTEL_SERVICE_NAME = 'shop';
    const exporter = createExporterFromEnv();
    assert.equal(exporter.isEnabled(), true);
    assert.equal(exporter.getEndpoint(), 'http://127.0.0.1:9');
    assert.equal(exporter.getServiceName(), 'shop');
    process.env.OTEL_SDK_DISABLED = 'true';
    assert.equal(createExporterFromEnv(), null);
  } finally {
    for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_SERVICE_NAME', 'OTEL_SDK_DISABLED']) {
      delete process.env[name];
    }
    for (const [name, value] of saved) process.env[name] = value;
  }
});

test('what is wrong is named', () => {
  assert.throws(
    () => new OpenTelemetryExporter({ endpoint: 'localhost:4318' }),
    /endpoint is no address/,
  );
  assert.throws(() => new OpenTelemetryExporter({ endpiont: 'x' }), ConfigurationError);
  assert.throws(
    () => new CascadeAgent({ models: [model('big', 1)], telemetryExporter: {} }),
    /telemetryExporter/,
  );
  assert.throws(
    () => new OpenTelemetryExporter({ headers: { 'x-key': 'topsecret\n' } }),
    (error) => /headers|header/.test(error.message) && !error.message.includes('topsecret'),
  );
});
