use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use cascadeflow::quality::{QualityConfig, QualityValidator};
use cascadeflow::telemetry::PriceCatalogue;
use cascadeflow::{
    Agent, Attempt, AttemptOutcome, AttemptRole, Error, ErrorKind, ModelConfig, Result, RunOptions,
    SystemClock, UnpricedPolicy, Usd,
};
use tokio::task::JoinSet;

use super::draft_row::DraftRow;
use super::measuring_router::MeasuringRouter;
use super::pair_prices::{PairPrices, PriceBasis};
use super::recorded_provider::{ROW_PARAMETER, RecordedProvider, Side};
use crate::terminal::Progress;

/// Rows that one task replays before it reports.
const ROWS_PER_TASK: usize = 64;

/// What the engine made of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RowOutcome {
    /// Whether the draft was accepted.
    pub(super) accepted: bool,
    /// The verdict's score.
    pub(super) score: f64,
    /// Cost of the cascade in USD.
    pub(super) cost: Usd,
    /// Cost of asking only the strong model, in USD.
    pub(super) strong_cost: Usd,
}

/// What the engine made of a file.
#[derive(Debug)]
pub(super) struct Replayed {
    /// One outcome for each row, in order.
    pub(super) outcomes: Vec<RowOutcome>,
    /// Rows that the default router would have sent to the strong model directly.
    pub(super) planned_direct: usize,
    /// Where the prices came from: the ratio as soon as one pair of models needed it.
    pub(super) price_basis: PriceBasis,
}

/// Replays files under one judge.
pub(super) struct Replayer {
    pub(super) quality: QualityConfig,
    pub(super) catalogue: PriceCatalogue,
    pub(super) price_ratio: Option<Usd>,
}

impl Replayer {
    /// Sends every row through the engine, on all threads.
    ///
    /// # Errors
    /// The engine's error when a row cannot be judged; it names the row.
    pub(super) async fn replay(&self, rows: Arc<[DraftRow]>, bar: &Progress) -> Result<Replayed> {
        let router = Arc::new(MeasuringRouter::new());
        let mut agents = BTreeMap::new();
        let mut price_basis = PriceBasis::Catalogue;
        for row in rows.iter() {
            let pair = (row.cheap_model.clone(), row.strong_model.clone());
            if let Entry::Vacant(vacant) = agents.entry(pair) {
                let (cheap, strong) = vacant.key();
                let prices = PairPrices::new(&self.catalogue, cheap, strong, self.price_ratio);
                if prices.basis == PriceBasis::Ratio {
                    price_basis = PriceBasis::Ratio;
                }
                let agent = self.agent(vacant.key(), prices, &rows, &router)?;
                vacant.insert(agent);
            }
        }
        let agents = Arc::new(agents);

        let mut tasks = JoinSet::new();
        for first in (0..rows.len()).step_by(ROWS_PER_TASK) {
            let range = first..rows.len().min(first + ROWS_PER_TASK);
            let (rows, agents) = (Arc::clone(&rows), Arc::clone(&agents));
            tasks.spawn(async move {
                let mut outcomes = Vec::with_capacity(range.len());
                for index in range {
                    let row = &rows[index];
                    let pair = (row.cheap_model.clone(), row.strong_model.clone());
                    let Some(agent) = agents.get(&pair) else { continue };
                    outcomes.push((index, replay_row(agent, row, index).await?));
                    // Nothing else here ever waits, and an interrupt must come through.
                    tokio::task::yield_now().await;
                }
                Ok::<_, Error>(outcomes)
            });
        }
        let mut outcomes = Vec::with_capacity(rows.len());
        while let Some(finished) = tasks.join_next().await {
            let part = finished.map_err(|error| {
                Error::new(ErrorKind::Internal, "a replay task ended early").with_source(error)
            })??;
            bar.advance(part.len() as u64);
            outcomes.extend(part);
        }
        outcomes.sort_by_key(|(index, _)| *index);
        Ok(Replayed {
            outcomes: outcomes.into_iter().map(|(_, outcome)| outcome).collect(),
            planned_direct: router.planned_direct(),
            price_basis,
        })
    }

    fn agent(
        &self,
        (cheap, strong): &(String, String),
        prices: PairPrices,
        rows: &Arc<[DraftRow]>,
        router: &Arc<MeasuringRouter>,
    ) -> Result<Agent> {
        let mut builder = Agent::builder()
            .judge(Arc::new(QualityValidator::new(self.quality.clone())?))
            .router(Arc::clone(router) as _)
            .prices(Arc::new(prices))
            .unpriced(UnpricedPolicy::Refuse)
            .clock(Arc::new(SystemClock::default()));
        // Samples of one model are two models to the agent, which tells them apart by name.
        let strong = if strong == cheap { format!("{strong} (strong)") } else { strong.clone() };
        for (side, name) in [(Side::Cheap, cheap.clone()), (Side::Strong, strong)] {
            let provider = RecordedProvider { rows: Arc::clone(rows), side };
            builder = builder.model(ModelConfig::new(name, side.provider()), Arc::new(provider));
        }
        builder.build()
    }
}

async fn replay_row(agent: &Agent, row: &DraftRow, index: usize) -> Result<RowOutcome> {
    let mut options = RunOptions::default();
    options.extra.insert(ROW_PARAMETER.to_owned(), index.into());
    let cascade = attempts_of(agent.run(row.prompt.as_str(), options.clone()).await)?;
    options.force_direct = true;
    let strong = attempts_of(agent.run(row.prompt.as_str(), options).await)?;

    let Some(draft) = cascade.iter().find(|attempt| attempt.role == AttemptRole::Draft) else {
        return Err(Error::new(ErrorKind::Internal, format!("row {} made no draft", index + 1)));
    };
    Ok(RowOutcome {
        accepted: draft.outcome == AttemptOutcome::Accepted,
        // A draft that failed before its verdict, such as an empty one, is the worst there is.
        score: draft.verdict.as_ref().map_or(0.0, |verdict| verdict.score),
        cost: cascade.iter().map(|attempt| attempt.cost).sum(),
        strong_cost: strong.iter().map(|attempt| attempt.cost).sum(),
    })
}

/// The attempts of a run. A run in which no model gave an answer (an empty text was recorded) has
/// attempts, too, and is scored like any other.
fn attempts_of(outcome: Result<cascadeflow::CascadeResult>) -> Result<Vec<Attempt>> {
    match outcome {
        Ok(result) => Ok(result.attempts),
        Err(error) if !error.attempts().is_empty() => Ok(error.attempts().to_vec()),
        Err(error) => Err(error),
    }
}
