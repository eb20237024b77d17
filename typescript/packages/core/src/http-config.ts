/** How a provider's API is reached. */
import { compact } from './codec.js';
import { ConfigurationError, toPublished } from './errors.js';
import { native } from './native.js';
import { REDACTED, shownAs, withoutPassword } from './redaction.js';

/** How a provider's API is reached; whatever is absent keeps the default. Times are in milliseconds. */
export interface HttpConfig {
  /** Base URL of the API, where the model gives none of its own. */
  baseUrl?: string;
  /** Further headers of every request; they replace the provider's own of the same name. */
  headers?: Record<string, string>;
  /** URL of a proxy; absent takes the system's (`HTTPS_PROXY`, `HTTP_PROXY`), empty none. */
  proxy?: string;
  /** Hosts reached without the proxy, separated by commas. */
  noProxy?: string;
  /**
   * False does not check the server's certificate, which lets anybody listen; a text is the same as
   * `caFile`.
   */
  verify?: boolean | string;
  /** PEM file of further certificate authorities; absent trusts the system's alone. */
  caFile?: string;
  /** PEM file of the client's certificate, with its key unless `clientKeyFile` has it. */
  clientCertificateFile?: string;
  /** PEM file of the client certificate's key. */
  clientKeyFile?: string;
  /** Time for the whole call, retries included; 600,000 by default. */
  timeout?: number;
  /** Time until a connection stands; 10,000 by default. */
  connectTimeout?: number;
  /** Time until the first piece of a streamed answer; 180,000 by default. */
  firstTokenTimeout?: number;
  /** Time between two pieces of an answer; 120,000 by default. */
  chunkTimeout?: number;
}

const NAMES = [
  'baseUrl',
  'headers',
  'proxy',
  'noProxy',
  'verify',
  'caFile',
  'clientCertificateFile',
  'clientKeyFile',
  'timeout',
  'connectTimeout',
  'firstTokenTimeout',
  'chunkTimeout',
] as const satisfies readonly (keyof HttpConfig)[];

function refuse(field: string, message: string, hint: string): never {
  const error = new ConfigurationError(`${message} (hint: ${hint})`, field);
  error.hint = hint;
  throw error;
}

/** A configuration without its secrets: header values and the password of a proxy. */
export function shownHttpConfig(config: HttpConfig): HttpConfig {
  const { headers, proxy } = config;
  return compact({
    ...config,
    headers:
      headers && Object.fromEntries(Object.keys(headers).map((name) => [name, REDACTED] as const)),
    proxy: proxy && withoutPassword(proxy),
  });
}

/** A copy of `config` that shows no secret when it is logged or written as JSON. */
export function guardedHttpConfig(config: HttpConfig): HttpConfig {
  return shownAs({ ...config }, shownHttpConfig);
}

/** The engine's form of a configuration; its `baseUrl` is the model's and not part of it. */
export function engineHttp(config: HttpConfig | undefined): Record<string, unknown> | undefined {
  if (config === undefined) return undefined;
  if (typeof config !== 'object' || config === null) {
    refuse('httpConfig', 'option `httpConfig` is not an object', 'give `{proxy, caFile, timeout}`');
  }
  for (const name of Object.keys(config)) {
    if (!(NAMES as readonly string[]).includes(name)) {
      refuse(
        `httpConfig.${name}`,
        `unknown option of \`httpConfig\`: \`${name}\``,
        `use one of ${NAMES.join(', ')}`,
      );
    }
  }
  const { verify } = config;
  return compact({
    headers: config.headers,
    proxy: config.proxy,
    no_proxy: config.noProxy,
    verify: typeof verify === 'string' ? undefined : verify,
    ca_file: config.caFile ?? (typeof verify === 'string' ? verify : undefined),
    client_certificate_file: config.clientCertificateFile,
    client_key_file: config.clientKeyFile,
    timeout_ms: config.timeout,
    connect_timeout_ms: config.connectTimeout,
    first_token_timeout_ms: config.firstTokenTimeout,
    chunk_timeout_ms: config.chunkTimeout,
  });
}

/** A configuration of the engine's form. */
export function httpFromEngine(http: Record<string, any>): HttpConfig {
  return guardedHttpConfig(
    compact({
      headers: http.headers,
      proxy: http.proxy,
      noProxy: http.no_proxy,
      verify: http.verify,
      caFile: http.ca_file,
      clientCertificateFile: http.client_certificate_file,
      clientKeyFile: http.client_key_file,
      timeout: http.timeout_ms,
      connectTimeout: http.connect_timeout_ms,
      firstTokenTimeout: http.first_token_timeout_ms,
      chunkTimeout: http.chunk_timeout_ms,
    }),
  );
}

/**
 * What the environment says of how APIs are reached: `caFile` from `SSL_CERT_FILE`,
 * `REQUESTS_CA_BUNDLE` or `CURL_CA_BUNDLE`, the first that is set. The proxy variables hold anyway.
 *
 * @param environment the only variables to look at; those of the process by default.
 */
export function httpConfigFromEnv(environment?: Record<string, string | undefined>): HttpConfig {
  try {
    const given = environment === undefined ? null : JSON.stringify(environment);
    return httpFromEngine(JSON.parse(native.httpOptionsFromEnv(given)));
  } catch (error) {
    throw toPublished(error);
  }
}
