// Shows an answer as it comes, and what was decided on the way.
import { CascadeAgent } from '@cascadeflow/core';

const agent = new CascadeAgent({
  models: [
    { name: 'gpt-4o-mini', provider: 'openai', cost: 0.00015 },
    { name: 'gpt-4o', provider: 'openai', cost: 0.00625 },
  ],
});
for await (const event of agent.runStream('What are the rivers of Eritrea?')) {
  if (event.type === 'chunk') process.stdout.write(event.content);
  else if (event.type === 'switch') console.log('[the draft was rejected]');
  else if (event.type === 'complete') console.log(`\n[${event.data.result.totalCost > 0}]`);
}

// expect: [the draft was rejected]
// expect: The Barka, the Anseba and the Gash are the main rivers of Eritrea.
// expect: [true]
