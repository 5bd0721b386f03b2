//! Programs of others, and files that they make. A test that needs one which is not installed says so and passes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use label::{AigcLabel, ProviderCode};
use terms::ProduceId;

/// A folder of one test, removed with it.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a program prints; none where it is not installed.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let Ok(output) = Command::new(program).args(arguments).output() else {
        println!("skipped: {program} is not installed");
        return None;
    };
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A file that ffmpeg makes.
pub(crate) fn made(folder: &Folder, name: &str, arguments: &[&str]) -> Option<PathBuf> {
    let path = folder.0.join(name);
    let head = ["-v", "error", "-y", "-bitexact"];
    let arguments = [&head[..], arguments, &[path.to_str().unwrap()]].concat();
    output("ffmpeg", &arguments).map(|_| path)
}

/// Hashes of every frame, decoded, with its time.
pub(crate) fn frames(path: &Path) -> Option<String> {
    output(
        "ffmpeg",
        &["-v", "error", "-xerror", "-i", path.to_str().unwrap(), "-map", "0", "-f", "framemd5", "-"],
    )
}

pub(crate) fn label_of(number: u128) -> AigcLabel {
    let code = ProviderCode::parse("001191110102MACQD9K64010000").unwrap();
    AigcLabel::new(&code, &ProduceId::from_u128(number))
}
