//! 64 clients count in one entry, each with a read, an addition and a write.

use ponder_tests::{Running, World, rounds};

const CLIENTS: usize = 64;

/// Reads, adds one, writes. Between the two a second process is started, so that anybody who is
/// not kept out has time to read the same number.
const COUNT: &str = r#"n=$(cat "$PONDER_ENTRY") && n=$(expr "$n" + 1) && echo "$n" > "$PONDER_ENTRY""#;

#[test]
fn every_addition_counts_in_every_round() {
    let world = World::new();
    world.write("20261123", "0\n");
    for round in 1..=rounds(3) {
        let clients: Vec<Running> = (0..CLIENTS).map(|_| world.lease("20261123", COUNT).start()).collect();
        for client in clients {
            client.wait().ok();
        }
        assert_eq!(world.text("20261123"), format!("{}\n", round * CLIENTS), "after round {round}");
    }
    assert_eq!(world.daemons().len(), 1);
    assert!(world.kept().is_empty());
}
