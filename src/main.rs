//! Command line in, exit code out.

use std::env;
use std::process::ExitCode;

/// Answers are made of many small values, which it allocates faster than the system does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    portcullis::cli::run(env::args_os(), env::vars_os())
}
