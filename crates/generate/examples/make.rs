//! Makes a snapshot from the command line, for trials: preset, households, seed, directory.
fn main() {
    let mut args = std::env::args().skip(1);
    let mut next = || args.next().unwrap_or_default();
    let preset = match next().as_str() {
        "country" => taizhang_generate::Preset::Country,
        "county" => taizhang_generate::Preset::County,
        _ => taizhang_generate::Preset::Township,
    };
    let mut plan = taizhang_generate::Plan::new(preset, 1);
    plan.households = next().parse().unwrap_or(plan.households);
    plan.seed = next().parse().unwrap_or(1);
    let directory = next();
    plan.fault_every = next().parse().unwrap_or(0);
    plan.with_numbers = next() == "numbers";
    plan.threads = 2;
    let codebook = taizhang_codebook::Codebook::embedded("rural")
        .unwrap_or_else(|f| panic!("{} faults", f.len()));
    let made = taizhang_generate::write(&plan, &codebook, directory.as_ref()).expect("written");
    println!("{:#?} truth {}", made.rows, made.truth.len());
}
