/** What holds an agent's runs to budgets, listens to them and works for them. */
import type { AgentConfig } from '../config.js';
import { type NativeControl, native } from '../native.js';
import { hostTools } from '../tool-executor.js';
import { published } from './asked.js';
import { hostCallbacks } from './callbacks.js';
import { hostTracker } from './cost-tracker.js';
import { hostEnforcement } from './enforcement.js';
import { hostMetrics } from './metrics-collector.js';
import { hostExporter } from './otel.js';
import { hostTraces } from './trace-log.js';

/** The options of an agent that are about it. */
export type Control = Pick<
  AgentConfig,
  | 'costTracker'
  | 'enforcementCallbacks'
  | 'callbacks'
  | 'metricsCollector'
  | 'traceLog'
  | 'telemetryExporter'
  | 'toolExecutor'
>;

/**
 * What the addon is given for the options; null without any.
 *
 * @throws ConfigurationError about the option that is none.
 */
export function hostControl(options: Control): NativeControl | null {
  const tracker = hostTracker(options.costTracker);
  const chain = hostEnforcement('enforcementCallbacks', options.enforcementCallbacks);
  const callbacks = hostCallbacks(options.callbacks);
  const metrics = hostMetrics(options.metricsCollector);
  const traces = hostTraces(options.traceLog);
  const exporter = hostExporter(options.telemetryExporter);
  const tools = hostTools(options.toolExecutor);
  const given = [tracker, chain, callbacks, metrics, traces, exporter, tools];
  if (given.every((one) => one === null)) return null;
  return published(() => {
    const control = new native.NativeControl();
    if (tracker) control.setTracker(tracker);
    if (chain) control.setEnforcement(chain);
    if (callbacks) control.setCallbacks(callbacks);
    if (metrics) control.setMetrics(metrics);
    if (traces) control.setTraces(traces);
    if (exporter) control.setTelemetry(exporter);
    if (tools) control.setTools(tools);
    return control;
  });
}
