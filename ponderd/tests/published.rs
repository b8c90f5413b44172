//! The daemon's page in `share/` is that of its command line.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use clap::CommandFactory as _;
use ponder_pages::{Body, Section, is_published, page};
use ponderd::args::Args;

#[test]
fn the_published_page_is_that_of_this_command_line() {
    let mut command = Args::command();
    command.build();
    let term = |term: &str, meaning: &str| (term.to_owned(), meaning.to_owned());
    let codes = vec![
        term("0", "stopped, as it was asked to"),
        term("2", "usage"),
        term("69", "it could not start"),
        term("78", "it could not start for the sake of the journal's directory or its log"),
    ];
    let notes = "Being a journal's only daemon is a lock on its directory, held for life. SIGTERM ends it as \
                 `ponder daemon stop` does.";
    let sections = [
        Section { heading: "NOTES", body: Body::Text(notes.to_owned()) },
        Section { heading: "EXIT STATUS", body: Body::Terms(codes) },
        Section { heading: "SEE ALSO", body: Body::Pages(vec!["ponder".to_owned()]) },
    ];
    is_published("man/man1/ponderd.1", &page(&command, env!("CARGO_PKG_VERSION"), &sections));
}
