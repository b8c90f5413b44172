//! Durations as people write them: `90s`, `5m`, `2h30m`.

use std::time::Duration;

/// Reads whole numbers with the units `ms`, `s`, `m`, `h` and `d`, one after the other.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let error = || format!("{text:?} is not a duration: write it as 90s, 5m, 2h30m or 1500ms");
    let mut total = Duration::ZERO;
    let mut rest = text;
    loop {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(error)?;
        let (number, after) = rest.split_at(digits);
        let unit = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let millis: u64 = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(error()),
        };
        let part =
            number.parse::<u64>().ok().and_then(|number| number.checked_mul(millis)).ok_or_else(error)?;
        total = total.checked_add(Duration::from_millis(part)).ok_or_else(error)?;
        if after.is_empty() {
            return Ok(total);
        }
        rest = after;
    }
}

/// The same where no time at all makes no sense.
pub(crate) fn parse_some(text: &str) -> Result<Duration, String> {
    let duration = parse(text)?;
    if duration.is_zero() { Err(format!("{text:?} is no time at all")) } else { Ok(duration) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_people_write_them() {
        for (text, millis) in [
            ("90s", 90_000),
            ("5m", 300_000),
            ("1h", 3_600_000),
            ("1500ms", 1500),
            ("2h30m", 9_000_000),
            ("1d", 86_400_000),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for bad in [
            "",
            "5",
            "s",
            "-5s",
            "5 s",
            "1.5h",
            "5x",
            "5m3",
            "99999999999999999999s",
            "9999999999999999h",
            "５s",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse_some("0s").is_err() && parse_some("0h0m").is_err() && parse_some("1ms").is_ok());
    }
}
