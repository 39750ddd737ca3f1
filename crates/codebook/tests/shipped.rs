//! The shipped codebook.

use taizhang_codebook::Codebook;
use taizhang_diagnostics::{Language, render_all};

#[test]
fn shipped_codebook_has_no_faults() {
    if let Err(faults) = Codebook::embedded("rural") {
        panic!("{}", render_all(&faults, Language::En));
    }
}
