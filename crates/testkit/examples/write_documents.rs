//! Writes generated documents and their annotations: what `score.py` takes as gold.
//!
//! `cargo run -p taizhang-testkit --example write_documents -- FOLDER open|held|mixed SEEDS`

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use taizhang_testkit::documents::{generate, layout, mixed};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let usage = "usage: write_documents FOLDER open|held|mixed SEEDS";
    let folder = arguments.next().ok_or(usage)?;
    let choice = arguments.next().ok_or(usage)?;
    let seeds: u64 = arguments.next().ok_or(usage)?.parse()?;
    fs::create_dir_all(&folder)?;
    for seed in 1..=seeds {
        let layouts = match choice.as_str() {
            "open" => layout::OPEN.to_vec(),
            "held" => layout::HELD_OUT.to_vec(),
            "mixed" => vec![mixed::mixed(seed)],
            _ => return Err(usage.into()),
        };
        for layout in layouts {
            let document = generate(&layout, seed);
            let file =
                |ending: &str| Path::new(&folder).join(format!("{}.{ending}", document.name));
            fs::write(file("txt"), &document.text)?;
            fs::write(file("json"), document.truth.to_string())?;
        }
    }
    Ok(())
}
