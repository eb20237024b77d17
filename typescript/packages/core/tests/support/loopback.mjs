// A loopback server that speaks the OpenAI and Anthropic dialects, plain and streamed.

import { once } from 'node:events';
import { createServer } from 'node:http';

/** What a model of the server answers by default. */
export const ANSWER = 'The capital of France is Paris.';

function words(text) {
  return text.match(/\S+\s*/g) ?? [];
}

function openai(response, body, answer) {
  const usage = { prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 };
  const message = { role: 'assistant', content: answer.text ?? ANSWER };
  if (answer.toolCalls) Object.assign(message, { content: null, tool_calls: answer.toolCalls });
  const reason = answer.toolCalls ? 'tool_calls' : 'stop';
  if (!body.stream) {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        id: 'chatcmpl-1',
        object: 'chat.completion',
        model: body.model,
        choices: [{ index: 0, message, finish_reason: reason }],
        usage,
      }),
    );
    return;
  }
  response.setHeader('content-type', 'text/event-stream');
  const send = (choices, rest = {}) =>
    response.write(
      `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', model: body.model, choices, ...rest })}\n\n`,
    );
  send([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]);
  for (const word of words(answer.text ?? ANSWER)) {
    send([{ index: 0, delta: { content: word }, finish_reason: null }]);
  }
  if (answer.stall) return;
  send([{ index: 0, delta: {}, finish_reason: reason }]);
  send([], { usage });
  response.end('data: [DONE]\n\n');
}

function anthropic(response, body, answer) {
  const usage = { input_tokens: 12, output_tokens: 7 };
  const text = answer.text ?? ANSWER;
  if (!body.stream) {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: body.model,
        content: [{ type: 'text', text }],
        stop_reason: 'end_turn',
        usage,
      }),
    );
    return;
  }
  response.setHeader('content-type', 'text/event-stream');
  const send = (type, data) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  send('message_start', {
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: body.model,
      content: [],
      usage: { input_tokens: 12, output_tokens: 1 },
    },
  });
  send('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
  for (const word of words(text)) {
    send('content_block_delta', { index: 0, delta: { type: 'text_delta', text: word } });
  }
  send('content_block_stop', { index: 0 });
  send('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } });
  send('message_stop', {});
  response.end();
}

/**
 * Starts a server. `answerOf(body, request)` says what a model answers: `{text}`, `{toolCalls}`,
 * `{status, headers, error}`, `{json}`, `{hang: true}`, or `{stall: true}` (streams and never ends).
 */
export async function startServer(answerOf = () => ({})) {
  const seen = [];
  const closed = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    const body = JSON.parse(text || '{}');
    seen.push({ path: request.url, headers: request.headers, body });
    response.on('close', () => closed.push({ model: body.model, ended: response.writableEnded }));
    const answer = answerOf(body, request) ?? {};
    if (answer.hang) return;
    if (answer.json) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer.json));
      return;
    }
    if (answer.status) {
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        'x-request-id': 'req-7',
        ...answer.headers,
      });
      response.end(JSON.stringify({ error: { message: answer.error ?? 'no', type: 'error' } }));
      return;
    }
    const dialect = request.url.endsWith('/messages') ? anthropic : openai;
    dialect(response, body, answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    openai: `${origin}/v1`,
    anthropic: origin,
    seen,
    closed,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Waits until `condition` holds; fails loudly when it never does. */
export async function eventually(condition, what) {
  for (let tries = 0; tries < 500; tries += 1) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never happened: ${what}`);
}
