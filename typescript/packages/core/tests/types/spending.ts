// The published types of cost control as callers use them; compiled, never run.
import {
  type Affordability,
  type AgentConfig,
  type Anomaly,
  AnomalyDetector,
  type BudgetConfig,
  BudgetExceededError,
  type BudgetWarning,
  type CallbackData,
  CallbackEvent,
  CallbackManager,
  CascadeAgent,
  type CostBreakdown,
  CostCalculator,
  type CostEntry,
  CostForecaster,
  type CostPrediction,
  type CostSummary,
  CostTracker,
  calculateCascadeCost,
  createAnomalyAlerts,
  createUserProfile,
  DEFAULT_DEGRADATION_MAP,
  EnforcementAction,
  type EnforcementCallback,
  EnforcementCallbacks,
  type EnforcementContext,
  estimateCostSavings,
  getCheaperModel,
  getCheaperModels,
  getDailyBudget,
  getDegradationChain,
  getRequestsPerDay,
  getRequestsPerHour,
  gracefulDegradation,
  ManualClock,
  MetricsCollector,
  type MetricsSnapshot,
  type ModelConfig,
  RateLimitError,
  RateLimitErrorV2,
  RateLimiter,
  type RateLimitState,
  serializeProfile,
  strictBudgetEnforcement,
  TIER_PRESETS,
  type TierConfig,
  type TierLevel,
  TraceLog,
  tierBasedEnforcement,
  type UserProfile,
  UserProfileManager,
} from '@cascadeflow/core';

const models: ModelConfig[] = [{ name: 'gpt-4o', provider: 'openai' }];
const budget: BudgetConfig = { daily: 1, requestsPerHour: 10, tier: 'pro' };

const hook: EnforcementCallback = async (context: EnforcementContext) => {
  if (context.budgetRemaining <= 0) return ['block', 'used up'];
  if (context.budgetPctUsed > 0.9) return { action: 'degrade', message: 'nearly' };
  return context.userTier === 'pro' ? 'allow' : EnforcementAction.WARN;
};

const callbacks = new EnforcementCallbacks({
  onBudgetCheck: hook,
  onModelFilter: (context, offered) =>
    context.userTier === 'free' ? offered.slice(0, 1) : offered.map((model) => model.name),
  onBudgetWarning: (context, warning) => console.warn(context.userId, warning),
  timeLimitMs: 1_000,
  failOpen: false,
});
callbacks.register(gracefulDegradation);
callbacks.register(strictBudgetEnforcement);
callbacks.register(tierBasedEnforcement);
callbacks.register(() => {});

const tracker = new CostTracker({
  budgetLimit: 100,
  userBudgets: { free: { daily: 0.1 }, pro: budget },
  enforcementMode: 'degrade',
  enforcementCallbacks: callbacks,
  warningThreshold: 0.8,
  store: 'sqlite:///costs.db',
  clock: new ManualClock(new Date()),
  onWarning: (warning: BudgetWarning) => console.warn(warning.message, warning.status.limit),
});
tracker.addCost('gpt-4o', 'openai', 100, 0.1, { userId: 'ada', timestamp: new Date() });
tracker.addCost({ model: 'gpt-4o', provider: 'openai', cost: 0.1, timestamp: Date.now() });
// @ts-expect-error a cost has an amount
tracker.addCost({ model: 'gpt-4o', provider: 'openai' });
// @ts-expect-error there is no such mode
new CostTracker({ enforcementMode: 'stop' });
// @ts-expect-error there is no such limit
new CostTracker({ userBudgets: { ada: { dialy: 1 } } });
// @ts-expect-error there is no such action
callbacks.register(() => 'deny');

const afford: Affordability = tracker.canAfford('ada', 0.1, 'pro');
const [allowed, action, message] = afford;
const summary: CostSummary = tracker.getSummary();
const entries: CostEntry[] = tracker.entries;
const written: Promise<number> = tracker.exportJson('costs.json');

const listeners = new CallbackManager();
listeners.register(CallbackEvent.QUERY_START, async (data: CallbackData) =>
  console.log(data.query),
);
listeners.register('query_error', () => {});

const config: AgentConfig = {
  models,
  costTracker: tracker,
  enforcementCallbacks: callbacks,
  callbacks: listeners,
  metricsCollector: new MetricsCollector(),
  traceLog: new TraceLog(10),
};

export async function run(): Promise<unknown[]> {
  const agent = new CascadeAgent(config);
  const kept: CostTracker | undefined = agent.costTracker;
  try {
    const result = await agent.run('q', { userId: 'ada', sessionId: 's', keyId: 'k' });
    const breakdown: CostBreakdown = calculateCascadeCost(result, 'q');
    return [breakdown, kept];
  } catch (error) {
    if (error instanceof BudgetExceededError) {
      const reset: Date | undefined = error.resetAt;
      return [error.limit, error.used, error.remaining, error.retryAfter, reset];
    }
    if (error instanceof RateLimitError) return [error.limit, error.retryAfter];
    throw error;
  }
}

const prediction: CostPrediction = new CostForecaster(tracker).forecastDaily(7, 'ada');
const found: Anomaly[] = new AnomalyDetector(tracker, { method: 'robust' }).detectGlobalAnomalies();
const alerts = createAnomalyAlerts(found, 'high');
const snapshot: MetricsSnapshot = new MetricsCollector({ maxRecentResults: 10 }).getSnapshot();
const level: TierLevel = 'PRO';
const tier: TierConfig = TIER_PRESETS[level];
const profile: UserProfile = createUserProfile(level, 'ada', { customDailyBudget: 3 });
const state: RateLimitState = {
  userId: 'ada',
  hourlyRequests: [],
  dailyRequests: [],
  dailyCost: 0,
  lastReset: new Date(),
};
const manager = new UserProfileManager({ loadProfile: async () => profile });
const limits = [getDailyBudget(profile), getRequestsPerHour(profile), getRequestsPerDay(profile)];
const refused: Promise<void> = new RateLimiter().checkRateLimit(profile, 0.1);
const error = new RateLimitErrorV2('no', 3, 'hourly');
const cheaper: string | null = getCheaperModel('gpt-4', DEFAULT_DEGRADATION_MAP);
const calculated: Promise<CostBreakdown> = new CostCalculator().calculateFromTokens({
  draftOutputTokens: 1,
  verifierOutputTokens: 1,
  draftAccepted: true,
  draftModel: 'gpt-4o-mini',
  verifierModel: 'gpt-4o',
});

export const used = [
  allowed,
  action,
  message,
  summary,
  entries,
  written,
  prediction,
  alerts,
  snapshot,
  tier,
  state,
  manager,
  limits,
  refused,
  error,
  cheaper,
  calculated,
  serializeProfile(profile),
  getDegradationChain('gpt-4'),
  getCheaperModels(models, 'gpt-4o'),
  estimateCostSavings('gpt-4', 'gpt-4o'),
];
