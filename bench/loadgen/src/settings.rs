//! What the command line says.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};

/// How requests are made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Load {
    /// So many a second, on a schedule.
    Rate(f64),
    /// So many connections, one after another on each.
    Connections(usize),
}

/// One run.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) address: SocketAddr,
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) body: Bytes,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) load: Load,
    pub(crate) duration: Duration,
    pub(crate) warm: Duration,
    /// The server process whose time and memory are read.
    pub(crate) pid: Option<u32>,
}

impl Settings {
    pub(crate) fn parse(arguments: &[String]) -> Result<Self> {
        let (address, rest) = arguments.split_first().context("say HOST:PORT")?;
        let mut settings = Self {
            address: address.parse().with_context(|| format!("`{address}` is not IP:PORT"))?,
            path: "/v1/chat/completions".to_owned(),
            name: String::new(),
            body: Bytes::new(),
            headers: Vec::new(),
            load: Load::Connections(1),
            duration: Duration::from_secs(10),
            warm: Duration::ZERO,
            pid: None,
        };
        let mut words = rest.iter();
        while let Some(flag) = words.next() {
            let value = words.next().with_context(|| format!("`{flag}` needs a value"))?;
            settings.set(flag, value).with_context(|| format!("`{flag} {value}`"))?;
        }
        if settings.body.is_empty() {
            bail!("say --body FILE");
        }
        Ok(settings)
    }

    fn set(&mut self, flag: &str, value: &str) -> Result<()> {
        match flag {
            "--path" => value.clone_into(&mut self.path),
            "--name" => value.clone_into(&mut self.name),
            "--body" => self.body = std::fs::read(value)?.into(),
            "--rate" => self.load = Load::Rate(value.parse()?),
            "--connections" => self.load = Load::Connections(value.parse()?),
            "--seconds" => self.duration = Duration::try_from_secs_f64(value.parse()?)?,
            "--warm" => self.warm = Duration::try_from_secs_f64(value.parse()?)?,
            "--pid" => self.pid = Some(value.parse()?),
            "--header" => {
                let (name, value) = value.split_once(':').context("a header is `name: value`")?;
                self.headers.push((name.trim().parse()?, value.trim().parse()?));
            }
            _ => bail!("unknown flag"),
        }
        Ok(())
    }
}
