//! Which days there are, and what each is for.

/// `YYYYMMDD`.
pub(crate) type Day = u32;

/// Days that are in use at the same time: few, so that sessions meet.
const AT_ONCE: u32 = 6;
/// One of them is written to by other programs as well, and one by nobody else.
const SHARED: u32 = 4;
const OUTSIDERS: u32 = 5;
/// After so many operations others take their place, so that entries stay short.
const OPERATIONS: usize = 2500;

/// Who writes to a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Clients of ponder.
    Ours,
    /// They, and other programs.
    Shared,
    /// Other programs.
    Outsiders,
}

/// The day with this number; every number has one, in the calendar.
fn day(number: u32) -> Day {
    let (year, rest) = (number / 336, number % 336);
    (2001 + year) * 10_000 + (1 + rest / 28) * 100 + 1 + rest % 28
}

fn number(day: Day) -> u32 {
    (day / 10_000 - 2001) * 336 + (day / 100 % 100 - 1) * 28 + day % 100 - 1
}

/// What a day is for.
pub(crate) fn use_of(day: Day) -> Use {
    match number(day) % AT_ONCE {
        SHARED => Use::Shared,
        OUTSIDERS => Use::Outsiders,
        _ => Use::Ours,
    }
}

/// The days in use after so many operations, except those of outsiders alone.
pub(crate) fn in_use(operations: usize) -> Vec<Day> {
    let first = u32::try_from(operations / OPERATIONS).unwrap_or(0) * AT_ONCE;
    (first..first + OUTSIDERS).map(day).collect()
}

/// The days in use that outsiders write to: that of theirs alone first.
pub(crate) fn of_outsiders(operations: usize) -> [Day; 2] {
    let first = u32::try_from(operations / OPERATIONS).unwrap_or(0) * AT_ONCE;
    [day(first + OUTSIDERS), day(first + SHARED)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_known_again() {
        for index in 0..1000 {
            assert_eq!(number(day(index)), index);
        }
        assert_eq!((day(0), day(335), day(336)), (20_010_101, 20_011_228, 20_020_101));
        let days = in_use(3 * OPERATIONS);
        let uses: Vec<Use> = days.into_iter().map(use_of).collect();
        assert_eq!(uses, [Use::Ours, Use::Ours, Use::Ours, Use::Ours, Use::Shared]);
        assert_eq!(of_outsiders(0).map(use_of), [Use::Outsiders, Use::Shared]);
    }
}
