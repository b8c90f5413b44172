//! Those who look, and those who end somebody's lease.

use anyhow::Result;
use ponder_tests::Rng;
use serde_json::Value;

use super::Stage;
use crate::clock::now;
use crate::history::Record;

/// `ponder status`.
pub(super) fn status(stage: &Stage<'_>) -> Result<()> {
    let ran = stage.ponder(&["--json", "status"])?;
    stage.recorder.note(Record::Look { exit: ran.exit })
}

/// `ponder break`, of any lease that `ponder status` shows.
pub(super) fn end_a_lease(stage: &Stage<'_>, rng: &mut Rng) -> Result<()> {
    let shown = stage.ponder(&["--json", "status"])?;
    stage.recorder.note(Record::Look { exit: shown.exit })?;
    let status = shown.lines.iter().filter_map(|(_, line)| serde_json::from_str::<Value>(line).ok());
    let Some(status) = status.into_iter().find(|event| event["event"] == "status") else { return Ok(()) };
    let sessions = status["sessions"].as_array().cloned().unwrap_or_default();
    let tokens: Vec<&str> = sessions.iter().filter_map(|session| session["token"].as_str()).collect();
    if tokens.is_empty() {
        return Ok(());
    }
    let (token, now_too) = (*rng.pick(&tokens), rng.chance(1, 2));
    let words: &[&str] = if now_too { &["break", token, "--now"] } else { &["break", token] };
    let from = now();
    let ran = stage.ponder(words)?;
    stage.recorder.note(Record::Break { token: token.to_owned(), now: now_too, from, exit: ran.exit })
}
