/** Events of a streamed run. */
import { errorFromText } from './errors.js';
import { type CascadeResult, resultFromText } from './result.js';

export enum StreamEventType {
  ROUTING = 'routing',
  CHUNK = 'chunk',
  DRAFT_DECISION = 'draft_decision',
  SWITCH = 'switch',
  COMPLETE = 'complete',
  ERROR = 'error',
}

export interface StreamEventData {
  model?: string;
  phase?: 'draft' | 'verifier' | 'direct';
  provider?: string;
  strategy?: string;
  complexity?: string;
  accepted?: boolean;
  score?: number;
  confidence?: number;
  draft_model?: string;
  verifier_model?: string;
  reason?: string;
  checks_passed?: boolean;
  quality_threshold?: number;
  from_model?: string;
  to_model?: string;
  /** The result that a plain run gives. */
  result?: any;
  error?: string;
  /** Of a chunk without text: `thinking` or `tool_call`. Of an error: its class. */
  type?: string;
  streaming_supported?: boolean;
  [key: string]: any;
}

export interface StreamEvent {
  type: StreamEventType;
  content: string;
  data: StreamEventData;
}

export function createStreamEvent(
  type: StreamEventType,
  content = '',
  data: StreamEventData = {},
): StreamEvent {
  return { type, content, data };
}

export function isChunkEvent(event: StreamEvent): boolean {
  return event.type === StreamEventType.CHUNK;
}

export function isCompleteEvent(event: StreamEvent): boolean {
  return event.type === StreamEventType.COMPLETE;
}

export function isErrorEvent(event: StreamEvent): boolean {
  return event.type === StreamEventType.ERROR;
}

const COMPLETE = 'complete\n';

/** The event in the addon's text. */
export function eventFromText(text: string): StreamEvent {
  if (!text.startsWith(COMPLETE)) return JSON.parse(text) as StreamEvent;
  const result = resultFromText(text.slice(COMPLETE.length));
  return createStreamEvent(StreamEventType.COMPLETE, '', { result });
}

/** The event that ends a stream whose run failed; `data.exception` is the error itself. */
export function errorEvent(thrown: unknown): StreamEvent {
  const error =
    thrown instanceof Error ? (errorFromText(thrown.message) ?? thrown) : new Error(String(thrown));
  return createStreamEvent(StreamEventType.ERROR, error.message, {
    error: error.message,
    type: error.name,
    exception: error,
  });
}

function raise(event: StreamEvent): never {
  throw event.data.exception ?? new Error(event.data.error ?? event.content);
}

/**
 * The text that a reader is left with: what is shown after a switch replaces what came before.
 *
 * @throws the error of the run.
 */
export async function collectStream(stream: AsyncIterable<StreamEvent>): Promise<string> {
  let text = '';
  for await (const event of stream) {
    if (event.type === StreamEventType.ERROR) raise(event);
    if (event.type === StreamEventType.SWITCH) text = '';
    if (event.type === StreamEventType.CHUNK) text += event.content;
  }
  return text;
}

/**
 * The result that the stream ends with.
 *
 * @throws the error of the run.
 */
export async function collectResult(stream: AsyncIterable<StreamEvent>): Promise<any> {
  let result: CascadeResult | undefined;
  for await (const event of stream) {
    if (event.type === StreamEventType.ERROR) raise(event);
    if (event.type === StreamEventType.COMPLETE) result = event.data.result;
  }
  return result;
}
