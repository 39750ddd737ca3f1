//! Reads every `.txt` of a folder and writes `NAME.json` into another: what `score.py` compares.
//!
//! `cargo run -p taizhang-document --example read_folder -- TEXTS PREDICTIONS`

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(texts), Some(predictions)) = (arguments.next(), arguments.next()) else {
        return Err("usage: read_folder TEXTS PREDICTIONS".into());
    };
    fs::create_dir_all(&predictions)?;
    for entry in fs::read_dir(texts)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let reading =
            taizhang_document::read(&name, &format!("{name}.txt"), &fs::read_to_string(&path)?);
        let target = Path::new(&predictions).join(format!("{name}.json"));
        fs::write(target, serde_json::to_string_pretty(&reading)?)?;
    }
    Ok(())
}
