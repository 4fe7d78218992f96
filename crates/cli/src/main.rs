//! `graph-photo`: profile photos on Microsoft Graph from the command line.

fn main() {}
