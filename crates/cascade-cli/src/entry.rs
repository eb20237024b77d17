use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::environment::Environment;
use crate::failure::{Failure, SUCCESS, USAGE};
use crate::terminal::Terminal;
use crate::{demo, ledger, models, replay, run};

/// Runs the command that `args` give and returns its exit code: 0 done, 1 failed, 2 wrong usage or
/// configuration, 130 interrupted. The first argument is the name of the program.
///
/// Uses the streams and environment of the process, never ends it, and may be called from any
/// thread that no async runtime has entered.
pub fn run_from_args(args: Vec<String>) -> i32 {
    let environment = Environment::of_process();
    run_with(args, &mut Terminal::of_process(&environment), &environment)
}

/// [`run_from_args`] with given streams and environment variables.
pub fn run_with(args: Vec<String>, terminal: &mut Terminal, environment: &Environment) -> i32 {
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(message) => return show_usage(&message, terminal),
    };
    match execute(arguments.command, terminal, environment) {
        Ok(()) => SUCCESS,
        Err(failure) => failure.report(terminal),
    }
}

/// Help and version go to standard output, mistakes to standard error.
fn show_usage(message: &clap::Error, terminal: &mut Terminal) -> i32 {
    let rendered = message.render();
    let text =
        if terminal.paint().enabled() { rendered.ansi().to_string() } else { rendered.to_string() };
    if message.use_stderr() {
        drop(terminal.note(text.trim_end()));
        USAGE
    } else {
        drop(terminal.line(text.trim_end()));
        SUCCESS
    }
}

fn execute(
    command: Command,
    terminal: &mut Terminal,
    environment: &Environment,
) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("cascadeflow")
        .build()?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            // A command that ends well by an interrupt says so first.
            biased;
            outcome = dispatch(command, terminal, environment) => outcome,
            Ok(()) = tokio::signal::ctrl_c() => Err(Failure::Interrupted),
        }
    });
    // Work that an interrupt left on other threads must not hold the caller up.
    runtime.shutdown_background();
    outcome
}

async fn dispatch(
    command: Command,
    terminal: &mut Terminal,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        Command::Run(arguments) => run::execute(&arguments, terminal, environment).await,
        Command::Models(arguments) => models::execute(&arguments, terminal, environment),
        Command::Demo(arguments) => demo::execute(&arguments, terminal).await,
        Command::Replay(arguments) => replay::execute(&arguments, terminal).await,
        Command::Ledger(arguments) => ledger::execute(arguments, terminal).await,
    }
}
