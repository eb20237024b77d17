// A cascade of two models: one question that the small one answers, and one that it refuses.
import { CascadeAgent } from '@cascadeflow/core';

const agent = new CascadeAgent({
  models: [
    { name: 'gpt-4o-mini', provider: 'openai', cost: 0.00015 },
    { name: 'gpt-4o', provider: 'openai', cost: 0.00625 },
  ],
});
for (const query of ['What is the capital of France?', 'What are the rivers of Eritrea?']) {
  const result = await agent.run(query);
  console.log(`${result.content} (${result.modelUsed}, ${result.totalCost} USD)`);
}

// expect: The capital of France is Paris. (gpt-4o-mini,
// expect: The Barka, the Anseba and the Gash
// expect: (gpt-4o-mini+gpt-4o,
