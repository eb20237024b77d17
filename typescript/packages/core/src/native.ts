/**
 * Loads the addon; its only importer. Everything structured crosses as JSON text. The types come
 * from the binding's own code.
 */
import { createRequire } from 'node:module';
import type { Addon } from './addon.js';

export type {
  Canceller,
  CheckHost,
  EnforcementHost,
  NativeAgent,
  NativeCallbackManager,
  NativeCallGate,
  NativeCircuitBreaker,
  NativeClock,
  NativeControl,
  NativeCostTracker,
  NativeEnforcementChain,
  NativeMetricsCollector,
  NativePrices,
  NativeProfileCache,
  NativeProvider,
  NativeRateLimiter,
  NativeStream,
  NativeTelemetryExporter,
  NativeTraceLog,
  ProviderHost,
  RouterHost,
  ToolHost,
} from './addon.js';

// The package is bundled as CommonJS, where `__filename` is the bundle beside the addon.
const load = createRequire(__filename);

/** The addon of this machine; built with the package, never fetched. */
export const native: Addon = load('./cascadeflow.node') as Addon;
