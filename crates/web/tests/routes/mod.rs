//! One file a page or concern.

mod by_hand;
mod care;
mod every_page;
mod forms;
mod import;
mod issues;
mod letters;
mod register;
mod sign_in;
mod users;

/// The mark between the items of a list belongs to the reader's language.
#[test]
fn no_page_joins_items_with_the_mark_of_one_language() {
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            seen += 1;
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(!text.contains("join(\"、\")"), "{}", path.display());
        }
    }
    assert!(seen > 100, "{seen} files");
}
