/**
 * The published error classes, and the one place that makes them of native errors.
 */
import { optionName } from './naming.js';
import type { Attempt, TraceStep } from './result.js';

/** The stable code of what went wrong, equal in every language. */
export type ErrorKind =
  | 'config'
  | 'validation'
  | 'auth'
  | 'permission'
  | 'not_found'
  | 'invalid_request'
  | 'context_length'
  | 'content_filter'
  | 'rate_limit'
  | 'quota'
  | 'overloaded'
  | 'timeout'
  | 'connection'
  | 'protocol'
  | 'cancelled'
  | 'routing'
  | 'budget'
  | 'quality'
  | 'tool'
  | 'user_code'
  | 'all_attempts_failed'
  | 'internal';

/** What is known of a failure beside its message; absent where it does not apply. */
export interface ErrorDetails {
  kind?: ErrorKind;
  /** What can be done about it. */
  hint?: string;
  /** The option or argument at fault. */
  field?: string;
  provider?: string;
  model?: string;
  /** HTTP status that the provider answered with. */
  status?: number;
  /** The provider's id of the failed request. */
  requestId?: string;
  /** Seconds that the provider asks to wait. */
  retryAfter?: number;
  /** The environment variable that would supply the missing key. */
  envVar?: string;
  /** Name of the circuit breaker that let no call through. */
  circuit?: string;
  /** Every call made before the failure. */
  attempts?: Attempt[];
  /** Every decision taken before the failure. */
  trace?: TraceStep[];
}

/** The time that a limit counts over. */
export type BudgetWindow = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'lifetime';
/** What a limit counts: USD, requests or tokens. */
export type LimitMeasure = 'cost' | 'requests' | 'tokens';
/** Whose limit it is; `global` is everything together. */
export type LimitOwner = 'global' | 'tenant' | 'tier' | 'key' | 'user' | 'session';

/** How a limit stood that refused, in the unit of `measure`; absent what is not known. */
export interface LimitDetails {
  limit?: number;
  used?: number;
  /** Set aside for runs under way. */
  reserved?: number;
  /** Left for new runs. */
  remaining?: number;
  measure?: LimitMeasure;
  window?: BudgetWindow;
  ownerKind?: LimitOwner;
  /** Empty for everything together. */
  ownerId?: string;
  /** When the window ends; absent for a lifetime. */
  resetAt?: Date;
}

/** Every error of this package. */
export class cascadeflowError extends Error {
  readonly code: string;
  declare readonly context?: Record<string, unknown>;
  declare kind?: ErrorKind;
  declare hint?: string;
  /** Every call made before the failure; absent when none was. */
  declare attempts?: Attempt[];
  /** Every decision taken before the failure; absent where no run had begun. */
  declare trace?: TraceStep[];

  constructor(message: string, code: string, context?: Record<string, unknown>) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    if (context !== undefined) Object.assign(this, { context });
  }
}

/** A configuration or an argument is missing, malformed or out of range. */
export class ConfigurationError extends cascadeflowError {
  readonly field: string;

  constructor(message: string, field: string, context?: Record<string, unknown>) {
    super(message, 'CONFIGURATION_ERROR', context);
    this.field = field;
    this.kind = 'config';
  }
}

/** A provider failed. */
export class ProviderError extends cascadeflowError {
  readonly provider: string;
  declare readonly statusCode?: number;
  declare readonly providerCode?: string;
  declare model?: string;
  declare requestId?: string;

  constructor(
    message: string,
    provider: string,
    statusCode?: number,
    context?: Record<string, unknown>,
    code = 'PROVIDER_ERROR',
  ) {
    super(message, code, context);
    this.provider = provider;
    const providerCode = context?.providerCode;
    Object.assign(
      this,
      statusCode === undefined ? {} : { statusCode },
      typeof providerCode === 'string' ? { providerCode } : {},
    );
  }
}

/** A provider refused the key, or there is none. */
export class AuthenticationError extends ProviderError {
  readonly envVarName: string;

  constructor(
    message: string,
    provider: string,
    envVarName: string,
    context?: Record<string, unknown>,
  ) {
    const status = context?.statusCode;
    super(
      message,
      provider,
      typeof status === 'number' ? status : undefined,
      context,
      'AUTHENTICATION_ERROR',
    );
    this.envVarName = envVarName;
    this.kind = 'auth';
  }
}

/** A provider, or a limit of requests or tokens, refuses more for now. */
export class RateLimitError extends ProviderError implements LimitDetails {
  /** Seconds to wait. */
  declare readonly retryAfter?: number;
  declare readonly limit?: number;
  declare readonly used?: number;
  declare readonly reserved?: number;
  declare readonly remaining?: number;
  declare readonly measure?: LimitMeasure;
  declare readonly window?: BudgetWindow;
  declare readonly ownerKind?: LimitOwner;
  declare readonly ownerId?: string;
  declare readonly resetAt?: Date;

  constructor(
    message: string,
    provider: string,
    retryAfter?: number,
    context?: Record<string, unknown>,
  ) {
    // A quota that is used up may come with another status.
    const status = context?.statusCode;
    super(
      message,
      provider,
      typeof status === 'number' ? status : 429,
      context,
      'RATE_LIMIT_ERROR',
    );
    if (retryAfter !== undefined) Object.assign(this, { retryAfter });
    this.kind = 'rate_limit';
  }
}

/** A deadline passed. */
export class TimeoutError extends ProviderError {
  /** The deadline in milliseconds; 0 where it is not known. */
  readonly timeoutMs: number;

  constructor(
    message: string,
    provider: string,
    timeoutMs: number,
    context?: Record<string, unknown>,
  ) {
    super(message, provider, undefined, context, 'TIMEOUT_ERROR');
    this.timeoutMs = timeoutMs;
    this.kind = 'timeout';
  }
}

/** A circuit breaker lets no call through: what it guards has failed too often of late. */
export class CircuitOpenError extends ProviderError {
  /** Name of the breaker. */
  readonly circuit: string;
  /** Seconds until a probe is let through; 0 where it is not known. */
  readonly retryAfter: number;

  constructor(
    message: string,
    provider: string,
    circuit: string,
    retryAfter = 0,
    context?: Record<string, unknown>,
  ) {
    super(message, provider, undefined, context, 'CIRCUIT_OPEN');
    this.circuit = circuit;
    this.retryAfter = retryAfter;
    this.kind = 'overloaded';
  }
}

/** No answer met the required quality. */
export class QualityValidationError extends cascadeflowError {
  declare readonly confidence?: number;
  declare readonly threshold?: number;

  constructor(
    message: string,
    confidence?: number,
    threshold?: number,
    context?: Record<string, unknown>,
  ) {
    super(message, 'QUALITY_VALIDATION_ERROR', context);
    if (confidence !== undefined) Object.assign(this, { confidence });
    if (threshold !== undefined) Object.assign(this, { threshold });
    this.kind = 'quality';
  }
}

/** A tool failed. */
export class ToolExecutionError extends cascadeflowError {
  readonly toolName: string;
  declare readonly cause?: Error;

  constructor(message: string, toolName: string, cause?: Error, context?: Record<string, unknown>) {
    super(message, 'TOOL_EXECUTION_ERROR', context);
    this.toolName = toolName;
    if (cause !== undefined) Object.assign(this, { cause });
    this.kind = 'tool';
  }
}

/** A run was stopped by a limit. */
export class HarnessStopError extends Error {
  reason: string;
  /** Every call made before the stop; absent when none was. */
  declare attempts?: Attempt[];
  /** Every decision taken before the stop; absent where no run had begun. */
  declare trace?: TraceStep[];

  constructor(message: string, reason = 'stopped') {
    super(message);
    this.name = new.target.name;
    this.reason = reason;
  }
}

/** A budget does not allow the request. */
export class BudgetExceededError extends HarnessStopError implements LimitDetails {
  /** What is left of the budget in USD. */
  remaining: number;
  declare kind?: ErrorKind;
  /** What can be done about it. */
  declare hint?: string;
  /** The limit that refused, such as `daily`. */
  declare field?: string;
  /** Seconds until the budget resets; absent when it never does. */
  declare retryAfter?: number;
  declare limit?: number;
  declare used?: number;
  declare reserved?: number;
  declare measure?: LimitMeasure;
  declare window?: BudgetWindow;
  declare ownerKind?: LimitOwner;
  declare ownerId?: string;
  declare resetAt?: Date;
  /** Every call made before the refusal; absent when none was. */
  declare attempts?: Attempt[];
  /** Every decision taken before the refusal; absent where no run had begun. */
  declare trace?: TraceStep[];

  constructor(message: string, remaining = 0) {
    super(message, 'budget_exceeded');
    this.remaining = remaining;
  }
}

export function iscascadeflowError(error: unknown): error is cascadeflowError {
  return error instanceof cascadeflowError;
}

export function isConfigurationError(error: unknown): error is ConfigurationError {
  return error instanceof ConfigurationError;
}

export function isProviderError(error: unknown): error is ProviderError {
  return error instanceof ProviderError;
}

export function isAuthenticationError(error: unknown): error is AuthenticationError {
  return error instanceof AuthenticationError;
}

export function isRateLimitError(error: unknown): error is RateLimitError {
  return error instanceof RateLimitError;
}

interface NativeError extends ErrorDetails {
  kind: ErrorKind;
  message: string;
  /** `resetsAt` is in milliseconds since the Unix epoch. */
  budget?: Omit<LimitDetails, 'resetAt'> & { resetsAt?: number };
}

type Build = (message: string, native: NativeError, context: Record<string, unknown>) => Error;

const provider: Build = (message, native, context) =>
  new ProviderError(
    message,
    native.provider ?? '',
    native.status,
    context,
    native.kind.toUpperCase(),
  );
const configuration: Build = (message, native, context) =>
  new ConfigurationError(message, native.field ?? '', context);
const authentication: Build = (message, native, context) =>
  new AuthenticationError(message, native.provider ?? '', native.envVar ?? '', context);
const rateLimit: Build = (message, native, context) =>
  new RateLimitError(message, native.provider ?? '', native.retryAfter, context);
const circuitOpen: Build = (message, native, context) =>
  new CircuitOpenError(
    message,
    native.provider ?? '',
    native.circuit ?? '',
    native.retryAfter,
    context,
  );
const plain: Build = (message, native, context) =>
  new cascadeflowError(message, native.kind.toUpperCase(), context);

/** Which class each kind becomes. */
const CLASSES: Record<ErrorKind, Build> = {
  config: configuration,
  validation: configuration,
  routing: configuration,
  auth: authentication,
  permission: authentication,
  rate_limit: rateLimit,
  quota: rateLimit,
  timeout: (message, native, context) =>
    new TimeoutError(message, native.provider ?? '', 0, context),
  quality: (message, _, context) =>
    new QualityValidationError(message, undefined, undefined, context),
  tool: (message, native, context) =>
    new ToolExecutionError(message, native.field ?? '', undefined, context),
  budget: (message) => new BudgetExceededError(message),
  cancelled: (message, native, context) => {
    const error = plain(message, native, context);
    // What callers of an AbortSignal look for.
    error.name = 'AbortError';
    return error;
  },
  internal: plain,
  not_found: provider,
  invalid_request: provider,
  context_length: provider,
  content_filter: provider,
  overloaded: provider,
  connection: provider,
  protocol: provider,
  user_code: provider,
  all_attempts_failed: provider,
};

/** The name that an option or argument has in this package. */
function fieldName(field: string): string {
  const named = optionName(field);
  return named.replace(/(^|\.)http\./, '$1httpConfig.');
}

const ENVELOPE = '{"cascadeflowError":';

/** The published error that the native error in `text` is; undefined when the text is none. */
export function errorFromText(text: string): Error | undefined {
  if (!text.startsWith(ENVELOPE)) return undefined;
  const native = (JSON.parse(text) as { cascadeflowError: NativeError }).cascadeflowError;
  const { kind, message, attempts, trace, budget, ...rest } = native;
  const context: Record<string, unknown> = { kind, ...rest };
  if (native.status !== undefined) context.statusCode = native.status;
  // Callers know their options by the names of this package; the context keeps the engine's.
  if (native.field !== undefined) native.field = fieldName(native.field);
  const shown = native.hint === undefined ? message : `${message} (hint: ${native.hint})`;
  const build = native.circuit === undefined ? (CLASSES[kind] ?? plain) : circuitOpen;
  const error = build(shown, native, context);
  return Object.assign(error, compactDetails(native), limitDetails(budget));
}

/** How the limit stood that refused; empty where none did. */
function limitDetails(budget: NativeError['budget']): LimitDetails {
  if (budget === undefined) return {};
  const { resetsAt, ...rest } = budget;
  return resetsAt === undefined ? rest : { ...rest, resetAt: new Date(resetsAt) };
}

/** Details that every class carries under its own name; `provider` and `retryAfter` are set already. */
function compactDetails(native: NativeError): Record<string, unknown> {
  const details: Record<string, unknown> = { kind: native.kind };
  for (const key of [
    'hint',
    'field',
    'model',
    'status',
    'requestId',
    'retryAfter',
    'envVar',
    'provider',
    'attempts',
    'trace',
  ] as const) {
    if (native[key] !== undefined) details[key] = native[key];
  }
  return details;
}

/** The published error that `thrown` stands for; anything else as it is. */
export function toPublished(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const error = errorFromText(thrown.message);
  if (error === undefined) return thrown;
  Error.captureStackTrace?.(error, toPublished);
  return error;
}

/** What the addon is told of an exception of user code. */
export function describeThrown(thrown: unknown): string {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const number = (value: unknown) =>
    typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  const from = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as Record<
    string,
    unknown
  >;
  const kind = text(from.kind);
  const status = number(from.status) ?? number(from.statusCode);
  return JSON.stringify({
    message: text(from.message) ?? String(thrown),
    kind: kind !== undefined && kind in CLASSES ? kind : undefined,
    hint: text(from.hint),
    field: text(from.field),
    status: status !== undefined && status >= 100 && status <= 599 ? Math.trunc(status) : undefined,
    requestId: text(from.requestId),
    retryAfter: number(from.retryAfter),
    envVar: text(from.envVarName) || undefined,
  });
}
