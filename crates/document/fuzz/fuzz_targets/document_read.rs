//! Any text gives a reading whose spans fit the text, and diagnostics with a place.

#![no_main]

use libfuzzer_sys::fuzz_target;
use taizhang_document::source::Source;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let reading = taizhang_document::read("fuzz", "fuzz.txt", &text);
    let source = Source::new(&text);
    assert_eq!(reading.chars, source.len());
    for figure in &reading.figures {
        assert_eq!(source.text(figure.span), figure.raw);
    }
    for section in &reading.sections {
        assert!(section.start <= source.len());
        assert_eq!(source.text(section.title.span), section.title.text);
    }
    for finding in &reading.findings {
        assert!(finding.span.end <= source.len());
        for problem in &finding.problems {
            assert_eq!(source.text(problem.span), problem.text);
        }
        for measure in &finding.measures {
            assert_eq!(source.text(measure.span), measure.text);
        }
    }
    let faults = taizhang_document::lint(&text, &reading);
    assert!(faults.len() >= reading.outline_defects.len());
    // The wire form goes out and comes back.
    if let Ok(json) = serde_json::to_string(&reading) {
        assert!(serde_json::from_str::<taizhang_document::model::Reading>(&json).is_ok());
    }
});
