//! Tests that cross crates: parity on the wire, README, demo.
