//! The person's clock.

use std::env;
use std::fs;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

/// Now, in the person's time zone: `$TZ`, else the system's.
///
/// Left to itself jiff also finds out what the system's zone is called, for which it reads every
/// directory of the zone database: a millisecond, in a program that has three. The zone's rules
/// are in the file itself.
pub(crate) fn local_now() -> ZonedDateTime {
    let chosen = env::var_os("TZ").is_some(); // even empty: that is UTC
    let rules = if chosen { None } else { fs::read("/etc/localtime").ok() };
    match rules.and_then(|rules| TimeZone::tzif("", &rules).ok()) {
        Some(zone) => Timestamp::now().to_zoned_datetime(zone),
        None => ZonedDateTime::now(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_time_that_jiff_tells() {
        let (ours, theirs) = (local_now(), ZonedDateTime::now());
        assert_eq!(ours.offset(), theirs.offset());
        assert!(theirs.timestamp().as_second() - ours.timestamp().as_second() <= 1);
    }
}
