//! Golden bytes: these tests pin the frames, for this build and for every later one.

use crate::*;

/// Every operation and every message, once.
fn requests() -> Vec<Request> {
    Vec::new()
}
