/**
 * The addon. This is its only importer; everything structured crosses as JSON text.
 */
import { createRequire } from 'node:module';

import type { Addon } from './addon.js';

export type {
  Addon as Native,
  Canceller as NativeCanceller,
  NativeAgent,
  NativeProvider,
  NativeStream,
  ProviderHost as NativeProviderHost,
  Settled,
} from './addon.js';

/** What an operation on a user's class is: see `providers/host.ts`. */
export type Dispatch = (id: number, operation: string, json: string) => void;

// The package is bundled as CommonJS, where `__filename` is the bundle beside the addon.
const load = createRequire(__filename);

/** The addon of this machine; built with the package, never fetched. */
export const native: Addon = load('./cascadeflow.node') as Addon;
