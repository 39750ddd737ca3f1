//! Evidence files: kept once, checked on reading, limited, typed by content.

use crate::bench::for_each_database;
use std::io::{Cursor, Read, Write};
use std::time::Duration;
use taizhang_store::StoreError;

/// A zip container with one stored entry of this name.
fn zip(name: &str) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04\x14\0\0\0\0\0".to_vec();
    bytes.extend([0; 16]);
    bytes.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(name.as_bytes());
    bytes
}

#[test]
fn type_is_told_by_content() {
    for_each_database(|bench| {
        let cases: [(Vec<u8>, &str); 13] = [
            (b"%PDF-1.7\n".to_vec(), "application/pdf"),
            (b"\x89PNG\r\n\x1a\n\0".to_vec(), "image/png"),
            (b"\xff\xd8\xff\xe0".to_vec(), "image/jpeg"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "application/x-ole-storage"),
            (zip("a.txt"), "application/zip"),
            (
                zip("word/document.xml"),
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            (
                zip("xl/workbook.xml"),
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ),
            (zip("OFD.xml"), "application/ofd"),
            (b"\xef\xbb\xbf <!DOCTYPE html><p>".to_vec(), "text/html"),
            (b"<?xml version=\"1.0\"?><a/>".to_vec(), "application/xml"),
            ("整改台账".as_bytes().to_vec(), "text/plain"),
            (vec![0, 1, 2], "application/octet-stream"),
            (vec![], "application/octet-stream"),
        ];
        for (bytes, expected) in cases {
            let stored = bench.store.files().put(&mut Cursor::new(&bytes), 1 << 20).unwrap();
            assert_eq!(stored.media_type, expected);
            assert_eq!(bench.store.files().read_all(&stored.hash).unwrap(), bytes);
        }
    });
}

#[test]
fn same_content_is_kept_once() {
    for_each_database(|bench| {
        let files = bench.store.files();
        let one = files.put(&mut Cursor::new(b"abc"), 3).unwrap();
        let two = files.put(&mut Cursor::new(b"abc"), 3).unwrap();
        assert_eq!(one, two);
        assert_eq!(one.hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(files.list().unwrap(), [one.hash]);
        let left = std::fs::read_dir(bench.files_dir().join("tmp")).unwrap().count();
        assert_eq!(left, 0);
    });
}

#[test]
fn limit_holds_on_both_sides_of_its_edge() {
    for_each_database(|bench| {
        let files = bench.store.files();
        assert!(files.put(&mut Cursor::new(vec![1; 1000]), 1000).is_ok());
        let result = files.put(&mut Cursor::new(vec![1; 1001]), 1000);
        assert!(matches!(result, Err(StoreError::TooLarge { limit_bytes: 1000 })));
        let left = std::fs::read_dir(bench.files_dir().join("tmp")).unwrap().count();
        assert_eq!((left, files.list().unwrap().len()), (0, 1));
    });
}

#[test]
fn broken_upload_leaves_nothing() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("line cut"))
        }
    }
    for_each_database(|bench| {
        let files = bench.store.files();
        let mut stream = Cursor::new(b"head").chain(Broken);
        assert!(matches!(files.put(&mut stream, 1000), Err(StoreError::Io(_))));
        assert!(files.list().unwrap().is_empty());
    });
}

#[test]
fn every_flipped_bit_is_found_on_reading() {
    for_each_database(|bench| {
        let files = bench.store.files();
        let content: Vec<u8> = (0..=255).collect();
        let stored = files.put(&mut Cursor::new(&content), 1000).unwrap();
        let (head, rest) = stored.hash.split_at(2);
        let path = bench.files_dir().join(head).join(rest);
        for position in (0..content.len()).step_by(17) {
            let mut bytes = content.clone();
            bytes[position] ^= 1 << (position % 8);
            std::fs::write(&path, &bytes).unwrap();
            let result = files.read_all(&stored.hash);
            assert!(matches!(result, Err(StoreError::FileDamaged { .. })));
            assert!(matches!(files.open(&stored.hash), Err(StoreError::FileDamaged { .. })));
        }
        // Taking the same file in again mends it.
        files.put(&mut Cursor::new(&content), 1000).unwrap();
        assert_eq!(files.read_all(&stored.hash).unwrap(), content);
    });
}

#[test]
fn names_that_are_no_hash_lead_nowhere() {
    for_each_database(|bench| {
        let files = bench.store.files();
        let long = format!("../{}", "a".repeat(61));
        let upper = "A".repeat(64);
        for name in ["", "..", "../../etc/passwd", "ab", &long, &upper, "\u{0}"] {
            let result = files.read_all(name);
            assert!(matches!(result, Err(StoreError::FileMissing { .. })), "{name}");
            assert!(!files.contains(name));
        }
    });
}

#[test]
fn sweep_takes_old_unfinished_uploads_only() {
    for_each_database(|bench| {
        let files = bench.store.files();
        let part = bench.files_dir().join("tmp").join("0.part");
        std::fs::File::create(&part).unwrap().write_all(b"half").unwrap();
        let kept = files.put(&mut Cursor::new(b"whole"), 1000).unwrap();
        assert_eq!(files.sweep(Duration::from_secs(24 * 3600)).unwrap(), 0);
        assert_eq!(files.sweep(Duration::ZERO).unwrap(), 1);
        assert!(!part.exists() && files.contains(&kept.hash));
    });
}
