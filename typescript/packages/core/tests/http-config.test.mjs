// How providers are reached, and that no secret of it is shown.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import {
  CascadeAgent,
  ConfigurationError,
  httpConfigFromEnv,
  OpenAIProvider,
} from '../dist/index.js';
import { ANSWER, startServer } from './support/loopback.mjs';

const KEY = 'sk-secret-0123456789';
const HEADER = 'header-secret-0123456789';
const PASSWORD = 'password-0123456789';

let server;
let folder;

before(async () => {
  server = await startServer();
  folder = mkdtempSync(join(tmpdir(), 'http-config-'));
});

after(async () => {
  rmSync(folder, { recursive: true });
  await server.stop();
});

function model(httpConfig, rest = {}) {
  return {
    name: 'm',
    provider: 'openai',
    cost: 0.001,
    apiKey: KEY,
    baseUrl: server.openai,
    maxRetries: 0,
    httpConfig,
    ...rest,
  };
}

const REQUEST = { messages: 'What is the capital of France?', model: 'm' };

test('headers are sent, by a class and by an agent', async () => {
  const config = model({ headers: { 'X-Team': HEADER }, timeout: 5000, connectTimeout: 1000 });
  server.seen.length = 0;
  await new OpenAIProvider(config).generate(REQUEST);
  await new CascadeAgent({ models: [config] }).run(REQUEST.messages);
  assert.deepEqual(
    server.seen.map((one) => one.headers['x-team']),
    [HEADER, HEADER],
  );
});

test('the base URL of the configuration holds where the model has none', async () => {
  const at = { baseUrl: server.openai };
  const { baseUrl: _, ...bare } = model(at);
  assert.equal((await new OpenAIProvider(bare).generate(REQUEST)).content, ANSWER);
  const own = model({ baseUrl: 'http://127.0.0.1:9/v1' });
  assert.equal((await new OpenAIProvider(own).generate(REQUEST)).content, ANSWER);
});

test('a proxy is gone through, an empty one is not', async () => {
  const through = [];
  const proxy = createServer((request, response) => {
    through.push([request.url, request.headers['proxy-authorization']]);
    response.statusCode = 502;
    response.end();
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address();
  try {
    const url = `http://user:${PASSWORD}@127.0.0.1:${port}`;
    const config = model({ proxy: url }, { baseUrl: 'http://provider.invalid/v1' });
    await assert.rejects(new OpenAIProvider(config).generate(REQUEST), (error) => {
      assert.ok(!`${error.stack}${JSON.stringify(error)}${inspect(error)}`.includes(PASSWORD));
      return true;
    });
    assert.equal(through.length, 1);
    assert.match(through[0][0], /provider\.invalid/);
    assert.match(through[0][1], /^Basic /);
    const passed = model({ proxy: url, noProxy: '127.0.0.1' });
    assert.equal((await new OpenAIProvider(passed).generate(REQUEST)).content, ANSWER);
    const none = model({ proxy: '' });
    assert.equal((await new OpenAIProvider(none).generate(REQUEST)).content, ANSWER);
    assert.equal(through.length, 1);
  } finally {
    proxy.close();
  }
});

test('a timeout ends the call', async () => {
  const silent = await startServer(() => ({ hang: true }));
  try {
    const config = model({ timeout: 100 }, { baseUrl: silent.openai });
    await assert.rejects(new OpenAIProvider(config).generate(REQUEST), { kind: 'timeout' });
  } finally {
    await silent.stop();
  }
});

test('what cannot be used is refused by name', () => {
  const empty = join(folder, 'empty.pem');
  writeFileSync(empty, 'nothing');
  for (const [httpConfig, field, says] of [
    [{ caFile: join(folder, 'missing.pem') }, 'httpConfig.caFile', /missing\.pem/],
    [{ verify: empty }, 'httpConfig.caFile', /empty\.pem/],
    [{ clientCertificateFile: empty }, 'httpConfig.clientCertificateFile', /empty\.pem/],
    [
      { clientCertificateFile: empty, clientKeyFile: join(folder, 'no.key') },
      'httpConfig.clientKeyFile',
      /no\.key/,
    ],
    [{ headers: { 'bad name': HEADER } }, 'httpConfig.headers.bad name', /bad name/],
    [{ retries: 3 }, 'httpConfig.retries', /retries/],
    ['http://proxy', 'httpConfig', /object/],
  ]) {
    for (const make of [
      () => new OpenAIProvider(model(httpConfig)),
      () => new CascadeAgent({ models: [model(httpConfig)] }),
    ]) {
      assert.throws(make, (error) => {
        assert.ok(error instanceof ConfigurationError, `${error}`);
        assert.equal(error.field, field);
        assert.match(error.message, says);
        assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes(HEADER));
        return true;
      });
    }
  }
});

test('neither JSON nor a log shows a secret', () => {
  const httpConfig = {
    headers: { Authorization: HEADER },
    proxy: `http://user:${PASSWORD}@proxy.invalid:3128`,
    noProxy: 'localhost',
  };
  const agent = new CascadeAgent({ models: [model(httpConfig)] });
  const provider = new OpenAIProvider(model(httpConfig));
  const [shown] = agent.getModels();
  for (const value of [agent, provider, shown, [shown], { shown }]) {
    const said = `${JSON.stringify(value)}${inspect(value, { depth: 9, showHidden: false })}`;
    for (const secret of [KEY, HEADER, PASSWORD]) assert.ok(!said.includes(secret), said);
  }
  assert.equal(JSON.parse(JSON.stringify(shown)).httpConfig.proxy, 'http://***@proxy.invalid:3128');
  assert.deepEqual(JSON.parse(JSON.stringify(shown)).httpConfig.headers, { Authorization: '***' });
  // A copy of the model still works.
  assert.equal({ ...shown }.apiKey, KEY);
  assert.equal(shown.httpConfig.noProxy, 'localhost');
});

test('the environment names the certificate authorities', () => {
  assert.deepEqual({ ...httpConfigFromEnv({}) }, {});
  assert.equal(httpConfigFromEnv({ CURL_CA_BUNDLE: '/c.pem' }).caFile, '/c.pem');
  const both = { CURL_CA_BUNDLE: '/c.pem', SSL_CERT_FILE: '/s.pem' };
  assert.equal(httpConfigFromEnv(both).caFile, '/s.pem');
  assert.equal(httpConfigFromEnv({ SSL_CERT_FILE: ' ' }).caFile, undefined);
  const model = { name: 'm', provider: 'openai', cost: 1, apiKey: KEY };
  const httpConfig = httpConfigFromEnv({ SSL_CERT_FILE: join(folder, 'missing.pem') });
  assert.throws(() => new CascadeAgent({ models: [{ ...model, httpConfig }] }), {
    field: 'httpConfig.caFile',
  });
});
