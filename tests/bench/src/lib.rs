//! Nothing here: the benchmark is `benches/table`, run by `cargo bench -p ponder-bench`.
