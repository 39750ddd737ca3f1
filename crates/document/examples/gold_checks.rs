//! dev only
use std::{env, fs};
use taizhang_document::{anatomy::Anatomy, checks, figures, source::Source};
fn main() {
    let mut a = env::args().skip(1);
    let (from, to) = (a.next().unwrap(), a.next().unwrap());
    fs::create_dir_all(&to).unwrap();
    for e in fs::read_dir(&from).unwrap() {
        let p = e.unwrap().path();
        if p.extension().is_none_or(|x| x != "json") {
            continue;
        }
        let mut v: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(&p).unwrap()).unwrap();
        let text = fs::read_to_string(p.with_extension("txt")).unwrap();
        let s = Source::new(&text);
        let g = |k: &str| v[k].clone();
        let an = Anatomy {
            sections: serde_json::from_value(g("sections")).unwrap(),
            findings: serde_json::from_value(g("findings")).unwrap(),
            tasks: serde_json::from_value(g("tasks")).unwrap(),
            ..Default::default()
        };
        let f = figures::find(&s);
        let c = checks::find(&s, &an, &f);
        v["figures"] = serde_json::to_value(&f).unwrap();
        v["cross_checks"] = serde_json::to_value(&c).unwrap();
        fs::write(format!("{to}/{}", p.file_name().unwrap().to_str().unwrap()), v.to_string())
            .unwrap();
        println!("== {:?}", p.file_name().unwrap());
        for c in c {
            println!(
                "  {:?} {} {} {}",
                c.kind,
                c.holds,
                c.note,
                if c.optional { "OPT" } else { "" }
            );
        }
    }
}
