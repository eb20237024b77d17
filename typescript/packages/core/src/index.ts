/**
 * An LLM cascade: a cheap model answers first, its answer is judged, and a stronger model is asked
 * only when it must be. Every decision is made by the native engine.
 */
export { CascadeAgent } from './agent.js';
export {
  type BatchConfig,
  type BatchItemResult,
  BatchProcessingError,
  type BatchProgress,
  type BatchResult,
  BatchStrategy,
  DEFAULT_BATCH_CONFIG,
  normalizeBatchConfig,
} from './batch.js';
export {
  CircuitBreaker,
  type CircuitBreakerConfig,
  CircuitBreakerRegistry,
  type CircuitMetrics,
  CircuitState,
  type CircuitStateChange,
  type CircuitStateListener,
  type CircuitStatus,
  type GuardOptions,
  getCircuitBreaker,
} from './circuit-breaker.js';
export { ManualClock } from './clock.js';
export {
  ComplexityDetector,
  type ComplexityResult,
  type QueryComplexity,
} from './complexity.js';
export {
  type AgentConfig,
  type CascadeConfig,
  DEFAULT_CASCADE_CONFIG,
  type LegacyRoutingStrategy,
} from './config.js';
export { type ConnectionTestResult, testConnection, testConnections } from './connection-test.js';
export * as engine from './engine.js';
export {
  AuthenticationError,
  BudgetExceededError,
  type BudgetWindow,
  CircuitOpenError,
  ConfigurationError,
  cascadeflowError,
  type ErrorDetails,
  type ErrorKind,
  HarnessStopError,
  isAuthenticationError,
  isConfigurationError,
  iscascadeflowError,
  isProviderError,
  isRateLimitError,
  type LimitDetails,
  type LimitMeasure,
  type LimitOwner,
  ProviderError,
  QualityValidationError,
  RateLimitError,
  TimeoutError,
  ToolExecutionError,
} from './errors.js';
export type { EngineEvent, EngineEventListener, Plan, PlanStep } from './event-sink.js';
export { type HttpConfig, httpConfigFromEnv } from './http-config.js';
export {
  ProviderRateLimiter,
  type ProviderRateLimitPolicy,
  type RateLimitDecision,
} from './limits/provider-rate-limiter.js';
export {
  RateLimitErrorV2,
  RateLimiter,
  type RateLimiterOptions,
  type RateLimitState,
  type RateLimitType,
  type RateLimitUsage,
} from './limits/rate-limiter.js';
export type { ContentPart, Message, MessageRole, Tool, ToolCall, ToolChoice } from './message.js';
export type { ModelConfig, ProviderName, ProviderType } from './model.js';
export {
  calculateCost,
  getModelCost,
  LiteLLMCostProvider,
  type ModelPricing,
} from './model-costs.js';
export type {
  RunOptions,
  RunStreamingOptions,
  Strategy,
  StrategyStep,
  StreamEventsOptions,
  StreamOptions,
} from './options.js';
export {
  createPreset,
  type PerformanceMode,
  PRESET_ANTHROPIC_ONLY,
  PRESET_BEST_OVERALL,
  PRESET_FREE_LOCAL,
  PRESET_OPENAI_ONLY,
  PRESET_ULTRA_CHEAP,
  PRESET_ULTRA_FAST,
  PRESETS,
  type PresetConfig,
  type PresetName,
  type QualityMode,
} from './presets.js';
export {
  type CostCalculationOptions,
  type CostEstimate,
  type CostEstimateOptions,
  estimateCost,
  type PriceListing,
  Prices,
  type ServiceTier,
  type TokenUsage,
} from './prices.js';
export { UserProfileManager, type UserProfileManagerOptions } from './profiles/profile-manager.js';
export { TIER_PRESETS, type TierConfig, type TierLevel } from './profiles/tier-config.js';
export {
  type CostSensitivity,
  createLatencyProfile,
  createOptimizationWeights,
  createUserProfile,
  deserializeProfile,
  getDailyBudget,
  getLatencyProfile,
  getOptimizationWeights,
  getRequestsPerDay,
  getRequestsPerHour,
  LATENCY_PRESETS,
  type LatencyProfile,
  OPTIMIZATION_PRESETS,
  type OptimizationWeights,
  serializeProfile,
  type UserProfile,
  validateOptimizationWeights,
} from './profiles/user-profile.js';
export {
  AnthropicProvider,
  BaseProvider,
  CohereProvider,
  type ContentBlock,
  DeepSeekProvider,
  type EmbeddingResponse,
  type EmbedOptions,
  type Environment,
  FireworksProvider,
  GoogleProvider,
  GroqProvider,
  getAvailableProviders,
  getConfiguredProviders,
  getProviderInfo,
  HuggingFaceEndpointType,
  HuggingFaceProvider,
  OllamaProvider,
  OpenAIProvider,
  OpenRouterProvider,
  type Provider,
  type ProviderClass,
  type ProviderInfo,
  ProviderRegistry,
  type ProviderRequest,
  type ProviderResponse,
  providerRegistry,
  type StreamChunk,
  SUPPORTED_PROVIDERS,
  TogetherProvider,
  type UsageDetails,
  VertexAIProvider,
  VLLMProvider,
  validateProvider,
} from './providers/index.js';
export {
  CASCADE_QUALITY_CONFIG,
  type ConfidenceThresholds,
  DEFAULT_QUALITY_CONFIG,
  DEFAULT_QUALITY_VALIDATOR_CONFIG,
  type QualityConfig,
  QualityConfigFactory,
  type QualityResult,
  type QualityValidation,
  QualityValidator,
  type QualityValidatorConfig,
} from './quality.js';
export type {
  Draft,
  QualityCheck,
  QualityCheckFunction,
  QualityCheckOutcome,
  QualityCheckReturn,
} from './quality-check.js';
export {
  type Attempt,
  type CascadeResult,
  type CheckOutcome,
  resultToObject,
  type TraceStep,
  type Usage,
  type Verdict,
} from './result.js';
export type {
  RoutedModel,
  RoutePlan,
  RouteRequest,
  Router,
  RouterFunction,
  RouterReturn,
  RouteStep,
} from './router.js';
export {
  collectResult,
  collectStream,
  createStreamEvent,
  isChunkEvent,
  isCompleteEvent,
  isErrorEvent,
  type StreamEvent,
  type StreamEventData,
  StreamEventType,
} from './streaming.js';
export {
  type Anomaly,
  type AnomalyAlert,
  AnomalyDetector,
  type AnomalyDetectorOptions,
  AnomalySeverity,
  createAnomalyAlerts,
} from './telemetry/anomaly.js';
export {
  Affordability,
  type BudgetAction,
  type BudgetConfig,
  type BudgetScope,
  type BudgetStanding,
  type BudgetStatus,
  type Budgets,
  type BudgetWarning,
  checkBudget,
  hasAnyLimit,
} from './telemetry/budget.js';
export {
  type CallbackData,
  CallbackEvent,
  type CallbackFunction,
  CallbackManager,
  type CallbackStats,
} from './telemetry/callbacks.js';
export {
  type CostBreakdown,
  type CostCalculationFromTokensOptions,
  CostCalculator,
  calculateCascadeCost,
} from './telemetry/cost-calculator.js';
export {
  type CostEntry,
  type CostRecord,
  type CostSummary,
  CostTracker,
  type CostTrackerOptions,
  type EnforcementMode,
  type EntryFilter,
  type PeriodCost,
  type UserCostSummary,
} from './telemetry/cost-tracker.js';
export {
  type CheaperModel,
  DEFAULT_DEGRADATION_MAP,
  type DegradationMap,
  estimateCostSavings,
  getCheaperModel,
  getCheaperModels,
  getDegradationChain,
} from './telemetry/degradation.js';
export {
  type BudgetWarningListener,
  EnforcementAction,
  type EnforcementCallback,
  EnforcementCallbacks,
  type EnforcementCallbacksOptions,
  type EnforcementContext,
  type EnforcementContextInput,
  type EnforcementDecision,
  gracefulDegradation,
  type ModelFilter,
  strictBudgetEnforcement,
  tierBasedEnforcement,
} from './telemetry/enforcement.js';
export {
  type BudgetOutlook,
  type BudgetOutlookOptions,
  CostForecaster,
  type CostForecasterOptions,
  type CostPrediction,
} from './telemetry/forecasting.js';
export {
  MetricsCollector,
  type MetricsCollectorOptions,
  type MetricsSnapshot,
  type RecordedResult,
} from './telemetry/metrics-collector.js';
export {
  type CascadeflowMetrics,
  createExporterFromEnv,
  type ExportCounts,
  type MetricDimensions,
  OpenTelemetryExporter,
  type OpenTelemetryExporterConfig,
  type OtlpProtocol,
} from './telemetry/otel.js';
export type { SpendEntry, SpendSource } from './telemetry/spending.js';
export { TraceLog, type TraceRecord } from './telemetry/trace-log.js';
export {
  countTokens,
  estimateTokens,
  type TokenCount,
  type TokenCounterOptions,
  tokenCounter,
} from './tokens.js';
export type { ToolExecutor, ToolExecutorFunction } from './tool-executor.js';
export { VERSION } from './version.js';
