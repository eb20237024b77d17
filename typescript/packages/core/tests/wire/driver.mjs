// Calls of our own drivers, through the published provider classes.

import {
  AnthropicProvider,
  GroqProvider,
  OllamaProvider,
  OpenAIProvider,
  VLLMProvider,
} from '../../dist/index.js';
import { counts, KEY, toolCall } from './exchange-file.mjs';

const CLASSES = {
  anthropic: AnthropicProvider,
  groq: GroqProvider,
  ollama: OllamaProvider,
  openai: OpenAIProvider,
  vllm: VLLMProvider,
};

/** What the published classes have in common; the other providers are reached through it. */
const Builtin = Object.getPrototypeOf(OpenAIProvider);

export function providerAt(exchange, url) {
  const name = exchange.provider;
  const config = {
    name: exchange.ask.model,
    provider: name,
    cost: 0.001,
    apiKey: KEY,
    baseUrl: `${url}${exchange.basePath}`,
    maxRetries: 0,
  };
  const published = CLASSES[name];
  if (published) return new published(config);
  class Other extends Builtin {
    name = name;
  }
  return new Other(config, name);
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
        toolCalls: callsOf(answer),
        finishReason: answer.finish_reason,
        usage: usageRecord(answer.usage),
        logprobs: answer.logprobs,
        cost: answer.cost,
      };
    }
    let last;
    for await (const chunk of provider.stream(requestOf(exchange))) {
      text += chunk.content;
      thinking += chunk.thinking ?? '';
      last = chunk;
    }
    return {
      text,
      thinking,
      toolCalls: callsOf(last),
      finishReason: last.finish_reason,
      usage: usageRecord(last.usage),
    };
  } catch (error) {
    return { error, text };
  }
}
