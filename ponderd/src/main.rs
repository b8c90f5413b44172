//! `ponderd`: see the library.

use std::process::ExitCode;

use clap::Parser as _;
use ponderd::args::Args;
use ponderd::{platform, run};

fn main() -> ExitCode {
    if std::env::args_os().any(|arg| arg == "--handed-over") {
        platform::close_stray_descriptors();
    }
    platform::ignore_lease_breaks();
    run::main(&Args::parse())
}
