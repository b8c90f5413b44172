//! Many who have leases and wait for them, over something that happens to their daemon.

use serde_json::Value;

use crate::{Running, World, wait_until};

/// Those who hold or wait, by process, in their order.
pub fn standing(world: &World) -> Vec<(Value, Value)> {
    world.sessions().iter().map(|who| (who["pid"].clone(), who["state"].clone())).collect()
}

/// All of them are back.
pub fn all_back(world: &World, before: &[(Value, Value)]) {
    let back = || world.sessions().iter().all(|who| who["life"] != "away" && who["life"] != "orphaned");
    wait_until("everybody is back", || back().then_some(()));
    assert_eq!(standing(world), before);
}

/// Ten who edit and ten who wait, and then something happens to their daemon.
pub fn ten_and_ten(world: &World, happens: impl Fn(&World)) {
    let gates: Vec<_> = (0..10).map(|number| world.gate(&format!("gate{number}"))).collect();
    let days: Vec<String> = (0..10).map(|number| format!("202611{:02}", number + 1)).collect();
    let holders: Vec<Running> = (0..10)
        .map(|number| {
            let script =
                format!("echo holder >> \"$1\"; {0}; echo later >> \"$1\"", gates[number].pass("here"));
            let editor = world.editor(&format!("editor{number}"), &script);
            let client = world.ponder(&["-d", &days[number]]).env("EDITOR", editor).start();
            gates[number].arrival();
            client
        })
        .collect();
    let waiters: Vec<Running> = (0..10)
        .map(|number| {
            // All wait for the first entry, and each for another one.
            let script = format!("for entry in $PONDER_ENTRIES; do echo waiter {number} >> $entry; done");
            let mut waiter = world.ponder(&["lease", "-d", &days[0]]);
            if number > 0 {
                waiter = waiter.arg("-d").arg(&days[number]);
            }
            let waiter = waiter.arg("--").arg("sh").arg("-c").arg(script).start();
            waiter.says("waiting for");
            waiter
        })
        .collect();
    let before = standing(world);
    assert_eq!(before.len(), 20);
    happens(world);
    all_back(world, &before);
    for (gate, holder) in gates.iter().zip(holders) {
        gate.open();
        holder.wait().ok().silent();
    }
    for waiter in waiters {
        waiter.wait().ok();
    }
    let lines = |day: &str| -> Vec<String> {
        let text = world.text(day);
        text.lines().filter(|line| line.starts_with("waiter")).map(str::to_owned).collect()
    };
    let everybody: Vec<String> = (0..10).map(|number| format!("waiter {number}")).collect();
    assert_eq!(lines(&days[0]), everybody, "in their order");
    for (number, day) in days.iter().enumerate() {
        let text = world.text(day);
        assert!(text.contains("holder\nlater\n"), "{text}");
        assert!(number == 0 || lines(day) == [format!("waiter {number}")], "{text}");
    }
    assert!(world.kept().is_empty() && world.sessions().is_empty());
}
