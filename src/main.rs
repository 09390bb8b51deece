//! Command line in, exit code out.

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis::cli::run(env::args_os(), env::vars_os())
}
