//! Web pages as text.

use taizhang_exchange::{DocumentFormat, Limits, document_text};

fn check(page: &str, expected: &[&str]) {
    let page = format!("<!DOCTYPE html><html>{page}</html>");
    let read = document_text(page.as_bytes(), None, &Limits::default()).unwrap();
    assert_eq!(read.format, DocumentFormat::Html);
    assert_eq!(read.text.lines().collect::<Vec<_>>(), expected, "{page}");
}

#[test]
fn blocks_are_lines_and_spaces_collapse() {
    check(
        "<head><title>题</title><style>p{}</style></head><body><h1>整改\n方案</h1><p>一、 问题<br>二、<b>措</b>施</p>\
         <div>3&nbsp;户&#x4e2d;&ldquo;双&rdquo;&amp;amp &lt;b&gt;</div><script>if(a<b){}</script><!-- 注 --><p hidden>暗</p>\
         <p style='display: none'>暗</p><p>明</p></body>",
        &["整改方案", "一、 问题", "二、措施", "3 户中“双”&amp <b>", "明"],
    );
}

#[test]
fn tables_with_spans_are_complete() {
    check(
        "<table><tr><th>序号<th>问题<th>单位</tr><tr><td>1</td><td rowspan=2>责任<br>不清</td><td>甲</td></tr>\
         <tr><td>2<td>乙</table><p>完",
        &[
            "| 序号 | 问题 | 单位 |",
            "| --- | --- | --- |",
            "| 1 | 责任 不清 | 甲 |",
            "| 2 | 责任 不清 | 乙 |",
            "完",
        ],
    );
}

#[test]
fn a_cell_reaches_down_at_the_end_of_its_row_as_well() {
    check(
        "<table><tr><th>序号<th>问题<th>单位<th>时限</tr>\
         <tr><td>1<td>甲<td rowspan=3>县局<td rowspan=2>5月</tr>\
         <tr><td>2<td>乙</tr><tr><td>3<td>丙<td>6月</tr><tr><td>4<td>丁<td>乡<td>7月</tr></table>",
        &[
            "| 序号 | 问题 | 单位 | 时限 |",
            "| --- | --- | --- | --- |",
            "| 1 | 甲 | 县局 | 5月 |",
            "| 2 | 乙 | 县局 | 5月 |",
            "| 3 | 丙 | 县局 | 6月 |",
            "| 4 | 丁 | 乡 | 7月 |",
        ],
    );
}

#[test]
fn layout_tables_around_tables_are_lines() {
    check(
        "<table><tr><td>页首</td><td>栏目</td></tr><tr><td><p>正文</p><table><tr><td>a<td>b<tr><td>1<td>2</table>尾</td></tr></table>",
        &["页首", "栏目", "正文", "| a | b |", "| --- | --- |", "| 1 | 2 |", "尾"],
    );
}

#[test]
fn ordered_lists_show_their_numbers() {
    check(
        "<ol start=3><li>甲<li>乙</ol><ol style='list-style-type:cjk-ideographic'><li>丙</ol><ul><li>丁</ul>",
        &["3. 甲", "4. 乙", "一、丙", "丁"],
    );
}

#[test]
fn encoding_is_taken_from_the_page() {
    let page = "<html><head><meta charset=gb2312></head><p>整改镕</p></html>";
    let (bytes, _, _) = encoding_rs::GB18030.encode(page);
    let read = document_text(&bytes, None, &Limits::default()).unwrap();
    assert_eq!(read.text, "整改镕\n");
    let wrong = page.replace("gb2312", "utf-8");
    let (bytes, _, _) = encoding_rs::GB18030.encode(&wrong);
    assert_eq!(document_text(&bytes, None, &Limits::default()).unwrap().text, "整改镕\n");
}

#[test]
fn web_archives_are_read_whatever_their_name() {
    let page = "<html><body><p>一、整改</p></body></html>";
    let (bytes, _, _) = encoding_rs::GB18030.encode(page);
    let quoted: String = bytes
        .iter()
        .map(|b| {
            if b.is_ascii_alphanumeric() { char::from(*b).to_string() } else { format!("={b:02X}") }
        })
        .collect();
    let coded = "PGh0bWw+PHA+5LiA44CB5pW05pS5PC9wPjwvaHRtbD4=";
    for (encoding, charset, body) in
        [("quoted-printable", "gb2312", quoted.as_str()), ("base64", "utf-8", coded)]
    {
        let archive = format!(
            "MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n boundary=\"--=_x\"\r\n\r\n\
             ----=_x\r\nContent-Type: image/png\r\n\r\nxx\r\n----=_x\r\nContent-Type: text/html; \
             charset=\"{charset}\"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n----=_x--"
        );
        let read = document_text(archive.as_bytes(), Some("a.doc"), &Limits::default()).unwrap();
        assert_eq!(read.text, "一、整改\n", "{encoding}");
    }
}

#[test]
fn hostile_nesting_and_attributes_take_linear_time() {
    let started = std::time::Instant::now();
    let deep = "<div><table><tr><td><p>".repeat(40_000);
    let wide = format!("<p {}>x", "a ".repeat(2_000_000));
    let open = "<!-- <script> <title> &#x &am ".repeat(50_000);
    for page in [deep, wide, open] {
        let page = format!("<html>{page}");
        document_text(page.as_bytes(), None, &Limits::default()).unwrap();
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
