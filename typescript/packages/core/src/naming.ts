/** Options that have a name of their own here. */
const OPTION_NAMES: Record<string, string> = { deadline: 'timeout', deadline_ms: 'timeout' };

/** The name that an option has in this package. */
export function optionName(name: string): string {
  return OPTION_NAMES[name] ?? camelCase(name);
}

/** `maxTokens` for `max_tokens`; other text stays. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
