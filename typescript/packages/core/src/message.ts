/** Conversations and tools. */

export type MessageRole = 'system' | 'user' | 'assistant' | 'tool';

/** A call that a model asks for. */
export interface ToolCall {
  id: string;
  type: 'function';
  function: {
    name: string;
    /** The arguments as the JSON text that the model wrote. */
    arguments: string;
  };
}

/** A piece of a message that is more than text. */
export type ContentPart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string } }
  /** Reasoning of an earlier answer, given back as it came. */
  | { type: 'thinking'; thinking: string; signature?: string }
  | { type: 'redacted_thinking'; data: string };

export interface Message {
  role: MessageRole;
  content: string | ContentPart[];
  name?: string;
  tool_call_id?: string;
  tool_calls?: ToolCall[];
}

/** A tool offered to a model. */
export interface Tool {
  type: 'function';
  function: {
    name: string;
    description: string;
    /** JSON Schema of the arguments. */
    parameters: Record<string, any>;
  };
}

/** Whether and which tool the model must call. */
export type ToolChoice =
  | 'auto'
  | 'none'
  | 'required'
  | { type: 'function'; function: { name: string } };
