// Calls of our own drivers, through the published provider classes.

import { providerRegistry } from '../../dist/index.js';
import { counts, KEY, toolCall } from './exchange-file.mjs';

export function providerAt(exchange, url) {
  const name = exchange.provider;
  const config = {
    name: exchange.ask.model ?? 'any',
    provider: name,
    cost: 0.001,
    apiKey: KEY,
    baseUrl: `${url}${exchange.basePath}`,
    maxRetries: 0,
  };
  return providerRegistry.get(name, config);
}

function requestOf({ ask }) {
  return {
    messages: ask.messages,
    model: ask.model,
    maxTokens: ask.max_tokens,
    temperature: ask.temperature,
    topP: ask.top_p,
    stop: ask.stop,
    seed: ask.seed,
    systemPrompt: ask.system_prompt,
    tools: ask.tools,
    toolChoice: ask.tool_choice,
    responseFormat: ask.response_format,
    logprobs: ask.logprobs,
    extra: ask.extra,
  };
}

function usageRecord(usage) {
  if (!usage) return undefined;
  return counts({
    ...usage,
    input_tokens: usage.prompt_tokens,
    output_tokens: usage.completion_tokens,
  });
}

function callsOf(answer) {
  return (answer.tool_calls ?? []).map((call) =>
    toolCall(call.id, call.function.name, call.function.arguments),
  );
}

/** The signatures of reasoning among the parts of an answer. */
function signaturesOf(blocks) {
  const signed = (blocks ?? []).filter((block) => block.type === 'thinking' && block.signature);
  return signed.map((block) => block.signature);
}

/** What our driver reads. */
export async function call(exchange, url, stream) {
  const provider = providerAt(exchange, url);
  let text = '';
  let thinking = '';
  try {
    if (!stream) {
      const answer = await provider.generate(requestOf(exchange));
      return {
        text: answer.content,
        thinking: answer.thinking ?? '',
        signatures: signaturesOf(answer.content_blocks),
        toolCalls: callsOf(answer),
        finishReason: answer.finish_reason,
        usage: usageRecord(answer.usage),
        serviceTier: answer.usage?.service_tier,
        logprobs: answer.logprobs,
        cost: answer.cost,
      };
    }
    const signatures = [];
    let last;
    for await (const chunk of provider.stream(requestOf(exchange))) {
      text += chunk.content;
      thinking += chunk.thinking ?? '';
      signatures.push(...signaturesOf(chunk.content_blocks));
      last = chunk;
    }
    return {
      text,
      thinking,
      signatures,
      toolCalls: callsOf(last),
      finishReason: last.finish_reason,
      usage: usageRecord(last.usage),
      serviceTier: last.usage?.service_tier,
    };
  } catch (error) {
    return { error, text };
  }
}

/** What our driver reads of a list of models, or of vectors. */
export async function list(exchange, url) {
  const provider = providerAt(exchange, url);
  const { input, dimensions, model, ...extra } = exchange.ask;
  try {
    if (exchange.operation === 'models') return { models: await provider.listModels() };
    const made = await provider.embed(input, { model, dimensions, extra });
    return {
      embeddings: made.embeddings,
      inputTokens: made.usage?.prompt_tokens,
    };
  } catch (error) {
    return { error };
  }
}
