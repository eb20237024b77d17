use super::arguments::{LedgerArguments, LedgerCommand};
use super::{forecast, show, transfer, watch};
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Does what is asked of the ledger.
pub(crate) async fn execute(
    arguments: LedgerArguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    match arguments.command {
        LedgerCommand::Show(arguments) => show::show(&arguments, terminal).await,
        LedgerCommand::Watch(arguments) => watch::watch(&arguments, terminal).await,
        LedgerCommand::Top(arguments) => show::top(&arguments, terminal).await,
        LedgerCommand::Export(arguments) => transfer::export(&arguments, terminal).await,
        LedgerCommand::Import(arguments) => transfer::import(&arguments, terminal).await,
        LedgerCommand::Forecast(arguments) => forecast::forecast(&arguments, terminal).await,
    }
}
