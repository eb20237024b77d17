/** What the supported providers are. */
import { toPublished } from '../errors.js';
import { native } from '../native.js';

/** A provider and what speaks for it. */
export interface ProviderInfo {
  name: string;
  displayName: string;
  /** What it adds. */
  valueProp: string;
  /** Whether the catalogue lists prices of its models. */
  readonly pricingAvailable: boolean;
  requiresApiKey: boolean;
  exampleModels: string[];
  /** The same as `valueProp`. */
  value: string;
  /** What its models cost, in words. */
  costRange: string;
  /** How soon it answers, in words. */
  speed: string;
  /** Where it fits in a cascade. */
  useCase: string;
  /** Other names for it. */
  aliases: string[];
  /** Whether there is a provider class for it here. */
  builtIn: boolean;
}

function fromRecord(record: Record<string, any>): ProviderInfo {
  const info = { ...record, value: record.valueProp } as unknown as ProviderInfo;
  // Looked up when asked for: the catalogue need not be read to import this package.
  Object.defineProperty(info, 'pricingAvailable', {
    enumerable: true,
    get: () => native.isPriced(info.name),
  });
  return info;
}

function table(): Record<string, ProviderInfo> {
  const records = JSON.parse(native.supportedProviders()) as Record<string, any>[];
  return Object.fromEntries(records.map((record) => [record.name, fromRecord(record)]));
}

/** The supported providers by name. */
export const SUPPORTED_PROVIDERS: Record<string, ProviderInfo> = table();

/** What is known of the provider of this name or alias; undefined when it is not supported. */
export function getProviderInfo(provider: string): ProviderInfo | undefined {
  const found = native.providerInfo(String(provider));
  return found == null ? undefined : SUPPORTED_PROVIDERS[JSON.parse(found).name];
}

/**
 * What is known of a provider that must be supported.
 *
 * @throws ConfigurationError about `provider` that names the providers when it is not.
 */
export function requireProvider(provider: string): ProviderInfo {
  try {
    return fromRecord(JSON.parse(native.validateProvider(String(provider))));
  } catch (error) {
    throw toPublished(error);
  }
}

/**
 * Whether a provider of this name or alias is supported; where not, a warning of the process names
 * those that are.
 */
export function validateProvider(provider: string): boolean {
  try {
    requireProvider(provider);
    return true;
  } catch (error) {
    process.emitWarning((error as Error).message, { type: 'CascadeflowWarning' });
    return false;
  }
}
