//! What the suite needs from the machine, and its installation on Debian and its kin.

use crate::command::{find, step, succeeds};
use crate::postgres;
use std::io;
use std::path::Path;
use std::process::Command;

/// Something the suite uses when it is there.
pub struct Need {
    /// What it is called in messages.
    pub name: &'static str,
    /// What is left out without it.
    pub purpose: &'static str,
    packages: &'static [&'static str],
    present: fn() -> bool,
}

/// For the tests in Rust.
pub const FOR_TESTS: [Need; 4] = [
    Need {
        name: "PostgreSQL",
        purpose: "the suite on PostgreSQL",
        packages: &["postgresql"],
        present: || postgres::programs().is_some(),
    },
    Need {
        name: "LibreOffice Writer",
        purpose: "the measuring of rendered Word files",
        packages: &["libreoffice-writer"],
        present: || {
            find("soffice").is_some() && Path::new("/usr/lib/libreoffice/program/swriter").exists()
        },
    },
    Need {
        name: "pdftotext",
        purpose: "the measuring of rendered Word files",
        packages: &["poppler-utils"],
        present: || find("pdftotext").is_some(),
    },
    CHINESE_FONTS,
];

/// For the walks in a browser.
pub const FOR_BROWSER: [Need; 3] = [
    Need {
        name: "Chromium",
        purpose: "the browser walks",
        packages: &["chromium"],
        present: || find("chromium").is_some(),
    },
    Need {
        name: "Node.js with npm",
        purpose: "the browser walks",
        packages: &["nodejs", "npm"],
        present: || find("node").is_some() && find("npm").is_some(),
    },
    CHINESE_FONTS,
];

const CHINESE_FONTS: Need = Need {
    name: "Chinese fonts",
    purpose: "true screenshots and page counts",
    packages: &["fonts-noto-cjk"],
    present: || Path::new("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc").exists(),
};

/// Installs what is missing when `may_install`, and says what it does; what cannot be installed
/// is named with what is left out for it.
///
/// # Errors
/// When apt cannot be started. A package that cannot be installed is no error here: the part
/// that needs it decides.
pub fn prepare(needs: &[&Need], may_install: bool) -> io::Result<()> {
    let missing: Vec<&&Need> = needs.iter().filter(|need| !(need.present)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if may_install && let Some(rights) = apt_rights() {
        let mut packages: Vec<&str> = missing.iter().flat_map(|n| n.packages).copied().collect();
        packages.dedup();
        eprintln!("missing: {}", names(&missing));
        eprintln!("installing by apt (--no-install leaves it): {}", packages.join(" "));
        install(rights, &packages)?;
    } else if may_install {
        eprintln!("this is no Debian, or you are neither root nor allowed to use sudo");
    }
    for need in missing.iter().filter(|need| !(need.present)()) {
        eprintln!("left out: {}, because {} is not installed", need.purpose, need.name);
    }
    Ok(())
}

fn names(needs: &[&&Need]) -> String {
    needs.iter().map(|need| need.name).collect::<Vec<_>>().join(", ")
}

/// How apt may be run: as it is, or through sudo.
#[derive(Clone, Copy)]
enum Rights {
    Root,
    Sudo,
}

fn apt_rights() -> Option<Rights> {
    find("apt-get")?;
    if is_root() {
        return Some(Rights::Root);
    }
    // `sudo -v` may ask for the password once, which is why it is told before.
    find("sudo")?;
    eprintln!("installing needs sudo, which may ask for your password");
    Command::new("sudo").arg("-v").status().ok()?.success().then_some(Rights::Sudo)
}

/// Whether this process runs as root.
pub fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn install(rights: Rights, packages: &[&str]) -> io::Result<()> {
    step("apt-get update", apt(rights).args(["update", "-q"]))?;
    let mut command = apt(rights);
    command.args(["install", "-y", "-q", "--no-install-recommends"]).args(packages);
    step("apt-get install", &mut command)?;
    if find("fc-cache").is_some() {
        succeeds("fc-cache", &["-f"]);
    }
    Ok(())
}

fn apt(rights: Rights) -> Command {
    let mut command = match rights {
        Rights::Root => Command::new("env"),
        Rights::Sudo => {
            let mut command = Command::new("sudo");
            command.arg("env");
            command
        }
    };
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    command
}
