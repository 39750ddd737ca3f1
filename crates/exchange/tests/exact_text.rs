//! A text file is read scalar for scalar: places in the reading count what is in the file.

use taizhang_exchange::{DocumentFormat, Limits, document_text};

#[test]
fn text_files_keep_every_scalar() {
    let cases = [
        "一、问题\r\n1.档案不全。\r\n",
        "<div>发布机构：石桥镇</div>\n<p>一、问题&nbsp;</p>\n",
        "　　全角空格和行尾空格  \n\n\n三个空行之后\n",
        "|序号|问题|\n|---|---|\n",
    ];
    for text in cases {
        let read = document_text(text.as_bytes(), Some("来文.TXT"), &Limits::default()).unwrap();
        assert_eq!((read.text.as_str(), read.format), (text, DocumentFormat::Text));
    }
}

#[test]
fn page_under_another_name_is_read_as_a_page() {
    let page = "<div>发布机构：石桥镇</div>\n<p>一、问题&nbsp;</p>\n";
    for name in [None, Some("来文.html"), Some("来文.doc")] {
        let read = document_text(page.as_bytes(), name, &Limits::default()).unwrap();
        assert_eq!(read.format, DocumentFormat::Html, "{name:?}");
    }
}
