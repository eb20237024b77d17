use std::time::Duration;

use cascadeflow::Error;

use super::arguments::WatchArguments;
use super::balances::{self, Limits, Live};
use crate::failure::Failure;
use crate::terminal::{Terminal, count, usd};

/// Takes a terminal back to its top, emptied.
const CLEAR: &str = "\x1b[2J\x1b[H";

/// `ledger watch`.
pub(super) async fn watch(
    arguments: &WatchArguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let limits = Limits::read(arguments.config.as_deref())?;
    tokio::select! {
        biased;
        // Whoever presses Ctrl-C has seen enough.
        Ok(()) = tokio::signal::ctrl_c() => Ok(()),
        ended = look_again(arguments, &limits, terminal) => ended,
    }
}

async fn look_again(
    arguments: &WatchArguments,
    limits: &Limits,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let mut ticks = tokio::time::interval(Duration::from_secs(arguments.interval.into()));
    let mut left = arguments.count;
    while left != Some(0) {
        ticks.tick().await;
        let live = balances::read(&arguments.file, limits, arguments.user.as_deref()).await?;
        let Some(live) = live else {
            return Err(Error::validation(
                "file",
                format!("`{}` is no ledger that a store keeps", arguments.file.display()),
                "give the file of a ledger; an export is read by `ledger show`",
            )
            .into());
        };
        if arguments.json {
            let line = serde_json::to_string(&live).map_err(std::io::Error::from)?;
            terminal.line(&line)?;
        } else {
            show(&live, terminal)?;
        }
        left = left.map(|left| left - 1);
    }
    Ok(())
}

fn show(live: &Live, terminal: &mut Terminal) -> Result<(), Failure> {
    let paint = terminal.paint();
    if paint.enabled() {
        terminal.write(CLEAR)?;
    }
    let entries = usize::try_from(live.entries).unwrap_or(usize::MAX);
    let moment = live.at.get(..19).unwrap_or(&live.at).replace('T', " ");
    let head = format!(
        "{} in {} at {moment} UTC",
        paint.heading(&usd(live.cost_usd)),
        count(entries, "entry", "entries")
    );
    terminal.line(&head)?;
    balances::show(&live.budgets, terminal)?;
    Ok(())
}
