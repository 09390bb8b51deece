//! Measures Portcullis beside Parse Server and beside the floor: an HTTP server with hand-written SQL that gives the same
//! answers without GraphQL and without a guard. `bench/README.md` says how to run it and what it found.

mod check;
mod floor;
mod guard;
mod http;
mod load;
mod options;
mod report;
mod rows;
mod sizes;
mod subject;
mod throughput;
mod workload;

use std::process::ExitCode;

use options::{Command, Options, Part};
use report::Report;
use subject::Stage;
use workload::Does;

/// Whatever goes wrong ends the program, so one kind of error will do.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Portcullis has it as well, and the floor must not be lower than it could be.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let command = options::parse();
    // The floor is a server and has all cores; the generator of the load keeps to one.
    let mut builder = match &command {
        Command::Floor { .. } => tokio::runtime::Builder::new_multi_thread(),
        Command::Run(_) | Command::Check(_) => tokio::runtime::Builder::new_current_thread(),
    };
    let done = builder.enable_all().build().map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            match command {
                Command::Floor { listen, database_url } => floor::serve(listen, &database_url).await,
                Command::Check(options) => check(&options).await,
                Command::Run(options) => run(&options).await,
            }
        })
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Compares answers, and measures nothing.
async fn check(options: &Options) -> Result<()> {
    for engine in &options.engines {
        let stage = Stage::set(options, *engine).await?;
        check::answers(&stage, options, &[Does::Reads, Does::Writes, Does::LogsIn]).await?;
        stage.clear(options).await?;
    }
    Ok(())
}

async fn run(options: &Options) -> Result<()> {
    let mut report = Report::begin(options);
    for engine in &options.engines {
        let stage = Stage::set(options, *engine).await?;
        measure(&stage, options, &mut report).await?;
        stage.clear(options).await?;
        if options.does(Part::Sizes) {
            report.sizes.extend(sizes::measure(options, *engine).await?);
        }
    }
    report.finish(options)
}

/// Measures all servers of a stage. Log-ins come last, because every password that is hashed takes 19 MB on purpose.
async fn measure(stage: &Stage, options: &Options, report: &mut Report) -> Result<()> {
    for (does, load) in [(&[Does::Reads, Does::Writes][..], "reads and writes"), (&[Does::LogsIn], "log-ins as well")] {
        check::answers(stage, options, does).await?;
        let has_throughput = options.does(Part::Throughput) && options.workloads_that(does).next().is_some();
        if has_throughput {
            report.throughput.extend(throughput::measure(stage, options, does).await?);
        }
        let has_guard = options.does(Part::Guard) && does.contains(&Does::Reads);
        if has_guard {
            report.guard.extend(guard::measure(stage, options).await?);
        }
        if has_throughput || has_guard {
            report.memory.extend(stage.peaks(load)?);
        }
    }
    Ok(())
}
