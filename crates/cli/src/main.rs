//! The taizhang command: one file a command.
fn main() {}
