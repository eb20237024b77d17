import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as core from '../dist/index.js';

test('the classes are built and told apart as published', () => {
  const rateLimit = new core.RateLimitError('slow', 'openai', 5, { a: 1 });
  assert.deepEqual(
    [rateLimit.name, rateLimit.provider, rateLimit.retryAfter, rateLimit.statusCode],
    ['RateLimitError', 'openai', 5, 429],
  );
  assert.deepEqual(rateLimit.context, { a: 1 });
  const authentication = new core.AuthenticationError('no', 'openai', 'OPENAI_API_KEY');
  assert.equal(authentication.envVarName, 'OPENAI_API_KEY');
  const timeout = new core.TimeoutError('late', 'openai', 500);
  assert.equal(timeout.timeoutMs, 500);
  const provider = new core.ProviderError('bad', 'openai', 500, undefined, 'SERVER');
  assert.deepEqual([provider.statusCode, provider.code], [500, 'SERVER']);
  const configuration = new core.ConfigurationError('bad', 'models');
  assert.equal(configuration.field, 'models');
  const quality = new core.QualityValidationError('low', 0.2, 0.7);
  assert.deepEqual([quality.confidence, quality.threshold], [0.2, 0.7]);
  const cause = new Error('inside');
  const tool = new core.ToolExecutionError('broke', 'search', cause);
  assert.deepEqual([tool.toolName, tool.cause], ['search', cause]);
  const budget = new core.BudgetExceededError('spent', 0.25);
  assert.ok(budget instanceof core.HarnessStopError);
  assert.equal(budget.remaining, 0.25);

  for (const error of [
    rateLimit,
    authentication,
    timeout,
    provider,
    configuration,
    quality,
    tool,
  ]) {
    assert.ok(core.iscascadeflowError(error));
    assert.ok(error instanceof Error);
    assert.equal(typeof error.code, 'string');
    assert.match(error.stack, /errors\.test\.mjs/);
  }
  assert.ok(core.isProviderError(rateLimit) && core.isRateLimitError(rateLimit));
  assert.ok(core.isAuthenticationError(authentication) && core.isProviderError(timeout));
  assert.ok(core.isConfigurationError(configuration) && !core.isProviderError(configuration));
  assert.ok(!core.iscascadeflowError(new Error('x')) && !core.iscascadeflowError(undefined));
});

test('an unknown provider is answered with the providers that a user may name', () => {
  const models = [{ name: 'a', provider: 'nowhere', cost: 0 }];
  assert.throws(
    () => new core.CascadeAgent({ models }),
    (error) => {
      assert.equal(error.field, 'provider');
      assert.match(error.hint, /openai/);
      assert.doesNotMatch(error.hint, /instant/);
      return true;
    },
  );
});

test('an error of a run tells the decisions before it, in the form of a result', async () => {
  class Failing {
    isAvailable() {
      return true;
    }
    generate(request) {
      if (request.model === 'small') return { content: '', model: 'small' };
      throw Object.assign(new Error('down'), { kind: 'overloaded' });
    }
  }
  core.providerRegistry.register('error-trace', Failing);
  const models = ['small', 'large'].map((name, at) => ({
    name,
    provider: 'error-trace',
    cost: at + 1,
  }));
  const failed = await new core.CascadeAgent({ models }).run('hi there?').catch((error) => error);
  assert.ok(failed instanceof core.cascadeflowError);
  assert.deepEqual(
    failed.trace.map((step) => step.stage),
    ['analyse', 'route', 'call', 'judge', 'escalate', 'call'],
  );
  assert.equal(typeof failed.trace[0].atMs, 'number');
  const refused = await new core.CascadeAgent({ models }).run('').catch((error) => error);
  assert.equal(refused.trace, undefined);
});
