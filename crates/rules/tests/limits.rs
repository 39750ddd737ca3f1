//! Limits of rule texts.

#[test]
fn deepest_allowed_nesting_is_parsed_on_a_small_stack() {
    for depth in [8usize, 16, 24, 32] {
        let text = format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
        println!("{depth}");
        assert!(taizhang_rules::dynamic::parse(&text).is_ok(), "{depth}");
    }
    for depth in [8usize, 16, 24, 32,64,128,256,512] {
        let text = format!("1{}", "+1".repeat(depth));
        println!("+{depth}");
        assert!(taizhang_rules::dynamic::parse(&text).is_ok(), "{depth}");
    }
}
