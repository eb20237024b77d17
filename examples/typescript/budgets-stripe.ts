// Who may ask what: a Stripe subscription decides, before each request.
import {
  BudgetExceededError,
  CascadeAgent,
  CostTracker,
  EnforcementCallbacks,
  type EnforcementContext,
  type EnforcementDecision,
} from '@cascadeflow/core';

const STRIPE = process.env.STRIPE_API_BASE ?? 'https://api.stripe.com';

/** The plan that a customer pays for: the lookup key of the price; undefined of none. */
async function planOf(customer: string): Promise<string | undefined> {
  const query = new URLSearchParams({ customer, status: 'active', limit: '1' });
  const response = await fetch(`${STRIPE}/v1/subscriptions?${query}`, {
    headers: { authorization: `Bearer ${process.env.STRIPE_SECRET_KEY}` },
  });
  if (!response.ok) throw new Error(`Stripe answered ${response.status}`);
  const { data } = (await response.json()) as {
    data: { items: { data: { price: { lookup_key: string } }[] } }[];
  };
  return data[0]?.items.data[0]?.price.lookup_key;
}

async function bySubscription(context: EnforcementContext): Promise<EnforcementDecision> {
  const plan = await planOf(context.userId);
  if (plan === undefined) return ['block', 'no active subscription'];
  if (plan === 'free') return ['degrade', 'the free plan is answered by the small model'];
  return 'allow';
}

const costTracker = new CostTracker({
  // Where Stripe cannot be reached nobody is let in.
  enforcementCallbacks: new EnforcementCallbacks({
    onBudgetCheck: bySubscription,
    failOpen: false,
  }),
});
const agent = new CascadeAgent({
  models: [
    { name: 'gpt-4o-mini', provider: 'openai', cost: 0.00015 },
    { name: 'gpt-4o', provider: 'openai', cost: 0.00625 },
  ],
  cascade: { enabled: false },
  costTracker,
});
for (const userId of ['cus_ada', 'cus_bob', 'cus_eve']) {
  try {
    const result = await agent.run('What is the capital of France?', { userId });
    console.log(`${userId}: ${result.answerModel}`);
  } catch (error) {
    if (!(error instanceof BudgetExceededError)) throw error;
    console.log(`${userId}: ${error.message}`);
  }
}
console.log(`customers who paid: ${costTracker.getAllUsers().join(', ')}`);

// expect: cus_ada: gpt-4o
// expect: cus_bob: gpt-4o-mini
// expect: cus_eve: no active subscription
// expect: customers who paid: cus_ada, cus_bob
