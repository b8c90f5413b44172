//! Which of two versions is the older one.

/// Whether one version is older than another: by its numbers, whatever comes behind a `-` or `+`. What
/// is no version is not older.
pub fn is_older(version: &str, than: &str) -> bool {
    match (numbers(version), numbers(than)) {
        (Some(version), Some(than)) => version < than,
        _ => false,
    }
}

/// The numbers of a version. Zeros at its end mean nothing: 1.0 is 1.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let release = version.split(['-', '+']).next()?;
    let mut numbers = release.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>()?;
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (older, newer) in
            [("0.1.0", "0.2.0"), ("0.9.9", "0.10"), ("1", "1.0.1"), ("0.1.9-rc1", "0.2.0-rc1")]
        {
            assert!(is_older(older, newer), "{older} {newer}");
            assert!(!is_older(newer, older), "{newer} {older}");
        }
        for (one, other) in
            [("0.1.0", "0.1.0"), ("1.0", "1"), ("0.2.0-rc1", "0.2.0"), ("", "0.1"), ("x", "1")]
        {
            assert!(!is_older(one, other) && !is_older(other, one), "{one} {other}");
        }
    }

    #[test]
    fn only_a_higher_version_is_newer() {
        let is_newer = |version, than| is_older(than, version);
        assert!(is_newer("0.2.0", "0.1.9") && is_newer("0.10.0", "0.9.0") && is_newer("1.0", "0.9.9"));
        assert!(!is_newer("0.1.0", "0.1.0") && !is_newer("0.1.0", "0.2.0") && !is_newer("", "0.1.0"));
        assert!(!is_newer("0.1.0-rc1", "0.1.0") && !is_newer("99 bottles", "0.1.0"));
    }
}
