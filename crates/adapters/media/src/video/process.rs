//! A process that is ended when its time is over.

use std::{
    ffi::OsStr,
    fs::File,
    io::{Read as _, Seek as _},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::MediaError;

/// How often it is looked at.
const TICK: Duration = Duration::from_millis(20);
/// So much of what it says is read, in bytes.
const SAID_BYTES_MAX: u64 = 64 * 1024;

/// A command with a limit of time, without the environment of this process, in a folder.
pub(super) struct Limited {
    command: Command,
    time: Duration,
}

/// Why it came to no good end.
pub(super) enum Failure {
    /// It took too long.
    TimedOut(Duration),
    /// What it says, or why it could not be run.
    Failed(String),
}

impl Failure {
    pub(super) fn error(self, otherwise: fn(&'static str, String) -> MediaError) -> MediaError {
        match self {
            Self::TimedOut(time) => {
                MediaError::Limit { what: "seconds of work on a video", limit: time.as_secs() }
            }
            Self::Failed(said) => otherwise(super::NAME, said),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Limited {
    pub(super) fn new(program: &Path, folder: &Path, time: Duration) -> Self {
        let mut command = Command::new(program);
        command.env_clear().current_dir(folder).stdin(Stdio::null());
        Self { command, time }
    }

    pub(super) fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Self {
        self.command.arg(arg);
        self
    }

    pub(super) fn args(&mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Self {
        self.command.args(args);
        self
    }

    /// What it wrote to standard output, when it ended well.
    pub(super) fn finish(mut self) -> Result<String, Failure> {
        // Files instead of pipes: nothing that it says can hold it up.
        let (output, errors) = (tempfile::tempfile()?, tempfile::tempfile()?);
        let child = self.command.stdout(output.try_clone()?).stderr(errors.try_clone()?).spawn()?;
        if !ends_well(child, self.time)? {
            return Err(Failure::Failed(said(errors)?));
        }
        Ok(said(output)?)
    }
}

fn ends_well(mut child: Child, time: Duration) -> Result<bool, Failure> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if start.elapsed() >= time {
            child.kill()?;
            child.wait()?;
            return Err(Failure::TimedOut(time));
        }
        std::thread::sleep(TICK);
    }
}

fn said(mut file: File) -> Result<String, std::io::Error> {
    let mut said = Vec::new();
    file.rewind()?;
    file.take(SAID_BYTES_MAX).read_to_end(&mut said)?;
    Ok(String::from_utf8_lossy(&said).trim().to_owned())
}
