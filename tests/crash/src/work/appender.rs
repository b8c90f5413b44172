//! A client that appends.

use anyhow::Result;
use ponder_tests::Rng;
use serde_json::json;

use super::{Stage, name};
use crate::client::Client;
use crate::history::Fact;
use crate::text::{Block, Kind};

pub(super) fn work(stage: &Stage<'_>, mut rng: Rng, amount: usize) -> Result<()> {
    let mut client = Client::connect(&stage.socket)?;
    for _ in 0..3 * amount {
        let day = stage.pick_day(&mut rng);
        let size = if rng.chance(1, 12) { 200_000 } else { 20 + rng.below(180) };
        let with_others = stage.with_others(day);
        let block = stage.recorder.block(Kind::Append, day, size, 0);
        append(&mut client, &block)?;
        stage.recorder.note(Fact::There(block.number))?;
        drop(with_others);
    }
    Ok(())
}

/// Appends a block, under an id of its own. Says whether it had been there before.
pub(crate) fn append(client: &mut Client, block: &Block) -> Result<bool> {
    let request = json!({
        "op": "append",
        "entry": name(block.day),
        "text": &**block.text(),
        "operation": block.operation(),
    });
    Ok(client.ask(request)?["repeated"] == true)
}
