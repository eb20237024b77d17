// The same types from CommonJS; compiled, never run.
import core = require('@cascadeflow/core');

const agent: core.CascadeAgent = new core.CascadeAgent({ models: core.PRESETS.OPENAI_ONLY.models });
const answer: Promise<core.CascadeResult> = agent.run('hi');

export = answer;
