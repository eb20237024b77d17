/** Users' routers and their way into the engine. */
import { compact, encode } from './codec.js';
import type { QueryComplexity } from './complexity.js';
import { ConfigurationError } from './errors.js';
import { camelCase, optionName } from './naming.js';
import { native, type RouterHost } from './native.js';
import { answer } from './native-call.js';
import type { RunOptions, StrategyStep } from './options.js';

/** What a router is told of a model. */
export interface RoutedModel {
  readonly name: string;
  readonly provider: string;
  /** USD per 1,000 tokens as configured; null where the price comes from the catalogue. */
  readonly cost: number | null;
  readonly supportsTools: boolean;
  readonly domains: string[];
  readonly keywords: string[];
  /** Expected answer time in milliseconds; null where not configured. */
  readonly speedMs: number | null;
  /** Expected quality, 0 to 1; null where not configured. */
  readonly qualityScore: number | null;
}

/** What a router is given. */
export interface RouteRequest {
  /** The text of the query: the last message of the user where messages were given. */
  readonly query: string;
  /** Complexity to plan for: the caller's hint, or the detected one. */
  readonly complexity: QueryComplexity;
  /** The agent's models, cheapest first. */
  readonly models: RoutedModel[];
  /** Options of the run; those that take the default are left out. */
  readonly options: Omit<RunOptions, 'signal' | 'kpiFlags'>;
  /** Name of the model that answers after a rejected draft where no router decides. */
  readonly verifier: string;
  /** Whether cascading is on. */
  readonly cascadeEnabled: boolean;
  /** Number of earlier messages of the user and the assistant. */
  readonly turns: number;
  /** Whether the conversation holds images. */
  readonly hasImages: boolean;
}

/** One step of a plan: that of a strategy, in which less must be said. */
export interface RouteStep extends Partial<StrategyStep> {
  /** The only model of the step, instead of `models`. */
  model?: string;
  /** Instead of `validator`: `judge`, `open`, or the name of one of `qualityChecks`. */
  gate?: string;
}

/** A plan: one of `model`, `models` and `steps`, and what more there is to say. */
export interface RoutePlan {
  /** The model that answers directly. */
  model?: string;
  /** The models of a cascade; every answer but the last is judged. */
  models?: readonly string[];
  /** The steps of a strategy. */
  steps?: readonly RouteStep[];
  /** Name of the strategy, with `steps`. */
  name?: string;
  /** Whether every step runs even after one passed, with `steps`. */
  runAllSteps?: boolean;
  /** Confidence that drafts must reach, 0 to 1, with `models`. */
  threshold?: number | null;
  /** The way that results name; what the plan looks like by default. */
  route?: 'cascade' | 'direct' | 'strategy';
  /** Stable name of the rule that decided; `custom_router` by default. */
  rule?: string;
  /** Why, in one line. */
  reason?: string;
  domain?: string | null;
  /** Confidence in the domain, 0 to 1. */
  domainConfidence?: number | null;
}

/**
 * What a router returns: nothing, which leaves the query to the next router; the name of a model,
 * which answers directly; names for a cascade; or a plan.
 */
export type RouterReturn = string | readonly string[] | RoutePlan | null | undefined;

/** Plans which models a query visits, at once or later. */
export type RouterFunction = (request: RouteRequest) => RouterReturn | PromiseLike<RouterReturn>;

/**
 * A router under a name; a function is a router under its own name.
 *
 * A router that throws, rejects or returns something else fails the run with an error that names
 * it. It is waited for until the deadline of the run (`timeout`), without one for ever.
 */
export interface Router {
  /** Appears in errors; `router` by default. */
  readonly name?: string;
  route(request: RouteRequest): RouterReturn | PromiseLike<RouterReturn>;
}

function refuse(what: string, hint: string): never {
  const error = new ConfigurationError(`${what} (hint: ${hint})`, 'router');
  error.hint = hint;
  throw error;
}

function named(given: unknown): Router & { name: string } {
  if (typeof given === 'function') {
    return { name: given.name || 'router', route: given as RouterFunction };
  }
  const router = given as Partial<Router> | null | undefined;
  if (typeof router?.route !== 'function') {
    refuse(
      `\`router\` is not a router: \`${given === null ? 'null' : typeof given}\``,
      'give a function of a request, or an object with a function `route`',
    );
  }
  return {
    name: typeof router.name === 'string' && router.name !== '' ? router.name : 'router',
    route: (request) => (router as Router).route(request),
  };
}

/** The keys of `value` by the names of this package. */
function renamed(value: object, rename: (name: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [rename(key), entry]));
}

function requestFromText(text: string): RouteRequest {
  const request = JSON.parse(text) as { models: object[]; options: object };
  return {
    ...renamed(request, camelCase),
    models: request.models.map((model) => renamed(model, camelCase)),
    options: renamed(request.options, optionName),
  } as unknown as RouteRequest;
}

function enginePlan(returned: RouterReturn): unknown {
  if (typeof returned !== 'object' || returned === null || Array.isArray(returned)) {
    return returned ?? null;
  }
  const { runAllSteps, domainConfidence, ...rest } = returned as RoutePlan;
  return compact({ ...rest, run_all_steps: runAllSteps, domain_confidence: domainConfidence });
}

function hostRouter(router: Router & { name: string }): RouterHost {
  return new native.RouterHost(router.name, (id, what, json) => {
    // Nothing is to be done about a call that is not waited for any more.
    if (what !== 'route') return;
    answer(
      id,
      () => router.route(requestFromText(json)),
      (returned) => encode({ returned: enginePlan(returned) }),
    );
  });
}

/**
 * The handles through which the engine asks `given`: one router, or a list that is asked in order.
 *
 * @throws ConfigurationError about `router` when one is no router.
 */
export function hostRouters(given: unknown): RouterHost[] {
  if (given === undefined) return [];
  const routers = Array.isArray(given) ? given : [given];
  return routers.map((router) => hostRouter(named(router)));
}
