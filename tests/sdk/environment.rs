//! The Python environments of the tests, such as that with Microsoft's clients.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};

/// One test at a time creates an environment.
static CREATES: Mutex<()> = Mutex::new(());

/// Returns the Python of an environment in `dir` with the packages that `requirements.txt` in `files` pins, and creates it
/// once per list of requirements. The error says what is missing.
pub fn python(files: &Path, dir: &Path) -> Result<PathBuf, String> {
    let _creates = CREATES.lock().unwrap_or_else(PoisonError::into_inner);
    let requirements = files.join("requirements.txt");
    let unreadable = |error| format!("it takes {}: {error}", requirements.display());
    let wanted = fs::read_to_string(&requirements).map_err(unreadable)?;
    let (python, done) = (dir.join("bin/python"), dir.join("requirements.installed"));
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let venv = Command::new("python3").args(["-m", "venv", "--clear"]).arg(dir).output();
    installed("python3 with venv", venv)?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    let pip = Command::new(&python).args(install).arg(&requirements).output();
    installed("a package index for pip", pip)?;
    fs::write(done, wanted).map_err(|error| error.to_string())?;
    Ok(python)
}

/// Checks that an installation step succeeded.
fn installed(what: &str, output: std::io::Result<Output>) -> Result<(), String> {
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("it takes {what}: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) => Err(format!("it takes {what}: {error}")),
    }
}
