//! How much memory a decoder may take.

/// What anything may take, whatever it reads: sentences, first buffers.
const SMALL: usize = 64 * 1024;

/// Does something and asserts how many bytes it had at once, at the most.
pub(crate) fn within<T>(most: usize, what: &str, act: impl FnOnce() -> T) -> T {
    let mut result = None;
    let taken = allocation_counter::measure(|| result = Some(act()));
    let most = most + SMALL;
    assert!(taken.bytes_max <= most as u64, "{what} took {} bytes, more than {most}", taken.bytes_max);
    result.expect("it has been called")
}
