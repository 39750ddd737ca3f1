//! Reads every `.txt` of a folder and writes one JSON per text into another folder:
//! `cargo run -p taizhang-document --example predict -- TEXTS OUT`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(texts), Some(out)) = (args.next(), args.next()) else {
        return Err("usage: predict TEXTS OUT".into());
    };
    fs::create_dir_all(&out)?;
    let mut names: Vec<PathBuf> =
        fs::read_dir(&texts)?.filter_map(|entry| entry.ok().map(|e| e.path())).collect();
    names.sort();
    for path in names.iter().filter(|p| p.extension().is_some_and(|e| e == "txt")) {
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let file = path.file_name().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let text = fs::read_to_string(path)?;
        let reading = taizhang_document::read(&stem, &file, &text);
        fs::write(out.join(format!("{stem}.json")), serde_json::to_string_pretty(&reading)?)?;
    }
    Ok(())
}
