// Results and errors of this package as the records of the shared tests.

const SNAKE = {
  cacheWrite5mTokens: 'cache_write_5m_tokens',
  cacheWrite1hTokens: 'cache_write_1h_tokens',
};

function snake(name) {
  return SNAKE[name] ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function renamed(value) {
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [snake(key), entry]));
}

function attemptRecord(attempt) {
  return { ...renamed(attempt), usage: renamed(attempt.usage) };
}

export function resultRecord(result) {
  const record = renamed({ ...result });
  return {
    ...record,
    route: result.routingStrategy,
    tool_calls: (result.toolCalls ?? []).map((call) => ({ id: call.id, ...call.function })),
    usage: renamed(result.usage),
    attempts: result.attempts.map(attemptRecord),
    latency_ms: undefined,
    timings: undefined,
    ...Object.fromEntries(
      Object.keys(record)
        .filter((key) => key.endsWith('_ms'))
        .map((key) => [key, undefined]),
    ),
  };
}

export function errorRecord(error) {
  if (!error.kind) throw error;
  const tail = ` (hint: ${error.hint})`;
  const message = error.message.endsWith(tail)
    ? error.message.slice(0, -tail.length)
    : error.message;
  return {
    error: {
      kind: error.kind,
      message,
      hint: error.hint,
      field: error.context?.field ?? (error.field === undefined ? undefined : snake(error.field)),
      provider: error.provider || undefined,
      model: error.model,
      status: error.status ?? error.statusCode,
      retry_after_ms: error.retryAfter === undefined ? undefined : error.retryAfter * 1000,
      env_var: error.envVarName || error.envVar || undefined,
      attempts: (error.attempts ?? []).map(attemptRecord),
    },
  };
}

export function batchRecord(report, progress) {
  return {
    items: report.results.map((result, at) =>
      result === null ? errorRecord(report.exceptions[at]) : resultRecord(result),
    ),
    success_count: report.successCount,
    total_cost: report.totalCost,
    progress,
  };
}
