# Habits. `just` alone lists them; none of them is needed to build or to use ponder.

_list:
    @just --list --unsorted

# Both programs, as people use them
build:
    cargo build --release --locked

# Both programs, man pages and completions to ~/.local; `just install --service`, too; see install.sh
install *ARGS:
    ./install.sh {{ ARGS }}

# Take away what `just install` has put there
uninstall *ARGS:
    ./install.sh --uninstall {{ ARGS }}

# A release that install.sh installs from
dist: build
    packaging/tarball.sh "${CARGO_TARGET_DIR:-target}/release" "${CARGO_TARGET_DIR:-target}/dist"

# A Debian package of both programs, in target/debian (needs cargo-deb)
deb: build
    cargo deb --locked -p ponder-client --no-build

# Every test (what they need is named in .ci/run)
test *ARGS:
    cargo test --workspace {{ ARGS }}

# Formatting, lints, documentation, licences: what has to be clean before a commit
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --document-private-items
    cargo deny check licenses bans sources

# The table of speeds, each beside what one would take instead
bench *ARGS: build
    cargo bench -p ponder-bench {{ ARGS }}

# Power cuts on ext4, XFS and btrfs, as root; `just crash --images 2000` looks at more of them
crash *ARGS:
    cargo build --locked -p ponderd -p ponder-crash
    cargo run --locked -p ponder-crash -- {{ ARGS }}

# Many clients at once, killed, stopped and out of room, as root; `PONDER_CHAOS_SECONDS=1800 just chaos`
# takes longer
chaos *ARGS:
    cargo build --locked -p ponderd -p ponder-client -p ponder-chaos
    cargo run --locked -p ponder-chaos -- {{ ARGS }}

# Look for bytes that break a check: `just fuzz merge -runs=10000000`. What is found on the way is kept
# in fuzz/found; fuzz/corpus is only read.
fuzz TARGET *ARGS:
    mkdir -p fuzz/found/{{ TARGET }}
    cargo fuzz run --sanitizer none {{ TARGET }} fuzz/found/{{ TARGET }} fuzz/corpus/{{ TARGET }} -- -max_len=1024 {{ ARGS }}

# Break the code on purpose, one way after the other; each has to turn the tests red
mutants:
    tests/mutants/run

# Write proto/golden/frames.txt, man pages and completions anew; look at the difference before you commit it
bless:
    PONDER_BLESS=1 cargo test -p ponder-proto golden
    PONDER_BLESS=1 cargo test -p ponder-client -p ponderd published
    git diff --stat proto/golden share

# Write what this version leaves on the disk and says on its socket anew, as long as it is not out
bless-fixtures:
    PONDER_BLESS=1 cargo test -p ponder-tests --test upgrade
    git diff --stat tests/fixtures

# Everything, as the build machine does it
ci:
    .ci/run
