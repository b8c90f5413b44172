//! `ponder status --history`: which leases were ended by force, and by whom.

use std::time::Duration;

use ponder_client::Endpoint;
use ponder_proto::{Body, Forced, Life, Op, Past};

use super::no_daemon;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::{people, report};

/// How long a daemon is waited for that others may be waiting for, too.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn run(context: &Context, endpoint: &Endpoint) -> Result<Exit, Failure> {
    match endpoint.ask_running(Op::History, PATIENCE)? {
        Some(Body::History { past }) if !context.report.is_json() => {
            report::print(told(&past).as_bytes());
            Ok(Exit::Done)
        }
        Some(history @ Body::History { .. }) => {
            context.report.event(&history);
            Ok(Exit::Done)
        }
        Some(_) => Err(Failure::new(Exit::Bug, "the daemon answered something else than its history")),
        None => Err(no_daemon(endpoint)),
    }
}

fn told(past: &[Past]) -> String {
    if past.is_empty() {
        return "no lease was ended by force\n".to_owned();
    }
    past.iter().map(line).collect()
}

/// When, whose, which; and below it why, and by whom.
fn line(past: &Past) -> String {
    let when = people::since(past.when);
    let (name, entries) = (people::name(&past.who), people::entries(&past.who.entries));
    let token = past.who.token.map(|token| format!(", token {token}")).unwrap_or_default();
    format!("{when}  {entries}  {name}{token}\n  {}\n", reason(past))
}

fn reason(past: &Past) -> String {
    let by = past.by.as_ref().map_or_else(|| "somebody".to_owned(), people::by);
    match past.why {
        Forced::Expired => format!("because {} while {by} waited", silence(past.who.life)),
        Forced::Broken => format!("by {by}, with `ponder break`"),
        Forced::HeldTooLong => "because it was held for as long as it was to be".to_owned(),
    }
}

fn silence(life: Life) -> &'static str {
    match life {
        Life::Orphaned => "its client was gone",
        Life::Away => "it did not come back to a new daemon",
        Life::Answers | Life::Asked | Life::Suspect => "it did not answer",
    }
}

#[cfg(test)]
mod tests {
    use ponder_proto::{Token, Who};

    use super::*;
    use crate::people::tests::{by_vim, vim};

    fn past(why: Forced) -> Past {
        let token = Some(Token { epoch: 17, counter: 3 });
        Past { when: 0, why, who: Who { token, life: Life::Orphaned, ..vim() }, by: Some(by_vim()) }
    }

    #[test]
    fn whose_lease_it_was_and_who_ended_it() {
        assert_eq!(told(&[]), "no lease was ended by force\n");
        let text = told(&[past(Forced::Broken)]);
        assert!(text.contains("  2026-11-23  vim (pid 4242, pts/3), token 17.3\n"), "{text}");
        assert!(text.ends_with("\n  by vim (pid 4243, pts/4), with `ponder break`\n"), "{text}");
        let expired = reason(&past(Forced::Expired));
        assert_eq!(expired, "because its client was gone while vim (pid 4243, pts/4) waited");
        assert!(reason(&Past { by: None, ..past(Forced::Expired) }).ends_with("while somebody waited"));
    }
}
