//! What is said of leases that outlive a connection, and of those that are ended by force.

use super::{CHANGES, FORCES, ID, LIVES, OTHER, SESSION, SINCE, SUCCESSORS, TOKEN, by, holder, outcomes};
use crate::{Body, Holder, Op, Past, Who};

pub(super) fn requests() -> Vec<(String, Op)> {
    vec![
        ("reattach".into(), Op::Reattach { session: SESSION, token: TOKEN }),
        ("pong".into(), Op::Pong),
        ("break".into(), Op::Break { token: TOKEN, now: false, by: by().holder }),
        ("break, now".into(), Op::Break { token: TOKEN, now: true, by: Holder::default() }),
        ("subscribe".into(), Op::Subscribe),
        ("history".into(), Op::History),
        ("restart".into(), Op::Restart { for_version: None }),
        ("restart, for a newer version".into(), Op::Restart { for_version: Some("0.2.0".into()) }),
    ]
}

pub(super) fn messages() -> Vec<(String, Option<u64>, Body)> {
    let (session, token) = (SESSION, TOKEN);
    let mut messages: Vec<(String, Option<u64>, Body)> = vec![
        ("ping".into(), None, Body::Ping),
        ("please release".into(), None, Body::PleaseRelease { session, by: by(), grace: 30_000 }),
        ("warning".into(), None, Body::Warning { session, left: 60_000 }),
        ("carry on".into(), None, Body::CarryOn { session, waiting: 2 }),
        ("breaking".into(), Some(ID), Body::Breaking { token, grace: 30_000 }),
        ("broken".into(), Some(ID), Body::Broken { token, released: false }),
    ];
    messages.extend(SUCCESSORS.iter().map(|&successor| {
        (format!("stopping, successor {successor:?}"), None, Body::Stopping { successor })
    }));
    messages.extend(FORCES.iter().map(|&why| {
        let entries = outcomes()[2..4].to_vec();
        (format!("revoked, {why:?}"), None, Body::Revoked { session, why, by: Some(by()), entries })
    }));
    messages.extend(
        CHANGES
            .iter()
            .map(|&change| (format!("changed, {change:?}"), None, Body::Changed { change, who: holder() })),
    );
    let past = LIVES.iter().zip(FORCES.iter().cycle()).map(|(&life, &why)| {
        let who = Who { session: OTHER, life, ..holder() };
        Past { when: SINCE, why, who, by: Some(by()) }
    });
    messages.push(("history".into(), Some(ID), Body::History { past: past.collect() }));
    messages
}
