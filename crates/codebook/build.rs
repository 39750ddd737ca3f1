//! Rebuilds the crate when a file is added to or taken from the shipped codebooks.

fn main() {
    println!("cargo:rerun-if-changed=../../codebook");
}
