//! Rebuilds the crate when a file is added to or taken from the shipped codebooks.

#[expect(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]
fn main() {
    println!("cargo:rerun-if-changed=../../codebook");
}
