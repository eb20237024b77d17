/**
 * Loads the addon; its only importer. Everything structured crosses as JSON text. The types come
 * from the binding's own code.
 */
import { createRequire } from 'node:module';
import type { Addon } from './addon.js';

export type {
  Canceller,
  CheckHost,
  NativeAgent,
  NativeCircuitBreaker,
  NativeClock,
  NativePrices,
  NativeProvider,
  NativeStream,
  NativeTelemetryExporter,
  ProviderHost,
} from './addon.js';

// The package is bundled as CommonJS, where `__filename` is the bundle beside the addon.
const load = createRequire(__filename);

/** The addon of this machine; built with the package, never fetched. */
export const native: Addon = load('./cascadeflow.node') as Addon;
