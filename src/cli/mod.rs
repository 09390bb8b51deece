//! The command line: serve, migrate, backup, adopt, schema print.
//!
//! A command reads the configuration, hands its values to the rooms, and turns what comes of it into
//! an exit code: 0 when it is done, 1 when it failed, 2 when the command line or the configuration
//! is wrong.

mod adopt;
mod assemble;
mod backup;
mod command;
mod migrate;
mod schema;
mod serve;

use std::error::Error;
use std::ffi::OsString;
use std::process::ExitCode;

use tokio::runtime;

use self::command::{Invocation, Task};
use crate::config::Config;
use crate::telemetry;

/// The command line or the configuration is wrong.
const WRONG_USAGE: u8 = 2;

/// Does what the command line says.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> ExitCode {
    let Invocation { task, sources } = match command::parse(arguments, environment) {
        Ok(invocation) => invocation,
        Err(error) => {
            // Help and version are no errors, and go to standard output.
            let printed = error.print();
            let wrong = printed.is_err() || error.use_stderr();
            return if wrong { ExitCode::from(WRONG_USAGE) } else { ExitCode::SUCCESS };
        }
    };
    match Config::read(sources) {
        Ok(config) => report(perform(task, &config)),
        Err(mistakes) => {
            complain(&mistakes);
            ExitCode::from(WRONG_USAGE)
        }
    }
}

fn perform(task: Task, config: &Config) -> Result<(), Box<dyn Error>> {
    let telemetry = telemetry::start(&config.logging)?;
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = match task {
        Task::Serve => runtime.block_on(serve::serve(config)),
        Task::Migrate => runtime.block_on(migrate::migrate(config)),
        Task::Backup { target } => runtime.block_on(backup::backup(config, &target)),
        Task::Adopt => runtime.block_on(adopt::adopt(config)),
        Task::AdoptCheck { json } => runtime.block_on(adopt::check(config, json)),
        Task::SchemaPrint { empty } => runtime.block_on(schema::print(config, empty)),
    };
    telemetry.finish();
    done
}

fn report(done: Result<(), Box<dyn Error>>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

/// Says what went wrong to whoever runs the command, whatever the log is set to.
#[expect(clippy::print_stderr, reason = "a command says on standard error why it failed")]
fn complain(error: &dyn Error) {
    eprintln!("portcullis: {}", telemetry::chain(error));
}
