//! Writes generated documents and their annotations: what `score.py` takes as gold.
//!
//! `cargo run -p taizhang-testkit --example write_documents -- FOLDER open|held SEEDS`

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use taizhang_testkit::documents::{generate, layout};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let usage = "usage: write_documents FOLDER open|held SEEDS";
    let folder = arguments.next().ok_or(usage)?;
    let layouts = match arguments.next().as_deref() {
        Some("open") => layout::OPEN,
        Some("held") => layout::HELD_OUT,
        _ => return Err(usage.into()),
    };
    let seeds: u64 = arguments.next().ok_or(usage)?.parse()?;
    fs::create_dir_all(&folder)?;
    for layout in layouts {
        for seed in 1..=seeds {
            let document = generate(layout, seed);
            let file =
                |ending: &str| Path::new(&folder).join(format!("{}.{ending}", document.name));
            fs::write(file("txt"), &document.text)?;
            fs::write(file("json"), document.truth.to_string())?;
        }
    }
    Ok(())
}
