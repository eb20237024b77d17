// What the providers' own SDKs read, in the form that our driver's readings have.

import Anthropic from '@anthropic-ai/sdk';
import { CohereClientV2 } from 'cohere-ai';
import Groq from 'groq-sdk';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import Together from 'together-ai';
import { counts, KEY, toolCall } from './exchange-file.mjs';

const OPENAI_FINISH = {
  stop: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  content_filter: 'content_filter',
};

/** The record of an exception; one without a status came in a stream. */
function errorRecord(error) {
  return { class: error.constructor.name, status: error.status ?? error.statusCode };
}

function chatUsage(usage) {
  if (!usage) return undefined;
  return counts({
    input_tokens: usage.prompt_tokens,
    output_tokens: usage.completion_tokens,
    cached_input_tokens:
      usage.prompt_tokens_details?.cached_tokens ??
      usage.prompt_cache_hit_tokens ??
      usage.cached_tokens,
    cache_write_5m_tokens: usage.prompt_tokens_details?.cache_write_tokens,
    reasoning_tokens: usage.completion_tokens_details?.reasoning_tokens,
    audio_input_tokens: usage.prompt_tokens_details?.audio_tokens,
    audio_output_tokens: usage.completion_tokens_details?.audio_tokens,
    image_input_tokens: usage.prompt_tokens_details?.image_tokens,
    image_output_tokens: usage.completion_tokens_details?.image_tokens,
  });
}

async function chat(client, body) {
  let text = '';
  let refusal = '';
  let thinking = '';
  let finish;
  let usage;
  const calls = [];
  const add = (message, reason) => {
    text += message.content ?? '';
    refusal += message.refusal ?? '';
    thinking += message.reasoning_content ?? message.reasoning ?? '';
    for (const [position, piece] of (message.tool_calls ?? []).entries()) {
      const at = piece.index ?? position;
      calls[at] ??= { id: '', name: '', text: '' };
      calls[at].id ||= piece.id ?? '';
      calls[at].name ||= piece.function?.name ?? '';
      calls[at].text += piece.function?.arguments ?? '';
    }
    finish = reason ?? finish;
  };
  try {
    const { data: given, response } = await client.chat.completions.create(body).withResponse();
    if (body.stream) {
      const type = response.headers.get('content-type');
      // What is not a stream passes for an empty one.
      if (type !== 'text/event-stream') return { error: { class: type }, text };
      for await (const chunk of given) {
        usage = chunk.usage ?? chunk.x_groq?.usage ?? usage;
        for (const choice of chunk.choices) add(choice.delta, choice.finish_reason);
      }
    } else {
      // A report in the place of an answer passes for an answer.
      if (!given.choices) return { error: { class: 'answer', status: given.error.code }, text };
      usage = given.usage;
      add(given.choices[0].message, given.choices[0].finish_reason);
    }
  } catch (error) {
    return { error: errorRecord(error), text };
  }
  return {
    text: text || refusal,
    thinking,
    toolCalls: calls.map((call) => toolCall(call.id, call.name, call.text)),
    finishReason: refusal ? 'refusal' : (OPENAI_FINISH[finish] ?? 'other'),
    usage: chatUsage(usage),
  };
}

function responseRecord(response) {
  const parts = response.output.filter((item) => item.type === 'message');
  const content = parts.flatMap((item) => item.content);
  const refused = content.some((part) => part.type === 'refusal');
  const toolCalls = response.output
    .filter((item) => item.type === 'function_call')
    .map((item) => toolCall(item.call_id, item.name, item.arguments));
  let finishReason = refused ? 'refusal' : toolCalls.length > 0 ? 'tool_calls' : 'stop';
  if (response.status === 'incomplete') finishReason = 'length';
  return {
    text: content.map((part) => part.text ?? part.refusal).join(''),
    thinking: response.output
      .filter((item) => item.type === 'reasoning')
      .flatMap((item) => item.summary.map((part) => part.text))
      .join(''),
    toolCalls,
    finishReason,
    usage: counts({
      input_tokens: response.usage.input_tokens,
      output_tokens: response.usage.output_tokens,
      cached_input_tokens: response.usage.input_tokens_details.cached_tokens,
      cache_write_5m_tokens: response.usage.input_tokens_details.cache_write_tokens,
      reasoning_tokens: response.usage.output_tokens_details.reasoning_tokens,
    }),
  };
}

async function responses(client, body) {
  let text = '';
  try {
    const given = await client.responses.create(body);
    if (!body.stream) return responseRecord(given);
    for await (const event of given) {
      if (event.type === 'response.output_text.delta') text += event.delta;
      if (event.type === 'response.failed') return { error: { class: 'failed' }, text };
      if (event.type === 'response.completed' || event.type === 'response.incomplete') {
        return responseRecord(event.response);
      }
    }
  } catch (error) {
    return { error: errorRecord(error), text };
  }
  throw new Error('the stream has no end');
}

const ANTHROPIC_FINISH = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  refusal: 'refusal',
};

function messageRecord(message) {
  const { content, usage } = message;
  const written = usage.cache_creation_input_tokens ?? 0;
  const hour = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const read = usage.cache_read_input_tokens ?? 0;
  const all = (type, field) =>
    content
      .filter((block) => block.type === type)
      .map((block) => block[field])
      .join('');
  return {
    text: all('text', 'text'),
    thinking: all('thinking', 'thinking'),
    toolCalls: content
      .filter((block) => block.type === 'tool_use')
      .map((block) => toolCall(block.id, block.name, block.input)),
    finishReason: ANTHROPIC_FINISH[message.stop_reason],
    usage: counts({
      input_tokens: usage.input_tokens + written + read,
      output_tokens: usage.output_tokens,
      cached_input_tokens: read,
      cache_write_5m_tokens: written - hour,
      cache_write_1h_tokens: hour,
      reasoning_tokens: usage.output_tokens_details?.thinking_tokens,
    }),
  };
}

const COHERE_FINISH = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool_calls',
};

function cohereUsage(usage) {
  const { inputTokens, outputTokens } = usage.billedUnits;
  return counts({
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cached_input_tokens: usage.cachedTokens,
  });
}

function cohereContent(content) {
  if (!Array.isArray(content)) return content;
  return content.map(({ image_url: imageUrl, ...rest }) => ({ ...rest, imageUrl }));
}

/** Cohere's SDK has names of its own for what goes over the wire. */
function cohereRequest(body) {
  const request = {
    model: body.model,
    messages: body.messages.map(({ tool_calls: toolCalls, tool_call_id: toolCallId, ...rest }) => ({
      ...rest,
      content: cohereContent(rest.content),
      ...(toolCalls && { toolCalls }),
      ...(toolCallId && { toolCallId }),
    })),
    tools: body.tools,
    toolChoice: body.tool_choice,
    responseFormat: body.response_format && {
      type: body.response_format.type,
      jsonSchema: body.response_format.json_schema,
    },
    maxTokens: body.max_tokens,
    temperature: body.temperature,
    p: body.p,
    seed: body.seed,
    stopSequences: body.stop_sequences,
    logprobs: body.logprobs,
    thinking: body.thinking && {
      type: body.thinking.type,
      tokenBudget: body.thinking.token_budget,
    },
  };
  // The SDK sends null for what is undefined.
  return JSON.parse(JSON.stringify(request));
}

async function cohere(client, body) {
  const record = { text: '', thinking: '', toolCalls: [] };
  const calls = [];
  try {
    const request = cohereRequest(body);
    if (!body.stream) {
      const { message, finishReason, usage } = await client.chat(request);
      for (const part of message.content ?? []) {
        record.text += part.text ?? '';
        record.thinking += part.thinking ?? '';
      }
      for (const { id, function: called } of message.toolCalls ?? []) {
        calls.push({ id, name: called.name, text: called.arguments });
      }
      Object.assign(record, {
        finishReason: COHERE_FINISH[finishReason],
        usage: cohereUsage(usage),
      });
    } else {
      for await (const event of await client.chatStream(request)) {
        const message = event.delta?.message;
        if (event.type === 'content-delta') {
          record.text += message.content.text ?? '';
          record.thinking += message.content.thinking ?? '';
        } else if (event.type === 'tool-call-start') {
          const { id, function: called } = message.toolCalls;
          calls.push({ id, name: called.name, text: called.arguments ?? '' });
        } else if (event.type === 'tool-call-delta') {
          calls[event.index].text += message.toolCalls.function.arguments;
        } else if (event.type === 'message-end') {
          record.finishReason = COHERE_FINISH[event.delta.finishReason];
          record.usage = cohereUsage(event.delta.usage);
        }
      }
    }
  } catch (error) {
    return { error: errorRecord(error), text: record.text };
  }
  record.toolCalls = calls.map((call) => toolCall(call.id, call.name, call.text));
  return record;
}

async function ollama(client, body) {
  let text = '';
  let thinking = '';
  let last;
  const toolCalls = [];
  try {
    const given = await client.chat(body);
    for await (const part of body.stream ? given : [given]) {
      text += part.message.content;
      thinking += part.message.thinking ?? '';
      for (const { id, function: called } of part.message.tool_calls ?? []) {
        toolCalls.push(toolCall(id ?? `call_${toolCalls.length}`, called.name, called.arguments));
      }
      last = part;
    }
  } catch (error) {
    return { error: { class: error.name, status: error.status_code }, text };
  }
  const stopped = toolCalls.length > 0 ? 'tool_calls' : 'stop';
  return {
    text,
    thinking,
    toolCalls,
    finishReason: last.done_reason === 'stop' ? stopped : last.done_reason,
    usage: counts({ input_tokens: last.prompt_eval_count, output_tokens: last.eval_count }),
  };
}

/** The SDKs: which providers' bytes each reads, and how. */
export const sdks = [
  {
    name: 'openai',
    providers: ['openai', 'deepseek', 'fireworks', 'openrouter', 'vllm', 'together', 'huggingface'],
    call(exchange, url, body) {
      const baseURL = `${url}${exchange.basePath}`;
      const client = new OpenAI({ apiKey: KEY, baseURL, maxRetries: 0 });
      return (exchange.topic === 'responses' ? responses : chat)(client, body);
    },
  },
  {
    name: '@anthropic-ai/sdk',
    providers: ['anthropic'],
    async call(exchange, url, { stream, ...body }) {
      const client = new Anthropic({ apiKey: KEY, baseURL: url, maxRetries: 0 });
      const beta = exchange.headers['anthropic-beta'];
      const options = beta ? { headers: { 'anthropic-beta': beta } } : {};
      let text = '';
      try {
        if (!stream) return messageRecord(await client.messages.create(body, options));
        const events = client.messages.stream(body, options);
        events.on('text', (piece) => {
          text += piece;
        });
        return messageRecord(await events.finalMessage());
      } catch (error) {
        return { error: errorRecord(error), text };
      }
    },
  },
  {
    name: 'groq-sdk',
    providers: ['groq'],
    call: (_, url, body) => chat(new Groq({ apiKey: KEY, baseURL: url, maxRetries: 0 }), body),
  },
  {
    name: 'together-ai',
    providers: ['together'],
    call: (exchange, url, body) => {
      const baseURL = `${url}${exchange.basePath}`;
      return chat(new Together({ apiKey: KEY, baseURL, maxRetries: 0 }), body);
    },
  },
  {
    name: 'cohere-ai',
    providers: ['cohere'],
    call: (_, url, body) =>
      cohere(new CohereClientV2({ token: KEY, environment: url, maxRetries: 0 }), body),
  },
  {
    name: 'ollama',
    providers: ['ollama'],
    call: (_, url, body) =>
      ollama(new Ollama({ host: url, headers: { authorization: `Bearer ${KEY}` } }), body),
  },
];
